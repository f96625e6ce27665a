#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::{Lint, LintInfo, Measured, Section, evidence, references};
use crate::model::{Backend, CacheFill, Chain, Context, DataAccess, EffectKind, Evidence, Route, Rows};

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "cache_stampedes",
        section: Section::CachingStrategies,
        level: Level::Note,
        summary: "when an entry that all requests share expires, each of them loads it anew at the same time",
        help: "let one request load and the others wait for it, or load anew before the entry expires",
        guidance: include_str!("guidance.md"),
        references: &[references::AWS_BUILDERS_CACHING, references::MOKA_GET_WITH],
        measured: Measured { found: 3, read: 3, right: 3 },
    },
    check,
};

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    findings.extend(backend.cache_fills.iter().filter_map(|fill| finding(backend, fill)));
}

fn finding(backend: &Backend, fill: &CacheFill) -> Option<Finding> {
    let function = backend.function(fill.function);
    let certain = fill.single_flight.is_no() && fill.expiry.is_yes();
    let shared = is_whole(&fill.key) || is_asked_by_many(fill);
    if !certain || function.context != Context::Production || !shared {
        return None;
    }
    let routes = backend.routes_to(fill.function);
    let (route, chain) = routes.first()?;
    let others = routes.iter().filter(|(other, _)| other != route).count();
    let requests = format!("request to `{}`{}", backend.route(*route).title(), evidence::more(others, "route"));
    let cost = cost(backend, fill);
    let message = match is_whole(&fill.key) {
        true => format!("when `{}` expires, every {requests} {cost} at the same time", fill.key),
        false => format!("when the entry of one `{}` expires, every {requests} that asks for it {cost} at the same time", named(&fill.key)),
    };
    Some(Finding {
        place: fill.read,
        message,
        evidence: steps(backend, fill, backend.route(*route), chain),
        help: advice(fill).to_string(),
        item: function.path.clone(),
        identity: format!("{} {}", fill.library, fill.key),
        at_most: None,
    })
}

/// All requests ask for one entry: its key is known as a whole.
fn is_whole(key: &str) -> bool {
    !key.is_empty() && !key.contains('{') && !key.contains("(..)")
}

/// What another system gave is kept by what it was asked for, as `url`, and the library has a call that loads once.
fn is_asked_by_many(fill: &CacheFill) -> bool {
    const OF_ONE: &[&str] =
        &["user", "session", "token", "account", "member", "auth", "cookie", "ip", "email", "client", "me", "owner", "tenant"];
    let name = named(&fill.key).to_ascii_lowercase();
    let elsewhere = matches!(fill.kind, EffectKind::Http | EffectKind::Grpc | EffectKind::ObjectStore);
    let is_name = fill.key == format!("{{{name}}}") && !name.is_empty();
    !fill.remote && elsewhere && own_call(fill).is_some() && is_name && !name.split('_').any(|part| OF_ONE.contains(&part))
}

/// `url` of `{url}`.
fn named(key: &str) -> &str {
    key.trim_matches(['{', '}'])
}

/// What a miss costs, in words.
fn cost(backend: &Backend, fill: &CacheFill) -> String {
    if !matches!(fill.kind, EffectKind::Sql | EffectKind::Document) {
        return format!("calls another system (`{}`)", fill.what);
    }
    match backend.data_access_in(fill.chain.last()).find(|access| access.place == fill.source) {
        Some(query) => format!("runs {}", in_words(query)),
        None => "asks the database".into(),
    }
}

fn in_words(query: &DataAccess) -> String {
    let tables = evidence::list(query.reads.iter().map(String::as_str), 2);
    let of = if tables.is_empty() { String::new() } else { format!(" of {tables}") };
    let whole = query.statement.as_ref().is_some_and(|statement| statement.scopes.iter().any(|scope| scope.grouped || scope.single_row));
    match query.rows {
        _ if whole => format!("a query that sums up rows{of}"),
        Rows::Unbounded => format!("a query for all rows{of}"),
        _ => format!("the query{of}"),
    }
}

fn steps(backend: &Backend, fill: &CacheFill, route: &Route, chain: &Chain) -> Vec<Evidence> {
    let function = &backend.function(fill.function).name;
    let mut steps =
        evidence::from_route(backend, route, chain, Evidence::at(fill.read, format!("`{function}` asks the cache for `{}`", fill.key)));
    steps.extend(backend.evidence_of(&fill.chain));
    steps.push(Evidence::at(fill.source, format!("on a miss the data comes from here (`{}`)", fill.what)));
    steps.push(Evidence::at(fill.write, format!("`{function}` puts it in: {}", fill.expiry.why())));
    steps
}

fn advice(fill: &CacheFill) -> &'static str {
    own_call(fill).unwrap_or(
        "let one load: take a lock key with `SET NX` first, share one load per process (`async_once_cell`, `moka::get_with`), or renew the \
         entry from a job before it expires",
    )
}

/// The call of the cache itself that does all three.
fn own_call(fill: &CacheFill) -> Option<&'static str> {
    const CALLS: &[(&str, &str)] = &[
        ("moka", "ask with `get_with` or `try_get_with(key, load)`: one caller loads, the others wait for it"),
        ("quick_cache", "ask with `get_or_insert_async(&key, load)`: one caller loads, the others wait for it"),
        ("foyer", "ask with `get_or_fetch(&key, load)`: one caller loads, the others wait for it"),
    ];
    CALLS.iter().find(|(library, _)| *library == fill.library).map(|(_, call)| *call)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::{Sketch, steps};
    use crate::model::Truth;

    fn popular() -> Sketch {
        let mut sketch = Sketch::new();
        let function = sketch.function("api::popular");
        sketch.route("GET", "/popular", function);
        sketch.query(function, &["articles"], &[]);
        let (source, read, write) = (sketch.backend.data_accesses[0].place, sketch.place(), sketch.place());
        let expiry = sketch.yes("expires after `60`");
        sketch.backend.cache_fills.push(CacheFill {
            function,
            library: "redis".into(),
            key: "articles:popular".into(),
            store: String::new(),
            remote: true,
            read,
            load: source,
            write,
            chain: Chain { functions: vec![function], calls: Vec::new() },
            kind: EffectKind::Sql,
            source,
            what: "sqlx::query".into(),
            expiry,
            single_flight: Truth::No("no lock and no shared load".into()),
        });
        sketch
    }

    #[test]
    fn an_entry_that_all_share_and_each_loads_is_found() {
        let mut sketch = popular();
        sketch.backend.data_accesses[0].rows = Rows::Unbounded;
        let findings = sketch.check(&LINT);
        assert_eq!(
            findings[0].message,
            "when `articles:popular` expires, every request to `GET /popular` runs a query for all rows of `articles` at the same time"
        );
        assert_eq!(steps(&findings[0]).last(), Some(&"`popular` puts it in: expires after `60`"));
        sketch.backend.cache_fills[0].kind = EffectKind::Http;
        assert!(sketch.messages(&LINT)[0].contains("calls another system (`sqlx::query`) at the same time"));
    }

    #[test]
    fn an_entry_of_ones_own_is_silent() {
        for key in ["user:{}", "{key}", "", "cache_key(..)"] {
            let mut sketch = popular();
            sketch.backend.cache_fills[0].key = key.into();
            assert!(sketch.check(&LINT).is_empty(), "{key}");
        }
    }

    #[test]
    fn an_answer_of_another_system_that_is_kept_by_its_url_is_asked_for_by_many() {
        let with = |key: &str, library: &str, kind: EffectKind| {
            let mut sketch = popular();
            let fill = &mut sketch.backend.cache_fills[0];
            (fill.key, fill.library, fill.kind, fill.remote) = (key.into(), library.into(), kind, false);
            sketch.messages(&LINT)
        };
        let found = with("{url}", "moka", EffectKind::Http);
        assert!(
            found[0].starts_with("when the entry of one `url` expires, every request to `GET /popular` that asks for it calls another")
        );
        assert!(with("{user_id}", "moka", EffectKind::Http).is_empty());
        assert!(with("{url}", "moka", EffectKind::Sql).is_empty());
        assert!(with("{url}", "lru", EffectKind::Http).is_empty());
        assert!(with("page:{}", "moka", EffectKind::Http).is_empty());
    }

    #[test]
    fn what_takes_turns_never_expires_or_cannot_be_told_is_silent() {
        let change: [fn(&mut CacheFill, Truth); 4] = [
            |fill, yes| fill.single_flight = yes,
            |fill, _| fill.single_flight = Truth::Unknown("a lock".into()),
            |fill, _| fill.expiry = Truth::No("none".into()),
            |fill, _| fill.expiry = Truth::Unknown("computed".into()),
        ];
        for change in change {
            let mut sketch = popular();
            let yes = sketch.yes("`get_with`");
            change(&mut sketch.backend.cache_fills[0], yes);
            assert!(sketch.check(&LINT).is_empty());
        }
    }

    #[test]
    fn what_no_request_runs_is_silent() {
        let mut sketch = popular();
        sketch.backend.routes.clear();
        assert!(sketch.check(&LINT).is_empty());
    }
}

#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::{Lint, LintInfo, Measured, Section, evidence, references};
use crate::model::{Backend, Context, Evidence, Protocol, Route, Server, ServerId};
use std::cmp::Reverse;
use std::collections::BTreeMap;

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "uncached_hot_reads",
        section: Section::CachingStrategies,
        level: Level::Note,
        summary: "public reads of data that seldom changes go to the database every time",
        help: "let clients and proxies keep the answer (`Cache-Control: public, max-age=60`), or keep it in the process for a short time",
        guidance: include_str!("guidance.md"),
        references: &[references::AWS_CACHING, references::AZURE_NO_CACHING, references::RFC_9111],
        measured: Measured { found: 0, read: 0, right: 0 },
    },
    check,
};

/// How many routes one finding names.
const MOST: usize = 5;
/// A table that this many queries write changes in more ways than a cache can follow without thought.
const FEW_WRITES: usize = 2;
/// A table that fewer queries read is not known to be asked for often.
const MANY_READS: usize = 3;

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    let tables = use_of_tables(backend);
    for (at, server) in backend.servers.iter().enumerate().filter(|(_, server)| server.context == Context::Production) {
        let mut candidates: Vec<Candidate> = backend
            .routes
            .iter()
            .filter(|route| route.server == ServerId(at as u32))
            .filter_map(|route| candidate(route, &tables))
            .collect();
        candidates.sort_by_key(|found| (Reverse(found.reads), found.writes, &found.route.path));
        if !candidates.is_empty() {
            findings.push(finding(backend, server, &candidates));
        }
    }
}

/// By table: how many queries of production code read it and write it.
fn use_of_tables(backend: &Backend) -> BTreeMap<&str, (usize, usize)> {
    let mut tables: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let running = backend.data_accesses.iter().filter(|access| backend.function(access.function).context == Context::Production);
    for access in running {
        access.reads.iter().for_each(|table| tables.entry(table).or_default().0 += 1);
        access.writes.iter().for_each(|table| tables.entry(table).or_default().1 += 1);
    }
    tables
}

struct Candidate<'b> {
    route: &'b Route,
    /// Over all tables it reads.
    reads: usize,
    writes: usize,
}

/// Read-only, the same for everybody, and of tables that are read in many places and written in few.
fn candidate<'b>(route: &'b Route, tables: &BTreeMap<&str, (usize, usize)>) -> Option<Candidate<'b>> {
    let public = route.method == "GET" && route.protocol == Protocol::Http && route.identity.is_no() && !route.auth.is_yes();
    // What reads the catalogue looks into databases; it does not serve data of its own.
    let catalogue = route.reads.iter().any(|table| table.starts_with("pg_") || table.starts_with("information_schema"));
    let read_only = !route.reads.is_empty() && route.writes.is_empty() && !catalogue;
    let served = route.context == Context::Production && route.path_known && !route.is_probe();
    if !(public && read_only && served && route.cache.is_no()) {
        return None;
    }
    let uses: Vec<(usize, usize)> = route.reads.iter().map(|table| tables.get(table.as_str()).copied().unwrap_or_default()).collect();
    let seldom_written = uses.iter().all(|(_, writes)| *writes <= FEW_WRITES);
    let often_read = uses.iter().any(|(reads, writes)| *reads >= MANY_READS && reads > writes);
    let (reads, writes) = uses.iter().fold((0, 0), |sum, each| (sum.0 + each.0, sum.1 + each.1));
    (seldom_written && often_read).then_some(Candidate { route, reads, writes })
}

fn finding(backend: &Backend, server: &Server, candidates: &[Candidate]) -> Finding {
    let named = &candidates[..candidates.len().min(MOST)];
    let (routes, ask) = if candidates.len() == 1 { ("route", "asks") } else { ("routes", "ask") };
    Finding {
        place: server.place.unwrap_or(named[0].route.place),
        message: format!(
            "{} public read-only {routes} of `{}` {ask} the database each time for data that seldom changes: {}",
            candidates.len(),
            server.name,
            evidence::list(candidates.iter().map(|found| found.route.path.as_str()), MOST)
        ),
        evidence: named.iter().map(|found| why(backend, found)).collect(),
        help: String::new(),
        item: server.name.clone(),
        identity: "uncached reads".into(),
        at_most: None,
    }
}

fn why(backend: &Backend, found: &Candidate) -> Evidence {
    let route = found.route;
    let handler = route.handler.function().map_or(String::new(), |id| format!(" by `{}`", backend.function(id).name));
    let (reads, writes) = (found.reads, found.writes);
    let what = format!(
        "`{}`{handler} reads {}: {reads} queries read that, {writes} write it; the request names no user, and nothing on its way caches",
        route.title(),
        evidence::list(route.reads.iter().map(String::as_str), 3)
    );
    Evidence::at(route.place, what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::Sketch;
    use crate::model::Truth;

    /// `GET /tags`, of a table that four queries read and one writes.
    fn tags() -> Sketch {
        let mut sketch = Sketch::new();
        let list = sketch.function("api::list_tags");
        let route = sketch.route("GET", "/tags", list);
        sketch.route_mut(route).reads = vec!["tags".into()];
        (0..4).for_each(|_| sketch.query(list, &["tags"], &[]));
        sketch.query(list, &[], &["tags"]);
        sketch
    }

    #[test]
    fn a_public_read_of_a_quiet_table_is_advised() {
        let findings = tags().check(&LINT);
        assert_eq!(
            findings[0].message,
            "1 public read-only route of `api` asks the database each time for data that seldom changes: `/tags`"
        );
        assert!(findings[0].evidence[0].what.starts_with("`GET /tags` by `list_tags` reads `tags`: 4 queries read that, 1 write it"));
    }

    #[test]
    fn what_depends_on_the_user_is_silent() {
        for identity in [Sketch::new().yes("a session"), Truth::Unknown("an extractor of its own".into())] {
            let mut sketch = tags();
            sketch.backend.routes[0].identity = identity;
            assert!(sketch.check(&LINT).is_empty());
        }
    }

    #[test]
    fn what_is_cached_or_writes_is_silent() {
        let mut cached = tags();
        cached.backend.routes[0].cache = cached.yes("`Cache-Control` is set here");
        assert!(cached.check(&LINT).is_empty());
        let mut writes = tags();
        writes.backend.routes[0].writes = vec!["views".into()];
        assert!(writes.check(&LINT).is_empty());
    }

    #[test]
    fn a_table_that_many_places_write_is_silent() {
        let mut sketch = tags();
        (0..3).for_each(|_| sketch.query(crate::model::FunctionId(0), &[], &["tags"]));
        assert!(sketch.check(&LINT).is_empty());
    }

    #[test]
    fn one_finding_per_server_names_five_routes_at_most() {
        let mut sketch = tags();
        for at in 0..6 {
            let mut route = sketch.backend.routes[0].clone();
            route.path = format!("/tags/{at}");
            sketch.backend.routes.push(route);
        }
        let findings = sketch.check(&LINT);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].evidence.len(), MOST);
        assert!(findings[0].message.starts_with("7 public"), "{}", findings[0].message);
    }
}

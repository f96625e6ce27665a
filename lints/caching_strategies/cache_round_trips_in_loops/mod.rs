#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::{Lint, LintInfo, Measured, Section, evidence, references};
use crate::model::{Backend, CacheOperation, Evidence, RepeatedCacheOperation};
use std::collections::BTreeSet;

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "cache_round_trips_in_loops",
        section: Section::CachingStrategies,
        level: Level::Warn,
        summary: "a request asks the cache server once for each element of something",
        help: "ask for all keys with one command, or send the commands in one pipeline",
        guidance: include_str!("guidance.md"),
        references: &[references::REDIS_PIPELINING, references::REDIS_MGET, references::AZURE_CHATTY_IO],
        measured: Measured { found: 5, read: 5, right: 5 },
    },
    check,
};

/// One finding per loop.
fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for repeated in &backend.repeated_cache_operations {
        if seen.insert(repeated.loop_place) {
            findings.extend(finding(backend, repeated));
        }
    }
}

fn finding(backend: &Backend, repeated: &RepeatedCacheOperation) -> Option<Finding> {
    let routes = backend.routes_to(repeated.function);
    let (route, chain) = routes.first()?;
    let (route, operation) = (backend.route(*route), &backend.cache_operations[repeated.operation]);
    let function = backend.function(repeated.function);
    let command = command(operation);
    let through = repeated.through.map(|id| backend.function(id));
    let sink = Evidence::at(repeated.inner, format!("`{}` waits for an answer for each element of `{}`", function.name, repeated.over));
    let mut steps = evidence::from_route(backend, route, chain, sink);
    steps.extend(through.map(|callee| Evidence::at(operation.place, format!("`{}` sends {command} here", callee.name))));
    let by = through.map_or_else(String::new, |callee| format!(" by way of `{}`", callee.name));
    Some(Finding {
        place: repeated.inner,
        message: format!(
            "requests to `{}`{} send `{}` {command} once for each element of `{}`{by}",
            route.title(),
            evidence::more(routes.len() - 1, "route"),
            operation.library,
            repeated.over
        ),
        evidence: steps,
        help: help(operation).to_string(),
        item: function.path.clone(),
        identity: format!("{} {}", operation.library, operation.command),
        at_most: (route.is_administrative() && routes.len() == 1).then_some(Level::Note),
    })
}

fn command(operation: &CacheOperation) -> String {
    format!("`{}`", operation.command.to_ascii_uppercase())
}

fn help(operation: &CacheOperation) -> &'static str {
    match (operation.library.as_str(), operation.command.to_ascii_uppercase().as_str()) {
        ("memcache", "GET") => "ask for all keys at once with `gets`",
        (_, "GET") => "ask for all keys with one `MGET`",
        (_, "DEL" | "UNLINK") => "remove all keys with one `DEL`",
        _ => "collect the commands in a pipeline and send it once",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::{Sketch, steps};
    use crate::model::{CacheOperationKind, FunctionId};

    fn prices_one_by_one(through: bool) -> (Sketch, FunctionId) {
        let mut sketch = Sketch::new();
        let (cart, price) = (sketch.function("api::cart"), sketch.function("api::prices::get"));
        let (loop_place, inner, place) = (sketch.place(), sketch.place(), sketch.place());
        sketch.backend.cache_operations.push(CacheOperation {
            function: if through { price } else { cart },
            place,
            library: "redis".into(),
            command: "get".into(),
            kind: CacheOperationKind::Read,
            key: "price:{id}".into(),
            store: String::new(),
            remote: true,
            spawned: false,
            pipelined: false,
        });
        let (over, through) = ("items".into(), through.then_some(price));
        let repeated = RepeatedCacheOperation { function: cart, loop_place, over, inner, through, operation: 0 };
        sketch.backend.repeated_cache_operations.push(repeated);
        (sketch, cart)
    }

    #[test]
    fn a_command_for_each_element_is_found() {
        let (mut sketch, cart) = prices_one_by_one(false);
        sketch.route("GET", "/cart", cart);
        assert_eq!(sketch.messages(&LINT), ["requests to `GET /cart` send `redis` `GET` once for each element of `items`"]);
    }

    #[test]
    fn a_command_behind_a_function_is_found_with_the_way_there() {
        let (mut sketch, cart) = prices_one_by_one(true);
        sketch.route("GET", "/cart", cart);
        let findings = sketch.check(&LINT);
        assert!(findings[0].message.ends_with("of `items` by way of `get`"));
        assert_eq!(steps(&findings[0])[2..], ["`cart` waits for an answer for each element of `items`", "`get` sends `GET` here"]);
    }

    #[test]
    fn what_no_request_runs_is_silent_and_a_loop_is_one_finding() {
        let (mut sketch, cart) = prices_one_by_one(false);
        assert!(sketch.check(&LINT).is_empty());
        sketch.route("GET", "/cart", cart);
        let again = sketch.backend.repeated_cache_operations[0].clone();
        sketch.backend.repeated_cache_operations.push(again);
        assert_eq!(sketch.check(&LINT).len(), 1);
    }
}

#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::{Lint, LintInfo, Measured, Section, evidence, references};
use crate::model::{Backend, CacheOperation, CacheOperationKind, Chain, Context, Evidence, FunctionId, Route};
use std::collections::BTreeSet;

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "redis_keys_commands",
        section: Section::CachingStrategies,
        level: Level::Warn,
        summary: "a request or a job goes through every key of the cache server, or removes them all",
        help: "keep the names that belong together in a set, or go through them with `SCAN`",
        guidance: include_str!("guidance.md"),
        references: &[references::REDIS_KEYS, references::REDIS_SCAN, references::REDIS_FLUSHALL],
        measured: Measured { found: 0, read: 0, right: 0 },
    },
    check,
};

/// One finding per function and command: a second pattern is the same habit.
fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    let all = |kind: CacheOperationKind| matches!(kind, CacheOperationKind::Walk | CacheOperationKind::Flush);
    let operations = backend.cache_operations.iter().filter(|operation| operation.remote && all(operation.kind));
    let served = operations.filter(|operation| backend.function(operation.function).context == Context::Production);
    for operation in served {
        let Some(run) = run_by(backend, operation) else { continue };
        if seen.insert((operation.function, &operation.command)) {
            findings.push(finding(backend, operation, run));
        }
    }
}

/// Who runs it. What nobody was seen to run, and what only start-up runs, is left alone.
enum Run<'b> {
    Request { route: &'b Route, chain: Chain, others: usize },
    Task { chain: Chain },
}

fn run_by<'b>(backend: &'b Backend, operation: &CacheOperation) -> Option<Run<'b>> {
    let routes = backend.routes_to(operation.function);
    if let Some((route, chain)) = routes.first() {
        let others = routes.iter().filter(|(other, _)| other != route).count();
        return Some(Run::Request { route: backend.route(*route), chain: chain.clone(), others });
    }
    let own = operation.spawned.then(|| Chain { functions: vec![operation.function], calls: Vec::new() });
    own.or_else(|| chain_from_task(backend, operation.function)).map(|chain| Run::Task { chain })
}

fn chain_from_task(backend: &Backend, function: FunctionId) -> Option<Chain> {
    backend.tasks().into_iter().find_map(|task| {
        let reached = backend.reached(task);
        reached.functions.contains(&function).then(|| reached.chain_to(function))
    })
}

fn finding(backend: &Backend, operation: &CacheOperation, run: Run) -> Finding {
    let function = backend.function(operation.function);
    let command = operation.command.to_ascii_uppercase();
    let sink = Evidence::at(operation.place, format!("`{}` runs `{command}`{}", function.name, of_key(&operation.key)));
    let (by, evidence, at_most) = match run {
        Run::Request { route, chain, others } => {
            let by = format!("every request to `{}`{}", route.title(), evidence::more(others, "route"));
            // Administrators ask seldom, and mean it.
            let at_most = (route.is_administrative() && others == 0).then_some(Level::Note);
            (by, evidence::from_route(backend, route, &chain, sink), at_most)
        }
        Run::Task { chain } => {
            let mut steps = backend.evidence_of(&chain);
            steps.push(sink);
            ("a task that runs beside the requests".to_string(), steps, None)
        }
    };
    let (message, help) = match operation.kind {
        CacheOperationKind::Flush => (
            format!("{by} removes every key of the database with `{command}`, whoever wrote it"),
            "remove the keys that are meant, by a name or a prefix of their own",
        ),
        _ => (
            format!("{by} goes through all keys of the server with `{command}`, and all other commands wait meanwhile"),
            "keep the names in a set that is written along with them, or go through them with `SCAN`",
        ),
    };
    Finding {
        place: operation.place,
        message,
        evidence,
        help: help.to_string(),
        item: function.path.clone(),
        identity: format!("{} {command}", operation.library),
        at_most,
    }
}

fn of_key(key: &str) -> String {
    if key.is_empty() { String::new() } else { format!(" for `{key}`") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::{Sketch, steps};

    fn all_sessions(kind: CacheOperationKind, command: &str) -> (Sketch, FunctionId) {
        let mut sketch = Sketch::new();
        let function = sketch.function("api::sessions::all");
        let place = sketch.place();
        sketch.backend.cache_operations.push(CacheOperation {
            function,
            place,
            library: "redis".into(),
            command: command.into(),
            kind,
            key: "session:*".into(),
            store: String::new(),
            remote: true,
            spawned: false,
            pipelined: false,
        });
        (sketch, function)
    }

    #[test]
    fn keys_on_a_request_path_is_found_with_its_route() {
        let (mut sketch, function) = all_sessions(CacheOperationKind::Walk, "keys");
        sketch.route("GET", "/sessions", function);
        let findings = sketch.check(&LINT);
        assert!(findings[0].message.starts_with("every request to `GET /sessions` goes through all keys"));
        assert_eq!(steps(&findings[0])[2], "`all` runs `KEYS` for `session:*`");
    }

    #[test]
    fn a_flush_on_a_request_path_says_what_it_removes() {
        let (mut sketch, function) = all_sessions(CacheOperationKind::Flush, "FLUSHDB");
        sketch.route("POST", "/logout", function);
        assert!(sketch.messages(&LINT)[0].contains("removes every key of the database with `FLUSHDB`"));
    }

    #[test]
    fn what_nobody_runs_and_what_tests_run_is_silent() {
        let (mut sketch, function) = all_sessions(CacheOperationKind::Walk, "keys");
        assert!(sketch.check(&LINT).is_empty());
        sketch.route("GET", "/sessions", function);
        sketch.function_mut(function).context = Context::Test;
        assert!(sketch.check(&LINT).is_empty());
    }

    #[test]
    fn other_commands_and_maps_of_the_process_are_silent() {
        let (mut sketch, function) = all_sessions(CacheOperationKind::Read, "smembers");
        sketch.route("GET", "/sessions", function);
        assert!(sketch.check(&LINT).is_empty());
        (sketch.backend.cache_operations[0].kind, sketch.backend.cache_operations[0].remote) = (CacheOperationKind::Flush, false);
        assert!(sketch.check(&LINT).is_empty());
    }

    #[test]
    fn two_patterns_of_one_function_are_one_finding_and_an_administrators_is_a_note() {
        let (mut sketch, function) = all_sessions(CacheOperationKind::Walk, "keys");
        let again = CacheOperation { place: sketch.place(), ..sketch.backend.cache_operations[0].clone() };
        sketch.backend.cache_operations.push(again);
        sketch.route("GET", "/admin/sessions", function);
        let findings = sketch.check(&LINT);
        assert_eq!((findings.len(), findings[0].at_most), (1, Some(Level::Note)));
    }

    #[test]
    fn a_spawned_task_counts_as_a_request_does() {
        let (mut sketch, function) = all_sessions(CacheOperationKind::Walk, "keys");
        let start = sketch.function("api::start");
        sketch.call(start, function);
        assert!(sketch.check(&LINT).is_empty());
        sketch.function_mut(start).calls[0].spawned = true;
        assert!(sketch.messages(&LINT)[0].starts_with("a task that runs beside the requests"));
    }
}

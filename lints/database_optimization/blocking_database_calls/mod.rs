#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::{Lint, LintInfo, Measured, Section, evidence, references};
use crate::model::{Backend, BlockingCall, Context, Evidence, Route};

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "blocking_database_calls",
        section: Section::DatabaseOptimization,
        level: Level::Warn,
        summary: "async code waits for a database in a thread that should serve other requests",
        help: "run synchronous database code in a thread for blocking work, or use the library's async twin",
        guidance: include_str!("guidance.md"),
        references: &[references::TOKIO_SPAWN_BLOCKING, references::TOKIO_BLOCKING, references::ACTIX_BLOCK],
        measured: Measured { found: 28, read: 28, right: 28 },
    },
    check,
};

/// One finding per function whose code is async: that is where the work has to be handed over.
fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    for call in &backend.blocking_calls {
        let Some(route) = call.route.map(|route| backend.route(route)).filter(|route| route.context == Context::Production) else {
            continue;
        };
        findings.push(finding(backend, call, route));
    }
}

fn finding(backend: &Backend, call: &BlockingCall, route: &Route) -> Finding {
    let function = backend.function(call.function);
    let name = call.what.rsplit("::").next().unwrap_or(&call.what).trim_matches('`');
    let by = format!("`{}`{}", route.title(), evidence::more(call.other_routes, "route"));
    let way = match call.chain.calls.len() {
        0 => format!("`{}` calls `{}`'s `{name}` in async code", function.name, call.library),
        _ => format!(
            "`{}` is async and calls `{}`, which waits in `{}`'s `{name}`",
            function.name,
            backend.function(call.chain.functions[1]).name,
            call.library
        ),
    };
    let mut evidence = evidence::entry(backend, route);
    evidence.extend(backend.evidence_of(&call.chain));
    evidence.push(Evidence::at(
        call.waits,
        format!("`{name}` returns when the server or the disk has answered, and keeps the thread until then"),
    ));
    Finding {
        place: call.place,
        message: format!("{way}: requests to {by} hold up the others on that thread{}", evidence::more(call.others, "such call")),
        evidence,
        help: help(&route.framework, &call.library),
        item: function.path.clone(),
        identity: call.library.clone(),
        at_most: None,
    }
}

fn help(framework: &str, library: &str) -> String {
    let hand_over = match framework {
        framework if framework.starts_with("actix") => "`actix_web::web::block(move || ..).await`",
        "rocket" => "`rocket_sync_db_pools` (`connection.run(|c| ..).await`) or `rocket::tokio::task::spawn_blocking`",
        _ => "`tokio::task::spawn_blocking(move || ..).await`",
    };
    const TWINS: &[(&str, &str)] = &[
        ("diesel", "`diesel-async`"),
        ("r2d2", "`bb8` or `deadpool`"),
        ("redis", "`AsyncCommands` on a `ConnectionManager`"),
        ("postgres", "`tokio-postgres`"),
        ("mysql", "`mysql_async`"),
        ("rusqlite", "`tokio-rusqlite`"),
    ];
    match TWINS.iter().find(|(name, _)| *name == library) {
        Some((_, twin)) => format!("take the connection and use it inside {hand_over}, or change to {twin}"),
        None => format!("take the connection and use it inside {hand_over}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::{Sketch, steps};
    use crate::model::{Chain, FunctionId, RouteId};

    fn waiting(route: Option<RouteId>, functions: Vec<FunctionId>, sketch: &mut Sketch) {
        let calls = functions[1..].iter().map(|_| sketch.place()).collect();
        let (place, waits) = (sketch.place(), sketch.place());
        sketch.backend.blocking_calls.push(BlockingCall {
            function: functions[0],
            place,
            chain: Chain { functions, calls },
            waits,
            what: "diesel::query_dsl::RunQueryDsl::load".into(),
            library: "diesel".into(),
            others: 1,
            route,
            other_routes: 0,
        });
    }

    #[test]
    fn a_query_of_a_handler_is_found() {
        let mut sketch = Sketch::new();
        let list = sketch.function("api::list");
        let route = sketch.route("GET", "/users", list);
        waiting(Some(route), vec![list], &mut sketch);
        assert_eq!(
            sketch.messages(&LINT),
            [
                "`list` calls `diesel`'s `load` in async code: requests to `GET /users` hold up the others on that thread (+ 1 more such call)"
            ]
        );
    }

    #[test]
    fn a_query_behind_a_function_is_found_with_the_way_there() {
        let mut sketch = Sketch::new();
        let (list, all) = (sketch.function("api::list"), sketch.function("api::db::all"));
        let route = sketch.route("GET", "/users", list);
        waiting(Some(route), vec![list, all], &mut sketch);
        let findings = sketch.check(&LINT);
        assert!(findings[0].message.starts_with("`list` is async and calls `all`, which waits in `diesel`'s `load`"));
        assert_eq!(steps(&findings[0])[2], "`list` calls `all`");
    }

    #[test]
    fn what_no_route_reaches_is_silent() {
        let mut sketch = Sketch::new();
        let start = sketch.function("api::start");
        waiting(None, vec![start], &mut sketch);
        assert!(sketch.check(&LINT).is_empty());
    }

    #[test]
    fn help_names_the_frameworks_own_way() {
        assert!(help("actix-web", "diesel").contains("web::block"));
        assert!(help("axum", "rusqlite").contains("spawn_blocking"));
    }
}

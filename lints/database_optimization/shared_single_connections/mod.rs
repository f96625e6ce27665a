#![doc = include_str!("guidance.md")]

use super::pooling;
use crate::findings::{Finding, Level};
use crate::lints::per_request::shared_state;
use crate::lints::{Lint, LintInfo, Measured, Section, references};
use crate::model::{Backend, Built, Context, Evidence, Resource, ResourceKind};

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "shared_single_connections",
        section: Section::DatabaseOptimization,
        level: Level::Warn,
        summary: "all requests share one database connection",
        help: "put a pool in the shared state instead of the connection",
        guidance: include_str!("guidance.md"),
        references: &[references::SQLX_POOL, references::AWS_QUERY_PERFORMANCE, references::TWELVE_FACTOR_CONCURRENCY],
        measured: Measured { found: 0, read: 0, right: 0 },
    },
    check,
};

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    findings.extend(backend.resources.iter().filter_map(|resource| finding(backend, resource)));
}

fn finding(backend: &Backend, resource: &Resource) -> Option<Finding> {
    let shared = resource.shared.as_ref()?;
    let builder = backend.function(resource.function);
    // A connection that is opened anew for each request is not shared by them; that is another lint's finding.
    let once = !matches!(resource.built, Built::PerRequest { .. } | Built::PerJob { .. });
    if resource.kind != ResourceKind::Connection || resource.dedicated || !once || builder.context != Context::Production {
        return None;
    }
    let framework = backend.servers.iter().find(|server| server.package == builder.package).map_or("", |server| &server.framework);
    let library = &resource.library;
    Some(Finding {
        place: resource.place,
        message: format!(
            "all requests share this one `{library}` connection: they wait for each other, and when it breaks all of them fail"
        ),
        evidence: vec![Evidence::at(resource.place, format!("`{}` opens the connection", builder.name)), shared.clone()],
        help: help(backend, resource, shared_state(framework)),
        item: builder.path.clone(),
        identity: String::new(),
        at_most: None,
    })
}

fn help(backend: &Backend, resource: &Resource, state: &str) -> String {
    let advice = pooling::advice(backend, &resource.library, &resource.system, state);
    match resource.system.as_str() {
        // Writers of one SQLite file wait for each other in any case; readers need not, in WAL mode.
        "sqlite" => format!("{advice}; with `journal_mode = WAL` readers then no longer wait for the writer"),
        _ => advice,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::{Sketch, steps};

    fn behind_a_mutex() -> Sketch {
        let mut sketch = Sketch::new();
        let main = sketch.function("api::main");
        let place = sketch.place();
        sketch.resource(ResourceKind::Connection, "tokio_postgres", "postgres", main).shared =
            Some(Evidence::at(place, "kept behind a `tokio::sync::Mutex` in `AppState`"));
        sketch
    }

    #[test]
    fn one_connection_behind_a_mutex_is_found() {
        let findings = behind_a_mutex().check(&LINT);
        assert_eq!(steps(&findings[0]), ["`main` opens the connection", "kept behind a `tokio::sync::Mutex` in `AppState`"]);
        assert!(findings[0].help.starts_with("build one `deadpool_postgres::Pool` at start-up"));
    }

    #[test]
    fn a_connection_for_notifications_is_silent() {
        let mut sketch = behind_a_mutex();
        sketch.backend.resources[0].dedicated = true;
        assert!(sketch.check(&LINT).is_empty());
    }

    #[test]
    fn multiplexed_cache_connections_are_made_to_be_shared() {
        let mut sketch = behind_a_mutex();
        sketch.backend.resources[0].kind = ResourceKind::CacheConnection;
        assert!(sketch.check(&LINT).is_empty());
    }

    #[test]
    fn a_connection_of_a_tool_is_silent() {
        let mut sketch = behind_a_mutex();
        sketch.backend.functions[0].context = crate::model::Context::Tool;
        assert!(sketch.check(&LINT).is_empty());
    }

    #[test]
    fn sqlite_gets_its_own_advice() {
        let mut sketch = behind_a_mutex();
        sketch.backend.resources[0].library = "rusqlite".into();
        sketch.backend.resources[0].system = "sqlite".into();
        assert!(sketch.check(&LINT)[0].help.contains("WAL"));
    }
}

#![doc = include_str!("guidance.md")]

use super::pooling::pool_of;
use crate::findings::{Finding, Level};
use crate::lints::per_request::{PerRequest, per_request};
use crate::lints::{Lint, LintInfo, Measured, Section, references};
use crate::model::{Backend, ResourceKind};

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "pools_per_request",
        section: Section::DatabaseOptimization,
        level: Level::Deny,
        summary: "a connection pool is built for every request",
        help: "build the pool once at start-up and share it through the state of the server: cloning a pool is cheap, building one is not",
        guidance: include_str!("guidance.md"),
        references: &[references::SQLX_POOL, references::AZURE_IMPROPER_INSTANTIATION, references::TWELVE_FACTOR_BACKING_SERVICES],
        measured: Measured { found: 0, read: 0, right: 0 },
    },
    check,
};

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    // A pool of workers or of one's own things opens no connections to a database.
    for built in per_request(backend, &[ResourceKind::Pool]).into_iter().filter(|built| !built.resource.system.is_empty()) {
        let message = format!("a new `{}` pool is built for every request to {}", built.resource.library, built.routes());
        let sink =
            format!("`{}` builds the pool here: it opens its own connections and is thrown away with the request", built.builder.name);
        let help = help(backend, &built);
        findings.push(built.finding(backend, message, &sink, help));
    }
}

fn help(backend: &Backend, built: &PerRequest) -> String {
    match pool_of(backend, &built.resource.system) {
        Some(pool) => format!(
            "use the pool that `{}` builds, or build this one beside it; a clone of a pool is cheap",
            backend.function(pool.function).path
        ),
        None => format!("build it once at start-up and keep it in {}; a clone of a pool is cheap", built.state()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::Sketch;
    use crate::model::Built;

    #[test]
    fn a_pool_built_in_a_handler_is_found() {
        let mut sketch = Sketch::new();
        let list = sketch.function("api::list_users");
        let route = sketch.route("GET", "/users", list);
        sketch.resource(ResourceKind::Pool, "sqlx", "postgres", list).built = Sketch::per_request(route, &[list], &[], 0);
        let findings = sketch.check(&LINT);
        assert_eq!(findings[0].message, "a new `sqlx` pool is built for every request to `GET /users`");
        assert_eq!(
            findings[0].help,
            "build it once at start-up and keep it in the router's state (`State<..>`); a clone of a pool is cheap"
        );
    }

    #[test]
    fn a_pool_built_once_is_silent() {
        let mut sketch = Sketch::new();
        let main = sketch.function("api::main");
        sketch.resource(ResourceKind::Pool, "sqlx", "postgres", main);
        sketch.resource(ResourceKind::Pool, "sqlx", "postgres", main).built = Built::Unknown("called through a trait".into());
        assert!(sketch.check(&LINT).is_empty());
    }

    #[test]
    fn a_pool_for_a_server_that_the_request_names_is_silent() {
        let mut sketch = Sketch::new();
        let test = sketch.function("api::test_connection");
        let route = sketch.route("POST", "/connections/test", test);
        let pool = sketch.resource(ResourceKind::Pool, "sqlx", "postgres", test);
        pool.built = Sketch::per_request(route, &[test], &[], 0);
        pool.per_request_settings = true;
        assert!(sketch.check(&LINT).is_empty());
    }
}

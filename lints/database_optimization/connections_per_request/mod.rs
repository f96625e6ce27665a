#![doc = include_str!("guidance.md")]

use super::pooling;
use crate::findings::{Finding, Level};
use crate::lints::per_request::per_request;
use crate::lints::{Lint, LintInfo, Measured, Section, references};
use crate::model::{Backend, ResourceKind};

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "connections_per_request",
        section: Section::DatabaseOptimization,
        level: Level::Warn,
        summary: "a database connection is opened for every request",
        help: "build one pool at start-up, share it through the state of the server and take connections from it",
        guidance: include_str!("guidance.md"),
        references: &[references::SQLX_POOL, references::AZURE_IMPROPER_INSTANTIATION, references::POSTGRES_CONNECTIONS],
        measured: Measured { found: 0, read: 0, right: 0 },
    },
    check,
};

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    for built in per_request(backend, &[ResourceKind::Connection]) {
        let library = &built.resource.library;
        let message = format!("a new `{library}` connection is opened for every request to {}", built.routes());
        let sink = format!("`{}` opens the connection here, and no pool holds it", built.builder.name);
        let help = pooling::advice(backend, library, &built.resource.system, built.state());
        findings.push(built.finding(backend, message, &sink, help));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::{Sketch, steps};
    use crate::model::{Built, Context};

    /// `POST /login` > `login` > `connect`, which opens the connection.
    fn opened_on_login() -> Sketch {
        let mut sketch = Sketch::new();
        let (login, connect) = (sketch.function("api::login"), sketch.function("api::db::connect"));
        let call = sketch.call(login, connect);
        let route = sketch.route("POST", "/login", login);
        sketch.resource(ResourceKind::Connection, "tokio_postgres", "postgres", connect).built =
            Sketch::per_request(route, &[login, connect], &[call], 2);
        sketch
    }

    #[test]
    fn evidence_begins_with_the_route_and_ends_with_the_connection() {
        let findings = opened_on_login().check(&LINT);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].message, "a new `tokio_postgres` connection is opened for every request to `POST /login` (+ 2 more routes)");
        assert_eq!(
            steps(&findings[0]),
            [
                "`POST /login` is registered here",
                "`login` handles it",
                "`login` calls `connect`",
                "`connect` opens the connection here, and no pool holds it"
            ]
        );
        assert_eq!(findings[0].item, "api::db::connect");
    }

    #[test]
    fn help_names_the_pool_that_is_already_there() {
        let mut sketch = opened_on_login();
        assert!(sketch.check(&LINT)[0].help.starts_with("build one `deadpool_postgres::Pool` at start-up, keep it in the router's state"));
        let main = sketch.function("api::main");
        sketch.resource(ResourceKind::Pool, "deadpool_postgres", "postgres", main);
        assert_eq!(sketch.check(&LINT)[0].help, "take a connection from a pool that is built at start-up, such as the one of `api::main`");
    }

    #[test]
    fn what_is_not_of_every_request_is_silent() {
        for built in [Built::Startup, Built::Unknown("its function is called from nowhere".into())] {
            let mut sketch = opened_on_login();
            sketch.backend.resources[0].built = built;
            assert!(sketch.check(&LINT).is_empty());
        }
    }

    #[test]
    fn a_connection_that_no_pool_could_give_is_silent() {
        let mut listens = opened_on_login();
        listens.backend.resources[0].dedicated = true;
        assert!(listens.check(&LINT).is_empty());
        let mut tries_the_url_of_the_request = opened_on_login();
        tries_the_url_of_the_request.backend.resources[0].per_request_settings = true;
        assert!(tries_the_url_of_the_request.check(&LINT).is_empty());
    }

    #[test]
    fn tests_and_tools_are_silent() {
        for context in [Context::Test, Context::Tool, Context::Example, Context::Migration] {
            let mut sketch = opened_on_login();
            sketch.backend.functions[1].context = context;
            assert!(sketch.check(&LINT).is_empty());
        }
    }

    #[test]
    fn a_health_check_may_try_the_long_way() {
        let mut sketch = Sketch::new();
        let ready = sketch.function("api::ready");
        let route = sketch.route("GET", "/readyz", ready);
        sketch.resource(ResourceKind::Connection, "sqlx", "postgres", ready).built = Sketch::per_request(route, &[ready], &[], 0);
        assert!(sketch.check(&LINT).is_empty());
    }

    #[test]
    fn what_only_administrators_ask_for_is_a_note_at_most() {
        let mut sketch = Sketch::new();
        let backup = sketch.function("api::backup");
        let route = sketch.route("POST", "/admin/backup", backup);
        sketch.resource(ResourceKind::Connection, "diesel", "sqlite", backup).built = Sketch::per_request(route, &[backup], &[], 0);
        assert_eq!(sketch.check(&LINT)[0].at_most, Some(Level::Note));
    }

    #[test]
    fn two_branches_of_one_function_are_one_finding() {
        let mut sketch = opened_on_login();
        let mut second = sketch.backend.resources[0].clone();
        second.place = sketch.place();
        sketch.backend.resources.push(second);
        assert_eq!(sketch.check(&LINT).len(), 1);
    }
}

//! Names that say what code is for, as tables. Words that mean different things in different projects (`services/` full of programs,
//! `models`, `core`, `api`, `store`) are left out on purpose: there behaviour decides.

use crate::model::Role;
use crate::words::first_segment;

type Table = &'static [(Role, &'static [&'static str])];

/// Segments of module paths, and parts of crate names.
#[rustfmt::skip]
const SEGMENTS: Table = &[
    (Role::Controller, &["handler", "handlers", "controller", "controllers", "route", "routes", "router", "routers", "endpoint", "endpoints",
        "rest", "rpc", "rpcs", "graphql", "resolver", "resolvers", "views", "web", "http"]),
    (Role::Service, &["service", "services", "usecase", "usecases", "use_cases", "application", "biz", "business", "logic", "interactors"]),
    (Role::Repository, &["repository", "repositories", "repo", "repos", "dao", "daos", "persistence", "storage", "db", "database", "queries",
        "sql", "schema", "pg", "postgres", "sqlite", "mysql"]),
    (Role::Domain, &["domain", "entities", "entity", "value_objects", "aggregates"]),
    (Role::Infra, &["infra", "infrastructure", "adapter", "adapters", "client", "clients", "gateway", "gateways", "integration", "integrations"]),
    (Role::Job, &["jobs", "job", "workers", "worker", "consumer", "consumers", "scheduler", "schedulers", "cron", "daemons",
        "scheduled_tasks", "background_jobs"]),
    (Role::Shared, &["error", "errors", "config", "configuration", "settings", "state", "app_state", "telemetry", "tracing", "metrics", "utils",
        "util", "helpers", "prelude", "types", "constants", "consts", "macros", "test_utils", "common", "shared", "middleware", "middlewares",
        "extractor", "extractors", "auth_extractor", "guards"]),
];

/// Ends of type names.
#[rustfmt::skip]
const SUFFIXES: Table = &[
    (Role::Service, &["Service", "UseCase", "Usecase", "Interactor", "Manager"]),
    (Role::Repository, &["Repository", "Repo", "Dao", "Store", "Queries", "Bmc", "BackendHandler", "DbProvider"]),
    (Role::Controller, &["Controller", "Endpoint", "Resource"]),
    (Role::Infra, &["Gateway", "ApiClient"]),
];

/// Traits whose methods a queue or a clock calls, by their last segment.
const JOB_TRAITS: &[&str] = &["AsyncRunnable", "BackgroundJob", "BackgroundWorker", "AsyncConsumer", "CronJob"];

/// Traits by which a type takes part in a web framework, by their last segment.
const WEB_TRAITS: &[&str] = &[
    "FromRequest",
    "FromRequestParts",
    "OptionalFromRequestParts",
    "IntoResponse",
    "IntoResponseParts",
    "Responder",
    "ResponseError",
    "FromParam",
    "FromData",
    "FromForm",
    "FromFormField",
    "FromSegments",
    "Transform",
    "Fairing",
    "Layer",
    "Service",
    "OperationInput",
    "OperationOutput",
];

/// Files where an application is put together.
const COMPOSITION_ROOTS: &[&str] = &["main", "app", "application", "startup", "bootstrap", "boot"];

/// Crates whose routing items make a module part of the web layer.
const WEB_CRATES: &[&str] = &["axum", "axum_extra", "actix_web", "rocket", "poem", "salvo", "warp", "tonic", "utoipa_axum", "aide"];
const WEB_ITEMS: &[&str] =
    &["extract", "routing", "Router", "web", "get", "post", "put", "delete", "patch", "Json", "Form", "handler", "router"];

/// Crates that run queries. Pools, connections and errors of theirs are passed through services too, so they say nothing.
const DATABASE_CRATES: &[&str] =
    &["sqlx", "diesel", "diesel_async", "sea_orm", "tokio_postgres", "postgres", "rusqlite", "mongodb", "mysql_async"];
const PASSED_THROUGH: &[&str] =
    &["Pool", "Connection", "Transaction", "Error", "Executor", "Acquire", "Client", "Database", "Uuid", "types"];

/// What the last telling segment of a module path says, and that segment.
pub(super) fn of_module<'p>(segments: &[&'p str]) -> Option<(Role, &'p str)> {
    segments.iter().rev().find_map(|segment| Some((of_word(segment)?, *segment)))
}

/// What a crate's name says: its last telling part.
pub(super) fn of_crate(name: &str) -> Option<(Role, &str)> {
    let parts = || name.rsplit(['_', '-']);
    // `db_views` are views of a database, not of the web.
    let database = parts().find(|part| matches!(*part, "db" | "database"));
    database.map(|part| (Role::Repository, part)).or_else(|| parts().find_map(|part| Some((exact(SEGMENTS, part)?, part))))
}

/// `user_handlers` says what `handlers` says.
pub(super) fn of_word(segment: &str) -> Option<Role> {
    let last_part = || segment.rsplit_once('_').and_then(|(_, last)| exact(SEGMENTS, last));
    let database = || segment.split('_').any(|part| part == "db").then_some(Role::Repository);
    exact(SEGMENTS, segment).or_else(database).or_else(last_part)
}

pub(super) fn of_type(name: &str) -> Option<(Role, &'static str)> {
    SUFFIXES.iter().find_map(|(role, suffixes)| {
        let suffix = suffixes.iter().find(|suffix| name.ends_with(**suffix))?;
        Some((*role, *suffix))
    })
}

pub(super) fn is_job_trait(path: &str) -> bool {
    path.rsplit("::").next().is_some_and(|last| JOB_TRAITS.contains(&last))
}

pub(super) fn is_web_trait(path: &str) -> bool {
    path.rsplit("::").next().is_some_and(|last| WEB_TRAITS.contains(&last))
}

/// Types that only middleware and the code that puts routers together name.
pub(super) fn is_web_plumbing(path: &str) -> bool {
    const PLUMBING: &[&str] = &[
        "ApiRouter",
        "MethodRouter",
        "Next",
        "OpenApiRouter",
        "Rocket",
        "Router",
        "Scope",
        "ServiceConfig",
        "ServiceRequest",
        "ServiceResponse",
    ];
    path.rsplit("::").next().is_some_and(|last| PLUMBING.contains(&last))
}

pub(super) fn is_composition_root(segment: &str) -> bool {
    COMPOSITION_ROOTS.contains(&segment)
}

/// What an item of a foreign crate says of the module that names it.
pub(super) fn of_external(item: &str) -> Option<Role> {
    let krate = first_segment(item);
    if !WEB_CRATES.contains(&krate) && !DATABASE_CRATES.contains(&krate) {
        return None;
    }
    let mut segments = item.split("::").skip(1);
    if WEB_CRATES.contains(&krate) {
        return segments.any(|segment| WEB_ITEMS.contains(&segment)).then_some(Role::Controller);
    }
    let telling = |segment: &str| !PASSED_THROUGH.iter().any(|word| segment.ends_with(word));
    (DATABASE_CRATES.contains(&krate) && segments.clone().next().is_some() && segments.all(telling)).then_some(Role::Repository)
}

fn exact(table: Table, word: &str) -> Option<Role> {
    table.iter().find(|(_, words)| words.contains(&word)).map(|(role, _)| *role)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_telling_segment_decides() {
        assert_eq!(of_module(&["app", "handlers", "users"]), Some((Role::Controller, "handlers")));
        assert_eq!(of_module(&["app", "handlers", "db"]), Some((Role::Repository, "db")));
        assert_eq!(of_module(&["app", "user_routes"]), Some((Role::Controller, "user_routes")));
        assert_eq!(of_module(&["app", "models"]), None);
    }

    #[test]
    fn a_crate_says_it_in_a_part_of_its_name() {
        assert_eq!(of_crate("lemmy_db_views_post"), Some((Role::Repository, "db")));
        assert_eq!(of_crate("crates_io_database"), Some((Role::Repository, "database")));
        assert_eq!(of_crate("svix_server"), None);
    }

    #[test]
    fn pools_that_are_passed_through_say_nothing() {
        assert_eq!(of_external("sqlx::PgPool"), None);
        assert_eq!(of_external("sqlx::query_as"), Some(Role::Repository));
        assert_eq!(of_external("axum::extract::State"), Some(Role::Controller));
        assert_eq!(of_external("axum::response::Response"), None);
    }
}

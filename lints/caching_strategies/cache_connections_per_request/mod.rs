#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::per_request::{PerRequest, per_request};
use crate::lints::{Lint, LintInfo, Measured, Section, references};
use crate::model::{Backend, Built, Context, ResourceKind};

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "cache_connections_per_request",
        section: Section::CachingStrategies,
        level: Level::Warn,
        summary: "a connection to the cache server is opened for every request",
        help: "open one multiplexed connection (or a pool) at start-up and share clones of it",
        guidance: include_str!("guidance.md"),
        references: &[references::REDIS_MULTIPLEXED, references::AZURE_IMPROPER_INSTANTIATION, references::AWS_CACHING],
        measured: Measured { found: 4, read: 4, right: 4 },
    },
    check,
};

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    for built in per_request(backend, &[ResourceKind::CacheConnection]) {
        let message = format!("a new `{}` connection is opened for every request to {}", built.resource.library, built.routes());
        let sink = format!("`{}` opens the connection here", built.builder.name);
        let help = help(backend, &built);
        findings.push(built.finding(backend, message, &sink, help));
    }
}

/// The connection that others share already, or the one this library makes for sharing.
fn help(backend: &Backend, built: &PerRequest) -> String {
    let shared = backend.resources.iter().find(|other| {
        matches!(other.kind, ResourceKind::CacheConnection | ResourceKind::Pool)
            && other.system == built.resource.system
            && !other.dedicated
            && matches!(other.built, Built::Startup)
            && backend.function(other.function).context == Context::Production
    });
    if let Some(shared) = shared {
        return format!("use a clone of what `{}` opens", backend.function(shared.function).path);
    }
    const SHARED: &[(&str, &str)] = &[
        ("redis", "one `redis::aio::ConnectionManager` (it reconnects, and clones of it share the connection)"),
        ("fred", "one `fred::clients::Pool`"),
        ("memcache", "one `memcache::Client` (it holds a pool)"),
    ];
    let usual = SHARED.iter().find(|(name, _)| *name == built.resource.library).map_or("one shared connection", |(_, words)| words);
    format!("open {usual} at start-up and keep it in {}", built.state())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::{Sketch, steps};

    fn opened_in_a_helper() -> Sketch {
        let mut sketch = Sketch::new();
        let (read, cached) = (sketch.function("api::read_article"), sketch.function("api::cache::get"));
        let call = sketch.call(read, cached);
        let route = sketch.route("GET", "/articles/{slug}", read);
        sketch.resource(ResourceKind::CacheConnection, "redis", "redis", cached).built =
            Sketch::per_request(route, &[read, cached], &[call], 0);
        sketch
    }

    #[test]
    fn a_connection_opened_behind_the_handler_is_found() {
        let findings = opened_in_a_helper().check(&LINT);
        assert_eq!(findings[0].message, "a new `redis` connection is opened for every request to `GET /articles/{slug}`");
        assert_eq!(steps(&findings[0])[2..], ["`read_article` calls `get`", "`get` opens the connection here"]);
        assert!(findings[0].help.contains("ConnectionManager"));
    }

    #[test]
    fn help_names_the_connection_that_others_share() {
        let mut sketch = opened_in_a_helper();
        let main = sketch.function("api::main");
        sketch.resource(ResourceKind::CacheConnection, "redis", "redis", main);
        assert_eq!(sketch.check(&LINT)[0].help, "use a clone of what `api::main` opens");
    }

    #[test]
    fn a_subscription_needs_its_own_connection() {
        let mut sketch = opened_in_a_helper();
        sketch.backend.resources[0].dedicated = true;
        assert!(sketch.check(&LINT).is_empty());
    }

    #[test]
    fn a_connection_of_start_up_is_silent() {
        let mut sketch = opened_in_a_helper();
        sketch.backend.resources[0].built = Built::Startup;
        assert!(sketch.check(&LINT).is_empty());
    }
}

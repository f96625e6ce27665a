#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::{Lint, LintInfo, Measured, Section, references};
use crate::model::{Backend, Built, Context, DatabaseConnections, Evidence, PoolLimit, Resource, ResourceKind};

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "oversubscribed_pools",
        section: Section::DatabaseOptimization,
        level: Level::Warn,
        summary: "all instances together may open more connections than the database accepts",
        help: "give each instance its share of the database's limit, with some left for migrations and people, or put a pooler between them",
        guidance: include_str!("guidance.md"),
        references: &[references::POSTGRES_CONNECTIONS, references::HIKARI_POOL_SIZING],
        measured: Measured { found: 0, read: 0, right: 0 },
    },
    check,
};

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    let Some(accepted) = &backend.database_connections else { return };
    let pools = backend.resources.iter().filter(|resource| is_of_a_server(backend, resource));
    findings.extend(pools.filter_map(|pool| finding(backend, pool, accepted)));
}

/// A pool that lives as long as its instance, and connects to something that counts connections.
fn is_of_a_server(backend: &Backend, resource: &Resource) -> bool {
    let lives_long = matches!(resource.built, Built::Startup) && !resource.dedicated;
    let counts = matches!(resource.system.as_str(), "postgres" | "mysql");
    resource.kind == ResourceKind::Pool && lives_long && counts && backend.function(resource.function).context == Context::Production
}

fn finding(backend: &Backend, pool: &Resource, accepted: &DatabaseConnections) -> Option<Finding> {
    let max = &pool.limits.as_ref()?.max;
    let size = max.number()?;
    let instances = backend.instances.as_ref().map_or(1, |instances| instances.count);
    let together = size.checked_mul(u64::from(instances)).filter(|together| *together > u64::from(accepted.count))?;
    let builder = backend.function(pool.function);
    let how_many = match instances {
        1 => format!("this pool may open {size} connections"),
        _ => format!("{instances} instances may open {together} connections, {size} in each"),
    };
    let mut evidence = vec![of_size(pool, max, size)];
    evidence.extend(backend.instances.as_ref().map(|instances| instances.evidence.clone()));
    evidence.push(accepted.evidence.clone());
    Some(Finding {
        place: pool.place,
        message: format!("{how_many}, and the database accepts {}", accepted.count),
        evidence,
        help: format!(
            "a pool of {} in each leaves a tenth for migrations and people; requests wait in the pool then, not at the database",
            share(accepted.count, instances)
        ),
        item: builder.path.clone(),
        identity: String::new(),
        at_most: None,
    })
}

fn of_size(pool: &Resource, max: &PoolLimit, size: u64) -> Evidence {
    match max {
        PoolLimit::Set { place, .. } => Evidence::at(*place, format!("at most {size} connections")),
        _ => Evidence::at(pool.place, format!("at most {size} connections, the default of `{}`", pool.library)),
    }
}

/// Of nine tenths of what is accepted.
fn share(accepted: u32, instances: u32) -> u32 {
    (accepted / 10 * 9 / instances.max(1)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::Sketch;
    use crate::model::{Instances, PoolLimits};

    fn sketch(size: Option<u64>, instances: Option<u32>, accepted: Option<u32>) -> Sketch {
        let mut sketch = Sketch::new();
        let main = sketch.function("api::main");
        let place = sketch.place();
        let unknown = || PoolLimit::Unknown("not looked at".into());
        let pool = sketch.resource(ResourceKind::Pool, "sqlx", "postgres", main);
        let max = size.map_or_else(unknown, |size| PoolLimit::Set { text: size.to_string(), number: Some(size), place });
        pool.limits = Some(PoolLimits { max, min: unknown(), idle_timeout: unknown(), max_lifetime: unknown() });
        let evidence = || Evidence { place: None, what: "somebody says so".into() };
        sketch.backend.instances = instances.map(|count| Instances { count, evidence: evidence() });
        sketch.backend.database_connections = accepted.map(|count| DatabaseConnections { count, evidence: evidence() });
        sketch
    }

    #[test]
    fn instances_that_ask_for_more_than_there_is_are_found() {
        let findings = sketch(Some(50), Some(3), Some(100)).check(&LINT);
        assert_eq!(findings[0].message, "3 instances may open 150 connections, 50 in each, and the database accepts 100");
        assert!(findings[0].help.starts_with("a pool of 30 in each"), "{}", findings[0].help);
        assert_eq!(findings[0].evidence.len(), 3);
    }

    #[test]
    fn one_instance_may_be_too_many() {
        let findings = sketch(Some(101), None, Some(100)).check(&LINT);
        assert_eq!(findings[0].message, "this pool may open 101 connections, and the database accepts 100");
    }

    #[test]
    fn what_fits_or_is_not_known_is_silent() {
        for (size, instances, accepted) in
            [(Some(50), Some(2), Some(100)), (None, Some(3), Some(100)), (Some(50), Some(3), None), (Some(50), None, Some(100))]
        {
            assert!(sketch(size, instances, accepted).check(&LINT).is_empty(), "{size:?} {instances:?} {accepted:?}");
        }
    }

    #[test]
    fn pools_of_tests_of_requests_and_of_files_are_silent() {
        let fresh = || sketch(Some(50), Some(3), Some(100));
        let mut of_tests = fresh();
        of_tests.backend.functions[0].context = Context::Test;
        assert!(of_tests.check(&LINT).is_empty());
        let mut of_files = fresh();
        of_files.backend.resources[0].system = "sqlite".into();
        assert!(of_files.check(&LINT).is_empty());
        let mut somewhere = fresh();
        somewhere.backend.resources[0].built = Built::Unknown("not seen".into());
        assert!(somewhere.check(&LINT).is_empty());
    }
}

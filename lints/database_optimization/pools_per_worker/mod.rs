#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::{Lint, LintInfo, Measured, Section, references};
use crate::model::{Backend, Built, Context, Evidence, Resource, ResourceKind};

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "pools_per_worker",
        section: Section::DatabaseOptimization,
        level: Level::Warn,
        summary: "each worker of the server builds a connection pool of its own",
        help: "build the pool before `HttpServer::new` and move a clone into the closure: all clones are one pool",
        guidance: include_str!("guidance.md"),
        references: &[references::ACTIX_SHARED_STATE, references::SQLX_POOL, references::HIKARI_POOL_SIZING],
        measured: Measured { found: 0, read: 0, right: 0 },
    },
    check,
};

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    findings.extend(backend.resources.iter().filter_map(|resource| finding(backend, resource)));
}

fn finding(backend: &Backend, resource: &Resource) -> Option<Finding> {
    let closure = resource.per_worker.as_ref()?;
    let builder = backend.function(resource.function);
    // One that is built anew for each request is another lint's finding, and pools of other things open no connections.
    let per_request = matches!(resource.built, Built::PerRequest { .. } | Built::PerJob { .. });
    if resource.kind != ResourceKind::Pool || per_request || builder.context != Context::Production || resource.system.is_empty() {
        return None;
    }
    let each = match resource.settings.get("max").and_then(|max| max.parse::<u32>().ok()) {
        Some(max) => format!("{max} connections for each"),
        None => "its connections once more for each".to_string(),
    };
    Some(Finding {
        place: resource.place,
        message: format!("each worker of the server builds its own `{}` pool: {each} of them, one per core by default", resource.library),
        evidence: vec![closure.clone(), Evidence::at(resource.place, format!("`{}` builds the pool", builder.name))],
        help: String::new(),
        item: builder.path.clone(),
        identity: String::new(),
        at_most: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::Sketch;

    fn pool(per_worker: bool) -> Sketch {
        let mut sketch = Sketch::new();
        let main = sketch.function("api::main");
        let closure = Evidence::at(sketch.place(), "the server calls this closure once for each of its workers");
        let pool = sketch.resource(ResourceKind::Pool, "r2d2", "postgres", main);
        pool.per_worker = per_worker.then_some(closure);
        pool.settings.insert("max".into(), "15".into());
        sketch
    }

    #[test]
    fn a_pool_that_each_worker_builds_is_found() {
        assert_eq!(
            pool(true).messages(&LINT),
            ["each worker of the server builds its own `r2d2` pool: 15 connections for each of them, one per core by default"]
        );
    }

    #[test]
    fn a_pool_that_is_built_before_and_one_of_each_request_are_silent() {
        assert!(pool(false).check(&LINT).is_empty());
        let mut each = pool(true);
        let id = crate::model::FunctionId(0);
        let route = each.route("GET", "/users", id);
        each.backend.resources[0].built = Sketch::per_request(route, &[id], &[], 0);
        assert!(each.check(&LINT).is_empty());
    }
}

#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::{Lint, LintInfo, Measured, Section, evidence, references};
use crate::model::{
    Backend, CacheFill, CacheOperation, CacheOperationKind, Chain, Context, DataAccess, Evidence, Instances, Operation, RouteId,
};
use std::collections::BTreeSet;

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "process_local_caches",
        section: Section::CachingStrategies,
        level: Level::Note,
        summary: "an entry is removed from the cache of one process, and the other instances go on serving it",
        help: "keep the entries in a cache that all instances share, tell the others to remove theirs, or let them expire soon",
        guidance: include_str!("guidance.md"),
        references: &[references::AWS_BUILDERS_CACHING, references::AZURE_CACHE_ASIDE, references::TWELVE_FACTOR_PROCESSES],
        measured: Measured { found: 0, read: 0, right: 0 },
    },
    check,
};

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    let Some(instances) = backend.instances.as_ref().filter(|instances| instances.count > 1) else { return };
    let mut seen = BTreeSet::new();
    let local = backend.cache_fills.iter().filter(|fill| !fill.remote && !fill.store.is_empty());
    for fill in local.filter(|fill| backend.function(fill.function).context == Context::Production) {
        let Some(stale) = stale(backend, fill) else { continue };
        if seen.insert(&fill.store) {
            findings.push(finding(backend, fill, &stale, instances));
        }
    }
}

/// Rows that change while other instances keep them.
struct Stale<'b> {
    /// Of the rows that are kept.
    table: &'b str,
    change: &'b DataAccess,
    /// Where this instance drops its entry, and the request that does.
    removal: &'b CacheOperation,
    route: RouteId,
    chain: Chain,
}

fn stale<'b>(backend: &'b Backend, fill: &CacheFill) -> Option<Stale<'b>> {
    let removals: Vec<&CacheOperation> = backend.cache_operations.iter().filter(|one| removes(one, fill)).collect();
    // A removal that no request runs may be how the instances tell each other.
    if removals.iter().any(|one| one.spawned || backend.routes_to(one.function).is_empty()) {
        return None;
    }
    let read = backend.data_access_in(fill.chain.last()).find(|access| access.place == fill.source)?;
    let (removal, (route, chain)) =
        removals.into_iter().find_map(|one| Some((one, backend.routes_to(one.function).into_iter().next()?)))?;
    let (table, change) = read.reads.iter().find_map(|table| Some((table.as_str(), change_of(backend, table)?)))?;
    Some(Stale { table, change, removal, route, chain })
}

fn removes(one: &CacheOperation, fill: &CacheFill) -> bool {
    let removal = matches!(one.kind, CacheOperationKind::Remove | CacheOperationKind::Flush);
    removal && !one.remote && one.library == fill.library && one.store == fill.store
}

/// A request that changes or removes rows of the table.
fn change_of<'b>(backend: &'b Backend, table: &str) -> Option<&'b DataAccess> {
    let changes = backend.data_accesses.iter().filter(|access| matches!(access.operation, Operation::Update | Operation::Delete));
    changes
        .filter(|access| access.writes.iter().any(|written| written == table))
        .find(|access| !backend.routes_to(access.function).is_empty())
}

fn finding(backend: &Backend, fill: &CacheFill, stale: &Stale, instances: &Instances) -> Finding {
    let (keeper, remover) = (backend.function(fill.function), backend.function(stale.removal.function));
    let others = instances.count - 1;
    let until = if fill.expiry.is_yes() { "until theirs expires" } else { "for as long as they run" };
    let sink = Evidence::at(stale.removal.place, format!("`{}` removes the entry from this process", remover.name));
    let mut steps = evidence::from_route(backend, backend.route(stale.route), &stale.chain, sink);
    steps.push(Evidence::at(stale.change.place, format!("rows of `{}` are changed here", stale.table)));
    steps.push(Evidence::at(fill.write, format!("`{}` keeps them in the process", keeper.name)));
    steps.push(instances.evidence.clone());
    Finding {
        place: stale.removal.place,
        message: format!(
            "`{}` is told of a change to `{}` in one of {} instances: the other{} serve{} the old entry {until}",
            name(&fill.store),
            stale.table,
            instances.count,
            if others == 1 { "" } else { "s" },
            if others == 1 { "s" } else { "" },
        ),
        evidence: steps,
        help: "keep the entries in Redis, have each instance listen for removals (`LISTEN`, Redis' `SUBSCRIBE`), or give them a short time to live"
            .to_string(),
        item: remover.path.clone(),
        identity: format!("{} {}", fill.library, fill.store),
        at_most: None,
    }
}

/// `sessions` of `sessions: moka::future::Cache<..>`.
fn name(store: &str) -> &str {
    store.split(':').next().unwrap_or(store)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::{Sketch, steps};
    use crate::model::{EffectKind, FunctionId, Truth};

    /// `GET /users/{id}` keeps rows of `users` in the process, `PUT /users/{id}` changes them and removes the entry; returns the one that does.
    fn users(count: u32) -> (Sketch, FunctionId) {
        let mut sketch = Sketch::new();
        let (show, rename) = (sketch.function("api::show"), sketch.function("api::rename"));
        sketch.route("GET", "/users/{id}", show);
        sketch.route("PUT", "/users/{id}", rename);
        sketch.query(show, &["users"], &[]);
        sketch.query(rename, &[], &["users"]);
        let (source, read, write) = (sketch.backend.data_accesses[0].place, sketch.place(), sketch.place());
        sketch.backend.cache_fills.push(CacheFill {
            function: show,
            library: "moka".into(),
            key: "{id}".into(),
            store: "users: Cache".into(),
            remote: false,
            read,
            load: source,
            write,
            chain: Chain { functions: vec![show], calls: Vec::new() },
            kind: EffectKind::Sql,
            source,
            what: "sqlx::query".into(),
            expiry: Truth::No("no expiry is set".into()),
            single_flight: Truth::default(),
        });
        let place = sketch.place();
        sketch.backend.cache_operations.push(CacheOperation {
            function: rename,
            place,
            library: "moka".into(),
            command: "invalidate".into(),
            kind: CacheOperationKind::Remove,
            key: "{id}".into(),
            store: "users: Cache".into(),
            remote: false,
            spawned: false,
            pipelined: false,
        });
        let evidence = Evidence { place: None, what: format!("{count} run") };
        sketch.backend.instances = Some(Instances { count, evidence });
        (sketch, rename)
    }

    #[test]
    fn an_entry_that_one_of_several_instances_removes_is_found() {
        let findings = users(3).0.check(&LINT);
        assert_eq!(
            findings[0].message,
            "`users` is told of a change to `users` in one of 3 instances: the others serve the old entry for as long as they run"
        );
        assert_eq!(steps(&findings[0]).last(), Some(&"3 run"));
    }

    #[test]
    fn one_instance_and_an_unknown_number_are_silent() {
        assert!(users(1).0.check(&LINT).is_empty());
        let (mut sketch, _) = users(2);
        sketch.backend.instances = None;
        assert!(sketch.check(&LINT).is_empty());
    }

    #[test]
    fn rows_that_nobody_changes_and_shared_caches_are_silent() {
        let (mut sketch, _) = users(2);
        sketch.backend.data_accesses[1].operation = Operation::Insert;
        assert!(sketch.check(&LINT).is_empty());
        let (mut sketch, _) = users(2);
        sketch.backend.cache_fills[0].remote = true;
        assert!(sketch.check(&LINT).is_empty());
    }

    #[test]
    fn without_a_removal_staleness_is_chosen_and_a_listener_may_tell_the_others() {
        let (mut sketch, _) = users(2);
        sketch.backend.cache_operations[0].store = "other: Cache".into();
        assert!(sketch.check(&LINT).is_empty());
        let (mut sketch, _) = users(2);
        let mut heard = sketch.backend.cache_operations[0].clone();
        heard.function = sketch.function("api::listen");
        sketch.backend.cache_operations.push(heard);
        assert!(sketch.check(&LINT).is_empty());
    }
}

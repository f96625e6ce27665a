#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::{Lint, LintInfo, Measured, Section, references};
use crate::model::{Backend, Built, Context, EffectKind, Evidence, FunctionId, Resource, ResourceKind, Truth};
use std::collections::{BTreeMap, BTreeSet};

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "unbounded_pool_waits",
        section: Section::DatabaseOptimization,
        level: Level::Warn,
        summary: "a request may wait for ever for a connection of this pool",
        help: "give the pool a wait timeout, so that a request fails within seconds when all connections are taken",
        guidance: include_str!("guidance.md"),
        references: &[
            references::DEADPOOL_TIMEOUTS,
            references::SYNCSTORAGE_LOCKUP,
            references::AWS_CLIENT_TIMEOUTS,
            references::AWS_FAIL_FAST,
        ],
        measured: Measured { found: 1, read: 1, right: 1 },
    },
    check,
};

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    let found: Vec<(FunctionId, Finding)> =
        backend.resources.iter().filter_map(|pool| Some((pool.function, finding(backend, pool)?))).collect();
    if found.is_empty() {
        return;
    }
    let programs = Programs::of(backend);
    findings.extend(found.into_iter().filter(|(builder, _)| !programs.is_of_a_worker(*builder)).map(|(_, finding)| finding));
}

/// Who calls whom, up to the programs that start it.
struct Programs<'b> {
    backend: &'b Backend,
    callers: BTreeMap<FunctionId, Vec<FunctionId>>,
    /// Functions that start a server, and those that lead there.
    serving: BTreeSet<FunctionId>,
}

impl<'b> Programs<'b> {
    fn of(backend: &'b Backend) -> Self {
        let mut callers: BTreeMap<FunctionId, Vec<FunctionId>> = BTreeMap::new();
        let mut servers = Vec::new();
        for (at, function) in backend.functions.iter().enumerate() {
            let id = FunctionId(at as u32);
            function.calls.iter().for_each(|call| callers.entry(call.to).or_default().push(id));
            if function.context == Context::Production && function.effects.iter().any(|effect| effect.kind == EffectKind::Serves) {
                servers.push(id);
            }
        }
        let mut programs = Self { backend, callers, serving: BTreeSet::new() };
        programs.serving = programs.leading_to(servers);
        programs
    }

    /// Whether only programs that serve nothing build it, beside others that do: they have no requests that could wait.
    fn is_of_a_worker(&self, builder: FunctionId) -> bool {
        let started_by = self.leading_to(vec![builder]);
        let has_main = || started_by.iter().any(|id| self.backend.function(*id).name == "main");
        !self.serving.is_empty() && self.serving.is_disjoint(&started_by) && has_main()
    }

    /// These functions, and whatever calls them.
    fn leading_to(&self, mut waiting: Vec<FunctionId>) -> BTreeSet<FunctionId> {
        let mut reached: BTreeSet<FunctionId> = waiting.iter().copied().collect();
        while let Some(function) = waiting.pop() {
            let callers = self.callers.get(&function).into_iter().flatten();
            waiting.extend(callers.filter(|caller| reached.insert(**caller)));
        }
        reached
    }
}

fn finding(backend: &Backend, pool: &Resource) -> Option<Finding> {
    let Truth::No(searched) = &pool.acquire_timeout else { return None };
    let builder = backend.function(pool.function);
    // Where a pool is built for each request nobody waits for it, and the pool itself is the finding.
    if pool.kind != ResourceKind::Pool || matches!(pool.built, Built::PerRequest { .. }) || builder.context != Context::Production {
        return None;
    }
    let size = pool.settings.get("max").filter(|size| *size != "?");
    let exhausted = size.map_or("all its connections are".to_string(), |size| format!("its {size} connections are all"));
    Some(Finding {
        place: pool.place,
        message: format!("a request waits for ever for a connection of this `{}` pool once {exhausted} taken", pool.library),
        evidence: vec![
            Evidence::at(pool.place, format!("`{}` builds the pool", builder.name)),
            Evidence { place: None, what: searched.clone() },
        ],
        help: advice(&pool.library).to_string(),
        item: builder.path.clone(),
        identity: String::new(),
        at_most: None,
    })
}

fn advice(library: &str) -> &'static str {
    const ADVICE: &[(&str, &str)] = &[
        (
            "deadpool",
            "add `.wait_timeout(Some(Duration::from_secs(5))).runtime(Runtime::Tokio1)` to the pool's builder, or set `pool.timeouts.wait` in its \
             configuration",
        ),
        (
            "mysql_async",
            "`mysql_async` pools have no such option: wrap `get_conn()` in `tokio::time::timeout(Duration::from_secs(5), ..)` in one place that \
             all callers use",
        ),
        ("mysql", "take connections with `try_get_conn(timeout)` instead of `get_conn()`"),
        ("mongodb", "set `server_selection_timeout` and `max_pool_size` in `ClientOptions`, and wrap calls in `tokio::time::timeout`"),
    ];
    ADVICE.iter().find(|(name, _)| library.starts_with(name)).map_or("", |(_, advice)| advice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::Sketch;

    fn pool(acquire_timeout: Truth) -> Sketch {
        let mut sketch = Sketch::new();
        let main = sketch.function("api::main");
        let pool = sketch.resource(ResourceKind::Pool, "deadpool_postgres", "postgres", main);
        pool.acquire_timeout = acquire_timeout;
        pool.settings.insert("max".into(), "16".into());
        sketch
    }

    fn none_set() -> Truth {
        Truth::No("no wait timeout is set, and the library's default is none".into())
    }

    #[test]
    fn a_worker_beside_a_server_has_no_requests_that_wait() {
        let mut sketch = pool(none_set());
        let (server, start) = (sketch.function("server::main"), sketch.function("server::start"));
        sketch.call(server, start);
        sketch.effect(start, EffectKind::Serves, "axum");
        assert_eq!(sketch.check(&LINT).len(), 0, "`api::main` serves nothing");
        let builder = sketch.backend.resources[0].function;
        sketch.call(server, builder);
        assert_eq!(sketch.check(&LINT).len(), 1);
    }

    #[test]
    fn a_pool_without_a_wait_timeout_is_found() {
        let findings = pool(none_set()).check(&LINT);
        assert_eq!(
            findings[0].message,
            "a request waits for ever for a connection of this `deadpool_postgres` pool once its 16 connections are all taken"
        );
        assert!(findings[0].help.contains("wait_timeout"));
    }

    #[test]
    fn a_size_from_the_configuration_is_not_a_number_to_print() {
        let mut sketch = pool(none_set());
        sketch.backend.resources[0].settings.insert("max".into(), "?".into());
        assert!(sketch.check(&LINT)[0].message.ends_with("once all its connections are taken"));
    }

    #[test]
    fn what_is_set_or_cannot_be_told_is_silent() {
        assert!(pool(Truth::Unknown("the options come from a file".into())).check(&LINT).is_empty());
        let mut sketch = pool(none_set());
        sketch.backend.resources[0].acquire_timeout = sketch.yes("`wait_timeout` is set here");
        assert!(sketch.check(&LINT).is_empty());
    }

    #[test]
    fn pools_of_tests_and_tools_are_silent() {
        let mut sketch = pool(none_set());
        sketch.backend.functions[0].context = Context::Test;
        assert!(sketch.check(&LINT).is_empty());
    }
}

#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::{Lint, LintInfo, Measured, Section, references};
use crate::model::{Backend, Context, Evidence, StaleRead};

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "reads_after_writes_on_replicas",
        section: Section::DatabaseOptimization,
        level: Level::Warn,
        summary: "what was just written on the primary is read from a replica",
        help: "read it on the connection that wrote it, or return it from the write (`RETURNING`)",
        guidance: include_str!("guidance.md"),
        references: &[references::POSTGRES_HOT_STANDBY, references::AURORA_WRITE_FORWARDING],
        measured: Measured { found: 0, read: 0, right: 0 },
    },
    check,
};

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    let in_production = |stale: &&StaleRead| backend.function(stale.function).context == Context::Production;
    findings.extend(backend.stale_reads.iter().filter(in_production).map(|stale| finding(backend, stale)));
}

fn finding(backend: &Backend, stale: &StaleRead) -> Finding {
    let function = backend.function(stale.function);
    let (write, read) = (&backend.pool_uses[stale.write], &backend.pool_uses[stale.read]);
    let table = &stale.table;
    let mut steps = backend.evidence_of(&stale.way_to_write);
    steps.push(Evidence::at(backend.data_accesses[write.access].place, format!("`{table}` is written on `{}`, the primary", write.pool)));
    steps.extend(backend.evidence_of(&stale.way_to_read));
    let why = format!("then `{table}` is read on `{}`, a replica's {}", read.pool, read.why);
    steps.push(Evidence::at(backend.data_accesses[read.access].place, why));
    Finding {
        place: stale.read_at,
        message: format!(
            "`{}` writes `{table}` on the primary and then reads it on `{}`: the replica may not have it yet",
            function.name, read.pool
        ),
        evidence: steps,
        help: String::new(),
        item: function.path.clone(),
        identity: format!("{table} on {}", read.pool),
        at_most: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::{Sketch, steps};
    use crate::model::{Chain, PoolRole, PoolUse};

    /// `rename` writes `users` on the primary and calls `load`, which reads it on the replica.
    fn renamed_and_loaded() -> Sketch {
        let mut sketch = Sketch::new();
        let (rename, load) = (sketch.function("api::rename"), sketch.function("api::load"));
        let (place, written) = (sketch.place(), sketch.place());
        let call = sketch.call(rename, load);
        sketch.query(rename, &[], &["users"]);
        sketch.query(load, &["users"], &[]);
        let (own, way) = (Chain { functions: vec![rename], calls: Vec::new() }, Chain { functions: vec![rename, load], calls: vec![call] });
        let mut uses = |access, role, pool: &str, chain: &Chain| {
            let (pool, chain) = (pool.to_string(), chain.clone());
            sketch.backend.pool_uses.push(PoolUse { access, role, pool, place, chain, why: "by its name", has_to_succeed: true });
        };
        uses(0, PoolRole::Primary, "db.primary", &own);
        uses(1, PoolRole::Replica, "db.replica", &way);
        let (way_to_write, way_to_read) = (own, way);
        let table = "users".into();
        sketch.backend.stale_reads.push(StaleRead {
            function: rename,
            table,
            write: 0,
            read: 1,
            written,
            read_at: call,
            way_to_write,
            way_to_read,
        });
        sketch
    }

    #[test]
    fn a_read_that_may_miss_the_write_is_found() {
        let findings = renamed_and_loaded().check(&LINT);
        assert_eq!(
            findings[0].message,
            "`rename` writes `users` on the primary and then reads it on `db.replica`: the replica may not have it yet"
        );
        let expected = [
            "`users` is written on `db.primary`, the primary",
            "`rename` calls `load`",
            "then `users` is read on `db.replica`, a replica's by its name",
        ];
        assert_eq!(steps(&findings[0]), expected);
    }

    #[test]
    fn tests_are_silent() {
        let mut sketch = renamed_and_loaded();
        sketch.backend.functions[0].context = Context::Test;
        assert!(sketch.check(&LINT).is_empty());
    }
}

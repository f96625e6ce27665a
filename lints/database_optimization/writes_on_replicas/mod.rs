#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::{Lint, LintInfo, Measured, Section, evidence, references};
use crate::model::{Backend, Context, DataAccess, Evidence, Operation, PoolRole, PoolUse};
use crate::source::Place;
use std::collections::BTreeMap;

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "writes_on_replicas",
        section: Section::DatabaseOptimization,
        level: Level::Warn,
        summary: "a statement that changes data runs on a replica",
        help: "run it on the primary's pool",
        guidance: include_str!("guidance.md"),
        references: &[references::POSTGRES_HOT_STANDBY],
        measured: Measured { found: 0, read: 0, right: 0 },
    },
    check,
};

/// One finding where a replica's connection is taken, whatever is written on it.
fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    let mut taken: BTreeMap<Place, Vec<&PoolUse>> = BTreeMap::new();
    for one in backend.pool_uses.iter().filter(|one| one.role == PoolRole::Replica && one.has_to_succeed && in_production(backend, one)) {
        if refused(&backend.data_accesses[one.access]).is_some() {
            taken.entry(one.place).or_default().push(one);
        }
    }
    for uses in taken.values_mut() {
        uses.sort_by_key(|one| (one.chain.calls.len(), one.access));
        findings.push(finding(backend, uses[0], uses.len() - 1));
    }
}

fn in_production(backend: &Backend, one: &PoolUse) -> bool {
    one.chain.functions.iter().all(|function| backend.function(*function).context == Context::Production)
}

/// What a replica has against a statement.
fn refused(access: &DataAccess) -> Option<&'static str> {
    let asks = |function: &str| access.text.as_ref().is_some_and(|text| text.to_ascii_lowercase().contains(function));
    match access.operation {
        Operation::Insert | Operation::Update | Operation::Delete => Some("writes"),
        Operation::Ddl => Some("changes the schema of"),
        _ if !access.writes.is_empty() => Some("writes"),
        Operation::Select if access.statement.as_ref().is_some_and(|statement| statement.row_lock.is_some()) => Some("locks rows of"),
        Operation::Select if asks("nextval(") || asks("setval(") => Some("moves a sequence of"),
        _ => None,
    }
}

fn finding(backend: &Backend, one: &PoolUse, others: usize) -> Finding {
    let access = &backend.data_accesses[one.access];
    let (first, last) = (backend.function(one.chain.functions[0]), backend.function(one.chain.last()));
    let tables = if access.writes.is_empty() { &access.reads } else { &access.writes };
    let does = refused(access).unwrap_or("writes");
    let what = if tables.is_empty() { "the database".to_string() } else { evidence::list(tables.iter().map(String::as_str), 3) };
    let mut steps = vec![Evidence::at(one.place, format!("`{}` is a replica's {}", one.pool, one.why))];
    steps.extend(backend.evidence_of(&one.chain));
    steps.push(Evidence::at(access.place, format!("`{}` {does} {what}", last.name)));
    Finding {
        place: one.place,
        message: format!(
            "`{}` {does} {what} on `{}`, which is a replica's{}: a replica refuses it",
            first.name,
            one.pool,
            evidence::more(others, "statement")
        ),
        evidence: steps,
        help: String::new(),
        item: first.path.clone(),
        identity: format!("{} {does} {what}", one.pool),
        at_most: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::{Sketch, steps};
    use crate::model::{Chain, RowLock, Statement};

    /// `rename` takes a connection of this role and hands it to `save`, which writes `users`.
    fn rename_on(role: PoolRole) -> Sketch {
        let mut sketch = Sketch::new();
        let (rename, save) = (sketch.function("api::rename"), sketch.function("api::save"));
        let (place, call) = (sketch.place(), sketch.call(rename, save));
        sketch.query(save, &[], &["users"]);
        let chain = Chain { functions: vec![rename, save], calls: vec![call] };
        sketch.backend.pool_uses.push(PoolUse {
            access: 0,
            role,
            pool: "app.db_read()".into(),
            place,
            chain,
            why: "by its name",
            has_to_succeed: true,
        });
        sketch
    }

    #[test]
    fn a_write_on_a_replica_is_found_with_its_way() {
        let findings = rename_on(PoolRole::Replica).check(&LINT);
        assert_eq!(findings[0].message, "`rename` writes `users` on `app.db_read()`, which is a replica's: a replica refuses it");
        assert_eq!(steps(&findings[0]), ["`app.db_read()` is a replica's by its name", "`rename` calls `save`", "`save` writes `users`"]);
    }

    #[test]
    fn the_primary_and_what_is_unknown_are_silent() {
        assert!(rename_on(PoolRole::Primary).check(&LINT).is_empty());
        assert!(rename_on(PoolRole::Unknown).check(&LINT).is_empty());
    }

    #[test]
    fn reads_are_silent_unless_they_lock_or_count_on() {
        let read = |change: fn(&mut DataAccess)| {
            let mut sketch = rename_on(PoolRole::Replica);
            let access = &mut sketch.backend.data_accesses[0];
            (access.operation, access.reads, access.writes) = (Operation::Select, vec!["users".into()], Vec::new());
            change(access);
            sketch.messages(&LINT)
        };
        assert!(read(|_| ()).is_empty());
        assert!(read(|access| access.text = Some("SELECT refresh(1)".into())).is_empty());
        assert!(
            read(|access| access.statement = Some(Statement { row_lock: Some(RowLock::Waits), ..Statement::default() }))[0]
                .contains("locks rows of `users`")
        );
        assert!(read(|access| access.text = Some("SELECT nextval('ids')".into()))[0].contains("moves a sequence"));
    }

    #[test]
    fn a_write_that_may_fail_is_silent() {
        let mut sketch = rename_on(PoolRole::Replica);
        sketch.backend.pool_uses[0].has_to_succeed = false;
        assert!(sketch.check(&LINT).is_empty());
    }

    #[test]
    fn tests_are_silent_and_several_writes_are_one_finding() {
        let mut sketch = rename_on(PoolRole::Replica);
        let again = sketch.backend.pool_uses[0].clone();
        sketch.backend.pool_uses.push(again);
        assert!(sketch.messages(&LINT)[0].contains("(+ 1 more statement)"));
        sketch.backend.functions[0].context = Context::Test;
        assert!(sketch.check(&LINT).is_empty());
    }
}

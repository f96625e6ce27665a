#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::database_optimization::new_migrations::{by_table, finding, steps_on_busy_tables};
use crate::lints::{Lint, LintInfo, Measured, Section, references};
use crate::model::{Backend, SchemaChange};

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "blocking_index_builds",
        section: Section::DatabaseOptimization,
        level: Level::Warn,
        summary: "a new migration builds an index while nobody can write to the table",
        help: "build it with `CREATE INDEX CONCURRENTLY`, in a migration of its own that runs outside of a transaction",
        guidance: include_str!("guidance.md"),
        references: &[references::POSTGRES_CREATE_INDEX, references::POSTGRES_LOCKING, references::SQUAWK_CONCURRENT_INDEX],
        measured: Measured { found: 59, read: 30, right: 30 },
    },
    check,
};

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    let mut found = Vec::new();
    for (migration, step) in steps_on_busy_tables(backend) {
        let SchemaChange::BuildsIndex { name, concurrently: false, .. } = &step.change else { continue };
        let message = format!("`{}` cannot be written to while the index `{name}` is built", step.table);
        found.push((migration, step, finding(migration, step, message, String::new(), name)));
    }
    by_table(found, "index build", findings);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::Sketch;
    use crate::model::Dialect;

    fn builds(concurrently: bool) -> SchemaChange {
        SchemaChange::BuildsIndex { name: "orders_paid".into(), columns: vec!["paid".into()], unique: false, concurrently }
    }

    #[test]
    fn an_index_on_a_table_that_requests_fill_is_found() {
        let sketch = Sketch::with_migration("orders", builds(false));
        assert_eq!(sketch.messages(&LINT), ["`orders` cannot be written to while the index `orders_paid` is built"]);
    }

    #[test]
    fn one_built_concurrently_on_a_new_or_quiet_table_or_elsewhere_is_silent() {
        assert!(Sketch::with_migration("orders", builds(true)).check(&LINT).is_empty());
        let mut new = Sketch::with_migration("orders", builds(false));
        new.backend.migrations[0].steps[0].on_old_table = false;
        assert!(new.check(&LINT).is_empty());
        let mut quiet = Sketch::with_migration("orders", builds(false));
        quiet.backend.data_accesses.clear();
        assert!(quiet.check(&LINT).is_empty());
        let mut mysql = Sketch::with_migration("orders", builds(false));
        mysql.backend.migrations[0].dialect = Dialect::Mysql;
        assert!(mysql.check(&LINT).is_empty());
    }
}

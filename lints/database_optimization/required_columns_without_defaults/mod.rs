#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::database_optimization::new_migrations::{finding, steps};
use crate::lints::database_optimization::request_queries::is_small;
use crate::lints::{Lint, LintInfo, Measured, Section, references};
use crate::model::{Backend, SchemaChange};

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "required_columns_without_defaults",
        section: Section::DatabaseOptimization,
        level: Level::Warn,
        summary: "a new migration adds a column that must be set and that rows of the table have nothing for",
        help: "give it a default, or add it as nullable, fill it, and make it required in a later migration",
        guidance: include_str!("guidance.md"),
        references: &[references::POSTGRES_ALTER_TABLE, references::SQLITE_ALTER_TABLE, references::SQUAWK_REQUIRED_FIELD],
        measured: Measured { found: 0, read: 0, right: 0 },
    },
    check,
};

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    for (migration, step) in steps(backend).filter(|(_, step)| step.on_old_table && !is_small(backend, &step.table)) {
        let SchemaChange::AddsRequiredColumn { column } = &step.change else { continue };
        let message = format!("`{column}` is `NOT NULL` without a default: adding it fails as soon as `{}` has a row", step.table);
        findings.push(finding(migration, step, message, String::new(), column));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::Sketch;

    #[test]
    fn a_required_column_of_a_table_with_rows_is_found() {
        let sketch = Sketch::with_migration("orders", SchemaChange::AddsRequiredColumn { column: "paid".into() });
        assert_eq!(sketch.messages(&LINT), ["`paid` is `NOT NULL` without a default: adding it fails as soon as `orders` has a row"]);
    }

    #[test]
    fn a_new_table_and_one_that_nobody_fills_are_silent() {
        let mut new = Sketch::with_migration("orders", SchemaChange::AddsRequiredColumn { column: "paid".into() });
        new.backend.migrations[0].steps[0].on_old_table = false;
        assert!(new.check(&LINT).is_empty());
        let mut empty = Sketch::with_migration("orders", SchemaChange::AddsRequiredColumn { column: "paid".into() });
        empty.backend.data_accesses.clear();
        assert!(empty.check(&LINT).is_empty());
    }
}

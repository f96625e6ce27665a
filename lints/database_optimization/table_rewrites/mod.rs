#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::database_optimization::new_migrations::{by_table, finding, steps_on_busy_tables};
use crate::lints::{Lint, LintInfo, Measured, Section, references};
use crate::model::{Backend, SchemaChange};

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "table_rewrites",
        section: Section::DatabaseOptimization,
        level: Level::Warn,
        summary: "a new migration writes every row of a table anew while nobody can read it",
        help: "add a new column, fill it in batches, and move the code over before the old one is dropped",
        guidance: include_str!("guidance.md"),
        references: &[references::POSTGRES_ALTER_TABLE, references::POSTGRES_LOCKING, references::SQUAWK_CHANGING_TYPE],
        measured: Measured { found: 7, read: 7, right: 7 },
    },
    check,
};

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    let mut found = Vec::new();
    for (migration, step) in steps_on_busy_tables(backend) {
        let SchemaChange::RewritesTable { column, why } = &step.change else { continue };
        let message = format!("`{}` cannot be read or written to while all its rows are written anew for `{column}`: {why}", step.table);
        found.push((migration, step, finding(migration, step, message, String::new(), column)));
    }
    by_table(found, "column", findings);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::Sketch;

    fn rewrite() -> Sketch {
        let change = SchemaChange::RewritesTable { column: "id".into(), why: "`INTEGER` becomes `BIGINT`".into() };
        Sketch::with_migration("orders", change)
    }

    #[test]
    fn a_column_of_another_type_is_found() {
        assert_eq!(
            rewrite().messages(&LINT),
            ["`orders` cannot be read or written to while all its rows are written anew for `id`: `INTEGER` becomes `BIGINT`"]
        );
    }

    #[test]
    fn a_new_table_is_silent() {
        let mut sketch = rewrite();
        sketch.backend.migrations[0].steps[0].on_old_table = false;
        assert!(sketch.check(&LINT).is_empty());
    }
}

#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::database_optimization::new_migrations::{finding, steps_on_busy_tables};
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
        measured: Measured { found: 0, read: 0, right: 0 },
    },
    check,
};

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    for (migration, step) in steps_on_busy_tables(backend) {
        let SchemaChange::RewritesTable { column, why } = &step.change else { continue };
        let message = format!("`{}` cannot be read or written to while all its rows are written anew for `{column}`: {why}", step.table);
        findings.push(finding(migration, step, message, String::new(), column));
    }
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

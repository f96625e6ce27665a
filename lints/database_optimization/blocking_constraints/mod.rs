#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::database_optimization::new_migrations::{by_table, finding, steps_on_busy_tables};
use crate::lints::{Lint, LintInfo, Measured, Section, evidence, references};
use crate::model::{Backend, SchemaChange};

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "blocking_constraints",
        section: Section::DatabaseOptimization,
        level: Level::Warn,
        summary: "a new migration checks a constraint for every row while the table is locked",
        help: "add it as `NOT VALID`, and validate it in a later migration",
        guidance: include_str!("guidance.md"),
        references: &[references::POSTGRES_ALTER_TABLE, references::POSTGRES_LOCKING, references::SQUAWK_NOT_VALID],
        measured: Measured { found: 30, read: 30, right: 28 },
    },
    check,
};

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    let mut found = Vec::new();
    for (migration, step) in steps_on_busy_tables(backend) {
        let Some((what, cannot, help)) = words(&step.table, &step.change) else { continue };
        let message = format!("`{}` cannot be {cannot} while {what} is checked for every row", step.table);
        found.push((migration, step, finding(migration, step, message, help, &what)));
    }
    by_table(found, "constraint", findings);
}

/// What is checked, what cannot be done meanwhile, and what to do instead.
fn words(table: &str, change: &SchemaChange) -> Option<(String, &'static str, String)> {
    let list = |columns: &[String]| evidence::list(columns.iter().map(String::as_str), 3);
    Some(match change {
        SchemaChange::AddsForeignKey { columns, parent } => {
            let help = "add it as `NOT VALID`, and `VALIDATE CONSTRAINT` in a later migration: that lets others write".to_string();
            (format!("the foreign key of {} to `{parent}`", list(columns)), "written to", help)
        }
        SchemaChange::AddsCheck { check } => {
            let help = "add it as `NOT VALID`, and `VALIDATE CONSTRAINT` in a later migration: that lets others write".to_string();
            (format!("`CHECK ({check})`"), "read or written to", help)
        }
        SchemaChange::AddsKey { columns, primary } => {
            let kind = if *primary { "PRIMARY KEY" } else { "UNIQUE" };
            let help = format!("build the index first, with `CREATE UNIQUE INDEX CONCURRENTLY`, then add `{kind} USING INDEX`");
            (format!("the {} key of {}", if *primary { "primary" } else { "unique" }, list(columns)), "read or written to", help)
        }
        SchemaChange::SetsNotNull { column } => {
            let help = format!(
                "add `CHECK ({column} IS NOT NULL) NOT VALID` to `{table}`, validate it in a later migration, and `SET NOT NULL` after that: it then looks at no row"
            );
            (format!("that `{column}` is not null"), "read or written to", help)
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::Sketch;

    #[test]
    fn each_constraint_that_looks_at_every_row_is_found() {
        let foreign = SchemaChange::AddsForeignKey { columns: vec!["user_id".into()], parent: "users".into() };
        let check = SchemaChange::AddsCheck { check: "total > 0".into() };
        let key = SchemaChange::AddsKey { columns: vec!["number".into()], primary: false };
        let not_null = SchemaChange::SetsNotNull { column: "total".into() };
        for (change, said) in [
            (foreign, "`orders` cannot be written to while the foreign key of `user_id` to `users` is checked for every row"),
            (check, "`orders` cannot be read or written to while `CHECK (total > 0)` is checked for every row"),
            (key, "`orders` cannot be read or written to while the unique key of `number` is checked for every row"),
            (not_null, "`orders` cannot be read or written to while that `total` is not null is checked for every row"),
        ] {
            assert_eq!(Sketch::with_migration("orders", change).messages(&LINT), [said]);
        }
    }

    #[test]
    fn a_table_of_the_same_migration_is_silent() {
        let mut sketch = Sketch::with_migration("orders", SchemaChange::AddsCheck { check: "total > 0".into() });
        sketch.backend.migrations[0].steps[0].on_old_table = false;
        assert!(sketch.check(&LINT).is_empty());
    }
}

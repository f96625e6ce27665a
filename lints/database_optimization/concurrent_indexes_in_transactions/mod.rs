#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::database_optimization::new_migrations::{finding, steps, transaction_of};
use crate::lints::{Lint, LintInfo, Measured, Section, references};
use crate::model::{Backend, SchemaChange};

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "concurrent_indexes_in_transactions",
        section: Section::DatabaseOptimization,
        level: Level::Warn,
        summary: "a new migration builds or drops an index concurrently inside a transaction, which PostgreSQL refuses",
        help: "put it into a migration of its own that runs outside of a transaction",
        guidance: include_str!("guidance.md"),
        references: &[references::POSTGRES_CREATE_INDEX, references::SQUAWK_CONCURRENT_IN_TRANSACTION],
        measured: Measured { found: 0, read: 0, right: 0 },
    },
    check,
};

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    for (migration, step) in steps(backend) {
        let (name, does) = match &step.change {
            SchemaChange::BuildsIndex { name, concurrently: true, .. } => (name, "built"),
            SchemaChange::DropsIndexConcurrently { name } => (name, "dropped"),
            _ => continue,
        };
        let Some(evidence) = transaction_of(migration) else { continue };
        let message = format!("index `{name}` is {does} concurrently inside a transaction: this migration fails");
        let mut found = finding(migration, step, message, String::new(), name);
        found.evidence.push(evidence.clone());
        findings.push(found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::Sketch;
    use crate::model::Truth;

    fn concurrent() -> Sketch {
        let change =
            SchemaChange::BuildsIndex { name: "orders_paid".into(), columns: vec!["paid".into()], unique: false, concurrently: true };
        let mut sketch = Sketch::with_migration("orders", change);
        sketch.backend.migrations[0].transaction = sketch.yes("sqlx runs each migration in a transaction");
        sketch
    }

    #[test]
    fn a_concurrent_index_inside_a_transaction_is_found() {
        assert_eq!(concurrent().messages(&LINT), ["index `orders_paid` is built concurrently inside a transaction: this migration fails"]);
    }

    #[test]
    fn outside_of_one_and_where_nobody_knows_it_is_silent() {
        for truth in [Truth::No("it begins with `-- no-transaction`".into()), Truth::Unknown("it is not known what applies it".into())] {
            let mut sketch = concurrent();
            sketch.backend.migrations[0].transaction = truth;
            assert!(sketch.check(&LINT).is_empty());
        }
    }
}

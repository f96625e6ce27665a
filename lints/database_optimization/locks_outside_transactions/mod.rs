#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::{Lint, LintInfo, Measured, Section, references};
use crate::model::{Backend, Context, DataAccess, Evidence, Executor, Operation};

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "locks_outside_transactions",
        section: Section::DatabaseOptimization,
        level: Level::Warn,
        summary: "rows are locked on a pool, so the lock is gone when the statement ends",
        help: "begin a transaction and run it on that",
        guidance: include_str!("guidance.md"),
        references: &[references::POSTGRES_LOCKING],
        measured: Measured { found: 0, read: 0, right: 0 },
    },
    check,
};

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    for access in backend.data_accesses.iter().filter(|access| locks_in_vain(access)) {
        let function = backend.function(access.function);
        if function.context != Context::Production {
            continue;
        }
        findings.push(Finding {
            place: access.place,
            message: format!("`{}` locks rows on a pool: the lock is released when the statement ends", function.name),
            evidence: vec![Evidence::at(access.place, "each statement that is run on a pool is a transaction of its own")],
            help: String::new(),
            item: function.path.clone(),
            identity: access.reads.join(" "),
            at_most: None,
        });
    }
}

/// Where the same statement also writes what it locked, the lock has done its work.
fn locks_in_vain(access: &DataAccess) -> bool {
    let locks = access.statement.as_ref().is_some_and(|statement| statement.row_lock.is_some());
    locks && access.executor == Executor::Pool && access.operation == Operation::Select
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::Sketch;
    use crate::model::{RowLock, Statement};

    fn locked_on(executor: Executor, operation: Operation) -> Sketch {
        let mut sketch = Sketch::new();
        let take = sketch.function("api::take");
        sketch.query(take, &["jobs"], &[]);
        let access = &mut sketch.backend.data_accesses[0];
        access.statement = Some(Statement { row_lock: Some(RowLock::Waits), ..Statement::default() });
        (access.executor, access.operation) = (executor, operation);
        sketch
    }

    #[test]
    fn a_lock_on_a_pool_is_found() {
        assert_eq!(locked_on(Executor::Pool, Operation::Select).check(&LINT).len(), 1);
    }

    #[test]
    fn transactions_unknown_executors_and_statements_that_write_are_silent() {
        for (executor, operation) in [
            (Executor::Transaction, Operation::Select),
            (Executor::Unknown, Operation::Select),
            (Executor::Connection, Operation::Select),
            (Executor::Pool, Operation::Update),
        ] {
            assert!(locked_on(executor, operation).check(&LINT).is_empty());
        }
    }
}

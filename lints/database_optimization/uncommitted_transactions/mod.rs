#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::{Lint, LintInfo, Measured, Section, references};
use crate::model::{Backend, Evidence, UncommittedTransaction};

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "uncommitted_transactions",
        section: Section::DatabaseOptimization,
        level: Level::Warn,
        summary: "a transaction writes, and nothing commits it",
        help: "commit it when all of its statements have succeeded",
        guidance: include_str!("guidance.md"),
        references: &[references::SQLX_TRANSACTION, references::POSTGRES_TRANSACTIONS],
        measured: Measured { found: 0, read: 0, right: 0 },
    },
    check,
};

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    findings.extend(backend.uncommitted_transactions.iter().map(|one| finding(backend, one)));
}

fn finding(backend: &Backend, one: &UncommittedTransaction) -> Finding {
    let UncommittedTransaction { function, begun, written, name } = one;
    let function = backend.function(*function);
    Finding {
        place: *begun,
        message: format!("what `{}` writes in `{name}` is taken back: the transaction is dropped, and nothing commits it", function.name),
        evidence: vec![
            Evidence::at(*begun, format!("`{name}` begins here")),
            Evidence::at(*written, "it writes here".to_string()),
            Evidence::at(function.place, format!("`{}` neither commits it nor hands it on", function.name)),
        ],
        help: format!("`{name}.commit().await?` after the last statement; where taking back is meant, `{name}.rollback().await?` says so"),
        item: function.path.clone(),
        identity: name.clone(),
        at_most: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::Sketch;

    #[test]
    fn a_transaction_that_nothing_commits_is_found_where_it_begins() {
        let mut sketch = Sketch::new();
        let function = sketch.function("api::transfer");
        let (begun, written) = (sketch.place(), sketch.place());
        sketch.backend.uncommitted_transactions.push(UncommittedTransaction { function, begun, written, name: "tx".into() });
        let findings = sketch.check(&LINT);
        assert_eq!((findings.len(), findings[0].place, findings[0].evidence.len()), (1, begun, 3));
        assert!(findings[0].message.starts_with("what `transfer` writes in `tx` is taken back"));
    }
}

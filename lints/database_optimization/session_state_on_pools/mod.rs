#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::{Lint, LintInfo, Measured, Section, evidence, references};
use crate::model::{Backend, Context, Evidence, SessionStatement, SessionStatementKind};
use std::collections::BTreeSet;

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "session_state_on_pools",
        section: Section::DatabaseOptimization,
        level: Level::Warn,
        summary: "a statement that changes its connection is run on a pool",
        help: "take one connection or transaction and run the statement and what depends on it there",
        guidance: include_str!("guidance.md"),
        references: &[references::SQLX_POOL, references::POSTGRES_ADVISORY_LOCKS, references::POSTGRES_SET],
        measured: Measured { found: 0, read: 0, right: 0 },
    },
    check,
};

/// One finding per function and kind: `COMMIT` goes wrong because `BEGIN` did.
fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    let run = backend.session_statements.iter().filter(|one| backend.function(one.function).context == Context::Production);
    for one in run.filter(|one| seen.insert((one.function, one.kind))) {
        findings.push(finding(backend, one));
    }
}

fn finding(backend: &Backend, one: &SessionStatement) -> Finding {
    let function = backend.function(one.function);
    let (effect, help) = words(one.kind);
    let sink = Evidence::at(one.place, format!("`{}` runs `{}` on the pool", function.name, one.statement));
    let evidence = match backend.routes_to(one.function).first() {
        Some((route, chain)) => evidence::from_route(backend, backend.route(*route), chain, sink),
        None => vec![sink],
    };
    Finding {
        place: one.place,
        message: format!("`{}` is run on a pool of `{}`: {effect}", one.statement, one.library),
        evidence,
        help: help.to_string(),
        item: function.path.clone(),
        identity: one.statement.clone(),
        at_most: None,
    }
}

fn words(kind: SessionStatementKind) -> (&'static str, &'static str) {
    match kind {
        SessionStatementKind::Transaction => (
            "the transaction is on whichever connection is free, and the next statement on another",
            "use `pool.begin()` and run all of it on the transaction",
        ),
        SessionStatementKind::Lock => (
            "whichever connection is free holds the lock, and another one is asked to release it",
            "take one connection for the lock and its release, or use `pg_advisory_xact_lock` in a transaction",
        ),
        SessionStatementKind::TemporaryTable => (
            "the table is there on one connection, and the next statement may run on another",
            "take one connection for the table and all that uses it",
        ),
        SessionStatementKind::Listen => {
            ("whichever connection is free listens, until the pool closes it", "use a connection of its own, such as `PgListener`")
        }
        SessionStatementKind::Setting => (
            "it holds on one connection, for whoever gets that one next, and not on the others",
            "set it in the connection options or in `after_connect`, so that every connection has it",
        ),
        SessionStatementKind::LocalSetting => {
            ("there is no transaction, so it changes nothing", "run it on a transaction, together with what it is for")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::{Sketch, steps};

    fn run_on_a_pool(kind: SessionStatementKind, statement: &str) -> Sketch {
        let mut sketch = Sketch::new();
        let function = sketch.function("api::jobs::run");
        sketch.route("POST", "/jobs", function);
        let (place, library, statement) = (sketch.place(), "sqlx".into(), statement.into());
        sketch.backend.session_statements.push(SessionStatement { function, place, library, statement, kind });
        sketch
    }

    #[test]
    fn a_transaction_on_a_pool_is_found_with_its_route() {
        let findings = run_on_a_pool(SessionStatementKind::Transaction, "BEGIN").check(&LINT);
        assert!(findings[0].message.starts_with("`BEGIN` is run on a pool of `sqlx`: the transaction is on whichever connection"));
        assert_eq!(steps(&findings[0])[2], "`run` runs `BEGIN` on the pool");
    }

    #[test]
    fn what_follows_from_the_first_statement_is_no_finding_of_its_own() {
        let mut sketch = run_on_a_pool(SessionStatementKind::Transaction, "BEGIN");
        let commit = SessionStatement { place: sketch.place(), statement: "COMMIT".into(), ..sketch.backend.session_statements[0].clone() };
        sketch.backend.session_statements.push(commit);
        assert_eq!(sketch.check(&LINT).len(), 1);
    }

    #[test]
    fn tests_and_migrations_are_silent() {
        for context in [Context::Test, Context::Migration, Context::Tool] {
            let mut sketch = run_on_a_pool(SessionStatementKind::Setting, "SET search_path");
            let function = sketch.backend.session_statements[0].function;
            sketch.function_mut(function).context = context;
            assert!(sketch.check(&LINT).is_empty());
        }
    }
}

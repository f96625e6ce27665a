#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::database_optimization::request_queries::{Growing, Way};
use crate::lints::{Lint, LintInfo, Measured, Section, references};
use crate::model::{Backend, DataAccess, Operation};

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "updates_without_where",
        section: Section::DatabaseOptimization,
        level: Level::Warn,
        summary: "a request changes or deletes every row of a table",
        help: "say which rows are meant with `WHERE`",
        guidance: include_str!("guidance.md"),
        references: &[references::POSTGRES_UPDATE],
        measured: Measured { found: 4, read: 4, right: 4 },
    },
    check,
};

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    let rewriting = |access: &&DataAccess| access.statement.as_ref().is_some_and(|statement| !statement.rewrites.is_empty());
    let mut accesses = backend.data_accesses.iter().filter(rewriting).peekable();
    if accesses.peek().is_none() {
        return;
    }
    let (served, growing) = (backend.served(), Growing::of(backend));
    for access in accesses {
        let tables: Vec<&str> = access.statement.iter().flat_map(|statement| &statement.rewrites).map(String::as_str).collect();
        let Some(way) = Way::to(backend, &served, access.function) else { continue };
        if !tables.iter().any(|table| growing.contains(backend, table)) {
            continue;
        }
        let does = if access.operation == Operation::Delete { "deletes" } else { "changes" };
        findings.push(way.about_every_row(backend, access, does, "no `WHERE`", &tables));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::Sketch;
    use crate::model::Statement;

    /// `POST /read` marks every message as read; `POST /messages` inserts one.
    fn all_read() -> Sketch {
        let mut sketch = Sketch::new();
        let (read, add) = (sketch.function("api::read"), sketch.function("api::add"));
        sketch.route("POST", "/read", read);
        sketch.route("POST", "/messages", add);
        sketch.query(read, &[], &["messages"]);
        sketch.query(add, &[], &["messages"]);
        let accesses = &mut sketch.backend.data_accesses;
        accesses[0].statement = Some(Statement { rewrites: vec!["messages".into()], ..Statement::default() });
        accesses[1].operation = Operation::Insert;
        sketch
    }

    #[test]
    fn a_statement_about_every_row_is_found() {
        assert_eq!(all_read().messages(&LINT), ["`read` changes every row of `messages` on each `POST /read`"]);
    }

    #[test]
    fn a_job_and_a_fixed_table_are_silent() {
        let mut job = all_read();
        job.backend.routes.clear();
        assert!(job.check(&LINT).is_empty());
        let mut fixed = all_read();
        fixed.backend.data_accesses.remove(1);
        assert!(fixed.check(&LINT).is_empty());
    }
}

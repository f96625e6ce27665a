#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::database_optimization::request_queries::{Way, create_index, is_small};
use crate::lints::{Lint, LintInfo, Measured, Section, evidence, references};
use crate::model::{Backend, DataAccess, Evidence, Unserved};
use std::collections::BTreeSet;

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "unindexed_predicates",
        section: Section::DatabaseOptimization,
        level: Level::Warn,
        summary: "a request asks for rows of a growing table by columns that no index leads with",
        help: "add an index in a new migration, columns compared with `=` first",
        guidance: include_str!("guidance.md"),
        references: &[references::POSTGRES_MULTICOLUMN, references::POSTGRES_EXPLAIN, references::AWS_QUERY_PERFORMANCE],
        measured: Measured { found: 52, read: 45, right: 41 },
    },
    check,
};

/// One finding for each table and set of columns: the same index would serve them all.
fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    if backend.schemas.is_empty() {
        return;
    }
    let served = backend.served();
    let mut seen: BTreeSet<(&str, &[String])> = BTreeSet::new();
    for access in backend.data_accesses.iter().filter(|access| !access.spawned && !access.unserved.is_empty()) {
        let Some(way) = Way::to(backend, &served, access.function) else { continue };
        for unserved in access.unserved.iter().filter(|unserved| is_worth_an_index(backend, unserved)) {
            if seen.insert((&unserved.table, &unserved.columns)) {
                findings.push(finding(backend, access, unserved, &way));
            }
        }
    }
}

/// A table that grows, and a comparison that an index could answer; where there is one on the column, the function around it is at fault
/// (`functions_on_indexed_columns`).
fn is_worth_an_index(backend: &Backend, unserved: &Unserved) -> bool {
    unserved.wrapped.is_none()
        && !unserved.columns.is_empty()
        && !unserved.ordered
        && unserved.selective
        && !is_small(backend, &unserved.table)
}

fn finding(backend: &Backend, access: &DataAccess, unserved: &Unserved, way: &Way) -> Finding {
    let columns = evidence::list(unserved.columns.iter().map(String::as_str), 3);
    let conditions = unserved.conditions.join(" AND ");
    let (all_rows, close) = match (unserved.partial.as_slice(), unserved.behind.as_slice()) {
        ([(name, condition), ..], _) => (" that has every row", format!("; `{name}` has only those where `{condition}`")),
        (_, []) => ("", String::new()),
        (_, names) => ("", format!("; {} has it, but not first", evidence::list(names.iter().map(String::as_str), 2))),
    };
    let sink = Evidence::at(access.place, format!("`{}` is asked for `{conditions}`", unserved.table));
    Finding {
        place: access.place,
        message: format!(
            "no index of `{}`{all_rows} begins with {columns}: every row is read on each `{}`{close}",
            unserved.table,
            way.route.title()
        ),
        evidence: way.evidence(backend, sink),
        help: help(unserved),
        item: backend.function(access.function).path.clone(),
        identity: format!("{} {}", unserved.table, unserved.columns.join(" ")),
        at_most: way.is_seldom().then_some(Level::Note),
    }
}

fn help(unserved: &Unserved) -> String {
    let index = create_index(&unserved.table, &unserved.columns.join(", "));
    format!("in a new migration: `{index}`; if the table stays small, allow it here")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::Sketch;
    use crate::model::{Operation, Schema, Table};

    /// `GET /members` asks for `members` by `user_id`, and `POST /members` inserts into it.
    fn members() -> Sketch {
        let mut sketch = Sketch::new();
        let (list, add) = (sketch.function("api::list"), sketch.function("api::add"));
        sketch.route("GET", "/members", list);
        sketch.route("POST", "/members", add);
        sketch.query(list, &["members"], &[]);
        sketch.query(add, &[], &["members"]);
        sketch.backend.data_accesses[1].operation = Operation::Insert;
        sketch.backend.data_accesses[0].unserved.push(Unserved {
            table: "members".into(),
            columns: vec!["user_id".into()],
            conditions: vec!["user_id = $1".into()],
            behind: vec!["members_pkey".into()],
            partial: Vec::new(),
            ordered: false,
            selective: true,
            wrapped: None,
            search: None,
        });
        let mut schema = Schema::default();
        schema.tables.insert("members".into(), Table { name: "members".into(), ..Table::default() });
        sketch.backend.schemas.push(schema);
        sketch
    }

    #[test]
    fn a_growing_table_without_an_index_is_found() {
        let sketch = members();
        let messages = sketch.messages(&LINT);
        assert_eq!(messages.len(), 1);
        assert!(messages[0].contains("`user_id`") && messages[0].contains("`members_pkey` has it, but not first"), "{messages:?}");
    }

    #[test]
    fn an_index_of_some_of_the_rows_is_said_to_be_one() {
        let mut sketch = members();
        sketch.backend.data_accesses[0].unserved[0].partial = vec![("members_current".into(), "is_current".into())];
        let message = &sketch.messages(&LINT)[0];
        assert!(message.starts_with("no index of `members` that has every row begins with `user_id`"), "{message}");
        assert!(message.ends_with("`members_current` has only those where `is_current`"), "{message}");
    }

    #[test]
    fn a_table_of_one_row_and_one_that_only_migrations_fill_are_silent() {
        let mut one_row = members();
        one_row.backend.schemas[0].tables.get_mut("members").unwrap().small = Some("`CHECK (id)` leaves one row".into());
        assert!(one_row.check(&LINT).is_empty());
        let mut fixed = members();
        fixed.backend.data_accesses.remove(1);
        assert!(fixed.check(&LINT).is_empty());
    }

    #[test]
    fn what_no_request_reaches_is_silent() {
        let mut sketch = members();
        sketch.backend.routes.remove(0);
        assert!(sketch.check(&LINT).is_empty());
    }
}

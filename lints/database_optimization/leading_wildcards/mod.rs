#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::database_optimization::request_queries::{Growing, Way};
use crate::lints::{Lint, LintInfo, Measured, Section, references};
use crate::model::{Backend, DataAccess, Dialect, Evidence, Search, Unserved};
use std::collections::BTreeSet;

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "leading_wildcards",
        section: Section::DatabaseOptimization,
        level: Level::Note,
        summary: "a request searches a growing table for a pattern that begins with a wildcard",
        help: "index the parts of the text, as `pg_trgm` or a full-text index do",
        guidance: include_str!("guidance.md"),
        references: &[references::POSTGRES_TRIGRAMS, references::POSTGRES_TEXT_SEARCH],
        measured: Measured { found: 0, read: 0, right: 0 },
    },
    check,
};

/// One finding for each table and column: the same index would serve them all.
fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    let searches = |access: &&DataAccess| !access.spawned && access.unserved.iter().any(|unserved| unserved.search.is_some());
    let accesses: Vec<&DataAccess> = backend.data_accesses.iter().filter(searches).collect();
    if accesses.is_empty() {
        return;
    }
    let (served, growing) = (backend.served(), Growing::of(backend));
    let mut seen: BTreeSet<(&str, &str)> = BTreeSet::new();
    for access in accesses {
        let Some(way) = Way::to(backend, &served, access.function) else { continue };
        for (unserved, search) in access.unserved.iter().filter_map(|unserved| Some((unserved, unserved.search.as_ref()?))) {
            if is_at_fault(unserved) && growing.contains(backend, &unserved.table) && seen.insert((&unserved.table, &search.column)) {
                findings.push(finding(backend, access, unserved, search, &way));
            }
        }
    }
}

/// Nothing else in the statement would leave few rows (`unindexed_predicates`, `functions_on_indexed_columns`), and they are not read in the
/// order of an index until there are enough.
fn is_at_fault(unserved: &Unserved) -> bool {
    !unserved.selective && unserved.wrapped.is_none() && !unserved.ordered
}

fn finding(backend: &Backend, access: &DataAccess, unserved: &Unserved, search: &Search, way: &Way) -> Finding {
    let (table, Search { column, condition, dialect }) = (&unserved.table, search);
    let sink = Evidence::at(access.place, format!("`{table}` is searched for `{condition}`"));
    Finding {
        place: access.place,
        message: format!(
            "`{column}` is searched for a pattern that begins with a wildcard: every row of `{table}` is read on each `{}`",
            way.route.title()
        ),
        evidence: way.evidence(backend, sink),
        help: help(table, column, *dialect),
        item: backend.function(access.function).path.clone(),
        identity: format!("{table} {column}"),
        at_most: way.is_seldom().then_some(Level::Note),
    }
}

fn help(table: &str, column: &str, dialect: Dialect) -> String {
    match dialect {
        Dialect::Mysql => format!(
            "in a new migration: `CREATE FULLTEXT INDEX {table}_{column}_words ON {table} ({column})`, and ask with `MATCH .. AGAINST`"
        ),
        Dialect::Sqlite => format!("keep `{column}` in an FTS5 table beside `{table}`, and ask that with `MATCH`"),
        Dialect::Postgres | Dialect::Unknown => {
            format!("in a new migration: `CREATE EXTENSION pg_trgm` and `CREATE INDEX ON {table} USING gin ({column} gin_trgm_ops)`")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::Sketch;
    use crate::model::Operation;

    /// `GET /users` searches the names of `users`, and `POST /users` inserts into it.
    fn users(dialect: Dialect) -> Sketch {
        let mut sketch = Sketch::new();
        let (find, add) = (sketch.function("api::find"), sketch.function("api::add"));
        sketch.route("GET", "/users", find);
        sketch.route("POST", "/users", add);
        sketch.query(find, &["users"], &[]);
        sketch.query(add, &[], &["users"]);
        sketch.backend.data_accesses[1].operation = Operation::Insert;
        sketch.backend.data_accesses[0].unserved.push(Unserved {
            table: "users".into(),
            columns: vec!["name".into()],
            conditions: vec!["name LIKE $1".into()],
            behind: Vec::new(),
            partial: Vec::new(),
            ordered: false,
            selective: false,
            wrapped: None,
            search: Some(Search { column: "name".into(), condition: "name LIKE $1".into(), dialect }),
        });
        sketch
    }

    #[test]
    fn a_search_inside_a_text_is_found() {
        let message = "`name` is searched for a pattern that begins with a wildcard: every row of `users` is read on each `GET /users`";
        assert_eq!(users(Dialect::Postgres).messages(&LINT), [message]);
    }

    #[test]
    fn what_has_another_fault_ends_early_or_stays_small_is_silent() {
        let change = |change: fn(&mut Unserved)| {
            let mut sketch = users(Dialect::Postgres);
            change(&mut sketch.backend.data_accesses[0].unserved[0]);
            sketch.check(&LINT).len()
        };
        assert_eq!(change(|unserved| unserved.selective = true), 0);
        assert_eq!(change(|unserved| unserved.ordered = true), 0);
        assert_eq!(change(|unserved| unserved.search = None), 0);
        let mut fixed = users(Dialect::Postgres);
        fixed.backend.routes.pop();
        assert!(fixed.check(&LINT).is_empty());
    }

    #[test]
    fn help_names_what_the_database_has() {
        let help = |dialect| users(dialect).check(&LINT)[0].help.clone();
        assert!(help(Dialect::Postgres).contains("gin_trgm_ops"));
        assert!(help(Dialect::Mysql).contains("FULLTEXT"));
        assert!(help(Dialect::Sqlite).contains("FTS5"));
    }
}

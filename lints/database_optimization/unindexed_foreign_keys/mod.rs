#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::database_optimization::request_queries::{Way, create_index, is_small, same_table};
use crate::lints::{Lint, LintInfo, Measured, Section, evidence, references};
use crate::model::{Backend, Context, DataAccess, Dialect, Evidence, ForeignKey, Index, OnDelete, Operation, Schema, Served, Table};
use std::collections::BTreeSet;

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "unindexed_foreign_keys",
        section: Section::DatabaseOptimization,
        level: Level::Warn,
        summary: "deleting a row searches every row of a table that refers to it",
        help: "add an index that begins with the referring columns, in a new migration",
        guidance: include_str!("guidance.md"),
        references: &[references::POSTGRES_CONSTRAINTS, references::SQLITE_FOREIGN_KEYS],
        measured: Measured { found: 29, read: 29, right: 29 },
    },
    check,
};

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    if backend.schemas.is_empty() {
        return;
    }
    let served = backend.served();
    // InnoDB makes such an index itself.
    let mut seen: BTreeSet<(&str, &[String])> = BTreeSet::new();
    for schema in backend.schemas.iter().filter(|schema| schema.dialect != Dialect::Mysql) {
        for table in schema.known_tables().filter(|table| !is_small(backend, &table.name)) {
            for key in table.foreign_keys.iter().filter(|key| !table.indexes.iter().any(|index| serves(index, key))) {
                // The same tables may be set up for several databases.
                if let Some(finding) = finding(backend, &served, schema, table, key).filter(|_| seen.insert((&table.name, &key.columns))) {
                    findings.push(finding);
                }
            }
        }
    }
}

/// It begins with a referring column, which leaves few rows to look at, and holds every row that refers to something.
fn serves(index: &Index, key: &ForeignKey) -> bool {
    let holds_all = index.partial.iter().all(|condition| key.columns.iter().any(|column| *condition == format!("{column} is not null")));
    let leads = index.keys.first().is_some_and(|first| first.is_column && key.columns.contains(&first.text));
    holds_all && leads && ["btree", "hash"].contains(&index.method.as_str())
}

fn finding(backend: &Backend, served: &Served, schema: &Schema, table: &Table, key: &ForeignKey) -> Option<Finding> {
    let place = key.place?;
    let parent = schema.table(&key.references).map_or(key.references.as_str(), |parent| parent.name.as_str());
    let deletes = deletes_from(backend, served, parent)?;
    let columns = evidence::list(key.columns.iter().map(String::as_str), 3);
    let follows = match key.on_delete {
        OnDelete::Cascades => "to delete with it",
        OnDelete::Cleared => "to let go of it",
        OnDelete::Refused => "that may forbid it",
    };
    let function = backend.function(deletes.access.function);
    let mut steps = vec![Evidence::at(deletes.access.place, format!("`{}` deletes from `{parent}`", function.name))];
    if let Some(way) = &deletes.way {
        steps = way.evidence(backend, steps.remove(0));
    }
    Some(Finding {
        place,
        message: format!(
            "no index of `{}` begins with {columns}: deleting from `{parent}` reads every row of it, for rows {follows}",
            table.name
        ),
        evidence: steps,
        help: format!("in a new migration: `{}`", create_index(&table.name, &key.columns.join(", "))),
        item: String::new(),
        identity: format!("{} {}", table.name, key.columns.join(" ")),
        at_most: is_weak(key, &deletes).then_some(Level::Note),
    })
}

/// Deleted only by jobs and administrators, or hindered by what refers to it, which is then seldom there.
fn is_weak(key: &ForeignKey, deletes: &Deletes) -> bool {
    key.on_delete == OnDelete::Refused || deletes.way.as_ref().is_none_or(Way::is_seldom)
}

/// A statement of production code that deletes rows of a table, on the way of a request where there is one.
struct Deletes<'b> {
    access: &'b DataAccess,
    way: Option<Way<'b>>,
}

fn deletes_from<'b>(backend: &'b Backend, served: &Served, table: &str) -> Option<Deletes<'b>> {
    let deletes = |access: &&DataAccess| access.operation == Operation::Delete && access.writes.iter().any(|own| same_table(own, table));
    let own =
        backend.data_accesses.iter().filter(deletes).filter(|access| backend.function(access.function).context == Context::Production);
    let found = own.map(|access| Deletes { access, way: Way::to(backend, served, access.function) });
    found.min_by_key(|deletes| match &deletes.way {
        Some(way) => usize::from(way.is_seldom()),
        None => 2,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::Sketch;
    use crate::model::IndexKey;

    /// `DELETE /teams` deletes from `teams`, to which `members`, that `POST /members` fills, refers.
    fn teams(on_delete: OnDelete) -> Sketch {
        let mut sketch = Sketch::new();
        let (remove, add) = (sketch.function("api::remove"), sketch.function("api::add"));
        sketch.route("DELETE", "/teams/{id}", remove);
        sketch.route("POST", "/members", add);
        sketch.query(remove, &[], &["teams"]);
        sketch.query(add, &[], &["members"]);
        sketch.backend.data_accesses[0].operation = Operation::Delete;
        sketch.backend.data_accesses[1].operation = Operation::Insert;
        let place = Some(sketch.place());
        let key = ForeignKey { columns: vec!["team".into()], references: "teams".into(), on_delete, place, ..ForeignKey::default() };
        sketch.table("members").foreign_keys = vec![key];
        sketch.table("teams");
        sketch
    }

    fn index(columns: &[&str], partial: &[&str]) -> Index {
        let keys = columns.iter().map(|column| IndexKey { text: column.to_string(), is_column: true, ..IndexKey::default() }).collect();
        Index { keys, method: "btree".into(), partial: partial.iter().map(|text| text.to_string()).collect(), ..Index::default() }
    }

    #[test]
    fn rows_that_go_with_their_parent_and_cannot_be_looked_up_are_found() {
        let findings = teams(OnDelete::Cascades).check(&LINT);
        assert_eq!(
            findings[0].message,
            "no index of `members` begins with `team`: deleting from `teams` reads every row of it, for rows to delete with it"
        );
        assert_eq!(findings[0].at_most, None);
        assert_eq!(teams(OnDelete::Refused).check(&LINT)[0].at_most, Some(Level::Note));
    }

    #[test]
    fn an_index_that_leads_with_the_columns_serves() {
        for (own, found) in [
            (index(&["team", "person"], &[]), 0),
            (index(&["person", "team"], &[]), 1),
            (index(&["team"], &["team is not null"]), 0),
            (index(&["team"], &["active"]), 1),
        ] {
            let mut sketch = teams(OnDelete::Cascades);
            sketch.table("members").indexes = vec![own];
            assert_eq!(sketch.check(&LINT).len(), found);
        }
    }

    #[test]
    fn parents_that_nobody_deletes_mysql_and_tables_that_nobody_fills_are_silent() {
        let mut kept = teams(OnDelete::Cascades);
        kept.backend.data_accesses.remove(0);
        assert!(kept.check(&LINT).is_empty());
        let mut mysql = teams(OnDelete::Cascades);
        mysql.backend.schemas[0].dialect = Dialect::Mysql;
        assert!(mysql.check(&LINT).is_empty());
        let mut fixed = teams(OnDelete::Cascades);
        fixed.backend.data_accesses.remove(1);
        assert!(fixed.check(&LINT).is_empty());
    }
}

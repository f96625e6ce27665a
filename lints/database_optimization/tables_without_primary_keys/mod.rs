#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::{Lint, LintInfo, Measured, Section, references};
use crate::model::{Backend, Dialect, Index, Table};

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "tables_without_primary_keys",
        section: Section::DatabaseOptimization,
        level: Level::Warn,
        summary: "a table has no primary key",
        help: "add one in a new migration: the columns that tell rows apart, or a column of its own",
        guidance: include_str!("guidance.md"),
        references: &[references::POSTGRES_CONSTRAINTS, references::POSTGRES_REPLICA_IDENTITY],
        measured: Measured { found: 4, read: 4, right: 4 },
    },
    check,
};

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    // SQLite gives each table a key of its own, the row id.
    for schema in backend.schemas.iter().filter(|schema| schema.dialect != Dialect::Sqlite) {
        for table in schema.known_tables().filter(|table| !is_keyed(table) && !table.columns.is_empty() && table.small.is_none()) {
            let Some(place) = table.place else { continue };
            findings.push(Finding {
                place,
                message: format!("table `{}` has no primary key, and nothing else tells its rows apart", table.name),
                evidence: Vec::new(),
                help: String::new(),
                item: String::new(),
                identity: table.name.clone(),
                at_most: None,
            });
        }
    }
}

/// A unique index of columns that are never null tells rows apart as well.
fn is_keyed(table: &Table) -> bool {
    let is_set = |name: &str| table.column(name).is_some_and(|column| !column.nullable);
    let tells_apart =
        |index: &Index| index.unique && index.partial.is_empty() && index.is_plain() && index.keys.iter().all(|key| is_set(&key.text));
    table.indexes.iter().any(|index| index.primary || tells_apart(index))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::Sketch;
    use crate::model::{Column, IndexKey};

    fn table(sketch: &mut Sketch, index: Index) {
        let column = |name: &str, nullable| Column { name: name.into(), data_type: "BIGINT".into(), nullable, generated: false };
        let table = sketch.table("visits");
        table.columns = vec![column("page", false), column("visitor", true)];
        table.indexes = vec![index];
    }

    fn on(column: &str) -> Index {
        let keys = vec![IndexKey { text: column.into(), is_column: true, ..IndexKey::default() }];
        Index { keys, method: "btree".into(), ..Index::default() }
    }

    fn found(index: Index) -> usize {
        let mut sketch = Sketch::new();
        table(&mut sketch, index);
        sketch.check(&LINT).len()
    }

    #[test]
    fn a_table_whose_rows_nothing_tells_apart_is_found() {
        assert_eq!(found(on("page")), 1);
        assert_eq!(found(Index { unique: true, ..on("visitor") }), 1);
        assert_eq!(found(Index { unique: true, partial: vec!["visitor is null".into()], ..on("page") }), 1);
    }

    #[test]
    fn a_primary_key_and_a_unique_index_of_what_is_always_set_are_silent() {
        assert_eq!(found(Index { primary: true, unique: true, ..on("page") }), 0);
        assert_eq!(found(Index { unique: true, ..on("page") }), 0);
    }

    #[test]
    fn sqlite_and_tables_that_are_not_wholly_known_are_silent() {
        let mut sketch = Sketch::new();
        table(&mut sketch, on("page"));
        sketch.backend.schemas[0].dialect = Dialect::Sqlite;
        assert!(sketch.check(&LINT).is_empty());
        sketch.backend.schemas[0].dialect = Dialect::Postgres;
        sketch.table("visits").incomplete = Some("it is created from a query".into());
        assert!(sketch.check(&LINT).is_empty());
    }
}

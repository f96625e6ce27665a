#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::database_optimization::new_migrations::{finding, steps};
use crate::lints::database_optimization::request_queries::same_table;
use crate::lints::{Lint, LintInfo, Measured, Section, references};
use crate::model::{Backend, Context, DataAccess, Evidence, SchemaChange};

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "dropped_columns_in_use",
        section: Section::DatabaseOptimization,
        level: Level::Warn,
        summary: "a new migration drops or renames a column or a table that a query of the code still names",
        help: "change the code first and release it, then the schema: old and new code run side by side for a while",
        guidance: include_str!("guidance.md"),
        references: &[references::SQUAWK_DROP_COLUMN, references::SQUAWK_RENAMING_COLUMN],
        measured: Measured { found: 0, read: 0, right: 0 },
    },
    check,
};

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    for (migration, step) in steps(backend).filter(|(_, step)| step.on_old_table && !is_there_again(backend, &step.table, &step.change)) {
        let (what, becomes, found) = match &step.change {
            SchemaChange::DropsColumn { column } => (format!("column `{column}`"), "dropped", naming_column(backend, &step.table, column)),
            SchemaChange::RenamesColumn { column, .. } => {
                (format!("column `{column}`"), "renamed", naming_column(backend, &step.table, column))
            }
            SchemaChange::DropsTable => (format!("table `{}`", step.table), "dropped", naming_table(backend, &step.table)),
            SchemaChange::RenamesTable { .. } => (format!("table `{}`", step.table), "renamed", naming_table(backend, &step.table)),
            _ => continue,
        };
        let Some(access) = found else { continue };
        let function = backend.function(access.function);
        let of = if what.starts_with("column") { format!(" of `{}`", step.table) } else { String::new() };
        let message = format!("{what}{of} is {becomes}, and `{}` still asks for it", function.name);
        let mut found = finding(migration, step, message, String::new(), &what);
        found.evidence.push(Evidence::at(access.place, "this query names it"));
        findings.push(found);
    }
}

/// A later statement, or another way to set up the database, has it.
fn is_there_again(backend: &Backend, table: &str, change: &SchemaChange) -> bool {
    let tables = || backend.schemas.iter().filter_map(|schema| schema.table(table));
    match change {
        SchemaChange::DropsColumn { column } | SchemaChange::RenamesColumn { column, .. } => {
            tables().any(|table| table.column(column).is_some()) || tables().next().is_none()
        }
        _ => tables().next().is_some(),
    }
}

fn in_production(backend: &Backend) -> impl Iterator<Item = &DataAccess> {
    backend.data_accesses.iter().filter(|access| backend.function(access.function).context == Context::Production)
}

fn naming_table<'b>(backend: &'b Backend, table: &str) -> Option<&'b DataAccess> {
    let known = |access: &&DataAccess| access.statement.as_ref().is_some_and(|statement| statement.parsed);
    in_production(backend).filter(known).find(|access| access.reads.iter().chain(&access.writes).any(|own| same_table(own, table)))
}

/// A query of this table alone, whose text has the name: with another table the name could be of that one.
fn naming_column<'b>(backend: &'b Backend, table: &str, column: &str) -> Option<&'b DataAccess> {
    in_production(backend).find(|access| {
        let parsed = access.statement.as_ref().is_some_and(|statement| statement.parsed);
        let mut tables = access.reads.iter().chain(&access.writes);
        parsed
            && tables.clone().next().is_some()
            && tables.all(|own| same_table(own, table))
            && access.text.as_deref().is_some_and(|text| names(text, column))
    })
}

/// As a word of its own outside of quoted text, and not as an alias or a parameter.
fn names(text: &str, column: &str) -> bool {
    let outside: String = text.split('\'').step_by(2).collect::<Vec<_>>().join(" ");
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let lower = outside.to_ascii_lowercase();
    lower.match_indices(&column.to_ascii_lowercase()).any(|(at, word)| {
        let (before, after) = (&lower[..at], &lower[at + word.len()..]);
        let alone = !before.ends_with(|c: char| is_part(c) || c == ':' || c == '@' || c == '$') && !after.starts_with(is_part);
        let trimmed = before.trim_end_matches(['"', '`']).trim_end();
        let is_alias = trimmed.ends_with(" as") || after.trim_start().starts_with('(');
        alone && !is_alias
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::Sketch;
    use crate::model::{Column, Statement};

    fn dropped(text: &str, change: SchemaChange) -> Sketch {
        let mut sketch = Sketch::with_migration("orders", change);
        sketch.table("orders").columns.push(Column { name: "id".into(), ..Column::default() });
        let access = &mut sketch.backend.data_accesses[0];
        access.text = Some(text.into());
        access.statement = Some(Statement { parsed: true, ..Statement::default() });
        sketch
    }

    #[test]
    fn a_column_that_a_query_names_is_found() {
        let change = SchemaChange::DropsColumn { column: "note".into() };
        let sketch = dropped("INSERT INTO orders (id, note) VALUES ($1, $2)", change);
        assert_eq!(sketch.messages(&LINT), ["column `note` of `orders` is dropped, and `add` still asks for it"]);
    }

    #[test]
    fn other_words_texts_parameters_and_aliases_are_not_the_column() {
        for text in [
            "INSERT INTO orders (id, notes) VALUES ($1, 'note')",
            "INSERT INTO orders (id) VALUES (:note)",
            "INSERT INTO orders (id) SELECT id AS note FROM orders",
        ] {
            let change = SchemaChange::DropsColumn { column: "note".into() };
            assert!(dropped(text, change).check(&LINT).is_empty(), "{text}");
        }
    }

    #[test]
    fn what_is_there_again_is_silent() {
        let mut sketch = dropped("INSERT INTO orders (id) VALUES ($1)", SchemaChange::DropsColumn { column: "id".into() });
        assert!(sketch.check(&LINT).is_empty());
        sketch.backend.migrations[0].steps[0].change = SchemaChange::DropsTable;
        assert!(sketch.check(&LINT).is_empty());
        sketch.backend.schemas.clear();
        assert_eq!(sketch.messages(&LINT), ["table `orders` is dropped, and `add` still asks for it"]);
    }
}

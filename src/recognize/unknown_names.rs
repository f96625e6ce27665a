//! Columns that a statement names and that no table of it has, as the migrations leave them.
//!
//! It asks only of tables of which everything is known, in every schema of the package that has them. A name that may mean anything
//! else (a part named by `WITH`, an alias, a word of the database's own) is left alone.

use super::Inputs;
use super::schema::{package_folders, schemas_of};
use crate::model::{Backend, ColumnName, Condition, Context, Dialect, Operand, Schema, Scope, Source, Statement, Table, UnknownColumn};

pub(super) fn all(inputs: &Inputs, backend: &Backend) -> Vec<UnknownColumn> {
    if backend.schemas.is_empty() {
        return Vec::new();
    }
    let folders = package_folders(&inputs.packages);
    let mut found = Vec::new();
    for (index, access) in backend.data_accesses.iter().enumerate() {
        let function = backend.function(access.function);
        if function.context != Context::Production {
            continue;
        }
        let (Some(text), Some(statement)) = (&access.text, access.statement.as_ref().filter(|statement| statement.parsed)) else {
            continue;
        };
        let schemas = schemas_of(&backend.schemas, &folders, inputs.sources.path(function.place.file));
        let checked = Known { text: text.to_ascii_lowercase(), statement, schemas };
        found.extend(checked.only_unknown().map(|(table, column, source)| UnknownColumn { access: index, table, column, source }));
    }
    found
}

struct Known<'s> {
    text: String,
    statement: &'s Statement,
    schemas: Vec<&'s Schema>,
}

impl Known<'_> {
    /// The one column that is not known, where the statement names others that are: several are those of another database.
    fn only_unknown(&self) -> Option<(String, String, String)> {
        let names = self.names();
        let unknown: Vec<(String, String, String)> = names.iter().filter_map(|name| self.lacks(name)).collect();
        let (table, column, source) = unknown.first()?;
        let others = unknown.iter().any(|(_, other, _)| other != column);
        let known = names.iter().any(|name| name.name != *column && self.has(table, &name.name));
        (known && !others).then(|| (table.clone(), column.clone(), source.clone()))
    }

    /// Every column that the statement names, those that it writes by the name of their table.
    fn names(&self) -> Vec<Name> {
        let inserted = self.statement.inserts.iter().flat_map(|(table, columns)| columns.iter().map(move |column| (table, column)));
        let assigned = self.statement.scopes.iter().filter_map(|scope| match scope.sources.as_slice() {
            [Source { table: Some(table), .. }] => Some(scope.assigned.iter().map(move |column| (table, column))),
            _ => None,
        });
        let written = inserted.chain(assigned.flatten()).map(|(table, column)| Name { name: column.clone(), of: Of::Table(table.clone()) });
        let read = self.statement.scopes.iter().flat_map(named);
        written.chain(read.map(|column| Name { name: column.name.clone(), of: Of::Source(column.source.clone()) })).collect()
    }

    fn has(&self, table: &str, column: &str) -> bool {
        self.schemas.iter().filter_map(|schema| schema.table(table)).any(|table| table.column(column).is_some())
    }

    fn lacks(&self, name: &Name) -> Option<(String, String, String)> {
        let by = match &name.of {
            Of::Table(table) => return self.lacks_all(&[table], &name.name),
            Of::Source(by) => by,
        };
        let sources = || self.statement.scopes.iter().flat_map(|scope| &scope.sources);
        // The name of a table is its whole row.
        if sources().any(|source| source.name == name.name) {
            return None;
        }
        let may_mean = sources().filter(|source| by.as_ref().is_none_or(|by| *by == source.name));
        let tables: Option<Vec<&String>> = may_mean.map(|source| source.table.as_ref()).collect();
        self.lacks_all(&tables?, &name.name)
    }

    /// The first table, where all are known and none has the column; and the file that makes it.
    fn lacks_all(&self, tables: &[&String], column: &str) -> Option<(String, String, String)> {
        let mut first = None;
        for name in tables {
            let known: Vec<(&Schema, &Table)> = self.schemas.iter().filter_map(|schema| Some((*schema, schema.table(name)?))).collect();
            let complete = |(_, table): &(&Schema, &Table)| table.incomplete.is_none() && !table.is_view && table.place.is_some();
            if known.is_empty() || !known.iter().all(complete) || known.iter().any(|(_, table)| table.column(column).is_some()) {
                return None;
            }
            if known.iter().any(|(schema, _)| self.is_a_text(schema.dialect, column)) {
                return None;
            }
            first.get_or_insert((name.to_string(), column.to_string(), known[0].1.source.clone()));
        }
        first.filter(|_| !is_word(column) && !self.is_alias(column))
    }

    /// `"abc"` is a text to MySQL, and to SQLite where there is no such column.
    fn is_a_text(&self, dialect: Dialect, column: &str) -> bool {
        dialect != Dialect::Postgres && self.text.contains(&format!("\"{}\"", column.to_ascii_lowercase()))
    }

    fn is_alias(&self, column: &str) -> bool {
        let words: Vec<&str> = self.text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect();
        words.windows(2).any(|pair| pair[0] == "as" && pair[1].eq_ignore_ascii_case(column))
    }
}

/// A column as a statement names it.
struct Name {
    name: String,
    of: Of,
}

enum Of {
    Table(String),
    /// What stands before the point.
    Source(Option<String>),
}

/// Columns that a query selects or compares.
fn named(scope: &Scope) -> Vec<&ColumnName> {
    let mut names: Vec<&ColumnName> = scope.projected.iter().collect();
    scope.conditions.iter().for_each(|condition| compared(condition, &mut names));
    names
}

fn compared<'c>(condition: &'c Condition, names: &mut Vec<&'c ColumnName>) {
    let mut operand = |operand: &'c Operand| match operand {
        Operand::Column(column) => names.push(column),
        Operand::Computed { columns, .. } => names.extend(columns),
        _ => {}
    };
    match condition {
        // Which of the tables before has it is not written.
        Condition::Test(test) if test.text.starts_with("USING (") => {}
        Condition::Test(test) => {
            operand(&test.subject);
            operand(&test.other);
        }
        Condition::Any(branches) => branches.iter().flatten().for_each(|condition| compared(condition, names)),
        Condition::Optional(columns) => names.extend(columns),
    }
}

/// Names that mean something without any table.
fn is_word(name: &str) -> bool {
    WORDS.iter().any(|word| word.eq_ignore_ascii_case(name)) || !name.chars().all(|c| c.is_alphanumeric() || c == '_')
}

const WORDS: &[&str] = &[
    // Columns that every table has.
    "ctid",
    "xmin",
    "xmax",
    "cmin",
    "cmax",
    "tableoid",
    "oid",
    "rowid",
    "_rowid_",
    "rank",
    // Values.
    "session_user",
    "current_schema",
    "current_catalog",
    "current_role",
    "localtime",
    "user",
    "unknown",
    "infinity",
    "sysdate",
    "utc_timestamp",
    // Units of time.
    "microsecond",
    "second",
    "minute",
    "hour",
    "day",
    "week",
    "month",
    "quarter",
    "year",
    "epoch",
];

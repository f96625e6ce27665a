//! Tables as migrations leave them.

use crate::source::Place;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The tables of one database, or of one way to set it up (several directories of migrations are several schemas).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Schema {
    /// Directory of its migrations, relative to the workspace: `api/migrations`.
    pub root: String,
    pub dialect: Dialect,
    /// By name, without the usual schema.
    pub tables: BTreeMap<String, Table>,
    /// Statements that were not understood and name no table.
    pub not_understood: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Dialect {
    Postgres,
    Mysql,
    Sqlite,
    #[default]
    Unknown,
}

impl Dialect {
    pub fn name(self) -> &'static str {
        match self {
            Dialect::Postgres => "postgres",
            Dialect::Mysql => "mysql",
            Dialect::Sqlite => "sqlite",
            Dialect::Unknown => "unknown",
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Table {
    pub name: String,
    pub columns: Vec<Column>,
    /// Primary and unique keys among them.
    pub indexes: Vec<Index>,
    pub foreign_keys: Vec<ForeignKey>,
    /// What has to hold for each row: small letters, no qualifiers.
    pub checks: Vec<String>,
    /// File that creates it.
    pub source: String,
    /// The statement that creates it; `None` where it is only declared in code.
    pub place: Option<Place>,
    /// Why not everything about it is known; `None`: everything is.
    pub incomplete: Option<String>,
    /// Holds one row, or a few that never change, and why that is known.
    pub small: Option<String>,
    pub is_view: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Column {
    pub name: String,
    /// In capitals, as written: `VARCHAR(255)`.
    pub data_type: String,
    pub nullable: bool,
    /// The database works its value out of other columns.
    pub generated: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Index {
    /// `None`: the database names it.
    pub name: Option<String>,
    pub keys: Vec<IndexKey>,
    pub unique: bool,
    pub primary: bool,
    /// `btree`, `gin`, ..
    pub method: String,
    /// Conditions of a partial index, all of which hold: small letters, no qualifiers.
    pub partial: Vec<String>,
    /// The name that the database gives it where it has none of its own.
    pub given_name: Option<String>,
    /// Made by `CREATE INDEX`, not by a constraint.
    pub stands_alone: bool,
    /// It stands for an exclusion constraint.
    pub excludes: bool,
    /// Columns that it carries beside its keys: `INCLUDE (a)`.
    pub carries: Vec<String>,
    pub place: Option<Place>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct IndexKey {
    /// A column's name, or an expression in small letters.
    pub text: String,
    pub is_column: bool,
    pub descending: bool,
    /// `text_pattern_ops`, `gin_trgm_ops`.
    pub operator_class: Option<String>,
    pub nulls_first: Option<bool>,
    /// An expression as PostgreSQL's catalogue prints it: `lower((email)::text)`.
    pub printed: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ForeignKey {
    pub name: Option<String>,
    pub columns: Vec<String>,
    pub references: String,
    pub referred: Vec<String>,
    pub on_delete: OnDelete,
    /// The name that the database gives it where it has none of its own.
    pub given_name: Option<String>,
    pub place: Option<Place>,
}

/// What becomes of a row whose parent is deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum OnDelete {
    /// The parent cannot be deleted.
    #[default]
    Refused,
    /// It is deleted too.
    Cascades,
    /// Its columns are set to null or to their defaults.
    Cleared,
}

impl Table {
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }
}

impl ForeignKey {
    pub fn is_called(&self, name: &str) -> bool {
        self.name.as_ref().or(self.given_name.as_ref()).is_some_and(|own| own == name)
    }
}

impl Index {
    pub fn is_called(&self, name: &str) -> bool {
        self.name.as_ref().or(self.given_name.as_ref()).is_some_and(|own| own == name)
    }

    /// For messages and `inspect`: its name, or its columns.
    pub fn title(&self) -> String {
        self.name.clone().unwrap_or_else(|| format!("({})", self.keys.iter().map(|key| key.text.as_str()).collect::<Vec<_>>().join(", ")))
    }

    /// Whether every key is a plain column.
    pub fn is_plain(&self) -> bool {
        self.keys.iter().all(|key| key.is_column)
    }
}

impl Schema {
    /// Tables, not views, of which everything is known.
    pub fn known_tables(&self) -> impl Iterator<Item = &Table> {
        self.tables.values().filter(|table| table.incomplete.is_none() && !table.is_view)
    }

    /// The table that a statement means: by its name, else by the last part of it where that says which.
    pub fn table(&self, name: &str) -> Option<&Table> {
        if let Some(table) = self.tables.get(name) {
            return Some(table);
        }
        let last = |name: &str| name.rsplit('.').next().unwrap_or(name).to_ascii_lowercase();
        let wanted = last(name);
        let mut found =
            self.tables.values().filter(|table| last(&table.name) == wanted && (!name.contains('.') || !table.name.contains('.')));
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }
}

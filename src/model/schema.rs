//! Tables as migrations leave them.

use std::collections::BTreeMap;

/// The tables of one database, or of one way to set it up (several directories of migrations are several schemas).
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// Directory of its migrations, relative to the workspace: `api/migrations`.
    pub root: String,
    pub dialect: Dialect,
    /// By name, without the usual schema.
    pub tables: BTreeMap<String, Table>,
    /// Statements that were not understood and name no table.
    pub not_understood: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
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

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    pub name: String,
    pub columns: Vec<Column>,
    /// Primary and unique keys among them.
    pub indexes: Vec<Index>,
    pub foreign_keys: Vec<ForeignKey>,
    /// File that creates it.
    pub source: String,
    /// Why not everything about it is known; `None`: everything is.
    pub incomplete: Option<String>,
    /// Holds one row, or a few that never change, and why that is known.
    pub small: Option<String>,
    pub is_view: bool,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Column {
    pub name: String,
    /// In capitals, as written: `VARCHAR(255)`.
    pub data_type: String,
    pub nullable: bool,
}

#[derive(Clone, Debug, Default, PartialEq)]
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
}

#[derive(Clone, Debug, PartialEq)]
pub struct IndexKey {
    /// A column's name, or an expression in small letters.
    pub text: String,
    pub is_column: bool,
    pub descending: bool,
    /// `text_pattern_ops`, `gin_trgm_ops`.
    pub operator_class: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ForeignKey {
    pub name: Option<String>,
    pub columns: Vec<String>,
    pub references: String,
    pub referred: Vec<String>,
}

impl Table {
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }
}

impl Index {
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

//! Migrations that are not applied everywhere yet, and what they do to tables that are in use.

use super::{Dialect, Truth};
use crate::source::FileId;
use crate::source::Place;

/// One file of migrations that is new.
#[derive(Clone, Debug)]
pub struct Migration {
    pub file: FileId,
    /// As people call it: its file, or its folder where that has the name.
    pub name: String,
    /// [`Dialect::Postgres`] only where the migrations are written in it for certain.
    pub dialect: Dialect,
    /// Whether the tool that applies it puts all its statements into one transaction.
    pub transaction: Truth,
    /// How many statements it has.
    pub statements: usize,
    pub steps: Vec<MigrationStep>,
}

/// One change of one table.
#[derive(Clone, Debug)]
pub struct MigrationStep {
    pub place: Place,
    /// As the migrations before left its name.
    pub table: String,
    /// It was there before the new migrations, and may have rows that others read and write meanwhile.
    pub on_old_table: bool,
    pub change: SchemaChange,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaChange {
    BuildsIndex {
        name: String,
        columns: Vec<String>,
        unique: bool,
        concurrently: bool,
    },
    DropsIndexConcurrently {
        name: String,
    },
    /// Without a default, so that rows that are there have nothing for it.
    AddsRequiredColumn {
        column: String,
    },
    /// Every row is written anew; why.
    RewritesTable {
        column: String,
        why: String,
    },
    AddsForeignKey {
        columns: Vec<String>,
        parent: String,
    },
    AddsCheck {
        check: String,
    },
    /// A unique or primary key that builds its own index.
    AddsKey {
        columns: Vec<String>,
        primary: bool,
    },
    /// No check says yet that it is never null.
    SetsNotNull {
        column: String,
    },
    DropsColumn {
        column: String,
    },
    RenamesColumn {
        column: String,
        to: String,
    },
    DropsTable,
    RenamesTable {
        to: String,
    },
}

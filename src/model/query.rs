//! What the text of a statement says: where its rows come from, which rows it asks for, and how many.

use super::{Dialect, Operation, Rows};
use std::collections::BTreeSet;

/// A statement, or several of one text taken together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statement {
    pub operation: Operation,
    /// Tables as written, without the usual schema.
    pub reads: BTreeSet<String>,
    pub writes: BTreeSet<String>,
    /// Says nothing about data: `SELECT 1`, `SET`, advisory locks.
    pub control: bool,
    /// All of it was understood; otherwise only its words were read, and there are no scopes.
    pub parsed: bool,
    /// How many rows it gives back or changes, by its text alone.
    pub rows: Rows,
    /// `FOR UPDATE`, `FOR SHARE`.
    pub row_lock: Option<RowLock>,
    /// Tables of which it changes or removes every row.
    pub rewrites: Vec<String>,
    /// Every query inside, the outermost first.
    pub scopes: Vec<Scope>,
    /// Tables that rows are put into, each with the columns that are named; none are where all are meant, in their order.
    pub inserts: Vec<(String, Vec<String>)>,
}

impl Scope {
    /// For queries without a text: `WHERE name = $1 ORDER BY id LIMIT`, with values as the code writes them.
    pub fn in_words(&self) -> String {
        let conditions: Vec<String> = self.conditions.iter().map(Condition::in_words).collect();
        let keys: Vec<&str> = self.order.iter().filter_map(|key| key.column.as_ref()).map(|column| column.name.as_str()).collect();
        let parts = [
            (!conditions.is_empty()).then(|| format!("WHERE {}", conditions.join(" AND "))),
            (!keys.is_empty()).then(|| format!("ORDER BY {}", keys.join(", "))),
            self.limit.map(|_| "LIMIT".to_string()),
            self.offset.as_ref().map(|_| "OFFSET".to_string()),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowLock {
    Waits,
    /// `NOWAIT`, `SKIP LOCKED`.
    Skips,
}

/// One `SELECT`, `UPDATE` or `DELETE` with its conditions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scope {
    /// What stands in `FROM`, `JOIN`, `USING`, or is written.
    pub sources: Vec<Source>,
    /// `WHERE` and the conditions of joins, all of which hold.
    pub conditions: Vec<Condition>,
    pub order: Vec<OrderKey>,
    /// `LIMIT`, `FETCH FIRST`, `TOP`.
    pub limit: Option<Limit>,
    pub offset: Option<Offset>,
    /// One row by construction: an aggregate over everything.
    pub single_row: bool,
    /// `GROUP BY`, `HAVING`, `DISTINCT`: rows are put together.
    pub grouped: bool,
    /// Its rows are the statement's own.
    pub outermost: bool,
    /// Columns in the list of what is selected, those of queries inside not counted.
    pub projected: Vec<ColumnName>,
    /// Columns that `SET` gives values.
    pub assigned: Vec<String>,
}

/// How many rows are read and left out before the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offset {
    Fixed,
    /// As it is written: `$2`, `(page - 1) * size`.
    Given(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    One,
    Some,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Source {
    /// `None`: a subquery, a function, or a part named by `WITH`.
    pub table: Option<String>,
    /// The name its columns go by.
    pub name: String,
    /// Rows of the other side stay where it has none: `LEFT JOIN`.
    pub optional: bool,
    pub written: bool,
    /// For a subquery or a part named by `WITH`: its own queries, as indices into [`Statement::scopes`].
    pub inner: Option<std::ops::Range<usize>>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct OrderKey {
    /// `None` for anything but a plain column.
    pub column: Option<ColumnName>,
    pub descending: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// One of these holds; each is a list of which all hold.
    Any(Vec<Vec<Condition>>),
    Test(Predicate),
    /// `$1 IS NULL OR a = $1`: holds or not by what the caller gives. The columns in it.
    Optional(Vec<ColumnName>),
}

impl Condition {
    fn in_words(&self) -> String {
        match self {
            Condition::Test(test) => test.text.clone(),
            Condition::Any(branches) => {
                let branch = |branch: &Vec<Condition>| branch.iter().map(Condition::in_words).collect::<Vec<_>>().join(" AND ");
                format!("({})", branches.iter().map(branch).collect::<Vec<_>>().join(" OR "))
            }
            Condition::Optional(columns) => columns.first().map_or(String::new(), |column| format!("{} or nothing", column.name)),
        }
    }
}

/// One comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Predicate {
    pub subject: Operand,
    pub comparison: Comparison,
    /// What the subject is compared with; [`Operand::Value`] without text where there is nothing.
    pub other: Operand,
    /// As written, in one line.
    pub text: String,
    /// As the conditions of partial indexes are compared: small letters, no qualifiers.
    pub normal: String,
}

impl Predicate {
    /// Two columns, as in a join.
    pub fn compares_columns(&self) -> bool {
        matches!((&self.subject, &self.other), (Operand::Column(_), Operand::Column(_)))
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    Column(ColumnName),
    /// An expression with columns in it: `lower(email)`, without qualifiers and in small letters.
    Computed {
        text: String,
        columns: Vec<ColumnName>,
    },
    /// A constant, a parameter, or anything without columns.
    Value {
        text: String,
    },
    /// Rows of another query.
    Subquery,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    /// `IN (..)`, `= ANY(..)`.
    In,
    /// `<`, `BETWEEN`, a row comparison.
    Range,
    /// `LIKE 'abc%'`.
    Prefix,
    /// `LIKE $1`.
    Pattern,
    /// `ILIKE`, regular expressions.
    Anywhere,
    /// `LIKE '%abc'`: it may begin with anything, for certain.
    Within,
    IsNull,
    IsNotNull,
    /// Operators of JSON, arrays, ranges, full text.
    Special,
    /// `<>`, `NOT`: no index helps.
    Other,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ColumnName {
    /// The name of its source where one is written.
    pub source: Option<String>,
    pub name: String,
}

/// A table whose rows a statement asks for by columns that no index leads with.
#[derive(Clone, Debug, PartialEq)]
pub struct Unserved {
    pub table: String,
    /// Columns that are compared, equality first.
    pub columns: Vec<String>,
    /// The conditions as written.
    pub conditions: Vec<String>,
    /// Indexes that could look such a comparison up, but hold the column behind another one.
    pub behind: Vec<String>,
    /// Indexes that begin with such a column and hold only some of the rows, with their conditions.
    pub partial: Vec<(String, String)>,
    /// It is read in the order of an index and stops at a limit.
    pub ordered: bool,
    /// One comparison at least would leave few rows: with a value, and not with one that most rows have (`NULL`, a boolean).
    pub selective: bool,
    /// A comparison that has an index, were there no function around its column.
    pub wrapped: Option<Wrapped>,
    /// A search for something inside a text.
    pub search: Option<Search>,
}

/// `name LIKE '%abc%'`: only an index of the parts of words would find it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    pub column: String,
    /// The comparison as written.
    pub condition: String,
    pub dialect: Dialect,
}

/// A function around a column that keeps an index of the column from being looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrapped {
    /// `lower(email)`.
    pub expression: String,
    pub column: String,
    /// The type of the column, in capitals.
    pub data_type: String,
    /// The comparison as written.
    pub condition: String,
    /// The index on the column, by its name or its columns.
    pub index: String,
    pub dialect: Dialect,
}

/// An index that serves a table of a statement.
#[derive(Clone, Debug, PartialEq)]
pub struct ServedTable {
    pub table: String,
    /// Its name, or its columns.
    pub index: String,
}

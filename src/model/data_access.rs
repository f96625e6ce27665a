//! Queries, as far as the code shows them; what their text means is [`Statement`].

use super::{Chain, EffectKind, FunctionId, ServedTable, Statement, Unserved};
use crate::source::Place;

#[derive(Clone, Debug)]
pub struct DataAccess {
    pub function: FunctionId,
    /// Of the call that holds the text, or of the call that runs it.
    pub place: Place,
    /// `sqlx`, `diesel`, `mongodb`.
    pub library: String,
    /// The text where it is known at compile time.
    pub text: Option<String>,
    /// The text is put together at run time.
    pub dynamic: bool,
    pub operation: Operation,
    /// Tables or collections, sorted; empty where they cannot be told.
    pub reads: Vec<String>,
    pub writes: Vec<String>,
    pub rows: Rows,
    /// `SELECT 1`, advisory locks, `SET LOCAL`: says nothing about layering.
    pub control: bool,
    pub spawned: bool,
    /// What the text says; `None` where there is none, or only a part of it is known.
    pub statement: Option<Statement>,
    pub executor: Executor,
    /// Row by row as they come, not all at once.
    pub streamed: bool,
    /// Which index serves which table, where the schema says.
    pub served: Vec<ServedTable>,
    /// Tables that it asks for by columns without an index, where the schema is known.
    pub unserved: Vec<Unserved>,
}

impl DataAccess {
    /// Put together by calls of an ORM: it has no text in the code.
    pub fn is_by_orm(&self) -> bool {
        self.text.is_none() && !self.dynamic && matches!(self.library.as_str(), "diesel" | "diesel_async" | "sea_orm")
    }
}

/// What runs a query.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Executor {
    /// Each statement on whichever connection is free.
    Pool,
    Connection,
    Transaction,
    #[default]
    Unknown,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Operation {
    Select,
    Insert,
    Update,
    Delete,
    Ddl,
    Control,
    #[default]
    Unknown,
}

impl Operation {
    pub fn name(self) -> &'static str {
        match self {
            Operation::Select => "select",
            Operation::Insert => "insert",
            Operation::Update => "update",
            Operation::Delete => "delete",
            Operation::Ddl => "ddl",
            Operation::Control => "control",
            Operation::Unknown => "unknown",
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Rows {
    One,
    Limited,
    Unbounded,
    #[default]
    Unknown,
}

impl Rows {
    pub fn name(self) -> &'static str {
        match self {
            Rows::One => "one",
            Rows::Limited => "limited",
            Rows::Unbounded => "unbounded",
            Rows::Unknown => "unknown",
        }
    }
}

impl super::Backend {
    /// Queries written in the body of `function` itself, not in what it calls.
    pub fn data_access_in(&self, function: FunctionId) -> impl Iterator<Item = &DataAccess> {
        self.data_accesses.iter().filter(move |access| access.function == function)
    }
}

/// A query that runs once for each element of something.
#[derive(Clone, Debug)]
pub struct RepeatedQuery {
    /// The function that holds the loop.
    pub function: FunctionId,
    /// What is looped over, and where.
    pub over: String,
    pub loop_place: Place,
    /// In the loop: the query, or the call that leads to it.
    pub inner: Place,
    /// From `function` to the one that runs the query; one function long when it is the same.
    pub chain: Chain,
    /// Index into [`Backend::data_accesses`](super::Backend::data_accesses).
    pub access: usize,
    /// All are started at once (`join_all`, `buffered`).
    pub concurrent: bool,
}

/// A statement that is prepared again, with the same text, for each element of something.
#[derive(Clone, Debug)]
pub struct RepeatedPrepare {
    /// The function that holds the loop.
    pub function: FunctionId,
    /// What is looped over, and where.
    pub over: String,
    pub loop_place: Place,
    /// In the loop: the call that prepares, or the one that leads to it.
    pub inner: Place,
    /// From `function` to the one that prepares; one function long when it is the same.
    pub chain: Chain,
    pub prepared: Place,
    /// The method of the same connection that prepares a text once (`prepare_cached`); `None` where it has none.
    pub cached: Option<String>,
    /// The database runs in the process, where preparing costs no round trip.
    pub in_process: bool,
}

/// Writes of one function that belong together by their order, each committed by itself on a pool.
#[derive(Clone, Debug)]
pub struct SeparateWrites {
    pub function: FunctionId,
    /// In the order in which they run: one that cannot simply be repeated, then at least one to another table.
    pub writes: Vec<SeparateWrite>,
}

#[derive(Clone, Debug)]
pub struct SeparateWrite {
    /// In the function: the write, or the call that leads to it.
    pub place: Place,
    /// From the function to the one that writes; one function long when it is the same.
    pub chain: Chain,
    /// Index into [`Backend::data_accesses`](super::Backend::data_accesses).
    pub access: usize,
}

/// A query whose rows are all fetched for less than that.
#[derive(Clone, Debug)]
pub struct WholeResult {
    /// Index into [`Backend::data_accesses`](super::Backend::data_accesses).
    pub access: usize,
    /// Where what is wanted is taken from the rows.
    pub used: Place,
    pub wanted: Wanted,
}

/// What the code does with the rows, and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The first row.
    One,
    /// How many there are.
    Count,
    /// Whether there are any.
    Any,
}

/// A column that a statement names and that none of its tables has.
#[derive(Clone, Debug)]
pub struct UnknownColumn {
    /// Index into [`Backend::data_accesses`](super::Backend::data_accesses).
    pub access: usize,
    pub table: String,
    pub column: String,
    /// The file that makes the table.
    pub source: String,
}

/// A transaction that stays open while another system answers.
#[derive(Clone, Debug)]
pub struct HeldTransaction {
    pub function: FunctionId,
    pub begun: Place,
    /// The remote call, or the call that leads to it.
    pub inner: Place,
    /// From `function` to the one that calls the other system.
    pub chain: Chain,
    pub kind: EffectKind,
    /// As a reader knows it: `reqwest::Client::execute`.
    pub what: String,
    /// Where the other system is called.
    pub remote: Place,
    /// It holds rows that others skip: a lease on purpose.
    pub leases: bool,
}

/// Rows that a query reads and leaves out, as many as a request says.
#[derive(Clone, Debug)]
pub struct SkippedRows {
    /// Index into [`Backend::data_accesses`](super::Backend::data_accesses).
    pub access: usize,
    /// From the handler that takes the number to the function that runs the query.
    pub chain: Chain,
    /// The number as the handler writes it: `params.offset`.
    pub value: String,
    pub given: Place,
}

/// A text that a request gives and that becomes part of a statement.
#[derive(Clone, Debug)]
pub struct InjectedText {
    /// Index into [`Backend::data_accesses`](super::Backend::data_accesses).
    pub access: usize,
    /// From the handler that takes the text to the function that runs the statement.
    pub chain: Chain,
    /// The text as the handler writes it: `params.sort`.
    pub value: String,
    pub given: Place,
    /// Where it is put into the statement.
    pub put_in: Place,
}

/// A transaction that writes and that nothing commits, rolls back or hands on.
#[derive(Clone, Debug)]
pub struct UncommittedTransaction {
    pub function: FunctionId,
    pub begun: Place,
    /// The first write, or the call that leads to it.
    pub written: Place,
    /// Of the local that holds it.
    pub name: String,
}

//! Statements that change the connection they run on, run where nobody knows which connection that is.

use super::FunctionId;
use crate::source::Place;

/// `BEGIN`, `SET`, an advisory lock run directly on a pool.
#[derive(Clone, Debug)]
pub struct SessionStatement {
    pub function: FunctionId,
    pub place: Place,
    /// `sqlx`, `sea_orm`.
    pub library: String,
    /// Its first words: `SET search_path`.
    pub statement: String,
    pub kind: SessionStatementKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SessionStatementKind {
    /// `BEGIN`, `COMMIT`, `ROLLBACK`.
    Transaction,
    /// A lock that the session holds until it gives it back.
    Lock,
    TemporaryTable,
    Listen,
    /// `SET`, `PRAGMA`.
    Setting,
    /// `SET LOCAL`, which ends with a transaction that was never begun.
    LocalSetting,
}

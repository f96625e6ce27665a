//! Which of several pools of one database a query runs on, as far as names, callers and the configuration say.

use super::{Backend, Chain, FunctionId};
use crate::source::{Place, Span};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PoolRole {
    /// Takes writes.
    Primary,
    /// Only reads, and may be behind the primary.
    Replica,
    #[default]
    Unknown,
}

impl PoolRole {
    pub const DECLARED: [PoolRole; 2] = [PoolRole::Primary, PoolRole::Replica];

    /// The word used in configuration (`role = "replica"`) and in `inspect`.
    pub fn name(self) -> &'static str {
        match self {
            PoolRole::Primary => "primary",
            PoolRole::Replica => "replica",
            PoolRole::Unknown => "unknown",
        }
    }
}

/// `[data.pools.NAME]`: a field, function, parameter, variable, static or type that holds or gives a pool.
#[derive(Clone, Debug)]
pub struct DeclaredPool {
    pub name: String,
    /// Of the name.
    pub span: Span,
    pub role: PoolRole,
}

/// A query, and the pool that one way to it runs it on. There are such only where the workspace has a replica.
#[derive(Clone, Debug)]
pub struct PoolUse {
    /// Index into [`Backend::data_accesses`].
    pub access: usize,
    pub role: PoolRole,
    /// As written: `app.db_read()`.
    pub pool: String,
    /// Where it is written, in the first function of the chain.
    pub place: Place,
    /// From the function that names the pool to the one that runs the query; one function long when it is the same.
    pub chain: Chain,
    /// What says so, for a reader: "by its name".
    pub why: &'static str,
    /// Nobody on the way takes a failure for an answer: where the statement is refused, the first function fails.
    pub has_to_succeed: bool,
}

impl Backend {
    /// The ways to one query.
    pub fn pool_uses_of(&self, access: usize) -> &[PoolUse] {
        let from = self.pool_uses.partition_point(|one| one.access < access);
        let until = self.pool_uses.partition_point(|one| one.access <= access);
        &self.pool_uses[from..until]
    }

    /// What a query runs on, where all ways to it agree.
    pub fn pool_role(&self, access: usize) -> PoolRole {
        let mut roles = self.pool_uses_of(access).iter().map(|one| one.role);
        let first = roles.next().unwrap_or_default();
        if roles.all(|role| role == first) { first } else { PoolRole::Unknown }
    }
}

/// A table that a function writes on the primary, and that it reads on a replica afterwards.
#[derive(Clone, Debug)]
pub struct StaleRead {
    pub function: FunctionId,
    pub table: String,
    /// Indices into [`Backend::pool_uses`].
    pub write: usize,
    pub read: usize,
    /// In `function`: the statements, or the calls that lead to them.
    pub written: Place,
    pub read_at: Place,
    /// From `function` to those that run them.
    pub way_to_write: Chain,
    pub way_to_read: Chain,
}

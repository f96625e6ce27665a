//! The backend as drawn on a whiteboard: routes, handlers, functions and their effects, layers, data access, pools, caches, clients.
//! The language of the house: it names no other room but `source` (places).

mod blocking;
mod cache;
mod callers;
mod data_access;
mod function;
mod layer;
mod middleware;
mod migration;
mod package;
mod pool_role;
mod query;
mod resource;
mod route;
mod rules;
mod schema;
mod served;
mod session;
mod shard;
mod truth;

pub use blocking::*;
pub use cache::*;
pub use callers::*;
pub use data_access::*;
pub use function::*;
pub use layer::*;
pub use middleware::*;
pub use migration::*;
pub use package::*;
pub use pool_role::*;
pub use query::*;
pub use resource::*;
pub use route::*;
pub use rules::*;
pub use schema::*;
pub use served::*;
pub use session::*;
pub use shard::*;
pub use truth::*;

use serde::{Deserialize, Serialize};

/// Everything a lint may know.
#[derive(Default)]
pub struct Backend {
    pub packages: Vec<Package>,
    pub modules: Vec<Module>,
    pub functions: Vec<Function>,
    pub servers: Vec<Server>,
    pub routes: Vec<Route>,
    pub data_accesses: Vec<DataAccess>,
    /// One per directory of migrations, sorted by it.
    pub schemas: Vec<Schema>,
    /// Those that are new, in the order in which they are applied.
    pub migrations: Vec<Migration>,
    pub resources: Vec<Resource>,
    /// Whether a pool of connections to a database system (`postgres`, `mysql`, `sqlite`, ..) is built, received or named anywhere in
    /// the workspace, tests excluded. A system without an entry was not examined.
    pub pools: std::collections::BTreeMap<String, Truth>,
    /// Sorted by access; empty where no pool is known to be a replica's.
    pub pool_uses: Vec<PoolUse>,
    pub stale_reads: Vec<StaleRead>,
    pub shard_keys: Vec<ShardKey>,
    pub nested_acquires: Vec<NestedAcquire>,
    pub blocking_calls: Vec<BlockingCall>,
    pub cache_operations: Vec<CacheOperation>,
    pub repeated_cache_operations: Vec<RepeatedCacheOperation>,
    pub session_statements: Vec<SessionStatement>,
    pub repeated_queries: Vec<RepeatedQuery>,
    pub repeated_prepares: Vec<RepeatedPrepare>,
    pub separate_writes: Vec<SeparateWrites>,
    pub whole_results: Vec<WholeResult>,
    pub unknown_columns: Vec<UnknownColumn>,
    pub held_transactions: Vec<HeldTransaction>,
    pub skipped_rows: Vec<SkippedRows>,
    pub injected_texts: Vec<InjectedText>,
    pub uncommitted_transactions: Vec<UncommittedTransaction>,
    pub cache_writes: Vec<CacheWrite>,
    pub cache_fills: Vec<CacheFill>,
    /// `None`: it is not known how many run.
    pub instances: Option<Instances>,
    /// `None`: it is not known how many connections the database accepts.
    pub database_connections: Option<DatabaseConnections>,
    pub early_removals: Vec<EarlyRemoval>,
    pub layering: Layering,
    pub dependencies: Vec<Dependency>,
    pub external_uses: Vec<ExternalUse>,
    pub exposures: Vec<FrameworkType>,
    pub limits_elsewhere: Vec<GatewayLimit>,
    pub coverage: Coverage,
    pub rules: Vec<RuleOutcome>,
    /// Patterns of the configuration that match nothing; non-empty ends `check` with exit code 2.
    pub unmatched: Vec<UnmatchedPattern>,
}

/// What the run could see. Printed with every run.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Coverage {
    pub calls_resolved: usize,
    pub calls_external: usize,
    pub calls_unresolved: usize,
    pub handlers_resolved: usize,
    pub handlers_unresolved: usize,
    /// Queries whose text is known at compile time, and how many of them were not understood.
    pub queries_literal: usize,
    pub queries_unparsed: usize,
    pub queries_dynamic: usize,
    /// Put together by calls of an ORM.
    pub queries_by_orm: usize,
    /// Facts that are `unknown`, by what they are: `rate_limit` -> 12 routes.
    pub unknown: std::collections::BTreeMap<std::borrow::Cow<'static, str>, usize>,
    /// What was not seen and why, in sentences.
    pub notes: Vec<String>,
}

//! What is expensive to build and should be built once: pools, connections, clients, caches.

use super::{Chain, Evidence, FunctionId, RouteId, Truth};
use crate::source::Place;
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
pub struct Resource {
    pub kind: ResourceKind,
    /// `sqlx`, `redis`, `reqwest`.
    pub library: String,
    /// `postgres`, `redis`, `http`, ..
    pub system: String,
    /// Type built, as a path.
    pub type_path: String,
    pub function: FunctionId,
    pub place: Place,
    pub built: Built,
    /// Options as written: `max` -> `20`; only options with a value that could be read, others map to `?`.
    pub settings: BTreeMap<String, String>,
    /// Of a pool.
    pub limits: Option<PoolLimits>,
    /// Whether waiting for a free connection is bounded (pools).
    pub acquire_timeout: Truth,
    /// Whether entries are bounded in number (caches in the process).
    pub capacity: Truth,
    /// Whether entries expire (caches in the process).
    pub expiry: Truth,
    /// Must not come from a pool: `LISTEN`, pub/sub, in-memory.
    pub dedicated: bool,
    /// Depends on data of the request (a tenant's URL, a caller's proxy): cannot simply be hoisted.
    pub per_request_settings: bool,
    /// Outlives the function that builds it: it is put into a field, a static or shared state, or returned. Otherwise nobody else can
    /// use it.
    pub stored: bool,
    /// Each worker of the server builds its own: it is built in the closure that the server calls once per worker.
    pub per_worker: Option<Evidence>,
    /// Shared by requests behind a lock or in state: the wrapping type and where (single connections).
    pub shared: Option<Evidence>,
}

/// How many connections a pool opens, and how long it keeps them.
#[derive(Clone, Debug)]
pub struct PoolLimits {
    /// At most so many.
    pub max: PoolLimit,
    /// So many are kept open while nobody needs them.
    pub min: PoolLimit,
    pub idle_timeout: PoolLimit,
    pub max_lifetime: PoolLimit,
}

impl PoolLimits {
    /// With the name of each.
    pub fn each(&self) -> [(&'static str, &PoolLimit); 4] {
        [("max", &self.max), ("min", &self.min), ("idle_timeout", &self.idle_timeout), ("max_lifetime", &self.max_lifetime)]
    }
}

/// How many connections a database accepts, from all that connect to it.
#[derive(Clone, Debug)]
pub struct DatabaseConnections {
    pub count: u32,
    /// Who says so.
    pub evidence: Evidence,
}

/// A limit, and who sets it.
#[derive(Clone, Debug)]
pub enum PoolLimit {
    /// As written where the pool is built; the number where it is one.
    Set { text: String, number: Option<u64>, place: Place },
    /// The library's own: nobody sets another.
    Default { text: String, number: Option<u64> },
    /// Why it is not known.
    Unknown(String),
}

impl PoolLimit {
    pub fn number(&self) -> Option<u64> {
        match self {
            PoolLimit::Set { number, .. } | PoolLimit::Default { number, .. } => *number,
            PoolLimit::Unknown(_) => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ResourceKind {
    Pool,
    Connection,
    CacheConnection,
    HttpClient,
    GrpcClient,
    SmtpClient,
    ObjectStoreClient,
    QueueProducer,
    QueueConsumer,
    Cache,
    Server,
}

impl ResourceKind {
    pub fn name(self) -> &'static str {
        match self {
            ResourceKind::Pool => "pool",
            ResourceKind::Connection => "connection",
            ResourceKind::CacheConnection => "cache_connection",
            ResourceKind::HttpClient => "http_client",
            ResourceKind::GrpcClient => "grpc_client",
            ResourceKind::SmtpClient => "smtp_client",
            ResourceKind::ObjectStoreClient => "object_store_client",
            ResourceKind::QueueProducer => "queue_producer",
            ResourceKind::QueueConsumer => "queue_consumer",
            ResourceKind::Cache => "cache",
            ResourceKind::Server => "server",
        }
    }
}

#[derive(Clone, Debug)]
pub enum Built {
    Startup,
    /// On every request of these routes; the chain is the shortest one, from the handler to the function that builds it.
    PerRequest {
        route: RouteId,
        chain: Chain,
        other_routes: usize,
    },
    /// On every message or tick of a consumer or job.
    PerJob {
        chain: Chain,
    },
    Unknown(String),
}

impl Built {
    pub fn name(&self) -> &'static str {
        match self {
            Built::Startup => "startup",
            Built::PerRequest { .. } | Built::PerJob { .. } => "per_request",
            Built::Unknown(_) => "unknown",
        }
    }
}

/// A second connection taken while one is held.
#[derive(Clone, Debug)]
pub struct NestedAcquire {
    pub function: FunctionId,
    /// Where the first connection or transaction is taken.
    pub outer: Place,
    pub outer_is_transaction: bool,
    /// Where the second one is taken, or the call that leads there.
    pub inner: Place,
    /// From `function` to the one that takes the second connection; one function long when it is the same.
    pub chain: Chain,
    /// Where the second one is taken in the last function of the chain.
    pub acquire: Place,
    /// The pool as written: `state.db`.
    pub pool: String,
    /// Both are known to be the same pool.
    pub same_pool: Truth,
    pub route: Option<RouteId>,
}

//! Vocabulary for databases, pools, caches and clients.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// Argument that holds the SQL text.
    #[serde(default)]
    pub sql: Option<usize>,
    /// For macros: the argument names a file with the text, relative to the crate (`query_file!`).
    #[serde(default)]
    pub file: bool,
    /// The call runs the text itself (tokio-postgres, rusqlite); otherwise an `Execute` on its result does.
    #[serde(default)]
    pub executes: bool,
    #[serde(default)]
    pub rows: Rows,
    /// What it does to data where the call alone says so (`insert_into`, `find_one`).
    #[serde(default)]
    pub operation: Operation,
    /// Argument whose type or path names the table, collection or entity.
    #[serde(default)]
    pub table: Option<usize>,
    /// The text is only the beginning: more is pushed at run time (`QueryBuilder`).
    #[serde(default)]
    pub assembled: bool,
    /// Goes to a document store: what it names are collections.
    #[serde(default)]
    pub document: bool,
    /// Has the server or the library read the text anew whenever it is called: nothing keeps the statement for the next time.
    #[serde(default)]
    pub prepares: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Execute {
    #[serde(default)]
    pub rows: Rows,
    #[serde(default)]
    pub operation: Operation,
    /// Argument that is the pool, connection or transaction it runs on; the receiver where there is none.
    #[serde(default)]
    pub executor: Option<usize>,
    /// Argument that is the query; the receiver where there is none.
    #[serde(default)]
    pub statement: Option<usize>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rows {
    All,
    One,
    Optional,
    Stream,
    /// Some of them by construction: a page.
    Limited,
    None,
    Count,
    #[default]
    Unknown,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    Select,
    Insert,
    Update,
    Delete,
    Ddl,
    /// Session, lock and transaction statements, `SELECT 1`.
    Control,
    #[default]
    Unknown,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoolNew {
    /// `postgres`, `mysql`, `sqlite`, `redis`, `any`; empty: from the type's arguments or unknown.
    #[serde(default)]
    pub database: String,
    /// Default of the acquire timeout in seconds; 0: waits for ever.
    #[serde(default)]
    pub default_acquire_timeout: Option<u64>,
    /// Connects on first use only.
    #[serde(default)]
    pub lazy: bool,
    /// Built from a configuration struct that may carry a timeout nobody sees in code.
    #[serde(default)]
    pub configured: bool,
    /// Limits that hold where nobody sets others.
    #[serde(default)]
    pub defaults: PoolDefaults,
}

/// As the library's documentation writes them: `10`, `2 per core`, `30 min`, `none`; empty: not known.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoolDefaults {
    #[serde(default)]
    pub max: String,
    /// Connections that are kept open while nobody needs them.
    #[serde(default)]
    pub min: String,
    #[serde(default)]
    pub idle_timeout: String,
    #[serde(default)]
    pub max_lifetime: String,
}

/// `key`: `max`, `min`, `acquire_timeout`, `idle_timeout`, `max_lifetime`, `capacity`, `ttl`, `tti`, `timeout`, `connect_timeout`, ...
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BuilderOption {
    pub key: String,
    /// Argument that is the value.
    #[serde(default)]
    pub value: usize,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connect {
    /// `postgres`, `mysql`, `sqlite`, `redis`, `mongodb`, `memcached`, ...; empty: from the type of the result.
    #[serde(default)]
    pub database: String,
    /// A connection that must not come from a pool: `LISTEN`, pub/sub, in-memory SQLite.
    #[serde(default)]
    pub dedicated: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acquire {
    /// Returns at once when the pool is empty.
    #[serde(default)]
    pub nonblocking: bool,
    /// Bounded by an argument of the call.
    #[serde(default)]
    pub bounded: bool,
    /// Takes a connection from the pool (false for a transaction begun on a connection already held).
    #[serde(default)]
    pub acquires: bool,
    /// The guard lives only inside the closure passed.
    #[serde(default)]
    pub closure: bool,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientNew {
    pub system: System,
    /// Default total timeout in seconds; 0: none.
    #[serde(default)]
    pub default_timeout: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum System {
    Http,
    Grpc,
    Smtp,
    ObjectStore,
    Queue,
    Search,
    Cloud,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CacheNew {
    /// `redis`, `memcached`, or `process` for one in the process's own memory.
    pub store: String,
    /// Bounded by construction (`Cache::new(10_000)`): argument with the capacity.
    #[serde(default)]
    pub capacity: Option<usize>,
    /// Entries expire by construction: argument with the time.
    #[serde(default)]
    pub expiry: Option<usize>,
    /// Unbounded unless an option says otherwise.
    #[serde(default)]
    pub unbounded: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CacheWrite {
    #[serde(default)]
    pub key: Option<usize>,
    /// Argument with the expiry; for an `Option` argument, `None` written out means no expiry.
    #[serde(default)]
    pub expiry: Option<usize>,
    /// Options value (`SetOptions`) that may carry an expiry.
    #[serde(default)]
    pub options: Option<usize>,
}

/// A command given by its name in text: `redis::cmd("SET")`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CacheCommand {
    pub name: usize,
}

/// What values of a type are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TypeRole {
    Pool,
    Connection,
    /// A connection that goes back to its pool when dropped.
    PooledConnection,
    Transaction,
    /// A client that pools inside (mongodb, scylla).
    PooledClient,
    /// Its calls wait for the server or the disk in the thread that makes them.
    Blocking,
    /// Many tasks may share one: redis `ConnectionManager`, `MultiplexedConnection`.
    SharedConnection,
    /// In the process's own memory.
    Cache,
    /// Client or connection of a cache server.
    CacheClient,
    HttpClient,
    SmtpClient,
    ObjectStoreClient,
    QueueClient,
    GrpcClient,
    /// `Mutex`, `RwLock` of any kind.
    Lock,
    /// `Arc`, `State`, `Data`, `Json`: see through to the first type argument.
    Transparent,
    /// Gives a handler something of the request or the application.
    Extractor,
    /// An extractor that carries who is asking: sessions, bearer tokens, identities.
    Identity,
    /// Owned by a web framework; a service that names it can serve nothing else.
    WebFramework,
    Router,
    Limiter,
    /// Being only: a trait whose implementors adapt to the web (`FromRequest`, `IntoResponse`).
    WebAdapter,
    /// Marker for derives that make a persistence model (`FromRow`, `Queryable`).
    PersistenceModel,
    RouterBuilder,
}

//! What is done to caches: every operation, and the entries written to shared ones.

use super::{Chain, EffectKind, Evidence, FunctionId, Truth};
use crate::source::Place;

/// One operation on a cache, in the order of the code.
#[derive(Clone, Debug)]
pub struct CacheOperation {
    pub function: FunctionId,
    pub place: Place,
    /// `redis`, `fred`, `memcache`, `moka`.
    pub library: String,
    /// As a reader knows it: `KEYS`, `mget`.
    pub command: String,
    pub kind: CacheOperationKind,
    /// The key as written, with holes: `user:{}`; empty where there is none.
    pub key: String,
    /// Which cache of the process, by its name and type; empty where that is not known.
    pub store: String,
    /// In a server of its own, not in this process.
    pub remote: bool,
    /// Inside a spawned task or thread.
    pub spawned: bool,
    /// Only queued: it is sent together with others.
    pub pipelined: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheOperationKind {
    Read,
    Write,
    Remove,
    Expire,
    /// Goes through every key of the server.
    Walk,
    /// Removes every key of the server or database.
    Flush,
}

#[derive(Clone, Debug)]
pub struct CacheWrite {
    pub function: FunctionId,
    pub place: Place,
    /// `redis`, `fred`, `memcache`.
    pub library: String,
    /// The key as written, with holes: `user:{}`.
    pub key: String,
    /// Whether the entry expires.
    pub expiry: Truth,
    /// The function (or its caller) reads the same key first and falls back to a database or another system:
    /// a cache entry, not primary data.
    pub cache_aside: Truth,
    /// The function that reads the key first, where `cache_aside` is yes.
    pub read_by: Option<FunctionId>,
}

/// A value that is asked for in a cache and, where it is not there, loaded and put in.
#[derive(Clone, Debug)]
pub struct CacheFill {
    pub function: FunctionId,
    /// `redis`, `moka`.
    pub library: String,
    /// The key as written, with holes: `user:{}`; empty where it is not known.
    pub key: String,
    /// As in [`CacheOperation::store`].
    pub store: String,
    /// In a server of its own, not in this process.
    pub remote: bool,
    pub read: Place,
    /// In `function`: the query or the remote call, or the call that leads to it.
    pub load: Place,
    /// The same place as `read` where one call of the cache does everything.
    pub write: Place,
    /// From `function` to the one that asks the database or the other system; one function long when it is the same.
    pub chain: Chain,
    pub kind: EffectKind,
    /// Where the database or the other system is asked, and by what: `sqlx::query`.
    pub source: Place,
    pub what: String,
    pub expiry: Truth,
    /// Whether one caller loads and the others wait for it.
    pub single_flight: Truth,
}

/// An entry that is removed from a cache while the transaction that changes its rows is still open.
#[derive(Clone, Debug)]
pub struct EarlyRemoval {
    pub function: FunctionId,
    pub begun: Place,
    /// Where rows are changed first.
    pub change: Place,
    /// The removal, or the call that leads to it.
    pub inner: Place,
    /// From `function` to the one that removes the entry; one function long when it is the same.
    pub chain: Chain,
    /// Index into [`Backend::cache_operations`](super::Backend::cache_operations).
    pub operation: usize,
}

/// A command sent to a cache server once for each element of something.
#[derive(Clone, Debug)]
pub struct RepeatedCacheOperation {
    /// The function that holds the loop.
    pub function: FunctionId,
    pub loop_place: Place,
    /// What is looped over, as written.
    pub over: String,
    /// In the loop: the command, or the call that sends it.
    pub inner: Place,
    /// The function that is called for each element and sends the command; `None` where the loop does itself.
    pub through: Option<FunctionId>,
    /// Index into [`Backend::cache_operations`](super::Backend::cache_operations).
    pub operation: usize,
}

/// How many copies of the server run at the same time.
#[derive(Clone, Debug)]
pub struct Instances {
    pub count: u32,
    /// Who says so.
    pub evidence: Evidence,
}

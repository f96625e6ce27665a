//! What is done to caches: every operation, and the entries written to shared ones.

use super::{Chain, FunctionId, Truth};
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

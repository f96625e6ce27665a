//! Entries written to shared caches.

use super::{FunctionId, Truth};
use crate::source::Place;

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
}

#![doc = include_str!("guidance.md")]

pub mod cache_connections_per_request;
pub mod caches_without_expiry;
pub mod redis_keys_commands;
pub mod unbounded_caches;
pub mod uncached_hot_reads;

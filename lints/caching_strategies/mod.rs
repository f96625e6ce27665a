#![doc = include_str!("guidance.md")]

pub mod cache_connections_per_request;
pub mod cache_round_trips_in_loops;
pub mod cache_stampedes;
pub mod caches_without_expiry;
pub mod invalidations_before_commit;
pub mod missing_cache_invalidations;
pub mod process_local_caches;
pub mod redis_keys_commands;
pub mod unbounded_caches;
pub mod uncached_hot_reads;

#![doc = include_str!("guidance.md")]

pub mod blocking_database_calls;
pub mod connections_per_request;
pub mod nested_pool_acquires;
pub mod pools_per_request;
pub mod session_state_on_pools;
pub mod shared_single_connections;
pub mod unbounded_pool_waits;
pub mod unpooled_databases;

mod pooling;

#![doc = include_str!("guidance.md")]

pub mod blocking_constraints;
pub mod blocking_database_calls;
pub mod blocking_index_builds;
pub mod concurrent_indexes_in_transactions;
pub mod connections_per_request;
pub mod dropped_columns_in_use;
pub mod functions_on_indexed_columns;
pub mod leading_wildcards;
pub mod locks_outside_transactions;
pub mod n_plus_one_queries;
pub mod nested_pool_acquires;
pub mod offset_paginations;
pub mod oversubscribed_pools;
pub mod pools_per_request;
pub mod pools_per_worker;
pub mod read_only_handlers_on_primaries;
pub mod reads_after_writes_on_replicas;
pub mod redundant_indexes;
pub mod required_columns_without_defaults;
pub mod session_state_on_pools;
pub mod shared_single_connections;
pub mod sql_injections;
pub mod table_rewrites;
pub mod tables_without_primary_keys;
pub mod transactions_across_remote_calls;
pub mod unbounded_pool_waits;
pub mod unbounded_selects;
pub mod uncommitted_transactions;
pub mod unindexed_foreign_keys;
pub mod unindexed_predicates;
pub mod unpooled_databases;
pub mod updates_without_where;
pub mod writes_on_replicas;

mod new_migrations;
mod pooling;
mod request_queries;

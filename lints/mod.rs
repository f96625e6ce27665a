//! The lints: one folder each, listed in [`ALL`]. A lint is a pure function over the [`Backend`].

pub mod caching_strategies;
pub mod database_optimization;
mod editions;
pub mod scalability_patterns;
pub mod server_architecture;

mod evidence;
mod per_request;
pub mod references;
#[cfg(test)]
mod sketch;

pub use editions::Edition;

use crate::findings::{Finding, Level};
use crate::model::Backend;

/// Every lint, by section. One row per lint.
pub static ALL: &[&Lint] = &[
    &caching_strategies::cache_connections_per_request::LINT,
    &caching_strategies::cache_round_trips_in_loops::LINT,
    &caching_strategies::cache_stampedes::LINT,
    &caching_strategies::caches_without_expiry::LINT,
    &caching_strategies::invalidations_before_commit::LINT,
    &caching_strategies::missing_cache_invalidations::LINT,
    &caching_strategies::process_local_caches::LINT,
    &caching_strategies::redis_keys_commands::LINT,
    &caching_strategies::unbounded_caches::LINT,
    &caching_strategies::uncached_hot_reads::LINT,
    &database_optimization::blocking_constraints::LINT,
    &database_optimization::blocking_database_calls::LINT,
    &database_optimization::blocking_index_builds::LINT,
    &database_optimization::concurrent_indexes_in_transactions::LINT,
    &database_optimization::connections_per_request::LINT,
    &database_optimization::dropped_columns_in_use::LINT,
    &database_optimization::functions_on_indexed_columns::LINT,
    &database_optimization::leading_wildcards::LINT,
    &database_optimization::locks_outside_transactions::LINT,
    &database_optimization::missing_shard_keys::LINT,
    &database_optimization::n_plus_one_queries::LINT,
    &database_optimization::nested_pool_acquires::LINT,
    &database_optimization::offset_paginations::LINT,
    &database_optimization::overfetching_selects::LINT,
    &database_optimization::oversubscribed_pools::LINT,
    &database_optimization::pools_per_request::LINT,
    &database_optimization::pools_per_worker::LINT,
    &database_optimization::prepares_in_loops::LINT,
    &database_optimization::read_only_handlers_on_primaries::LINT,
    &database_optimization::reads_after_writes_on_replicas::LINT,
    &database_optimization::redundant_indexes::LINT,
    &database_optimization::required_columns_without_defaults::LINT,
    &database_optimization::session_state_on_pools::LINT,
    &database_optimization::shared_single_connections::LINT,
    &database_optimization::sql_injections::LINT,
    &database_optimization::table_rewrites::LINT,
    &database_optimization::tables_without_primary_keys::LINT,
    &database_optimization::transactions_across_remote_calls::LINT,
    &database_optimization::unbounded_pool_waits::LINT,
    &database_optimization::unbounded_selects::LINT,
    &database_optimization::uncommitted_transactions::LINT,
    &database_optimization::unindexed_foreign_keys::LINT,
    &database_optimization::unindexed_predicates::LINT,
    &database_optimization::unknown_columns::LINT,
    &database_optimization::unpooled_databases::LINT,
    &database_optimization::updates_without_where::LINT,
    &database_optimization::writes_on_replicas::LINT,
    &database_optimization::writes_without_transactions::LINT,
    &scalability_patterns::clients_per_request::LINT,
    &scalability_patterns::unlimited_credential_routes::LINT,
    &scalability_patterns::unlimited_servers::LINT,
    &server_architecture::component_cycles::LINT,
    &server_architecture::framework_types_in_services::LINT,
    &server_architecture::layer_rule_violations::LINT,
    &server_architecture::layer_skips::LINT,
    &server_architecture::layering_not_detected::LINT,
    &server_architecture::sql_in_handlers::LINT,
    &server_architecture::sql_outside_repositories::LINT,
    &server_architecture::upward_dependencies::LINT,
];

/// A lint: what it is called, what it rests on, and what it looks for.
pub struct Lint {
    pub info: LintInfo,
    pub check: fn(&Backend, &mut Vec<Finding>),
}

pub struct LintInfo {
    /// Folder name, module name and id: `sql_in_handlers`.
    pub id: &'static str,
    pub section: Section,
    pub level: Level,
    /// One sentence: the bad thing.
    pub summary: &'static str,
    /// One sentence: what to do instead.
    pub help: &'static str,
    /// The page that `explain` prints and the published docs show.
    pub guidance: &'static str,
    /// What it rests on, the strongest first.
    pub references: &'static [Reference],
    /// Findings read in the source over the development corpus.
    pub measured: Measured,
}

impl LintInfo {
    /// The lint's page in the published docs of this version.
    pub fn url(&self) -> String {
        format!(
            "https://docs.rs/cargo-moai-backend/{}/moai_backend/lints/{}/{}/index.html",
            env!("CARGO_PKG_VERSION"),
            self.section.id(),
            self.id
        )
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    ServerArchitecture,
    ApiDesign,
    CachingStrategies,
    DatabaseOptimization,
    ScalabilityPatterns,
    Project,
}

impl Section {
    pub const ALL: [Section; 6] = [
        Section::ServerArchitecture,
        Section::ApiDesign,
        Section::CachingStrategies,
        Section::DatabaseOptimization,
        Section::ScalabilityPatterns,
        Section::Project,
    ];

    pub fn id(self) -> &'static str {
        match self {
            Section::ServerArchitecture => "server_architecture",
            Section::ApiDesign => "api_design",
            Section::CachingStrategies => "caching_strategies",
            Section::DatabaseOptimization => "database_optimization",
            Section::ScalabilityPatterns => "scalability_patterns",
            Section::Project => "project",
        }
    }
}

/// A page somebody can open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    pub title: &'static str,
    pub url: &'static str,
    /// Version or date of the page itself; empty where it has none.
    pub version: &'static str,
    /// `2026-11-23`.
    pub accessed: &'static str,
}

/// Of `found` findings over the development corpus `read` were read in the source, and `right` of those were right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    pub found: u32,
    pub read: u32,
    pub right: u32,
}

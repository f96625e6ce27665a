//! What the lints about pools say alike: the pool that is there, or the one to build.

use crate::model::{Backend, Context, Resource, ResourceKind, Truth};

/// The pool of this database system that production code builds at start-up, if there is one.
pub fn pool_of<'b>(backend: &'b Backend, system: &str) -> Option<&'b Resource> {
    backend.resources.iter().find(|resource| {
        resource.kind == ResourceKind::Pool
            && resource.system == system
            && !matches!(resource.built, crate::model::Built::PerRequest { .. })
            && backend.function(resource.function).context == Context::Production
    })
}

/// What to take connections from, for a library that has just been used without a pool: the pool that exists, or the usual one.
pub fn advice(backend: &Backend, library: &str, system: &str, state: &str) -> String {
    if let Some(pool) = pool_of(backend, system) {
        // It may be for another database of the same kind.
        return format!(
            "take a connection from a pool that is built at start-up, such as the one of `{}`",
            backend.function(pool.function).path
        );
    }
    if let Some(Truth::Yes(seen)) = backend.pools.get(system) {
        return format!("take a connection from the pool that is already there: {}", seen.what);
    }
    format!("build one {} at start-up, keep it in {state} and take connections from it", usual_pool(library))
}

/// The pool that users of a library usually take.
pub fn usual_pool(library: &str) -> &'static str {
    const POOLS: &[(&str, &str)] = &[
        ("sqlx", "`sqlx::Pool`"),
        ("diesel", "`diesel::r2d2::Pool`"),
        ("diesel_async", "`diesel_async::pooled_connection` pool (deadpool or bb8)"),
        ("tokio_postgres", "`deadpool_postgres::Pool`"),
        ("postgres", "`r2d2::Pool` of `r2d2_postgres`"),
        ("rusqlite", "`r2d2::Pool` of `r2d2_sqlite`"),
        ("mysql_async", "`mysql_async::Pool`"),
        ("mysql", "`mysql::Pool`"),
        ("sea_orm", "`sea_orm::DatabaseConnection` (it is a pool)"),
        ("mongodb", "`mongodb::Client` (it is a pool)"),
    ];
    let library = library.replace('-', "_");
    POOLS.iter().find(|(name, _)| *name == library).map_or("pool", |(_, pool)| pool)
}

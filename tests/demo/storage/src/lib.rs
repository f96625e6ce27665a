//! Everything that is kept in PostgreSQL. One module for each kind of thing; SQL stands here and nowhere else.

pub mod articles;
pub mod authors;
pub mod comments;
pub mod reports;
pub mod search;
pub mod sessions;
pub mod tags;

pub use sqlx::PgPool;
pub use sqlx::Error;

use sqlx::postgres::PgPoolOptions;
use std::time::Duration;

/// The pool that the whole process shares.
pub async fn connect(url: &str) -> Result<PgPool, Error> {
    let pool = PgPoolOptions::new().max_connections(20).acquire_timeout(Duration::from_secs(5)).connect(url).await?;
    sqlx::migrate!("../migrations").run(&pool).await?;
    Ok(pool)
}

/// Whether the database answers.
pub async fn ping(pool: &PgPool) -> Result<(), Error> {
    sqlx::query("SELECT 1").execute(pool).await?;
    Ok(())
}

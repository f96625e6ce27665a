//! Figures for the people who run the site, from the reporting database.

use sqlx::Error;
use sqlx::postgres::PgPoolOptions;

/// Articles published in each of the last twelve months.
pub async fn monthly(url: &str) -> Result<Vec<i64>, Error> {
    let pool = PgPoolOptions::new().max_connections(2).connect(url).await?;
    sqlx::query_scalar(
        "SELECT count(*) FROM articles WHERE published_at > now() - interval '1 year'
         GROUP BY date_trunc('month', published_at) ORDER BY date_trunc('month', published_at) LIMIT 12",
    )
    .fetch_all(&pool)
    .await
}

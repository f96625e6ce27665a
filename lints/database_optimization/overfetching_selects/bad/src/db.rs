use sqlx::PgPool;

pub async fn insert(db: &PgPool, article: i64) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO orders (article_id) VALUES ($1)").bind(article).execute(db).await?;
    Ok(())
}

/// The rows cross the network to be counted here.
pub async fn count(db: &PgPool) -> Result<usize, sqlx::Error> {
    let orders = sqlx::query("SELECT id, article_id FROM orders").fetch_all(db).await?;
    Ok(orders.len())
}

pub async fn latest(db: &PgPool) -> Result<Vec<i64>, sqlx::Error> {
    let latest: Option<i64> = sqlx::query_scalar("SELECT id FROM orders ORDER BY id DESC").fetch_all(db).await?.into_iter().next();
    Ok(latest.into_iter().collect())
}

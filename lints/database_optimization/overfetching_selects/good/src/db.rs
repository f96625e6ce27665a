use sqlx::PgPool;

pub async fn insert(db: &PgPool, article: i64) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO orders (article_id) VALUES ($1)").bind(article).execute(db).await?;
    Ok(())
}

pub async fn count(db: &PgPool) -> Result<usize, sqlx::Error> {
    let orders: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM orders").fetch_one(db).await?;
    Ok(orders as usize)
}

/// A page of rows, all of which are handed on.
pub async fn latest(db: &PgPool) -> Result<Vec<i64>, sqlx::Error> {
    let latest: Vec<i64> = sqlx::query_scalar("SELECT id FROM orders ORDER BY id DESC LIMIT 20").fetch_all(db).await?;
    if latest.is_empty() {
        return Err(sqlx::Error::RowNotFound);
    }
    Ok(latest)
}

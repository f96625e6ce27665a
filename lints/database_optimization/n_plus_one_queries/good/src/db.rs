//! Loops with queries in them that are not one query for each element, and one that no request waits for.

use sqlx::{PgPool, Result};

/// One query for all of them.
pub async fn items_of(db: &PgPool, orders: &[i64]) -> Result<Vec<i64>> {
    sqlx::query_scalar("SELECT id FROM items WHERE order_id = ANY($1)").bind(orders).fetch_all(db).await
}

/// Three kinds, written out.
pub async fn any(db: &PgPool) -> Result<i64> {
    let mut all = 0;
    for kind in ["new", "paid", "sent"] {
        let some: i64 = sqlx::query_scalar("SELECT count(*) FROM orders WHERE kind = $1").bind(kind).fetch_one(db).await?;
        all += some;
    }
    Ok(all)
}

/// A thousand at a time.
pub async fn tag(db: &PgPool, tags: &[String]) -> Result<()> {
    for batch in tags.chunks(1000) {
        sqlx::query("INSERT INTO tags (name) SELECT * FROM unnest($1)").bind(batch).execute(db).await?;
    }
    Ok(())
}

/// Until it works.
pub async fn retry(db: &PgPool) -> Result<()> {
    for attempt in 0..3 {
        if sqlx::query("INSERT INTO attempts (number) VALUES ($1)").bind(attempt).execute(db).await.is_ok() {
            return Ok(());
        }
    }
    Err(sqlx::Error::PoolTimedOut)
}

pub async fn pay(db: &PgPool, order: i64) -> Result<()> {
    sqlx::query("UPDATE orders SET kind = 'paid' WHERE id = $1").bind(order).execute(db).await?;
    Ok(())
}

/// Once, before the first request.
pub async fn backfill(db: &PgPool) -> Result<()> {
    let orders: Vec<i64> = sqlx::query_scalar("SELECT id FROM orders WHERE total IS NULL").fetch_all(db).await?;
    for order in orders {
        sqlx::query("UPDATE orders SET total = 0 WHERE id = $1").bind(order).execute(db).await?;
    }
    Ok(())
}

//! Four ways to use two connections that never hold one while waiting for another of the same pool, and one that may.

use sqlx::{PgPool, Postgres, Result, Transaction};

/// Everything runs on the transaction.
pub async fn refund(db: &PgPool, id: i64) -> Result<()> {
    let mut transaction = db.begin().await?;
    let amount: i64 = sqlx::query_scalar("SELECT amount FROM orders WHERE id = $1").bind(id).fetch_one(&mut *transaction).await?;
    insert_refund(&mut transaction, id, amount).await?;
    transaction.commit().await
}

async fn insert_refund(transaction: &mut Transaction<'_, Postgres>, id: i64, amount: i64) -> Result<()> {
    sqlx::query("INSERT INTO refunds (order_id, amount) VALUES ($1, $2)").bind(id).bind(amount).execute(&mut **transaction).await?;
    Ok(())
}

/// The second query comes after the commit.
pub async fn cancel(db: &PgPool, id: i64) -> Result<()> {
    let mut transaction = db.begin().await?;
    sqlx::query("UPDATE orders SET state = 'cancelled' WHERE id = $1").bind(id).execute(&mut *transaction).await?;
    transaction.commit().await?;
    sqlx::query("INSERT INTO audit (action, order_id) VALUES ('cancel', $1)").bind(id).execute(db).await?;
    Ok(())
}

/// The second connection comes from another pool.
pub async fn ship(db: &PgPool, replica: &PgPool, id: i64) -> Result<()> {
    let mut transaction = db.begin().await?;
    let address: String = sqlx::query_scalar("SELECT address FROM orders WHERE id = $1").bind(id).fetch_one(replica).await?;
    sqlx::query("INSERT INTO parcels (order_id, address) VALUES ($1, $2)").bind(id).bind(address).execute(&mut *transaction).await?;
    transaction.commit().await
}

/// The first connection goes back at the end of its block.
pub async fn note(db: &PgPool, id: i64) -> Result<()> {
    let exists: bool = {
        let mut connection = db.acquire().await?;
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM orders WHERE id = $1)").bind(id).fetch_one(&mut *connection).await?
    };
    if !exists {
        return Err(sqlx::Error::RowNotFound);
    }
    sqlx::query("INSERT INTO notes (order_id) VALUES ($1)").bind(id).execute(db).await?;
    Ok(())
}

/// Runs alone, before the first request: a second connection harms nobody here.
pub async fn backfill(db: &PgPool) -> Result<()> {
    let mut transaction = db.begin().await?;
    let pending: i64 = sqlx::query_scalar("SELECT count(*) FROM orders WHERE total IS NULL").fetch_one(db).await?;
    if pending > 0 {
        sqlx::query("UPDATE orders SET total = 0 WHERE total IS NULL").execute(&mut *transaction).await?;
    }
    transaction.commit().await
}

use sqlx::{PgConnection, PgPool, Postgres, Result, Transaction};

pub async fn transfer(db: &PgPool, from: i64, to: i64, amount: i64) -> Result<()> {
    let mut tx = db.begin().await?;
    sqlx::query("UPDATE accounts SET balance = balance - $1 WHERE id = $2").bind(amount).bind(from).execute(&mut *tx).await?;
    sqlx::query("UPDATE accounts SET balance = balance + $1 WHERE id = $2").bind(amount).bind(to).execute(&mut *tx).await?;
    tx.commit().await
}

/// Whom it is handed to commits it.
pub async fn close(db: &PgPool, id: i64) -> Result<()> {
    let mut tx = db.begin().await?;
    sqlx::query("DELETE FROM accounts WHERE id = $1").bind(id).execute(&mut *tx).await?;
    finish(tx).await
}

async fn finish(tx: Transaction<'_, Postgres>) -> Result<()> {
    tx.commit().await
}

/// Two reads of one state: there is nothing to keep.
pub async fn statement(db: &PgPool, id: i64) -> Result<(i64, i64)> {
    let mut tx = db.begin().await?;
    let balance = sqlx::query_scalar("SELECT balance FROM accounts WHERE id = $1").bind(id).fetch_one(&mut *tx).await?;
    let bookings = sqlx::query_scalar("SELECT count(*) FROM bookings WHERE account_id = $1").bind(id).fetch_one(&mut *tx).await?;
    Ok((balance, bookings))
}

/// Committed on one of two ways: that the other takes it back is meant.
pub async fn fees(db: &PgPool, id: i64) -> Result<()> {
    let mut tx = db.begin().await?;
    take_fee(&mut tx, id).await?;
    let left: i64 = sqlx::query_scalar("SELECT balance FROM accounts WHERE id = $1").bind(id).fetch_one(&mut *tx).await?;
    if left >= 0 {
        tx.commit().await?;
    }
    Ok(())
}

/// Taken back by name.
pub async fn trial(db: &PgPool, id: i64) -> Result<i64> {
    let mut tx = db.begin().await?;
    take_fee(&mut tx, id).await?;
    let left = sqlx::query_scalar("SELECT balance FROM accounts WHERE id = $1").bind(id).fetch_one(&mut *tx).await?;
    tx.rollback().await?;
    Ok(left)
}

async fn take_fee(tx: &mut PgConnection, id: i64) -> Result<()> {
    sqlx::query("UPDATE accounts SET balance = balance - 1 WHERE id = $1").bind(id).execute(tx).await?;
    Ok(())
}

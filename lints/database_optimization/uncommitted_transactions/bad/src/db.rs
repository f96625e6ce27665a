use sqlx::{PgConnection, PgPool, Result};

/// Both statements succeed, and nothing is kept of them.
pub async fn transfer(db: &PgPool, from: i64, to: i64, amount: i64) -> Result<()> {
    let mut tx = db.begin().await?;
    sqlx::query("UPDATE accounts SET balance = balance - $1 WHERE id = $2").bind(amount).bind(from).execute(&mut *tx).await?;
    sqlx::query("UPDATE accounts SET balance = balance + $1 WHERE id = $2").bind(amount).bind(to).execute(&mut *tx).await?;
    Ok(())
}

/// The write is in a function that the transaction is lent to.
pub async fn close(db: &PgPool, id: i64) -> Result<()> {
    let mut tx = db.begin().await?;
    forget(&mut tx, id).await?;
    Ok(())
}

async fn forget(tx: &mut PgConnection, id: i64) -> Result<()> {
    sqlx::query("DELETE FROM accounts WHERE id = $1").bind(id).execute(tx).await?;
    Ok(())
}

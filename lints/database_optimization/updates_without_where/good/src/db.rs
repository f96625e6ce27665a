//! One user's messages, those of a join, a table of one row, and all of them before the first request.

use sqlx::{PgPool, Result};

pub async fn add(db: &PgPool, text: &str) -> Result<()> {
    sqlx::query("INSERT INTO messages (text) VALUES ($1)").bind(text).execute(db).await?;
    Ok(())
}

pub async fn read(db: &PgPool, user: i64) -> Result<()> {
    sqlx::query("UPDATE messages SET read = true WHERE user_id = $1").bind(user).execute(db).await?;
    sqlx::query("UPDATE messages SET seen = now() FROM opened WHERE opened.id = messages.id").execute(db).await?;
    Ok(())
}

pub async fn mode(db: &PgPool, name: &str) -> Result<()> {
    sqlx::query("UPDATE settings SET mode = $1").bind(name).execute(db).await?;
    Ok(())
}

pub async fn forget(db: &PgPool) -> Result<()> {
    sqlx::query("DELETE FROM messages").execute(db).await?;
    Ok(())
}

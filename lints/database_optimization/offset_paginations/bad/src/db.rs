use sqlx::{PgPool, Result};

pub async fn add(db: &PgPool, author: i64, title: &str) -> Result<()> {
    sqlx::query("INSERT INTO posts (id, author_id, title) VALUES (nextval('post_ids'), $1, $2)").bind(author).bind(title).execute(db).await?;
    Ok(())
}

pub async fn titles(db: &PgPool, size: i64, before: i64) -> Result<Vec<String>> {
    let skipped = before.saturating_mul(100);
    sqlx::query_scalar("SELECT title FROM posts ORDER BY id DESC LIMIT $1 OFFSET $2").bind(size).bind(skipped).fetch_all(db).await
}

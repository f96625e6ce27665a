use sqlx::{PgPool, Result};

pub async fn add(db: &PgPool, author: i64, title: &str) -> Result<()> {
    sqlx::query("INSERT INTO posts (id, author_id, title) VALUES (nextval('post_ids'), $1, $2)").bind(author).bind(title).execute(db).await?;
    Ok(())
}

/// Goes on where the page before ended, by the key.
pub async fn after(db: &PgPool, last: i64) -> Result<Vec<String>> {
    sqlx::query_scalar("SELECT title FROM posts WHERE id > $1 ORDER BY id LIMIT 20").bind(last).fetch_all(db).await
}

pub async fn titles(db: &PgPool, skipped: i64) -> Result<Vec<String>> {
    sqlx::query_scalar("SELECT title FROM posts ORDER BY id DESC LIMIT 20 OFFSET $1").bind(skipped).fetch_all(db).await
}

/// One author has few.
pub async fn of_author(db: &PgPool, author: i64, skipped: i64) -> Result<Vec<String>> {
    sqlx::query_scalar("SELECT title FROM posts WHERE author_id = $1 ORDER BY id LIMIT 20 OFFSET $2").bind(author).bind(skipped).fetch_all(db).await
}

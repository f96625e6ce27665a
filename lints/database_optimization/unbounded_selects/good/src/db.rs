//! A page, a count, one author's posts, a table that never grows, and all posts before the first request.

use sqlx::{PgPool, Result};

pub async fn page(db: &PgPool, after: i64) -> Result<Vec<i64>> {
    sqlx::query_scalar("SELECT id FROM posts WHERE id > $1 ORDER BY id LIMIT 50").bind(after).fetch_all(db).await
}

pub async fn count(db: &PgPool) -> Result<Vec<i64>> {
    sqlx::query_scalar("SELECT count(*) FROM posts").fetch_all(db).await
}

pub async fn of_author(db: &PgPool, author: i64) -> Result<Vec<i64>> {
    sqlx::query_scalar("SELECT id FROM posts WHERE author = $1").bind(author).fetch_all(db).await
}

pub async fn countries(db: &PgPool) -> Result<Vec<String>> {
    sqlx::query_scalar("SELECT name FROM countries").fetch_all(db).await
}

pub async fn add(db: &PgPool, title: &str) -> Result<()> {
    sqlx::query("INSERT INTO posts (title) VALUES ($1)").bind(title).execute(db).await?;
    Ok(())
}

pub async fn warm_up(db: &PgPool) -> Result<usize> {
    let posts: Vec<i64> = sqlx::query_scalar("SELECT id FROM posts").fetch_all(db).await?;
    Ok(posts.len())
}

//! Categories are read all over the place and written by one form.

use serde::Serialize;
use sqlx::PgPool;

#[derive(Serialize, sqlx::FromRow)]
pub struct Category {
    id: i64,
    name: String,
}

pub async fn all(db: &PgPool) -> sqlx::Result<Vec<Category>> {
    sqlx::query_as("SELECT id, name FROM categories ORDER BY name LIMIT 200").fetch_all(db).await
}

pub async fn by_id(db: &PgPool, id: i64) -> sqlx::Result<Option<Category>> {
    sqlx::query_as("SELECT id, name FROM categories WHERE id = $1").bind(id).fetch_optional(db).await
}

pub async fn count(db: &PgPool) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT count(*) FROM categories").fetch_one(db).await
}

pub async fn create(db: &PgPool, name: &str) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO categories (name) VALUES ($1)").bind(name).execute(db).await?;
    Ok(())
}

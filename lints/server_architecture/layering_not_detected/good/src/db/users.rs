use serde::Serialize;
use sqlx::PgPool;

#[derive(Serialize, sqlx::FromRow)]
pub struct User {
    pub id: i64,
    pub name: String,
}

pub async fn list(pool: &PgPool) -> Result<Vec<User>, sqlx::Error> {
    sqlx::query_as("SELECT id, name FROM users ORDER BY id LIMIT 100").fetch_all(pool).await
}

pub async fn find(pool: &PgPool, id: i64) -> Result<User, sqlx::Error> {
    sqlx::query_as("SELECT id, name FROM users WHERE id = $1").bind(id).fetch_one(pool).await
}

pub async fn insert(pool: &PgPool, name: &str) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO users (name) VALUES ($1)").bind(name).execute(pool).await?;
    Ok(())
}

pub async fn rename(pool: &PgPool, id: i64, name: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE users SET name = $2 WHERE id = $1").bind(id).bind(name).execute(pool).await?;
    Ok(())
}

pub async fn delete(pool: &PgPool, id: i64) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM users WHERE id = $1").bind(id).execute(pool).await?;
    Ok(())
}

use serde::Serialize;
use sqlx::{Error, PgPool};
use uuid::Uuid;

#[derive(Debug, Serialize, sqlx::FromRow)]
pub struct Author {
    pub id: Uuid,
    pub name: String,
}

#[derive(sqlx::FromRow)]
pub struct Login {
    pub id: Uuid,
    pub password_hash: String,
}

pub async fn by_name(pool: &PgPool, name: &str) -> Result<Option<Author>, Error> {
    sqlx::query_as("SELECT id, name FROM authors WHERE name = $1").bind(name).fetch_optional(pool).await
}

pub async fn login_of(pool: &PgPool, name: &str) -> Result<Option<Login>, Error> {
    sqlx::query_as("SELECT id, password_hash FROM authors WHERE name = $1").bind(name).fetch_optional(pool).await
}

pub async fn create(pool: &PgPool, name: &str, password_hash: &str) -> Result<Uuid, Error> {
    let id = Uuid::new_v4();
    sqlx::query("INSERT INTO authors (id, name, password_hash) VALUES ($1, $2, $3)")
        .bind(id)
        .bind(name)
        .bind(password_hash)
        .execute(pool)
        .await?;
    Ok(id)
}

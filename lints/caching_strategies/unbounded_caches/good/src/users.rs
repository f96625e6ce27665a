use sqlx::{PgPool, Result};

pub async fn name(db: &PgPool, id: i64) -> Result<String> {
    sqlx::query_scalar("SELECT name FROM users WHERE id = $1").bind(id).fetch_one(db).await
}

pub async fn role(db: &PgPool, id: i64) -> Result<String> {
    sqlx::query_scalar("SELECT role FROM users WHERE id = $1").bind(id).fetch_one(db).await
}

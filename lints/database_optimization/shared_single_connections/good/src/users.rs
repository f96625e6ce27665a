use serde::Serialize;
use sqlx::PgPool;

#[derive(Serialize, sqlx::FromRow)]
pub struct User {
    id: i64,
    name: String,
}

pub async fn by_id(pool: &PgPool, id: i64) -> sqlx::Result<Option<User>> {
    sqlx::query_as("SELECT id, name FROM users WHERE id = $1").bind(id).fetch_optional(pool).await
}

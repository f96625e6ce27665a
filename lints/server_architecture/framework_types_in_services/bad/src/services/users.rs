use crate::db::users;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use sqlx::PgPool;

pub async fn register(pool: &PgPool, name: &str) -> Response {
    match users::insert(pool, name).await {
        Ok(()) => StatusCode::CREATED.into_response(),
        Err(_) => StatusCode::CONFLICT.into_response(),
    }
}

pub async fn rename(pool: &PgPool, id: i64, name: &str) -> Result<(), sqlx::Error> {
    users::rename(pool, id, name).await
}

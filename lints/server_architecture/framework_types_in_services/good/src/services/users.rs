use crate::db::users;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use sqlx::PgPool;

pub enum RegisterError {
    NameTaken,
}

// The orphan rule keeps this beside its type.
impl IntoResponse for RegisterError {
    fn into_response(self) -> Response {
        StatusCode::CONFLICT.into_response()
    }
}

pub async fn register(pool: &PgPool, name: &str) -> Result<(), RegisterError> {
    users::insert(pool, name).await.map_err(|_| RegisterError::NameTaken)
}

/// A status of the `http` crate belongs to no framework.
pub async fn rename(pool: &PgPool, id: i64, name: &str) -> Result<(), StatusCode> {
    users::rename(pool, id, name).await.map_err(|_| StatusCode::NOT_FOUND)
}

use crate::db;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use sqlx::PgPool;

pub async fn show(State(pool): State<PgPool>, Path((org, id)): Path<(i64, i64)>) -> Result<Json<String>, StatusCode> {
    db::detail(&pool, org, id).await.map(Json).map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

pub async fn add(State(pool): State<PgPool>, Path(org): Path<i64>, Json(kind): Json<String>) -> Result<(), StatusCode> {
    db::add(&pool, org, &kind).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

use crate::db::Db;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;

pub async fn show(State(db): State<Db>, Path(id): Path<i64>) -> Result<Json<String>, StatusCode> {
    db.name(id).await.map(Json).map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

pub async fn followers(State(db): State<Db>, Path(id): Path<i64>) -> Result<Json<i64>, StatusCode> {
    db.followers(id).await.map(Json).map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

use crate::db::Db;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;

pub async fn show(State(db): State<Db>, Path(id): Path<i64>) -> Result<Json<String>, StatusCode> {
    db.visited_name(id).await.map(Json).map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

pub async fn rename(State(db): State<Db>, Path(id): Path<i64>, Json(name): Json<String>) -> Result<(), StatusCode> {
    db.rename(id, &name).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

use crate::store::{Store, User};
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};

pub fn routes() -> Router {
    Router::new().route("/", get(list)).route("/{id}", get(show))
}

async fn list() -> Result<Json<Vec<User>>, StatusCode> {
    let store = Store::open().await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    store.users().await.map(Json).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

async fn show(Path(id): Path<i64>) -> Result<Json<User>, StatusCode> {
    let store = Store::open().await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    store.user(id).await.map(Json).map_err(|_| StatusCode::NOT_FOUND)
}

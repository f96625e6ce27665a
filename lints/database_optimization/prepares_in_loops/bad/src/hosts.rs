use crate::{AppState, db};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;

pub async fn set_addresses(State(state): State<AppState>, Path(id): Path<i64>, Json(addresses): Json<Vec<String>>) -> StatusCode {
    match db::set_addresses(&state.db, id, addresses).await {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

pub async fn set_names(State(state): State<AppState>, Path(id): Path<i64>, Json(names): Json<Vec<String>>) -> StatusCode {
    match db::set_names(&state.db, id, names).await {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

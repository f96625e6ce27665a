use crate::{AppState, db};
use axum::extract::{Path, State};
use axum::http::StatusCode;

pub async fn add(State(state): State<AppState>, text: String) -> Result<(), StatusCode> {
    answer(db::add(&state.db, &text).await)
}

pub async fn read(State(state): State<AppState>, Path(user): Path<i64>) -> Result<(), StatusCode> {
    answer(db::read(&state.db, user).await)
}

pub async fn mode(State(state): State<AppState>, Path(name): Path<String>) -> Result<(), StatusCode> {
    answer(db::mode(&state.db, &name).await)
}

fn answer<T>(done: sqlx::Result<T>) -> Result<T, StatusCode> {
    done.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

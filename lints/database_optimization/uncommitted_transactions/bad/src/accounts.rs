use crate::{AppState, db};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;

pub async fn transfer(State(state): State<AppState>, Path(from): Path<i64>, Json((to, amount)): Json<(i64, i64)>) -> Result<(), StatusCode> {
    answer(db::transfer(&state.db, from, to, amount).await)
}

pub async fn close(State(state): State<AppState>, Path(id): Path<i64>) -> Result<(), StatusCode> {
    answer(db::close(&state.db, id).await)
}

fn answer<T>(done: sqlx::Result<T>) -> Result<T, StatusCode> {
    done.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

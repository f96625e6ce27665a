use crate::{AppState, db};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;

pub async fn invite(State(state): State<AppState>, Path(team): Path<i64>, Json(email): Json<String>) -> Result<(), StatusCode> {
    answer(db::invite(&state.db, team, &email).await)
}

pub async fn join(State(state): State<AppState>, Path((team, user)): Path<(i64, i64)>) -> Result<(), StatusCode> {
    answer(db::join(&state.db, team, user).await)
}

pub async fn disband(State(state): State<AppState>, Path(team): Path<i64>) -> Result<(), StatusCode> {
    answer(db::disband(&state.db, team).await)
}

fn answer<T>(done: sqlx::Result<T>) -> Result<T, StatusCode> {
    done.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

use crate::{AppState, db};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;

pub async fn join(State(state): State<AppState>, Json((id, team, email)): Json<(i64, i64, String)>) -> Result<(), StatusCode> {
    answer(db::join(&state.db, id, team, &email).await)
}

pub async fn by_email(State(state): State<AppState>, Path(email): Path<String>) -> Result<Json<i64>, StatusCode> {
    answer(db::by_email(&state.db, &email).await.map(Json))
}

pub async fn joined_on(State(state): State<AppState>, Path(day): Path<chrono::NaiveDate>) -> Result<Json<Vec<i64>>, StatusCode> {
    answer(db::joined_on(&state.db, day).await.map(Json))
}

pub async fn by_phone(State(state): State<AppState>, Path((team, phone)): Path<(i64, String)>) -> Result<Json<i64>, StatusCode> {
    answer(db::by_phone(&state.db, team, &phone).await.map(Json))
}

pub async fn plan(State(state): State<AppState>, Path(code): Path<String>) -> Result<Json<i64>, StatusCode> {
    answer(db::plan(&state.db, &code).await.map(Json))
}

fn answer<T>(done: sqlx::Result<T>) -> Result<T, StatusCode> {
    done.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

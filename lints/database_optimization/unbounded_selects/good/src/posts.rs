use crate::{AppState, db};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;

pub async fn page(State(state): State<AppState>, Query(after): Query<i64>) -> Result<Json<Vec<i64>>, StatusCode> {
    answer(db::page(&state.db, after).await.map(Json))
}

pub async fn count(State(state): State<AppState>) -> Result<Json<Vec<i64>>, StatusCode> {
    answer(db::count(&state.db).await.map(Json))
}

pub async fn of_author(State(state): State<AppState>, Path(author): Path<i64>) -> Result<Json<Vec<i64>>, StatusCode> {
    answer(db::of_author(&state.db, author).await.map(Json))
}

pub async fn countries(State(state): State<AppState>) -> Result<Json<Vec<String>>, StatusCode> {
    answer(db::countries(&state.db).await.map(Json))
}

pub async fn add(State(state): State<AppState>, Json(title): Json<String>) -> Result<(), StatusCode> {
    answer(db::add(&state.db, &title).await)
}

fn answer<T>(done: sqlx::Result<T>) -> Result<T, StatusCode> {
    done.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

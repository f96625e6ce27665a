use crate::{AppState, db};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

pub async fn list(State(state): State<AppState>, Json(orders): Json<Vec<i64>>) -> Result<Json<Vec<i64>>, StatusCode> {
    answer(db::items_of(&state.db, &orders).await.map(Json))
}

pub async fn any(State(state): State<AppState>) -> Result<Json<i64>, StatusCode> {
    answer(db::any(&state.db).await.map(Json))
}

pub async fn tag(State(state): State<AppState>, Json(tags): Json<Vec<String>>) -> Result<(), StatusCode> {
    answer(db::tag(&state.db, &tags).await)
}

pub async fn retry(State(state): State<AppState>) -> Result<(), StatusCode> {
    answer(db::retry(&state.db).await)
}

/// Each in a task of its own, after the answer.
pub async fn pay(State(state): State<AppState>, Json(orders): Json<Vec<i64>>) -> StatusCode {
    for order in orders {
        let pool = state.db.clone();
        tokio::spawn(async move { db::pay(&pool, order).await });
    }
    StatusCode::ACCEPTED
}

fn answer<T>(done: sqlx::Result<T>) -> Result<T, StatusCode> {
    done.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

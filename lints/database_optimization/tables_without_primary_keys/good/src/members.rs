use crate::{AppState, db};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;

pub async fn join(State(state): State<AppState>, Path(user): Path<i64>, Json((team, email)): Json<(i64, String)>) -> Result<(), StatusCode> {
    answer(db::join(&state.db, team, user, &email).await)
}

pub async fn teams_of(State(state): State<AppState>, Path(user): Path<i64>) -> Result<Json<Vec<i64>>, StatusCode> {
    answer(db::teams_of(&state.db, user).await.map(Json))
}

pub async fn by_email(State(state): State<AppState>, Path(email): Path<String>) -> Result<Json<Vec<i64>>, StatusCode> {
    answer(db::by_email(&state.db, &email).await.map(Json))
}

pub async fn plans(State(state): State<AppState>, Path(monthly): Path<i64>) -> Result<Json<Vec<String>>, StatusCode> {
    answer(db::plans(&state.db, monthly).await.map(Json))
}

pub async fn events(State(state): State<AppState>, Path(kind): Path<String>, Query(team): Query<Option<i64>>) -> Result<Json<Vec<i64>>, StatusCode> {
    answer(db::events(&state.db, &kind, team).await.map(Json))
}

fn answer<T>(done: sqlx::Result<T>) -> Result<T, StatusCode> {
    done.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

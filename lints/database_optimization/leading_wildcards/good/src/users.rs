use crate::{AppState, db};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

pub async fn join(State(state): State<AppState>, Json((id, team, name)): Json<(i64, i64, String)>) -> Result<(), StatusCode> {
    answer(db::join(&state.db, id, team, &name).await)
}

pub async fn by_name(State(state): State<AppState>, Json(part): Json<String>) -> Result<Json<Vec<i64>>, StatusCode> {
    answer(db::by_name(&state.db, &part).await.map(Json))
}

pub async fn by_email(State(state): State<AppState>, Json(start): Json<String>) -> Result<Json<Vec<i64>>, StatusCode> {
    answer(db::by_email(&state.db, &start).await.map(Json))
}

pub async fn in_team(State(state): State<AppState>, Json((team, part)): Json<(i64, String)>) -> Result<Json<Vec<i64>>, StatusCode> {
    answer(db::in_team(&state.db, team, &part).await.map(Json))
}

pub async fn plans(State(state): State<AppState>, Json(part): Json<String>) -> Result<Json<Vec<String>>, StatusCode> {
    answer(db::plans(&state.db, &part).await.map(Json))
}

fn answer<T>(done: sqlx::Result<T>) -> Result<T, StatusCode> {
    done.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

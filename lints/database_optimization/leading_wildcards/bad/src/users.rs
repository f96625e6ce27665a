use crate::{AppState, db};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

pub async fn join(State(state): State<AppState>, Json((id, name, email)): Json<(i64, String, String)>) -> Result<(), StatusCode> {
    answer(db::join(&state.db, id, &name, &email).await)
}

pub async fn by_name(State(state): State<AppState>, Json(part): Json<String>) -> Result<Json<Vec<i64>>, StatusCode> {
    answer(db::by_name(&state.db, &part).await.map(Json))
}

pub async fn by_email(State(state): State<AppState>, Json(part): Json<String>) -> Result<Json<Vec<i64>>, StatusCode> {
    answer(db::by_email(&state.db, &part).await.map(Json))
}

fn answer<T>(done: sqlx::Result<T>) -> Result<T, StatusCode> {
    done.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

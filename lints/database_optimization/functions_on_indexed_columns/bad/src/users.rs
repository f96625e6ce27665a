use crate::AppState;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;

pub async fn join(State(state): State<AppState>, Json((id, email)): Json<(i64, String)>) -> Result<StatusCode, StatusCode> {
    sqlx::query("INSERT INTO users (id, email) VALUES ($1, $2)").bind(id).bind(email).execute(&state.db).await.map_err(unavailable)?;
    Ok(StatusCode::CREATED)
}

/// The unique index holds addresses as they were written.
pub async fn by_email(State(state): State<AppState>, Path(email): Path<String>) -> Result<Json<i64>, StatusCode> {
    let id = sqlx::query_scalar("SELECT id FROM users WHERE lower(email) = lower($1)").bind(email).fetch_one(&state.db).await.map_err(unavailable)?;
    Ok(Json(id))
}

pub async fn joined_on(State(state): State<AppState>, Path(day): Path<chrono::NaiveDate>) -> Result<Json<Vec<i64>>, StatusCode> {
    let ids = sqlx::query_scalar("SELECT u.id FROM users u WHERE date(u.created_at) = $1")
        .bind(day)
        .fetch_all(&state.db)
        .await
        .map_err(unavailable)?;
    Ok(Json(ids))
}

fn unavailable(_: sqlx::Error) -> StatusCode {
    StatusCode::SERVICE_UNAVAILABLE
}

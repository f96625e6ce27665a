//! One user's messages, those of a join, a table of one row, and all of them before the first request.

use crate::AppState;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use sqlx::PgPool;

pub async fn read(State(state): State<AppState>, Path(user): Path<i64>) -> Result<StatusCode, StatusCode> {
    sqlx::query("UPDATE messages SET read = true WHERE user_id = $1").bind(user).execute(&state.db).await.map_err(unavailable)?;
    sqlx::query("UPDATE messages SET seen = now() FROM opened WHERE opened.id = messages.id").execute(&state.db).await.map_err(unavailable)?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn mode(State(state): State<AppState>, Path(name): Path<String>) -> Result<StatusCode, StatusCode> {
    sqlx::query("UPDATE settings SET mode = $1").bind(name).execute(&state.db).await.map_err(unavailable)?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn forget(db: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM messages").execute(db).await?;
    Ok(())
}

pub async fn add(State(state): State<AppState>, text: String) -> Result<StatusCode, StatusCode> {
    sqlx::query("INSERT INTO messages (text) VALUES ($1)").bind(text).execute(&state.db).await.map_err(unavailable)?;
    Ok(StatusCode::CREATED)
}

fn unavailable(_: sqlx::Error) -> StatusCode {
    StatusCode::SERVICE_UNAVAILABLE
}

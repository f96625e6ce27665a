use crate::AppState;
use axum::extract::State;
use axum::http::StatusCode;

/// Everybody's messages.
pub async fn read(State(state): State<AppState>) -> Result<StatusCode, StatusCode> {
    sqlx::query("UPDATE messages SET read = true").execute(&state.db).await.map_err(unavailable)?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn clear(State(state): State<AppState>) -> Result<StatusCode, StatusCode> {
    sqlx::query("DELETE FROM messages").execute(&state.db).await.map_err(unavailable)?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn add(State(state): State<AppState>, text: String) -> Result<StatusCode, StatusCode> {
    sqlx::query("INSERT INTO messages (text) VALUES ($1)").bind(text).execute(&state.db).await.map_err(unavailable)?;
    Ok(StatusCode::CREATED)
}

fn unavailable(_: sqlx::Error) -> StatusCode {
    StatusCode::SERVICE_UNAVAILABLE
}

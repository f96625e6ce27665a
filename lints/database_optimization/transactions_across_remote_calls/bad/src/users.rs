use crate::{AppState, notify};
use axum::extract::{Path, State};
use axum::http::StatusCode;

/// The user is locked until the other service has answered.
pub async fn sign_up(State(state): State<AppState>, name: String) -> Result<StatusCode, StatusCode> {
    let mut transaction = state.db.begin().await.map_err(unavailable)?;
    sqlx::query("INSERT INTO users (name) VALUES ($1)").bind(&name).execute(&mut *transaction).await.map_err(unavailable)?;
    notify::welcome(&state.http, &name).await.map_err(|_| StatusCode::BAD_GATEWAY)?;
    transaction.commit().await.map_err(unavailable)?;
    Ok(StatusCode::CREATED)
}

pub async fn avatar(State(state): State<AppState>, Path(id): Path<i64>) -> Result<StatusCode, StatusCode> {
    let mut transaction = state.db.begin().await.map_err(unavailable)?;
    let response = state.http.get("https://avatars.example/new").send().await.map_err(|_| StatusCode::BAD_GATEWAY)?;
    let image = response.text().await.map_err(|_| StatusCode::BAD_GATEWAY)?;
    sqlx::query("UPDATE users SET avatar = $1 WHERE id = $2").bind(image).bind(id).execute(&mut *transaction).await.map_err(unavailable)?;
    transaction.commit().await.map_err(unavailable)?;
    Ok(StatusCode::NO_CONTENT)
}

fn unavailable(_: sqlx::Error) -> StatusCode {
    StatusCode::SERVICE_UNAVAILABLE
}

//! The other system is asked before the transaction, after it, or in a task of its own.

use crate::{AppState, db};
use axum::extract::{Path, State};
use axum::http::StatusCode;

pub async fn sign_up(State(state): State<AppState>, name: String) -> Result<StatusCode, StatusCode> {
    let mut transaction = state.db.begin().await.map_err(unavailable)?;
    db::insert(&mut transaction, &name).await.map_err(unavailable)?;
    transaction.commit().await.map_err(unavailable)?;
    state.http.post("https://mail.example/welcome").body(name).send().await.map_err(|_| StatusCode::BAD_GATEWAY)?;
    Ok(StatusCode::CREATED)
}

pub async fn avatar(State(state): State<AppState>, Path(id): Path<i64>) -> Result<StatusCode, StatusCode> {
    let response = state.http.get("https://avatars.example/new").send().await.map_err(|_| StatusCode::BAD_GATEWAY)?;
    let image = response.text().await.map_err(|_| StatusCode::BAD_GATEWAY)?;
    let mut transaction = state.db.begin().await.map_err(unavailable)?;
    db::set_avatar(&mut transaction, id, &image).await.map_err(unavailable)?;
    transaction.commit().await.map_err(unavailable)?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn leave(State(state): State<AppState>, Path(id): Path<i64>) -> Result<StatusCode, StatusCode> {
    let mut transaction = state.db.begin().await.map_err(unavailable)?;
    db::delete(&mut transaction, id).await.map_err(unavailable)?;
    let http = state.http.clone();
    tokio::spawn(async move {
        let _ = http.post("https://mail.example/goodbye").body(id.to_string()).send().await;
    });
    transaction.commit().await.map_err(unavailable)?;
    Ok(StatusCode::NO_CONTENT)
}

fn unavailable(_: sqlx::Error) -> StatusCode {
    StatusCode::SERVICE_UNAVAILABLE
}

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use std::sync::Arc;
use tokio::sync::Mutex;
use tokio_postgres::{Client, NoTls};

#[derive(Clone)]
struct AppState {
    db: Arc<Mutex<Client>>,
}

#[derive(Serialize)]
struct User {
    id: i64,
    name: String,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let (client, connection) = tokio_postgres::connect(&std::env::var("DATABASE_URL")?, NoTls).await?;
    tokio::spawn(connection);
    let state = AppState { db: Arc::new(Mutex::new(client)) };
    let app = Router::new().route("/users/{id}", get(show_user)).with_state(state);
    let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await?;
    axum::serve(listener, app).await?;
    Ok(())
}

async fn show_user(State(state): State<AppState>, Path(id): Path<i64>) -> Result<Json<User>, StatusCode> {
    let client = state.db.lock().await;
    let row = client
        .query_opt("SELECT id, name FROM users WHERE id = $1", &[&id])
        .await
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?
        .ok_or(StatusCode::NOT_FOUND)?;
    Ok(Json(User { id: row.get(0), name: row.get(1) }))
}

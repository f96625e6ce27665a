//! A pool with a wait timeout, one whose options a file may set, and one whose library waits 30 seconds by itself.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use deadpool_postgres::{Config, Manager, Pool, Runtime};
use sqlx::postgres::{PgPool, PgPoolOptions};
use std::time::Duration;
use tokio_postgres::NoTls;

mod store;

#[derive(Clone)]
struct AppState {
    users: Pool,
    events: Pool,
    archive: PgPool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let url = std::env::var("DATABASE_URL")?;
    let users = Pool::builder(Manager::new(url.parse()?, NoTls))
        .max_size(16)
        .wait_timeout(Some(Duration::from_secs(5)))
        .runtime(Runtime::Tokio1)
        .build()?;
    let state = AppState {
        users,
        events: from_file("events.json")?,
        archive: PgPoolOptions::new().max_connections(4).connect(&url).await?,
    };
    let app = Router::new()
        .route("/users/{id}", get(user_name))
        .route("/events/last", get(last_event))
        .route("/archive/count", get(archived))
        .with_state(state);
    let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await?;
    axum::serve(listener, app).await?;
    Ok(())
}

/// The file may hold `pool.timeouts.wait`.
fn from_file(path: &str) -> anyhow::Result<Pool> {
    let config: Config = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    Ok(config.create_pool(Some(Runtime::Tokio1), NoTls)?)
}

async fn user_name(State(state): State<AppState>, Path(id): Path<i64>) -> Result<Json<String>, StatusCode> {
    let client = state.users.get().await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    store::user_name(&client, id).await.map(Json).map_err(|_| StatusCode::NOT_FOUND)
}

async fn last_event(State(state): State<AppState>) -> Result<Json<String>, StatusCode> {
    let client = state.events.get().await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    store::last_event(&client).await.map(Json).map_err(|_| StatusCode::NOT_FOUND)
}

async fn archived(State(state): State<AppState>) -> Result<Json<i64>, StatusCode> {
    store::archived(&state.archive).await.map(Json).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

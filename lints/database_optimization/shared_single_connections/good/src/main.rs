//! A pool in the state, a Redis connection that is made for sharing, and a listener behind a lock that no request asks for data.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use redis::AsyncCommands;
use redis::aio::ConnectionManager;
use sqlx::postgres::{PgListener, PgPool};
use std::sync::Arc;
use tokio::sync::Mutex;
use users::User;

mod users;

#[derive(Clone)]
struct AppState {
    pool: PgPool,
    redis: ConnectionManager,
    changes: Arc<Mutex<PgListener>>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let url = std::env::var("DATABASE_URL")?;
    let redis = redis::Client::open(std::env::var("REDIS_URL")?)?;
    let state = AppState {
        pool: PgPool::connect(&url).await?,
        redis: ConnectionManager::new(redis).await?,
        changes: Arc::new(Mutex::new(PgListener::connect(&url).await?)),
    };
    let app = Router::new()
        .route("/users/{id}", get(show_user))
        .route("/users/{id}/online", get(is_online))
        .route("/changes", get(next_change))
        .with_state(state);
    let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await?;
    axum::serve(listener, app).await?;
    Ok(())
}

async fn show_user(State(state): State<AppState>, Path(id): Path<i64>) -> Result<Json<User>, StatusCode> {
    let user = users::by_id(&state.pool, id).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    user.map(Json).ok_or(StatusCode::NOT_FOUND)
}

async fn is_online(State(state): State<AppState>, Path(id): Path<i64>) -> Result<Json<bool>, StatusCode> {
    let mut redis = state.redis.clone();
    redis.exists(format!("online:{id}")).await.map(Json).map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

async fn next_change(State(state): State<AppState>) -> Result<String, StatusCode> {
    let mut changes = state.changes.lock().await;
    changes.recv().await.map(|change| change.payload().to_string()).map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

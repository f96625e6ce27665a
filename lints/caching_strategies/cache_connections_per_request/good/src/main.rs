//! One connection manager that all requests clone, and a subscription that needs a connection of its own.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::Router;
use redis::AsyncCommands;
use redis::aio::ConnectionManager;

#[derive(Clone)]
struct AppState {
    redis: ConnectionManager,
    client: redis::Client,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let client = redis::Client::open(std::env::var("REDIS_URL")?)?;
    let redis = ConnectionManager::new(client.clone()).await?;
    let app = Router::new()
        .route("/users/{id}/online", get(is_online))
        .route("/changes", get(next_change))
        .route("/healthz", get(health))
        .with_state(AppState { redis, client });
    let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await?;
    axum::serve(listener, app).await?;
    Ok(())
}

async fn is_online(State(state): State<AppState>, Path(id): Path<i64>) -> Result<String, StatusCode> {
    let mut redis = state.redis.clone();
    let online: bool = redis.exists(format!("online:{id}")).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(online.to_string())
}

/// A subscribed connection can do nothing else, so each waiting client has its own.
async fn next_change(State(state): State<AppState>) -> Result<&'static str, StatusCode> {
    let mut subscription = state.client.get_async_pubsub().await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    subscription.subscribe("changes").await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok("subscribed")
}

async fn health(State(state): State<AppState>) -> StatusCode {
    match state.client.get_multiplexed_async_connection().await {
        Ok(_) => StatusCode::OK,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

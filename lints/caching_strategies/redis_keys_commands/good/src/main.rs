use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use redis::aio::ConnectionManager;
use std::sync::Arc;
use tower_governor::GovernorLayer;
use tower_governor::governor::GovernorConfigBuilder;

mod labels;
mod sessions;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let redis = ConnectionManager::new(redis::Client::open(std::env::var("REDIS_URL")?)?).await?;
    // Once, before the first request.
    sessions::forget_all(redis.clone()).await?;
    let limit = Arc::new(GovernorConfigBuilder::default().per_second(2).burst_size(5).finish().expect("the quota is not zero"));
    let app = Router::new()
        .route("/users/{id}/sessions", get(list))
        .route("/labels", get(labels::list))
        .layer(GovernorLayer::new(limit))
        .with_state(redis);
    let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await?;
    axum::serve(listener, app).await?;
    Ok(())
}

async fn list(State(redis): State<ConnectionManager>, Path(id): Path<i64>) -> Result<Json<Vec<String>>, StatusCode> {
    sessions::of_user(redis, id).await.map(Json).map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

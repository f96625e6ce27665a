use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use redis::aio::ConnectionManager;
use std::sync::Arc;
use tower_governor::GovernorLayer;
use tower_governor::governor::GovernorConfigBuilder;

mod prices;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let redis = ConnectionManager::new(redis::Client::open(std::env::var("REDIS_URL")?)?).await?;
    let limit = Arc::new(GovernorConfigBuilder::default().per_second(2).burst_size(5).finish().expect("the quota is not zero"));
    let app = Router::new()
        .route("/prices", post(of_items))
        .route("/views", post(viewed))
        .layer(GovernorLayer::new(limit))
        .with_state(redis);
    let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await?;
    axum::serve(listener, app).await?;
    Ok(())
}

async fn of_items(State(redis): State<ConnectionManager>, Json(ids): Json<Vec<i64>>) -> Result<Json<Vec<Option<i64>>>, StatusCode> {
    prices::of_items(redis, &ids).await.map(Json).map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

async fn viewed(State(redis): State<ConnectionManager>, Json(ids): Json<Vec<i64>>) -> Result<StatusCode, StatusCode> {
    prices::viewed(redis, &ids).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(StatusCode::NO_CONTENT)
}

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use redis::aio::ConnectionManager;
use sqlx::PgPool;
use std::sync::Arc;
use tower_governor::GovernorLayer;
use tower_governor::governor::GovernorConfigBuilder;

mod articles;

#[derive(Clone)]
pub struct AppState {
    db: PgPool,
    redis: ConnectionManager,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let db = PgPool::connect(&std::env::var("DATABASE_URL")?).await?;
    let redis = ConnectionManager::new(redis::Client::open(std::env::var("REDIS_URL")?)?).await?;
    let limit = Arc::new(GovernorConfigBuilder::default().per_second(2).burst_size(5).finish().expect("the quota is not zero"));
    let app = Router::new()
        .route("/articles/{id}", get(show).put(rename).delete(remove))
        .layer(GovernorLayer::new(limit))
        .with_state(AppState { db, redis });
    let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await?;
    axum::serve(listener, app).await?;
    Ok(())
}

async fn show(State(state): State<AppState>, Path(id): Path<i64>) -> Result<Json<articles::Article>, StatusCode> {
    articles::by_id(&state.db, state.redis.clone(), id).await.map(Json).map_err(|_| StatusCode::NOT_FOUND)
}

async fn rename(State(state): State<AppState>, Path(id): Path<i64>, title: String) -> Result<StatusCode, StatusCode> {
    articles::rename(&state, id, &title).await.map_err(|_| StatusCode::NOT_FOUND)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn remove(State(state): State<AppState>, Path(id): Path<i64>) -> Result<StatusCode, StatusCode> {
    articles::remove(&state, id).await.map_err(|_| StatusCode::NOT_FOUND)?;
    Ok(StatusCode::NO_CONTENT)
}

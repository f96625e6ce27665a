use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, put};
use axum::{Json, Router};
use redis::aio::ConnectionManager;
use sqlx::PgPool;
use std::sync::Arc;
use tower_governor::GovernorLayer;
use tower_governor::governor::GovernorConfigBuilder;

mod articles;
mod drafts;

#[derive(Clone)]
struct AppState {
    db: PgPool,
    redis: ConnectionManager,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let db = PgPool::connect(&std::env::var("DATABASE_URL")?).await?;
    let redis = ConnectionManager::new(redis::Client::open(std::env::var("REDIS_URL")?)?).await?;
    let limit = Arc::new(GovernorConfigBuilder::default().per_second(2).burst_size(5).finish().expect("the quota is not zero"));
    let app = Router::new()
        .route("/articles/{slug}", get(show))
        .route("/drafts/{id}", put(save_draft).get(show_draft))
        .layer(GovernorLayer::new(limit))
        .with_state(AppState { db, redis });
    let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await?;
    axum::serve(listener, app).await?;
    Ok(())
}

async fn show(State(state): State<AppState>, Path(slug): Path<String>) -> Result<Json<articles::Article>, StatusCode> {
    articles::by_slug(&state.db, state.redis.clone(), &slug).await.map(Json).map_err(|_| StatusCode::NOT_FOUND)
}

async fn save_draft(State(state): State<AppState>, Path(id): Path<i64>, text: String) -> Result<StatusCode, StatusCode> {
    drafts::save(state.redis.clone(), id, &text).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn show_draft(State(state): State<AppState>, Path(id): Path<i64>) -> Result<String, StatusCode> {
    drafts::load(state.redis.clone(), id).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?.ok_or(StatusCode::NOT_FOUND)
}

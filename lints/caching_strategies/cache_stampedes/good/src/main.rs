use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use moka::future::Cache;
use redis::aio::ConnectionManager;
use sqlx::PgPool;
use std::sync::Arc;
use std::time::Duration;
use tower_governor::GovernorLayer;
use tower_governor::governor::GovernorConfigBuilder;

mod articles;

#[derive(Clone)]
pub struct App {
    db: PgPool,
    redis: ConnectionManager,
    counts: Cache<&'static str, i64>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let app = App {
        db: PgPool::connect(&std::env::var("DATABASE_URL")?).await?,
        redis: ConnectionManager::new(redis::Client::open(std::env::var("REDIS_URL")?)?).await?,
        counts: Cache::builder().max_capacity(10).time_to_live(Duration::from_secs(30)).build(),
    };
    let limit = Arc::new(GovernorConfigBuilder::default().per_second(2).burst_size(5).finish().expect("the quota is not zero"));
    let router = Router::new()
        .route("/popular", get(popular))
        .route("/counts", get(counts))
        .route("/authors/{id}", get(author))
        .layer(GovernorLayer::new(limit))
        .with_state(app);
    let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await?;
    axum::serve(listener, router).await?;
    Ok(())
}

async fn popular(State(app): State<App>) -> Result<String, StatusCode> {
    articles::popular(&app).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

async fn counts(State(app): State<App>) -> Result<Json<i64>, StatusCode> {
    articles::count(&app).await.map(Json).map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

async fn author(State(app): State<App>, Path(id): Path<i64>) -> Result<String, StatusCode> {
    articles::author(&app, id).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use redis::aio::ConnectionManager;
use sqlx::PgPool;

mod articles;

#[derive(Clone)]
struct AppState {
    db: PgPool,
    redis: ConnectionManager,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let db = PgPool::connect(&std::env::var("DATABASE_URL")?).await?;
    let redis = ConnectionManager::new(redis::Client::open(std::env::var("REDIS_URL")?)?).await?;
    let app = Router::new().route("/articles/{slug}", get(show)).with_state(AppState { db, redis });
    let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await?;
    axum::serve(listener, app).await?;
    Ok(())
}

async fn show(State(state): State<AppState>, Path(slug): Path<String>) -> Result<Json<articles::Article>, StatusCode> {
    articles::by_slug(&state.db, state.redis.clone(), &slug).await.map(Json).map_err(|_| StatusCode::NOT_FOUND)
}

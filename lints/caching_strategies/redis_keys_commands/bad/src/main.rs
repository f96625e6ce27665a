use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use redis::aio::ConnectionManager;

mod sessions;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let redis = ConnectionManager::new(redis::Client::open(std::env::var("REDIS_URL")?)?).await?;
    tokio::spawn(sessions::count_for_ever(redis.clone()));
    let app = Router::new().route("/users/{id}/sessions", get(list)).route("/prices", post(reload)).with_state(redis);
    let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await?;
    axum::serve(listener, app).await?;
    Ok(())
}

async fn list(State(redis): State<ConnectionManager>, Path(id): Path<i64>) -> Result<Json<Vec<String>>, StatusCode> {
    sessions::of_user(redis, id).await.map(Json).map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

async fn reload(State(redis): State<ConnectionManager>) -> Result<StatusCode, StatusCode> {
    sessions::forget_prices(redis).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(StatusCode::NO_CONTENT)
}

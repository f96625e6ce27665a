use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::Router;

mod presence;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let redis = redis::Client::open(std::env::var("REDIS_URL")?)?;
    let app = Router::new().route("/users/{id}/online", get(is_online)).route("/users/{id}/seen", get(last_seen)).with_state(redis);
    let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await?;
    axum::serve(listener, app).await?;
    Ok(())
}

async fn is_online(State(redis): State<redis::Client>, Path(id): Path<i64>) -> Result<String, StatusCode> {
    let online = presence::is_online(&redis, id).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(online.to_string())
}

async fn last_seen(State(redis): State<redis::Client>, Path(id): Path<i64>) -> Result<String, StatusCode> {
    presence::last_seen(&redis, id).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

use axum::Router;
use axum::routing::post;
use deadpool_postgres::{Config, Pool, PoolConfig, Runtime, Timeouts};
use std::sync::Arc;
use tokio_postgres::NoTls;
use tower_governor::GovernorLayer;
use tower_governor::governor::GovernorConfigBuilder;

mod db;
mod hosts;

#[derive(Clone)]
struct AppState {
    db: Pool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut config = Config::new();
    config.url = Some(std::env::var("DATABASE_URL")?);
    let timeouts = Timeouts::wait_millis(3000);
    config.pool = Some(PoolConfig { timeouts, ..PoolConfig::new(8) });
    let db = config.create_pool(Some(Runtime::Tokio1), NoTls)?;
    let limit = Arc::new(GovernorConfigBuilder::default().per_second(2).burst_size(5).finish().expect("the quota is not zero"));
    let app = Router::new()
        .route("/hosts/{id}/addresses", post(hosts::set_addresses))
        .route("/hosts/{id}/names", post(hosts::set_names))
        .layer(GovernorLayer::new(limit))
        .with_state(AppState { db });
    let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await?;
    axum::serve(listener, app).await?;
    Ok(())
}

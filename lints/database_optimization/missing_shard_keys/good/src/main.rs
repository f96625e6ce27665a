use axum::Router;
use axum::routing::{get, post};
use sqlx::postgres::PgPoolOptions;
use std::sync::Arc;
use std::time::Duration;
use tower_governor::GovernorLayer;
use tower_governor::governor::GovernorConfigBuilder;

mod db;
mod events;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let pool = PgPoolOptions::new().acquire_timeout(Duration::from_secs(3)).connect(&std::env::var("DATABASE_URL")?).await?;
    let limit = Arc::new(GovernorConfigBuilder::default().per_second(2).burst_size(5).finish().expect("the quota is not zero"));
    let app = Router::new()
        .route("/orgs/{org}/events", post(events::add))
        .route("/orgs/{org}/events/{id}", get(events::show))
        .layer(GovernorLayer::new(limit))
        .with_state(pool);
    let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await?;
    axum::serve(listener, app).await?;
    Ok(())
}

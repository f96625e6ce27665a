use axum::Router;
use axum::routing::get;
use db::Db;
use sqlx::postgres::{PgPool, PgPoolOptions};
use std::sync::Arc;
use std::time::Duration;
use tower_governor::GovernorLayer;
use tower_governor::governor::GovernorConfigBuilder;

mod db;
mod profiles;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let db = Db { primary: pool("DATABASE_URL").await?, replica: pool("DATABASE_REPLICA_URL").await? };
    let limit = Arc::new(GovernorConfigBuilder::default().per_second(2).burst_size(5).finish().expect("the quota is not zero"));
    let app = Router::new()
        .route("/profiles/{id}", get(profiles::show))
        .route("/profiles/{id}/followers", get(profiles::followers))
        .layer(GovernorLayer::new(limit))
        .with_state(db);
    let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await?;
    axum::serve(listener, app).await?;
    Ok(())
}

async fn pool(address: &str) -> anyhow::Result<PgPool> {
    Ok(PgPoolOptions::new().acquire_timeout(Duration::from_secs(3)).connect(&std::env::var(address)?).await?)
}

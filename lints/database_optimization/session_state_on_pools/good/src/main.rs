use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use std::sync::Arc;
use tower_governor::GovernorLayer;
use tower_governor::governor::GovernorConfigBuilder;

mod reports;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = PgPoolOptions::new().after_connect(|connection, _| {
        Box::pin(async move {
            sqlx::query("SET statement_timeout = '5min'").execute(connection).await?;
            Ok(())
        })
    });
    let db = options.max_connections(10).connect(&std::env::var("DATABASE_URL")?).await?;
    let limit = Arc::new(GovernorConfigBuilder::default().per_second(2).burst_size(5).finish().expect("the quota is not zero"));
    let app = Router::new().route("/reports/{id}", post(rebuild)).layer(GovernorLayer::new(limit)).with_state(db);
    let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await?;
    axum::serve(listener, app).await?;
    Ok(())
}

async fn rebuild(State(db): State<PgPool>, Path(id): Path<i64>) -> Result<StatusCode, StatusCode> {
    reports::rebuild(&db, id).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(StatusCode::NO_CONTENT)
}

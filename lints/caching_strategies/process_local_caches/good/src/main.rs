use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::Router;
use moka::future::Cache;
use sqlx::PgPool;
use std::sync::Arc;
use std::time::Duration;
use tower_governor::GovernorLayer;
use tower_governor::governor::GovernorConfigBuilder;

mod users;

#[derive(Clone)]
pub struct App {
    db: PgPool,
    names: Cache<i64, String>,
    countries: Cache<i64, String>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let app = App {
        db: PgPool::connect(&std::env::var("DATABASE_URL")?).await?,
        names: Cache::builder().max_capacity(10_000).time_to_live(Duration::from_secs(3600)).build(),
        countries: Cache::builder().max_capacity(300).time_to_live(Duration::from_secs(3600)).build(),
    };
    tokio::spawn(users::forget_changed(app.clone()));
    let limit = Arc::new(GovernorConfigBuilder::default().per_second(2).burst_size(5).finish().expect("the quota is not zero"));
    let router = Router::new()
        .route("/users/{id}", get(name).put(rename))
        .route("/countries/{id}", get(country))
        .layer(GovernorLayer::new(limit))
        .with_state(app);
    let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await?;
    axum::serve(listener, router).await?;
    Ok(())
}

async fn name(State(app): State<App>, Path(id): Path<i64>) -> Result<String, StatusCode> {
    users::name(&app, id).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

async fn rename(State(app): State<App>, Path(id): Path<i64>, name: String) -> Result<StatusCode, StatusCode> {
    users::rename(&app, id, &name).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn country(State(app): State<App>, Path(id): Path<i64>) -> Result<String, StatusCode> {
    users::country(&app, id).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::Json;
use serde::Deserialize;
use sqlx::PgPool;
use std::sync::Arc;
use tower_governor::GovernorLayer;
use tower_governor::governor::GovernorConfigBuilder;
use tower_http::trace::TraceLayer;

mod accounts;

#[derive(Deserialize)]
struct Credentials {
    name: String,
    password: String,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let db = PgPool::connect(&std::env::var("DATABASE_URL")?).await?;
    let limit = Arc::new(GovernorConfigBuilder::default().per_second(2).burst_size(5).finish().expect("the quota is not zero"));
    let app = Router::new()
        .route("/search", get(search))
        // In axum a layer covers only the routes that are there already: the next one is not limited.
        .layer(GovernorLayer::new(limit))
        .route("/login", post(login))
        .layer(TraceLayer::new_for_http())
        .with_state(db);
    let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await?;
    axum::serve(listener, app).await?;
    Ok(())
}

async fn login(State(db): State<PgPool>, Json(credentials): Json<Credentials>) -> StatusCode {
    match accounts::verify(&db, &credentials.name, &credentials.password).await {
        Ok(true) => StatusCode::NO_CONTENT,
        _ => StatusCode::UNAUTHORIZED,
    }
}

async fn search() -> &'static str {
    "nothing found"
}

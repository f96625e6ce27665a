//! One door is limited by a layer, one by what its handler calls, and one is only a page.

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use serde::Deserialize;
use sqlx::PgPool;
use std::sync::Arc;
use tower_governor::GovernorLayer;
use tower_governor::governor::GovernorConfigBuilder;

mod accounts;
mod attempts;

#[derive(Deserialize)]
struct Credentials {
    name: String,
    password: String,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let db = PgPool::connect(&std::env::var("DATABASE_URL")?).await?;
    let limit = Arc::new(GovernorConfigBuilder::default().per_second(2).burst_size(5).finish().expect("the quota is not zero"));
    let doors = Router::new().route("/register", post(register)).layer(GovernorLayer::new(limit));
    let app = Router::new()
        .route("/login", get(login_page).post(login))
        .nest("/account", doors)
        .with_state(db);
    let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await?;
    axum::serve(listener, app).await?;
    Ok(())
}

async fn login_page() -> &'static str {
    "<form method=post></form>"
}

async fn login(State(db): State<PgPool>, Json(credentials): Json<Credentials>) -> StatusCode {
    if attempts::check(&credentials.name).is_err() {
        return StatusCode::TOO_MANY_REQUESTS;
    }
    match accounts::verify(&db, &credentials.name, &credentials.password).await {
        Ok(true) => StatusCode::NO_CONTENT,
        _ => StatusCode::UNAUTHORIZED,
    }
}

async fn register(State(db): State<PgPool>, Json(credentials): Json<Credentials>) -> StatusCode {
    if accounts::create(&db, &credentials.name).await.is_ok() { StatusCode::CREATED } else { StatusCode::CONFLICT }
}

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use sqlx::PgPool;
use std::sync::Arc;
use tower_governor::GovernorLayer;
use tower_governor::governor::GovernorConfigBuilder;
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use tower_http::set_header::SetResponseHeaderLayer;

mod categories;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let db = PgPool::connect(&std::env::var("DATABASE_URL")?).await?;
    let limit = Arc::new(GovernorConfigBuilder::default().per_second(20).burst_size(50).finish().expect("the quota is not zero"));
    let app = Router::new()
        .route("/categories", get(list).post(create))
        .route("/categories/count", get(count))
        .route("/categories/{id}", get(show))
        .layer(SetResponseHeaderLayer::if_not_present(CACHE_CONTROL, HeaderValue::from_static("public, max-age=60")))
        .layer(GovernorLayer::new(limit))
        .with_state(db);
    let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await?;
    axum::serve(listener, app).await?;
    Ok(())
}

async fn list(State(db): State<PgPool>) -> Result<Json<Vec<categories::Category>>, StatusCode> {
    categories::all(&db).await.map(Json).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

async fn count(State(db): State<PgPool>) -> Result<Json<i64>, StatusCode> {
    categories::count(&db).await.map(Json).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

async fn show(State(db): State<PgPool>, Path(id): Path<i64>) -> Result<Json<categories::Category>, StatusCode> {
    let found = categories::by_id(&db, id).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    found.map(Json).ok_or(StatusCode::NOT_FOUND)
}

async fn create(State(db): State<PgPool>, name: String) -> Result<StatusCode, StatusCode> {
    categories::create(&db, &name).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(StatusCode::CREATED)
}

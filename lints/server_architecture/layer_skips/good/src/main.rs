use axum::Router;
use sqlx::PgPool;
use tower::limit::ConcurrencyLimitLayer;

mod controllers;
mod model;
mod repositories;
mod services;

#[tokio::main]
async fn main() {
    let url = std::env::var("DATABASE_URL").expect("DATABASE_URL is set");
    let pool = PgPool::connect(&url).await.expect("the database is there");
    let app = Router::new().nest("/orders", controllers::routes()).layer(ConcurrencyLimitLayer::new(64)).with_state(pool);
    let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await.expect("the port is free");
    axum::serve(listener, app).await.expect("the server runs");
}

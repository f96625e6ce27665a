use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use sqlx::postgres::PgPool;
use std::sync::Arc;
use tower_governor::GovernorLayer;
use tower_governor::governor::GovernorConfigBuilder;

mod orders;

#[derive(Clone)]
struct AppState {
    db: PgPool,
    replica: PgPool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let db = PgPool::connect(&std::env::var("DATABASE_URL")?).await?;
    let replica = PgPool::connect(&std::env::var("REPLICA_URL")?).await?;
    orders::backfill(&db).await?;
    let limit = Arc::new(GovernorConfigBuilder::default().per_second(2).burst_size(5).finish().expect("the quota is not zero"));
    let app = Router::new()
        .route("/orders/{id}/refund", post(refund))
        .route("/orders/{id}/cancel", post(cancel))
        .route("/orders/{id}/ship", post(ship))
        .route("/orders/{id}/note", post(note))
        .layer(GovernorLayer::new(limit))
        .with_state(AppState { db, replica });
    let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await?;
    axum::serve(listener, app).await?;
    Ok(())
}

async fn refund(State(state): State<AppState>, Path(id): Path<i64>) -> StatusCode {
    answer(orders::refund(&state.db, id).await)
}

async fn cancel(State(state): State<AppState>, Path(id): Path<i64>) -> StatusCode {
    answer(orders::cancel(&state.db, id).await)
}

async fn ship(State(state): State<AppState>, Path(id): Path<i64>) -> StatusCode {
    answer(orders::ship(&state.db, &state.replica, id).await)
}

async fn note(State(state): State<AppState>, Path(id): Path<i64>) -> StatusCode {
    answer(orders::note(&state.db, id).await)
}

fn answer(done: sqlx::Result<()>) -> StatusCode {
    if done.is_ok() { StatusCode::NO_CONTENT } else { StatusCode::SERVICE_UNAVAILABLE }
}

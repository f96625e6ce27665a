use axum::Router;
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
    backfill(&db).await?;
    let limit = Arc::new(GovernorConfigBuilder::default().per_second(2).burst_size(5).finish().expect("the quota is not zero"));
    let app = Router::new()
        .route("/orders/{id}/refund", post(orders::refund))
        .route("/orders/{id}/cancel", post(orders::cancel))
        .route("/orders/{id}/ship", post(orders::ship))
        .route("/orders/{id}/note", post(orders::note))
        .layer(GovernorLayer::new(limit))
        .with_state(AppState { db, replica });
    let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await?;
    axum::serve(listener, app).await?;
    Ok(())
}

/// Runs alone, before the first request: a second connection harms nobody here.
async fn backfill(db: &PgPool) -> anyhow::Result<()> {
    let mut transaction = db.begin().await?;
    let pending: i64 = sqlx::query_scalar("SELECT count(*) FROM orders WHERE total IS NULL").fetch_one(db).await?;
    if pending > 0 {
        sqlx::query("UPDATE orders SET total = 0 WHERE total IS NULL").execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    Ok(())
}

//! Two pools, each built once: one at start-up, one on first use.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use sqlx::postgres::{PgPool, PgPoolOptions};
use tokio::sync::OnceCell;

/// Reports are seldom asked for, so their pool is built by the first request that needs it.
static REPORTS: OnceCell<PgPool> = OnceCell::const_new();

#[derive(Serialize, sqlx::FromRow)]
struct User {
    id: i64,
    name: String,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let pool = PgPoolOptions::new().max_connections(20).connect(&std::env::var("DATABASE_URL")?).await?;
    let app = Router::new().route("/users/{id}", get(show_user)).route("/reports/users", get(count_users)).with_state(pool);
    let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await?;
    axum::serve(listener, app).await?;
    Ok(())
}

async fn reports() -> Result<&'static PgPool, sqlx::Error> {
    REPORTS
        .get_or_try_init(|| async {
            let url = std::env::var("REPORTS_URL").unwrap_or_default();
            PgPoolOptions::new().max_connections(2).connect(&url).await
        })
        .await
}

async fn show_user(State(pool): State<PgPool>, Path(id): Path<i64>) -> Result<Json<User>, StatusCode> {
    sqlx::query_as::<_, User>("SELECT id, name FROM users WHERE id = $1")
        .bind(id)
        .fetch_optional(&pool)
        .await
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?
        .map(Json)
        .ok_or(StatusCode::NOT_FOUND)
}

async fn count_users() -> Result<Json<i64>, StatusCode> {
    let pool = reports().await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    let count = sqlx::query_scalar("SELECT count(*) FROM users").fetch_one(pool).await;
    count.map(Json).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

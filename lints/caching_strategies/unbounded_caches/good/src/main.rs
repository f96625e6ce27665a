//! Each cache has one bound at least, and the one without any has a single key.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::Router;
use cached::proc_macro::{cached, once};
use moka::future::Cache;
use sqlx::PgPool;
use std::time::Duration;

mod users;

#[derive(Clone)]
struct AppState {
    db: PgPool,
    names: Cache<i64, String>,
    roles: Cache<i64, String>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let db = PgPool::connect(&std::env::var("DATABASE_URL")?).await?;
    let names = Cache::builder().max_capacity(10_000).time_to_live(Duration::from_secs(60)).build();
    let roles = Cache::builder().time_to_idle(Duration::from_secs(300)).build();
    let app = Router::new()
        .route("/users/{id}", get(user_name))
        .route("/users/{id}/role", get(user_role))
        .route("/slugs/{title}", get(slug))
        .with_state(AppState { db, names, roles });
    let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await?;
    axum::serve(listener, app).await?;
    Ok(())
}

async fn user_name(State(state): State<AppState>, Path(id): Path<i64>) -> Result<String, StatusCode> {
    state.names.try_get_with(id, users::name(&state.db, id)).await.map_err(|_| StatusCode::NOT_FOUND)
}

async fn user_role(State(state): State<AppState>, Path(id): Path<i64>) -> Result<String, StatusCode> {
    state.roles.try_get_with(id, users::role(&state.db, id)).await.map_err(|_| StatusCode::NOT_FOUND)
}

async fn slug(Path(title): Path<String>) -> String {
    format!("{}/{}", prefix(), slug_of(title))
}

#[cached(size = 1000)]
fn slug_of(title: String) -> String {
    title.to_lowercase().replace(' ', "-")
}

/// Without arguments there is one key.
#[once]
fn prefix() -> String {
    std::env::var("SLUG_PREFIX").unwrap_or_default()
}

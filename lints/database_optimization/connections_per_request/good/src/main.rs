//! One pool for all requests, and four connections that no pool should hold.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use sqlx::postgres::{PgConnection, PgListener, PgPool, PgPoolOptions};
use sqlx::Connection;

#[derive(Clone)]
struct AppState {
    pool: PgPool,
    database_url: String,
}

#[derive(Serialize, sqlx::FromRow)]
struct User {
    id: i64,
    name: String,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let database_url = std::env::var("DATABASE_URL")?;
    prepare(&database_url).await?;
    let pool = PgPoolOptions::new().max_connections(20).connect(&database_url).await?;
    tokio::spawn(listen(database_url.clone()));
    let app = Router::new()
        .route("/users/{id}", get(show_user))
        .route("/healthz", get(health))
        .with_state(AppState { pool, database_url });
    let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await?;
    axum::serve(listener, app).await?;
    Ok(())
}

async fn show_user(State(state): State<AppState>, Path(id): Path<i64>) -> Result<Json<User>, StatusCode> {
    sqlx::query_as::<_, User>("SELECT id, name FROM users WHERE id = $1")
        .bind(id)
        .fetch_optional(&state.pool)
        .await
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?
        .map(Json)
        .ok_or(StatusCode::NOT_FOUND)
}

/// Asks whether the database takes new connections, which the pool would hide.
async fn health(State(state): State<AppState>) -> StatusCode {
    match PgConnection::connect(&state.database_url).await {
        Ok(_) => StatusCode::OK,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// Runs once, before the first request.
async fn prepare(url: &str) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::query("SELECT pg_advisory_lock(7)").execute(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

/// `LISTEN` needs a connection that nobody else gets.
async fn listen(url: String) -> anyhow::Result<()> {
    let mut listener = PgListener::connect(&url).await?;
    listener.listen("users_changed").await?;
    loop {
        let notification = listener.recv().await?;
        println!("{}", notification.payload());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_test_may_open_its_own_connection() {
        let mut connection = PgConnection::connect("postgres://localhost/test").await.unwrap();
        sqlx::query("DELETE FROM users").execute(&mut connection).await.unwrap();
    }
}

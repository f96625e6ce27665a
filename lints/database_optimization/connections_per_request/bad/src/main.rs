use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

mod db;

#[derive(Serialize)]
struct User {
    id: i64,
    name: String,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let app = Router::new().route("/users/{id}", get(show_user)).route("/users", get(list_users));
    let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await?;
    axum::serve(listener, app).await?;
    Ok(())
}

async fn show_user(Path(id): Path<i64>) -> Result<Json<User>, StatusCode> {
    let client = db::connect().await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let row = client
        .query_opt("SELECT id, name FROM users WHERE id = $1", &[&id])
        .await
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?
        .ok_or(StatusCode::NOT_FOUND)?;
    Ok(Json(User { id: row.get(0), name: row.get(1) }))
}

async fn list_users() -> Result<Json<Vec<User>>, StatusCode> {
    let client = db::connect().await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let rows = client
        .query("SELECT id, name FROM users ORDER BY id LIMIT 100", &[])
        .await
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(Json(rows.iter().map(|row| User { id: row.get(0), name: row.get(1) }).collect()))
}

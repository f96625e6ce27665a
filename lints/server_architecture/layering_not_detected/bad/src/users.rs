use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use sqlx::PgPool;

#[derive(Serialize, sqlx::FromRow)]
pub struct User {
    pub id: i64,
    pub name: String,
}

pub fn routes() -> Router<PgPool> {
    Router::new().route("/", get(list_users)).route("/{id}", get(show_user).delete(delete_user))
}

async fn list_users(State(pool): State<PgPool>) -> Result<Json<Vec<User>>, StatusCode> {
    let users = sqlx::query_as("SELECT id, name FROM users ORDER BY id LIMIT 100").fetch_all(&pool).await;
    users.map(Json).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

async fn show_user(State(pool): State<PgPool>, Path(id): Path<i64>) -> Result<Json<User>, StatusCode> {
    let user = sqlx::query_as("SELECT id, name FROM users WHERE id = $1").bind(id).fetch_one(&pool).await;
    user.map(Json).map_err(|_| StatusCode::NOT_FOUND)
}

async fn delete_user(State(pool): State<PgPool>, Path(id): Path<i64>) -> Result<StatusCode, StatusCode> {
    let deleted = sqlx::query("DELETE FROM users WHERE id = $1").bind(id).execute(&pool).await;
    deleted.map(|_| StatusCode::NO_CONTENT).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

use crate::db::users::{self, User};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use sqlx::PgPool;

#[derive(Deserialize)]
pub struct NewUser {
    name: String,
}

pub fn routes() -> Router<PgPool> {
    Router::new().route("/", get(list_users).post(create_user)).route("/{id}", get(show_user).delete(delete_user))
}

async fn list_users(State(pool): State<PgPool>) -> Result<Json<Vec<User>>, StatusCode> {
    users::list(&pool).await.map(Json).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

async fn show_user(State(pool): State<PgPool>, Path(id): Path<i64>) -> Result<Json<User>, StatusCode> {
    users::find(&pool, id).await.map(Json).map_err(|_| StatusCode::NOT_FOUND)
}

async fn create_user(State(pool): State<PgPool>, Json(new): Json<NewUser>) -> Result<StatusCode, StatusCode> {
    users::insert(&pool, &new.name).await.map_err(|_| StatusCode::CONFLICT)?;
    Ok(StatusCode::CREATED)
}

async fn delete_user(State(pool): State<PgPool>, Path(id): Path<i64>) -> Result<StatusCode, StatusCode> {
    users::delete(&pool, id).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(StatusCode::NO_CONTENT)
}

//! A page, a count, one author's posts, a table that never grows, and all posts before the first request.

use crate::AppState;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use sqlx::PgPool;

pub async fn page(State(state): State<AppState>, Query(after): Query<i64>) -> Result<Json<Vec<i64>>, StatusCode> {
    let posts =
        sqlx::query_scalar("SELECT id FROM posts WHERE id > $1 ORDER BY id LIMIT 50").bind(after).fetch_all(&state.db).await.map_err(unavailable)?;
    Ok(Json(posts))
}

pub async fn count(State(state): State<AppState>) -> Result<Json<Vec<i64>>, StatusCode> {
    let count = sqlx::query_scalar("SELECT count(*) FROM posts").fetch_all(&state.db).await.map_err(unavailable)?;
    Ok(Json(count))
}

pub async fn of_author(State(state): State<AppState>, Path(author): Path<i64>) -> Result<Json<Vec<i64>>, StatusCode> {
    let posts = sqlx::query_scalar("SELECT id FROM posts WHERE author = $1").bind(author).fetch_all(&state.db).await.map_err(unavailable)?;
    Ok(Json(posts))
}

pub async fn countries(State(state): State<AppState>) -> Result<Json<Vec<String>>, StatusCode> {
    let names = sqlx::query_scalar("SELECT name FROM countries").fetch_all(&state.db).await.map_err(unavailable)?;
    Ok(Json(names))
}

pub async fn add(State(state): State<AppState>, Json(title): Json<String>) -> Result<StatusCode, StatusCode> {
    sqlx::query("INSERT INTO posts (title) VALUES ($1)").bind(title).execute(&state.db).await.map_err(unavailable)?;
    Ok(StatusCode::CREATED)
}

pub async fn warm_up(db: &PgPool) -> Result<usize, sqlx::Error> {
    let posts: Vec<i64> = sqlx::query_scalar("SELECT id FROM posts").fetch_all(db).await?;
    Ok(posts.len())
}

fn unavailable(_: sqlx::Error) -> StatusCode {
    StatusCode::SERVICE_UNAVAILABLE
}

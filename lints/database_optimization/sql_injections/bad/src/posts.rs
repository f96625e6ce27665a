use crate::{AppState, db};
use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Listing {
    author: i64,
    sort: Option<String>,
}

#[derive(Deserialize)]
pub struct Counting {
    title: String,
}

pub async fn add(State(state): State<AppState>, Json((author, title)): Json<(i64, String)>) -> Result<(), StatusCode> {
    answer(db::add(&state.db, author, &title).await)
}

pub async fn list(State(state): State<AppState>, Query(query): Query<Listing>) -> Result<Json<Vec<String>>, StatusCode> {
    answer(db::titles(&state.db, query.author, query.sort).await.map(Json))
}

pub async fn counted(State(state): State<AppState>, Json(body): Json<Counting>) -> Result<Json<i64>, StatusCode> {
    let sql = format!("SELECT count(*) FROM posts WHERE title = '{}'", body.title);
    answer(sqlx::query_scalar(&sql).fetch_one(&state.db).await.map(Json))
}

pub async fn remove(State(state): State<AppState>, Json(ids): Json<String>) -> Result<(), StatusCode> {
    answer(db::remove(&state.db, &ids).await)
}

fn answer<T>(done: sqlx::Result<T>) -> Result<T, StatusCode> {
    done.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

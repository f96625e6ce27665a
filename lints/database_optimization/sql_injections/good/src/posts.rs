use crate::{AppState, db};
use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Listing {
    author: i64,
    sort: Option<String>,
    limit: i64,
}

#[derive(Deserialize)]
pub struct Counting {
    title: String,
    column: String,
}

#[derive(Deserialize)]
pub struct Removal {
    ids: Vec<i64>,
    archive: String,
}

const COLUMNS: &[&str] = &["title", "author_id"];

pub async fn add(State(state): State<AppState>, Json((author, title)): Json<(i64, String)>) -> Result<(), StatusCode> {
    answer(db::add(&state.db, author, &title).await)
}

/// The word of the list goes into the text, not that of the request; a number holds no SQL.
pub async fn list(State(state): State<AppState>, Query(query): Query<Listing>) -> Result<Json<Vec<String>>, StatusCode> {
    let order = match query.sort.as_deref() {
        Some("title") => "title",
        _ => "id",
    };
    answer(db::titles(&state.db, query.author, order, query.limit.clamp(1, 100)).await.map(Json))
}

/// Values are bound, and a column has to be known.
pub async fn counted(State(state): State<AppState>, Json(body): Json<Counting>) -> Result<Json<i64>, StatusCode> {
    if !COLUMNS.contains(&body.column.as_str()) {
        return Err(StatusCode::BAD_REQUEST);
    }
    answer(db::counted(&state.db, &body.column, format!("{}%", body.title)).await.map(Json))
}

pub async fn remove(State(state): State<AppState>, Json(body): Json<Removal>) -> Result<(), StatusCode> {
    if body.archive != "posts_2025" && body.archive != "posts_2026" {
        return Err(StatusCode::BAD_REQUEST);
    }
    answer(db::remove(&state.db, &body.ids, &body.archive).await)
}

fn answer<T>(done: sqlx::Result<T>) -> Result<T, StatusCode> {
    done.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

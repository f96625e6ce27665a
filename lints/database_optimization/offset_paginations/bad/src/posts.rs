use crate::{AppState, db};
use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Page {
    page: Option<i64>,
    size: Option<i64>,
}

pub async fn add(State(state): State<AppState>, Json((author, title)): Json<(i64, String)>) -> Result<(), StatusCode> {
    answer(db::add(&state.db, author, &title).await)
}

/// The size of a page is bounded, its number is not.
pub async fn list(State(state): State<AppState>, Query(query): Query<Page>) -> Result<Json<Vec<String>>, StatusCode> {
    let size = query.size.unwrap_or(20).min(100);
    let page = query.page.unwrap_or(1).max(1);
    answer(db::titles(&state.db, size, page - 1).await.map(Json))
}

fn answer<T>(done: sqlx::Result<T>) -> Result<T, StatusCode> {
    done.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

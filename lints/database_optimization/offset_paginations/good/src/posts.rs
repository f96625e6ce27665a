use crate::{AppState, db};
use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::Deserialize;

const LAST_PAGE: i64 = 50;

#[derive(Deserialize)]
pub struct Page {
    page: Option<i64>,
    after: Option<i64>,
}

pub async fn add(State(state): State<AppState>, Json((author, title)): Json<(i64, String)>) -> Result<(), StatusCode> {
    answer(db::add(&state.db, author, &title).await)
}

pub async fn after(State(state): State<AppState>, Query(query): Query<Page>) -> Result<Json<Vec<String>>, StatusCode> {
    answer(db::after(&state.db, query.after.unwrap_or(0)).await.map(Json))
}

/// Nobody reads on for ever: pages end somewhere.
pub async fn page(State(state): State<AppState>, Query(query): Query<Page>) -> Result<Json<Vec<String>>, StatusCode> {
    let page = query.page.unwrap_or(0);
    if page > LAST_PAGE {
        return Err(StatusCode::BAD_REQUEST);
    }
    answer(db::titles(&state.db, page * 20).await.map(Json))
}

pub async fn own(State(state): State<AppState>, Query((author, page)): Query<(i64, i64)>) -> Result<Json<Vec<String>>, StatusCode> {
    answer(db::of_author(&state.db, author, page * 20).await.map(Json))
}

pub async fn teaser(State(state): State<AppState>) -> Result<Json<Vec<String>>, StatusCode> {
    answer(db::titles(&state.db, 1).await.map(Json))
}

fn answer<T>(done: sqlx::Result<T>) -> Result<T, StatusCode> {
    done.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}

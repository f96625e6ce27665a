use crate::auth::CurrentAuthor;
use crate::error::Error;
use crate::services::articles;
use crate::state::AppState;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use storage::articles::Article;
use uuid::Uuid;

#[derive(Deserialize)]
pub struct NewArticle {
    slug: String,
    title: String,
    body: String,
    tags: Vec<String>,
}

pub async fn latest(State(state): State<AppState>) -> Result<Json<Vec<Article>>, Error> {
    articles::latest(&state).await.map(Json)
}

pub async fn show(State(state): State<AppState>, Path(slug): Path<String>) -> Result<Json<Article>, Error> {
    articles::by_slug(&state, &slug).await.map(Json)
}

pub async fn create(
    State(state): State<AppState>,
    CurrentAuthor(author): CurrentAuthor,
    Json(new): Json<NewArticle>,
) -> Result<(StatusCode, Json<Uuid>), Error> {
    let id = articles::create(&state, author, new.slug, new.title, new.body, new.tags).await?;
    Ok((StatusCode::CREATED, Json(id)))
}

pub async fn publish(State(state): State<AppState>, _: CurrentAuthor, Path(slug): Path<String>) -> Result<StatusCode, Error> {
    articles::publish(&state, &slug).await?;
    Ok(StatusCode::NO_CONTENT)
}

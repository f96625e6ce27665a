use crate::auth::CurrentAuthor;
use crate::error::Error;
use crate::services::comments;
use crate::state::AppState;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use storage::comments::Comment;

pub async fn list(State(state): State<AppState>, Path(slug): Path<String>) -> Result<Json<Vec<Comment>>, Error> {
    comments::of_article(&state, &slug).await.map(Json)
}

pub async fn add(
    State(state): State<AppState>,
    CurrentAuthor(author): CurrentAuthor,
    Path(slug): Path<String>,
    body: String,
) -> Result<StatusCode, Error> {
    comments::add(&state, &slug, author, &body).await?;
    Ok(StatusCode::CREATED)
}

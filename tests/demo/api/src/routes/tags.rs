use crate::error::Error;
use crate::services::tags;
use crate::state::AppState;
use axum::Json;
use axum::extract::{Path, State};

pub async fn list(State(state): State<AppState>) -> Result<Json<Vec<String>>, Error> {
    tags::all(&state).await.map(Json)
}

pub async fn of_article(State(state): State<AppState>, Path(slug): Path<String>) -> Result<Json<Vec<String>>, Error> {
    tags::of_article(&state, &slug).await.map(Json)
}

pub async fn popular(State(state): State<AppState>) -> Result<Json<Vec<String>>, Error> {
    let names = sqlx::query_scalar("SELECT name FROM tags GROUP BY name ORDER BY count(*) DESC LIMIT 10").fetch_all(&state.db).await?;
    Ok(Json(names))
}

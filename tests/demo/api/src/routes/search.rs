use crate::error::Error;
use crate::services::articles;
use crate::state::AppState;
use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use storage::articles::Article;

#[derive(Deserialize)]
pub struct Words {
    q: String,
}

pub async fn articles(State(state): State<AppState>, Query(words): Query<Words>) -> Result<Json<Vec<Article>>, Error> {
    articles::matching(&state, &words.q).await.map(Json)
}

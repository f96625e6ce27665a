use crate::error::Error;
use crate::state::AppState;
use storage::tags;

pub async fn all(state: &AppState) -> Result<Vec<String>, Error> {
    Ok(tags::all(&state.db).await?)
}

pub async fn of_article(state: &AppState, slug: &str) -> Result<Vec<String>, Error> {
    Ok(tags::of_article(&state.db, slug).await?)
}

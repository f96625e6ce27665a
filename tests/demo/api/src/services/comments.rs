use super::webhooks;
use crate::error::Error;
use crate::state::AppState;
use storage::comments::{self, Comment};
use uuid::Uuid;

const MOST: i64 = 200;

pub async fn of_article(state: &AppState, slug: &str) -> Result<Vec<Comment>, Error> {
    Ok(comments::of_article(&state.db, slug, MOST).await?)
}

pub async fn add(state: &AppState, slug: &str, author: Uuid, body: &str) -> Result<(), Error> {
    if !comments::add(&state.db, slug, author, body).await? {
        return Err(Error::NotFound);
    }
    webhooks::commented(&state.http, &state.webhook_url, slug).await?;
    Ok(())
}

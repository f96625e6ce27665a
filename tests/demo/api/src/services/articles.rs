use super::webhooks;
use crate::error::Error;
use crate::state::AppState;
use anyhow::Context;
use redis::AsyncCommands;
use storage::articles::{self, Article, Draft};
use storage::search;
use uuid::Uuid;

const LATEST: i64 = 20;
const LATEST_SECONDS: u64 = 30;

pub async fn latest(state: &AppState) -> Result<Vec<Article>, Error> {
    let mut redis = state.redis.clone();
    if let Some(cached) = redis.get::<_, Option<String>>("articles:latest").await? {
        return Ok(serde_json::from_str(&cached).context("a cached list of articles")?);
    }
    let found = articles::latest(&state.db, LATEST).await?;
    let text = serde_json::to_string(&found).context("a list of articles")?;
    let _: () = redis.set_ex("articles:latest", text, LATEST_SECONDS).await?;
    Ok(found)
}

pub async fn by_slug(state: &AppState, slug: &str) -> Result<Article, Error> {
    let key = format!("article:{slug}");
    let mut redis = state.redis.clone();
    if let Some(cached) = redis.get::<_, Option<String>>(&key).await? {
        return Ok(serde_json::from_str(&cached).context("a cached article")?);
    }
    let article = articles::by_slug(&state.db, slug).await?.ok_or(Error::NotFound)?;
    let text = serde_json::to_string(&article).context("an article")?;
    let _: () = redis.set(&key, text).await?;
    Ok(article)
}

pub async fn create(
    state: &AppState,
    author_id: Uuid,
    slug: String,
    title: String,
    body: String,
    tags: Vec<String>,
) -> Result<Uuid, Error> {
    Ok(articles::create(&state.db, &Draft { author_id, slug, title, body, tags }).await?)
}

pub async fn publish(state: &AppState, slug: &str) -> Result<(), Error> {
    if !articles::publish(&state.db, slug).await? {
        return Err(Error::NotFound);
    }
    webhooks::announce(&state.webhook_url, slug).await?;
    Ok(())
}

pub async fn matching(state: &AppState, words: &str) -> Result<Vec<Article>, Error> {
    Ok(search::articles_matching(&state.search_url, words).await?)
}

use redis::AsyncCommands;
use redis::aio::ConnectionManager;
use serde::{Deserialize, Serialize};
use sqlx::PgPool;

#[derive(Serialize, Deserialize, sqlx::FromRow)]
pub struct Article {
    slug: String,
    text: String,
}

/// From the cache, or from the database and then into the cache, where it stays for ever.
pub async fn by_slug(db: &PgPool, mut redis: ConnectionManager, slug: &str) -> anyhow::Result<Article> {
    let key = format!("article:{slug}");
    if let Some(cached) = redis.get::<_, Option<String>>(&key).await? {
        return Ok(serde_json::from_str(&cached)?);
    }
    let article: Article = sqlx::query_as("SELECT slug, text FROM articles WHERE slug = $1").bind(slug).fetch_one(db).await?;
    let _: () = redis.set(&key, serde_json::to_string(&article)?).await?;
    Ok(article)
}

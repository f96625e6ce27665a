//! Cache entries with an expiry, set at once or right after.

use redis::AsyncCommands;
use redis::aio::ConnectionManager;
use serde::{Deserialize, Serialize};
use sqlx::PgPool;

const ONE_MINUTE: u64 = 60;

#[derive(Serialize, Deserialize, sqlx::FromRow)]
pub struct Article {
    slug: String,
    text: String,
}

pub async fn by_slug(db: &PgPool, mut redis: ConnectionManager, slug: &str) -> anyhow::Result<Article> {
    let key = format!("article:{slug}");
    if let Some(cached) = redis.get::<_, Option<String>>(&key).await? {
        return Ok(serde_json::from_str(&cached)?);
    }
    let article: Article = sqlx::query_as("SELECT slug, text FROM articles WHERE slug = $1").bind(slug).fetch_one(db).await?;
    let _: () = redis.set_ex(&key, serde_json::to_string(&article)?, ONE_MINUTE).await?;
    let length = format!("length:{slug}");
    let _: () = redis.set(&length, article.text.len()).await?;
    let _: () = redis.expire(&length, 3600).await?;
    Ok(article)
}

use crate::AppState;
use redis::AsyncCommands;
use redis::aio::ConnectionManager;
use serde::{Deserialize, Serialize};
use sqlx::PgPool;

#[derive(Serialize, Deserialize, sqlx::FromRow)]
pub struct Article {
    id: i64,
    title: String,
}

pub async fn by_id(db: &PgPool, mut redis: ConnectionManager, id: i64) -> anyhow::Result<Article> {
    let key = format!("article:{id}");
    if let Some(cached) = redis.get::<_, Option<String>>(&key).await? {
        return Ok(serde_json::from_str(&cached)?);
    }
    let article: Article = sqlx::query_as("SELECT id, title FROM articles WHERE id = $1").bind(id).fetch_one(db).await?;
    let _: () = redis.set_ex(&key, serde_json::to_string(&article)?, 3600).await?;
    Ok(article)
}

pub async fn rename(state: &AppState, id: i64, title: &str) -> anyhow::Result<()> {
    let mut tx = state.db.begin().await?;
    sqlx::query("UPDATE articles SET title = $1 WHERE id = $2").bind(title).bind(id).execute(&mut *tx).await?;
    sqlx::query("INSERT INTO changes (article) VALUES ($1)").bind(id).execute(&mut *tx).await?;
    tx.commit().await?;
    forget(state, id).await
}

/// Twice: the second time for those who asked in between.
pub async fn remove(state: &AppState, id: i64) -> anyhow::Result<()> {
    let mut tx = state.db.begin().await?;
    sqlx::query("DELETE FROM articles WHERE id = $1").bind(id).execute(&mut *tx).await?;
    forget(state, id).await?;
    tx.commit().await?;
    forget(state, id).await
}

async fn forget(state: &AppState, id: i64) -> anyhow::Result<()> {
    let _: () = state.redis.clone().del(format!("article:{id}")).await?;
    Ok(())
}

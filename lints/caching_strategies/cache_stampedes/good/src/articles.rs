use crate::App;
use redis::{AsyncCommands, ExistenceCheck, SetExpiry, SetOptions};
use sqlx::PgPool;
use std::time::Duration;

/// Who gets the lock key loads; the others ask again a little later.
pub async fn popular(app: &App) -> anyhow::Result<String> {
    let mut redis = app.redis.clone();
    loop {
        let hit: Option<String> = redis.get("articles:popular").await?;
        if let Some(hit) = hit {
            return Ok(hit);
        }
        let turn = SetOptions::default().conditional_set(ExistenceCheck::NX).with_expiration(SetExpiry::EX(5));
        let mine: bool = redis.set_options("articles:popular:loading", 1, turn).await?;
        if mine {
            let titles = most_read(&app.db).await?.join("\n");
            let _: () = redis.set_ex("articles:popular", &titles, 60).await?;
            return Ok(titles);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn most_read(db: &PgPool) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar("SELECT title FROM articles ORDER BY reads DESC LIMIT 20").fetch_all(db).await
}

/// The cache itself lets one of them load.
pub async fn count(app: &App) -> anyhow::Result<i64> {
    let load = async { sqlx::query_scalar("SELECT count(*) FROM articles").fetch_one(&app.db).await };
    app.counts.try_get_with("articles", load).await.map_err(|error| anyhow::anyhow!(error))
}

/// Each author has an entry of their own, so it is not told how many ask for one.
pub async fn author(app: &App, id: i64) -> anyhow::Result<String> {
    let mut redis = app.redis.clone();
    let key = format!("author:{id}");
    if let Some(hit) = redis.get::<_, Option<String>>(&key).await? {
        return Ok(hit);
    }
    let name: String = sqlx::query_scalar("SELECT name FROM authors WHERE id = $1").bind(id).fetch_one(&app.db).await?;
    let _: () = redis.set_ex(&key, &name, 60).await?;
    Ok(name)
}

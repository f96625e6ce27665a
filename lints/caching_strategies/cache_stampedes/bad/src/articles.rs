use crate::App;
use redis::AsyncCommands;
use sqlx::PgPool;

/// In a cache that all instances share.
pub async fn popular(app: &App) -> anyhow::Result<String> {
    let mut redis = app.redis.clone();
    let hit: Option<String> = redis.get("articles:popular").await?;
    if let Some(hit) = hit {
        return Ok(hit);
    }
    let titles = most_read(&app.db).await?.join("\n");
    let _: () = redis.set_ex("articles:popular", &titles, 60).await?;
    Ok(titles)
}

async fn most_read(db: &PgPool) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar("SELECT title FROM articles ORDER BY reads DESC LIMIT 20").fetch_all(db).await
}

/// In a cache of this process.
pub async fn count(app: &App) -> anyhow::Result<i64> {
    match app.counts.get("articles").await {
        Some(count) => Ok(count),
        None => {
            let count: i64 = sqlx::query_scalar("SELECT count(*) FROM articles").fetch_one(&app.db).await?;
            app.counts.insert("articles", count).await;
            Ok(count)
        }
    }
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

use sqlx::{PgPool, Result};

/// The id is known to one shard, and nobody knows to which.
pub async fn detail(pool: &PgPool, _org: i64, id: i64) -> Result<String> {
    let sql = "SELECT d.text FROM event e JOIN detail d ON d.event_id = e.id AND d.org_id = e.org_id WHERE e.id = $1";
    sqlx::query_scalar(sql).bind(id).fetch_one(pool).await
}

pub async fn add(pool: &PgPool, _org: i64, kind: &str) -> Result<()> {
    sqlx::query("INSERT INTO event (kind) VALUES ($1)").bind(kind).execute(pool).await?;
    Ok(())
}

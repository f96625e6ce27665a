use sqlx::{PgPool, Result};

/// One key binds both tables.
pub async fn detail(pool: &PgPool, org: i64, id: i64) -> Result<String> {
    let sql = "SELECT d.text FROM event e JOIN detail d ON d.event_id = e.id AND d.org_id = e.org_id WHERE e.org_id = $1 AND e.id = $2";
    sqlx::query_scalar(sql).bind(org).bind(id).fetch_one(pool).await
}

pub async fn add(pool: &PgPool, org: i64, kind: &str) -> Result<()> {
    sqlx::query("INSERT INTO event (org_id, kind) VALUES ($1, $2)").bind(org).bind(kind).execute(pool).await?;
    Ok(())
}

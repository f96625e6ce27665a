use sqlx::PgPool;

pub async fn rebuild(db: &PgPool, id: i64) -> sqlx::Result<()> {
    sqlx::query("SET statement_timeout = '5min'").execute(db).await?;
    sqlx::query("SELECT pg_advisory_lock($1)").bind(id).execute(db).await?;
    sqlx::query("BEGIN").execute(db).await?;
    sqlx::query("DELETE FROM report_lines WHERE report_id = $1").bind(id).execute(db).await?;
    sqlx::query("COMMIT").execute(db).await?;
    sqlx::query("SELECT pg_advisory_unlock($1)").bind(id).execute(db).await?;
    Ok(())
}

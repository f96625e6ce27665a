use sqlx::PgPool;

pub async fn rebuild(db: &PgPool, id: i64) -> sqlx::Result<()> {
    let mut tx = db.begin().await?;
    sqlx::query("SET LOCAL lock_timeout = '5s'").execute(&mut *tx).await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(id).execute(&mut *tx).await?;
    sqlx::query("DELETE FROM report_lines WHERE report_id = $1").bind(id).execute(&mut *tx).await?;
    tx.commit().await
}

use sqlx::PgPool;

pub async fn record(pool: &PgPool, action: &str, order: i64) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO audit (action, order_id) VALUES ($1, $2)").bind(action).bind(order).execute(pool).await?;
    Ok(())
}

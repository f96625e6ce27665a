use sqlx::PgPool;

pub async fn of_order(db: &PgPool, order: i64) -> Result<Vec<i64>, sqlx::Error> {
    sqlx::query_scalar("SELECT id FROM items WHERE order_id = $1").bind(order).fetch_all(db).await
}

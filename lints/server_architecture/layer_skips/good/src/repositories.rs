use crate::model::Order;
use sqlx::PgPool;

pub async fn list(pool: &PgPool, user: i64) -> Result<Vec<Order>, sqlx::Error> {
    sqlx::query_as("SELECT id, user_id, state FROM orders WHERE user_id = $1 LIMIT 100").bind(user).fetch_all(pool).await
}

pub async fn find(pool: &PgPool, id: i64) -> Result<Order, sqlx::Error> {
    sqlx::query_as("SELECT id, user_id, state FROM orders WHERE id = $1").bind(id).fetch_one(pool).await
}

pub async fn insert(pool: &PgPool, user: i64) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO orders (user_id, state) VALUES ($1, 'open')").bind(user).execute(pool).await?;
    Ok(())
}

pub async fn set_state(pool: &PgPool, id: i64, state: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE orders SET state = $2 WHERE id = $1").bind(id).bind(state).execute(pool).await?;
    Ok(())
}

pub async fn delete(pool: &PgPool, id: i64) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM orders WHERE id = $1").bind(id).execute(pool).await?;
    Ok(())
}

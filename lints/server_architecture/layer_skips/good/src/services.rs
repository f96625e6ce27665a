use crate::model::Order;
use crate::repositories as orders;
use sqlx::PgPool;

pub async fn list(pool: &PgPool, user: i64) -> Result<Vec<Order>, sqlx::Error> {
    orders::list(pool, user).await
}

pub async fn open(pool: &PgPool, user: i64) -> Result<(), sqlx::Error> {
    orders::insert(pool, user).await
}

pub async fn close(pool: &PgPool, id: i64) -> Result<(), sqlx::Error> {
    let order = orders::find(pool, id).await?;
    if order.state == "open" { orders::set_state(pool, id, "closed").await } else { Ok(()) }
}

pub async fn refund(pool: &PgPool, id: i64) -> Result<(), sqlx::Error> {
    orders::set_state(pool, id, "refunded").await
}

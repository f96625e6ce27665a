use deadpool_postgres::Client;
use sqlx::PgPool;

pub async fn user_name(client: &Client, id: i64) -> Result<String, tokio_postgres::Error> {
    Ok(client.query_one("SELECT name FROM users WHERE id = $1", &[&id]).await?.get(0))
}

pub async fn last_event(client: &Client) -> Result<String, tokio_postgres::Error> {
    Ok(client.query_one("SELECT text FROM events ORDER BY id DESC LIMIT 1", &[]).await?.get(0))
}

pub async fn archived(pool: &PgPool) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT count(*) FROM archived_users").fetch_one(pool).await
}

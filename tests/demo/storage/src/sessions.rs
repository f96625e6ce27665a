use sqlx::{Error, PgPool};
use uuid::Uuid;

pub async fn start(pool: &PgPool, author: Uuid) -> Result<Uuid, Error> {
    let token = Uuid::new_v4();
    sqlx::query("INSERT INTO sessions (token, author_id) VALUES ($1, $2)").bind(token).bind(author).execute(pool).await?;
    Ok(token)
}

pub async fn author_of(pool: &PgPool, token: Uuid) -> Result<Option<Uuid>, Error> {
    sqlx::query_scalar("SELECT author_id FROM sessions WHERE token = $1 AND created_at > now() - interval '30 days'")
        .bind(token)
        .fetch_optional(pool)
        .await
}

use sqlx::{PgPool, Result};

pub async fn join(db: &PgPool, id: i64, name: &str, email: &str) -> Result<()> {
    sqlx::query("INSERT INTO users (id, name, email) VALUES ($1, $2, $3)").bind(id).bind(name).bind(email).execute(db).await?;
    Ok(())
}

/// The index on `name` knows how names begin.
pub async fn by_name(db: &PgPool, part: &str) -> Result<Vec<i64>> {
    sqlx::query_scalar("SELECT id FROM users WHERE name ILIKE '%' || $1 || '%' LIMIT 20").bind(part).fetch_all(db).await
}

/// The wildcard is in what is given.
pub async fn by_email(db: &PgPool, part: &str) -> Result<Vec<i64>> {
    let pattern = format!("%{part}%");
    sqlx::query_scalar("SELECT id FROM users WHERE email LIKE $1 LIMIT 20").bind(pattern).fetch_all(db).await
}

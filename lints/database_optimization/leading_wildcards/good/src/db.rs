use sqlx::{PgPool, Result};

pub async fn join(db: &PgPool, id: i64, team: i64, name: &str) -> Result<()> {
    sqlx::query("INSERT INTO users (id, team_id, name) VALUES ($1, $2, $3)").bind(id).bind(team).bind(name).execute(db).await?;
    Ok(())
}

/// Served by the index of trigrams.
pub async fn by_name(db: &PgPool, part: &str) -> Result<Vec<i64>> {
    sqlx::query_scalar("SELECT id FROM users WHERE name ILIKE '%' || $1 || '%' LIMIT 20").bind(part).fetch_all(db).await
}

/// The beginning of a text is found by an index.
pub async fn by_email(db: &PgPool, start: &str) -> Result<Vec<i64>> {
    let pattern = format!("{start}%");
    sqlx::query_scalar("SELECT id FROM users WHERE email LIKE $1 LIMIT 20").bind(pattern).fetch_all(db).await
}

/// One team has few.
pub async fn in_team(db: &PgPool, team: i64, part: &str) -> Result<Vec<i64>> {
    sqlx::query_scalar("SELECT id FROM users WHERE team_id = $1 AND email LIKE '%' || $2 || '%'").bind(team).bind(part).fetch_all(db).await
}

/// Two rows that only a migration writes.
pub async fn plans(db: &PgPool, part: &str) -> Result<Vec<String>> {
    sqlx::query_scalar("SELECT code FROM plans WHERE code LIKE '%' || $1").bind(part).fetch_all(db).await
}

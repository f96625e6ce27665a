use chrono::NaiveDate;
use sqlx::{PgPool, Result};

pub async fn join(db: &PgPool, id: i64, team: i64, email: &str) -> Result<()> {
    sqlx::query("INSERT INTO users (id, team_id, email) VALUES ($1, $2, $3)").bind(id).bind(team).bind(email).execute(db).await?;
    Ok(())
}

/// Served by the index on the same expression.
pub async fn by_email(db: &PgPool, email: &str) -> Result<i64> {
    sqlx::query_scalar("SELECT id FROM users WHERE lower(email) = lower($1)").bind(email).fetch_one(db).await
}

/// The function is on the other side of the comparison.
pub async fn joined_on(db: &PgPool, day: NaiveDate) -> Result<Vec<i64>> {
    sqlx::query_scalar("SELECT id FROM users WHERE created_at >= date_trunc('day', $1::timestamptz) AND created_at < $1 + interval '1 day'")
        .bind(day)
        .fetch_all(db)
        .await
}

/// Of one team there are few.
pub async fn by_phone(db: &PgPool, team: i64, phone: &str) -> Result<i64> {
    sqlx::query_scalar("SELECT id FROM users WHERE team_id = $1 AND trim(phone) = $2").bind(team).bind(phone).fetch_one(db).await
}

/// Two rows that only a migration writes.
pub async fn plan(db: &PgPool, code: &str) -> Result<i64> {
    sqlx::query_scalar("SELECT monthly FROM plans WHERE upper(code) = upper($1)").bind(code).fetch_one(db).await
}

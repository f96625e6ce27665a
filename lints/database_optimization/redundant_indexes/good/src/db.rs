use sqlx::{PgPool, Result};

pub async fn join(db: &PgPool, team: i64, user: i64, email: &str) -> Result<()> {
    sqlx::query("INSERT INTO members (team_id, user_id, email) VALUES ($1, $2, $3)").bind(team).bind(user).bind(email).execute(db).await?;
    sqlx::query("INSERT INTO events (kind, at) VALUES ('join', now())").execute(db).await?;
    Ok(())
}

/// Served by `members_user`.
pub async fn teams_of(db: &PgPool, user: i64) -> Result<Vec<i64>> {
    sqlx::query_scalar("SELECT team_id FROM members WHERE user_id = $1").bind(user).fetch_all(db).await
}

/// Served by the index on the same expression, which holds active members only.
pub async fn by_email(db: &PgPool, email: &str) -> Result<Vec<i64>> {
    sqlx::query_scalar("SELECT user_id FROM members m WHERE lower(m.email) = lower($1) AND m.active = true").bind(email).fetch_all(db).await
}

/// Two rows that only a migration writes.
pub async fn plans(db: &PgPool, monthly: i64) -> Result<Vec<String>> {
    sqlx::query_scalar("SELECT code FROM plans WHERE monthly <= $1").bind(monthly).fetch_all(db).await
}

/// Read in the order of an index until there are enough; the start may be left out.
pub async fn events(db: &PgPool, kind: &str, after: Option<i64>) -> Result<Vec<i64>> {
    sqlx::query_scalar("SELECT id FROM events WHERE kind = $1 AND ($2::bigint IS NULL OR id > $2) ORDER BY at DESC LIMIT 20")
        .bind(kind)
        .bind(after)
        .fetch_all(db)
        .await
}

/// Once, before the first request.
pub async fn forget(db: &PgPool) -> Result<()> {
    sqlx::query("DELETE FROM events WHERE kind = 'noise'").execute(db).await?;
    Ok(())
}

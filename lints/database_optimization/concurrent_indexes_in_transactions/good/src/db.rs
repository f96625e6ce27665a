use sqlx::{PgPool, Result};

pub async fn invite(db: &PgPool, team: i64, email: &str) -> Result<()> {
    sqlx::query("INSERT INTO invitations (team_id, email) VALUES ($1, $2)").bind(team).bind(email).execute(db).await?;
    Ok(())
}

pub async fn join(db: &PgPool, team: i64, user: i64) -> Result<()> {
    sqlx::query("INSERT INTO members (team_id, user_id) VALUES ($1, $2)").bind(team).bind(user).execute(db).await?;
    Ok(())
}

pub async fn disband(db: &PgPool, team: i64) -> Result<()> {
    sqlx::query("DELETE FROM teams WHERE id = $1").bind(team).execute(db).await?;
    Ok(())
}

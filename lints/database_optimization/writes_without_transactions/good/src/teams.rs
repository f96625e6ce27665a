use crate::AppState;
use crate::orders::Failed;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use sqlx::PgPool;

/// What happened is written down beside, and may be missing.
pub async fn create(State(state): State<AppState>, Json((name, owner)): Json<(String, i64)>) -> Result<StatusCode, Failed> {
    let team = insert_team(&state.db, &name, owner).await?;
    sqlx::query("INSERT INTO audit_log (team_id) VALUES ($1)").bind(team).execute(&state.db).await?;
    Ok(StatusCode::CREATED)
}

async fn insert_team(db: &PgPool, name: &str, owner: i64) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("INSERT INTO teams (name, owner_id) VALUES ($1, $2) RETURNING id").bind(name).bind(owner).fetch_one(db).await
}

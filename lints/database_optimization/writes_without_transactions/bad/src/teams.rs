use crate::AppState;
use crate::orders::Failed;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use sqlx::PgPool;

pub async fn create(State(state): State<AppState>, Json((name, owner)): Json<(String, i64)>) -> Result<StatusCode, Failed> {
    let team = insert_team(&state.db, &name).await?;
    insert_member(&state.db, team, owner).await?;
    Ok(StatusCode::CREATED)
}

async fn insert_team(db: &PgPool, name: &str) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("INSERT INTO teams (name) VALUES ($1) RETURNING id").bind(name).fetch_one(db).await
}

async fn insert_member(db: &PgPool, team: i64, member: i64) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO members (team_id, user_id) VALUES ($1, $2)").bind(team).bind(member).execute(db).await?;
    Ok(())
}

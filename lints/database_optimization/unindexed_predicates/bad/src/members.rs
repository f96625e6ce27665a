use crate::AppState;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;

pub async fn join(State(state): State<AppState>, Path(user): Path<i64>, Json((team, email)): Json<(i64, String)>) -> Result<StatusCode, StatusCode> {
    sqlx::query("INSERT INTO members (team_id, user_id, email) VALUES ($1, $2, $3)")
        .bind(team)
        .bind(user)
        .bind(email)
        .execute(&state.db)
        .await
        .map_err(unavailable)?;
    Ok(StatusCode::CREATED)
}

/// The key begins with the team.
pub async fn teams_of(State(state): State<AppState>, Path(user): Path<i64>) -> Result<Json<Vec<i64>>, StatusCode> {
    let teams = sqlx::query_scalar("SELECT team_id FROM members WHERE user_id = $1").bind(user).fetch_all(&state.db).await.map_err(unavailable)?;
    Ok(Json(teams))
}

pub async fn by_email(State(state): State<AppState>, Path(email): Path<String>) -> Result<Json<Vec<i64>>, StatusCode> {
    let users = sqlx::query_scalar("SELECT user_id FROM members WHERE lower(email) = lower($1)")
        .bind(email)
        .fetch_all(&state.db)
        .await
        .map_err(unavailable)?;
    Ok(Json(users))
}

fn unavailable(_: sqlx::Error) -> StatusCode {
    StatusCode::SERVICE_UNAVAILABLE
}

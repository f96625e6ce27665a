use crate::AppState;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use sqlx::PgPool;

pub async fn join(State(state): State<AppState>, Path(user): Path<i64>, Json((team, email)): Json<(i64, String)>) -> Result<StatusCode, StatusCode> {
    sqlx::query("WITH joined AS (INSERT INTO events (kind, at) VALUES ('join', now())) INSERT INTO members (team_id, user_id, email) VALUES ($1, $2, $3)")
        .bind(team)
        .bind(user)
        .bind(email)
        .execute(&state.db)
        .await
        .map_err(unavailable)?;
    Ok(StatusCode::CREATED)
}

/// Served by `members_user`.
pub async fn teams_of(State(state): State<AppState>, Path(user): Path<i64>) -> Result<Json<Vec<i64>>, StatusCode> {
    let teams = sqlx::query_scalar("SELECT team_id FROM members WHERE user_id = $1").bind(user).fetch_all(&state.db).await.map_err(unavailable)?;
    Ok(Json(teams))
}

/// Served by the index on the same expression, which holds active members only.
pub async fn by_email(State(state): State<AppState>, Path(email): Path<String>) -> Result<Json<Vec<i64>>, StatusCode> {
    let users = sqlx::query_scalar("SELECT user_id FROM members m WHERE lower(m.email) = lower($1) AND m.active = true")
        .bind(email)
        .fetch_all(&state.db)
        .await
        .map_err(unavailable)?;
    Ok(Json(users))
}

/// Two rows that only a migration writes.
pub async fn plans(State(state): State<AppState>, Path(monthly): Path<i64>) -> Result<Json<Vec<String>>, StatusCode> {
    let codes = sqlx::query_scalar("SELECT code FROM plans WHERE monthly <= $1").bind(monthly).fetch_all(&state.db).await.map_err(unavailable)?;
    Ok(Json(codes))
}

/// Read in the order of an index until there are enough; the team may be left out.
pub async fn events(State(state): State<AppState>, Path(kind): Path<String>, Query(team): Query<Option<i64>>) -> Result<Json<Vec<i64>>, StatusCode> {
    let events = sqlx::query_scalar("SELECT id FROM events WHERE kind = $1 AND ($2::bigint IS NULL OR id > $2) ORDER BY at DESC LIMIT 20")
        .bind(kind)
        .bind(team)
        .fetch_all(&state.db)
        .await
        .map_err(unavailable)?;
    Ok(Json(events))
}

/// Once, before the first request.
pub async fn forget(db: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM events WHERE kind = 'noise'").execute(db).await?;
    Ok(())
}

fn unavailable(_: sqlx::Error) -> StatusCode {
    StatusCode::SERVICE_UNAVAILABLE
}

//! A lock inside a transaction, one in a statement that writes what it locked, and one on whatever the caller gives.

use crate::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use sqlx::{PgConnection, PgExecutor};

pub async fn next(State(state): State<AppState>) -> Result<Json<i64>, StatusCode> {
    let mut transaction = state.db.begin().await.map_err(unavailable)?;
    let job = locked(&mut transaction).await.map_err(unavailable)?;
    sqlx::query("UPDATE jobs SET state = 'taken' WHERE id = $1").bind(job).execute(&mut *transaction).await.map_err(unavailable)?;
    transaction.commit().await.map_err(unavailable)?;
    Ok(Json(job))
}

async fn locked(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT id FROM jobs WHERE state = 'new' LIMIT 1 FOR UPDATE").fetch_one(connection).await
}

pub async fn take(State(state): State<AppState>) -> Result<Json<i64>, StatusCode> {
    let job = sqlx::query_scalar(
        "WITH next AS (SELECT id FROM jobs WHERE state = 'new' LIMIT 1 FOR UPDATE SKIP LOCKED)
         UPDATE jobs SET state = 'taken' FROM next WHERE jobs.id = next.id RETURNING jobs.id",
    )
    .fetch_one(&state.db)
    .await
    .map_err(unavailable)?;
    Ok(Json(job))
}

pub async fn peek(executor: impl PgExecutor<'_>) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT id FROM jobs LIMIT 1 FOR SHARE").fetch_one(executor).await
}

fn unavailable(_: sqlx::Error) -> StatusCode {
    StatusCode::SERVICE_UNAVAILABLE
}

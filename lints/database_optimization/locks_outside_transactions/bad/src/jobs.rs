use crate::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

/// Two requests at once get the same job.
pub async fn next(State(state): State<AppState>) -> Result<Json<i64>, StatusCode> {
    let job: i64 = sqlx::query_scalar("SELECT id FROM jobs WHERE state = 'new' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED")
        .fetch_one(&state.db)
        .await
        .map_err(unavailable)?;
    sqlx::query("UPDATE jobs SET state = 'taken' WHERE id = $1").bind(job).execute(&state.db).await.map_err(unavailable)?;
    Ok(Json(job))
}

fn unavailable(_: sqlx::Error) -> StatusCode {
    StatusCode::SERVICE_UNAVAILABLE
}

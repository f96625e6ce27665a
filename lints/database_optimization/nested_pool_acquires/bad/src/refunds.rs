use crate::{AppState, audit};
use axum::extract::{Path, State};
use axum::http::StatusCode;

/// The reason is read from the pool while the transaction holds a connection of it.
pub async fn refund(State(state): State<AppState>, Path(id): Path<i64>) -> Result<StatusCode, StatusCode> {
    let mut transaction = state.db.begin().await.map_err(unavailable)?;
    let amount: i64 = sqlx::query_scalar("SELECT amount FROM orders WHERE id = $1").bind(id).fetch_one(&state.db).await.map_err(unavailable)?;
    sqlx::query("INSERT INTO refunds (order_id, amount) VALUES ($1, $2)")
        .bind(id)
        .bind(amount)
        .execute(&mut *transaction)
        .await
        .map_err(unavailable)?;
    transaction.commit().await.map_err(unavailable)?;
    Ok(StatusCode::NO_CONTENT)
}

/// What `audit::record` writes is not undone when the transaction is.
pub async fn cancel(State(state): State<AppState>, Path(id): Path<i64>) -> Result<StatusCode, StatusCode> {
    let mut transaction = state.db.begin().await.map_err(unavailable)?;
    sqlx::query("UPDATE orders SET state = 'cancelled' WHERE id = $1").bind(id).execute(&mut *transaction).await.map_err(unavailable)?;
    audit::record(&state.db, "cancel", id).await.map_err(unavailable)?;
    transaction.commit().await.map_err(unavailable)?;
    Ok(StatusCode::NO_CONTENT)
}

fn unavailable(_: sqlx::Error) -> StatusCode {
    StatusCode::SERVICE_UNAVAILABLE
}

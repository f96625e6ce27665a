//! Four ways to use two connections that never hold one while waiting for another of the same pool.

use crate::AppState;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use sqlx::{Postgres, Transaction};

/// Everything runs on the transaction.
pub async fn refund(State(state): State<AppState>, Path(id): Path<i64>) -> Result<StatusCode, StatusCode> {
    let mut transaction = state.db.begin().await.map_err(unavailable)?;
    let amount: i64 =
        sqlx::query_scalar("SELECT amount FROM orders WHERE id = $1").bind(id).fetch_one(&mut *transaction).await.map_err(unavailable)?;
    insert_refund(&mut transaction, id, amount).await.map_err(unavailable)?;
    transaction.commit().await.map_err(unavailable)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn insert_refund(transaction: &mut Transaction<'_, Postgres>, id: i64, amount: i64) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO refunds (order_id, amount) VALUES ($1, $2)").bind(id).bind(amount).execute(&mut **transaction).await?;
    Ok(())
}

/// The second query comes after the commit.
pub async fn cancel(State(state): State<AppState>, Path(id): Path<i64>) -> Result<StatusCode, StatusCode> {
    let mut transaction = state.db.begin().await.map_err(unavailable)?;
    sqlx::query("UPDATE orders SET state = 'cancelled' WHERE id = $1").bind(id).execute(&mut *transaction).await.map_err(unavailable)?;
    transaction.commit().await.map_err(unavailable)?;
    sqlx::query("INSERT INTO audit (action, order_id) VALUES ('cancel', $1)").bind(id).execute(&state.db).await.map_err(unavailable)?;
    Ok(StatusCode::NO_CONTENT)
}

/// The second connection comes from another pool.
pub async fn ship(State(state): State<AppState>, Path(id): Path<i64>) -> Result<StatusCode, StatusCode> {
    let mut transaction = state.db.begin().await.map_err(unavailable)?;
    let address: String =
        sqlx::query_scalar("SELECT address FROM orders WHERE id = $1").bind(id).fetch_one(&state.replica).await.map_err(unavailable)?;
    sqlx::query("INSERT INTO parcels (order_id, address) VALUES ($1, $2)")
        .bind(id)
        .bind(address)
        .execute(&mut *transaction)
        .await
        .map_err(unavailable)?;
    transaction.commit().await.map_err(unavailable)?;
    Ok(StatusCode::NO_CONTENT)
}

/// The first connection goes back at the end of its block.
pub async fn note(State(state): State<AppState>, Path(id): Path<i64>) -> Result<StatusCode, StatusCode> {
    let exists: bool = {
        let mut connection = state.db.acquire().await.map_err(unavailable)?;
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM orders WHERE id = $1)").bind(id).fetch_one(&mut *connection).await.map_err(unavailable)?
    };
    if !exists {
        return Err(StatusCode::NOT_FOUND);
    }
    sqlx::query("INSERT INTO notes (order_id) VALUES ($1)").bind(id).execute(&state.db).await.map_err(unavailable)?;
    Ok(StatusCode::CREATED)
}

fn unavailable(_: sqlx::Error) -> StatusCode {
    StatusCode::SERVICE_UNAVAILABLE
}

//! Loops with queries in them that are not one query for each element, and one that no request waits for.

use crate::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use sqlx::PgPool;

/// One query for all of them.
pub async fn list(State(state): State<AppState>, Json(orders): Json<Vec<i64>>) -> Result<Json<Vec<i64>>, StatusCode> {
    let items = sqlx::query_scalar("SELECT id FROM items WHERE order_id = ANY($1)").bind(&orders).fetch_all(&state.db).await.map_err(unavailable)?;
    Ok(Json(items))
}

/// Three kinds, written out.
pub async fn any(State(state): State<AppState>) -> Result<Json<i64>, StatusCode> {
    let mut all = 0;
    for kind in ["new", "paid", "sent"] {
        let some: i64 =
            sqlx::query_scalar("SELECT count(*) FROM orders WHERE kind = $1").bind(kind).fetch_one(&state.db).await.map_err(unavailable)?;
        all += some;
    }
    Ok(Json(all))
}

/// A thousand at a time.
pub async fn tag(State(state): State<AppState>, Json(tags): Json<Vec<String>>) -> Result<StatusCode, StatusCode> {
    for batch in tags.chunks(1000) {
        sqlx::query("INSERT INTO tags (name) SELECT * FROM unnest($1)").bind(batch).execute(&state.db).await.map_err(unavailable)?;
    }
    Ok(StatusCode::CREATED)
}

/// Until it works.
pub async fn retry(State(state): State<AppState>) -> Result<StatusCode, StatusCode> {
    for attempt in 0..3 {
        if sqlx::query("INSERT INTO attempts (number) VALUES ($1)").bind(attempt).execute(&state.db).await.is_ok() {
            return Ok(StatusCode::CREATED);
        }
    }
    Err(StatusCode::SERVICE_UNAVAILABLE)
}

/// Each in a task of its own, after the answer.
pub async fn pay(State(state): State<AppState>, Json(orders): Json<Vec<i64>>) -> StatusCode {
    for order in orders {
        let db = state.db.clone();
        tokio::spawn(async move {
            let _ = sqlx::query("UPDATE orders SET kind = 'paid' WHERE id = $1").bind(order).execute(&db).await;
        });
    }
    StatusCode::ACCEPTED
}

/// Once, before the first request.
pub async fn backfill(db: &PgPool) -> Result<(), sqlx::Error> {
    let orders: Vec<i64> = sqlx::query_scalar("SELECT id FROM orders WHERE total IS NULL").fetch_all(db).await?;
    for order in orders {
        sqlx::query("UPDATE orders SET total = 0 WHERE id = $1").bind(order).execute(db).await?;
    }
    Ok(())
}

fn unavailable(_: sqlx::Error) -> StatusCode {
    StatusCode::SERVICE_UNAVAILABLE
}

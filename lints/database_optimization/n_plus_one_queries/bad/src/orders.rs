use crate::{AppState, items};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use futures::future::try_join_all;

/// One query for the orders of the day, and one for the items of each.
pub async fn list(State(state): State<AppState>) -> Result<Json<Vec<Vec<i64>>>, StatusCode> {
    let orders: Vec<i64> =
        sqlx::query_scalar("SELECT id FROM orders WHERE day = current_date LIMIT 50").fetch_all(&state.db).await.map_err(unavailable)?;
    let mut pages = Vec::new();
    for order in orders {
        pages.push(items::of_order(&state.db, order).await.map_err(unavailable)?);
    }
    Ok(Json(pages))
}

/// All at once, but still one for each.
pub async fn names(State(state): State<AppState>) -> Result<Json<Vec<String>>, StatusCode> {
    let orders: Vec<i64> =
        sqlx::query_scalar("SELECT id FROM orders WHERE day = current_date LIMIT 50").fetch_all(&state.db).await.map_err(unavailable)?;
    let names = orders.iter().map(|id| sqlx::query_scalar("SELECT name FROM buyers WHERE order_id = $1").bind(*id).fetch_one(&state.db));
    Ok(Json(try_join_all(names).await.map_err(unavailable)?))
}

/// One insert for each tag.
pub async fn tag(State(state): State<AppState>, Json(tags): Json<Vec<String>>) -> Result<StatusCode, StatusCode> {
    for tag in &tags {
        sqlx::query("INSERT INTO tags (name) VALUES ($1)").bind(tag).execute(&state.db).await.map_err(unavailable)?;
    }
    Ok(StatusCode::CREATED)
}

fn unavailable(_: sqlx::Error) -> StatusCode {
    StatusCode::SERVICE_UNAVAILABLE
}

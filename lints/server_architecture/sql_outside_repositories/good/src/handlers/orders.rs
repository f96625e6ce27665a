use crate::db::orders::Order;
use crate::services::orders;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde::Deserialize;
use sqlx::PgPool;

#[derive(Deserialize)]
pub struct OrderFilter {
    pub user: i64,
}

pub fn routes() -> Router<PgPool> {
    Router::new()
        .route("/", get(list_orders).post(open_order))
        .route("/{id}", delete(close_order))
        .route("/{id}/refund", post(refund_order))
}

async fn list_orders(State(pool): State<PgPool>, Query(filter): Query<OrderFilter>) -> Result<Json<Vec<Order>>, StatusCode> {
    orders::list(&pool, filter.user).await.map(Json).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

async fn refund_order(State(pool): State<PgPool>, Path(id): Path<i64>) -> Result<StatusCode, StatusCode> {
    orders::refund(&pool, id).await.map_err(|_| StatusCode::CONFLICT)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn open_order(State(pool): State<PgPool>, Query(filter): Query<OrderFilter>) -> Result<StatusCode, StatusCode> {
    orders::open(&pool, filter.user).await.map_err(|_| StatusCode::CONFLICT)?;
    Ok(StatusCode::CREATED)
}

async fn close_order(State(pool): State<PgPool>, Path(id): Path<i64>) -> Result<StatusCode, StatusCode> {
    orders::close(&pool, id).await.map_err(|_| StatusCode::CONFLICT)?;
    Ok(StatusCode::NO_CONTENT)
}

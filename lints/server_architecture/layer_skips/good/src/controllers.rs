use crate::model::Order;
use crate::services;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use sqlx::PgPool;

#[derive(Deserialize)]
pub struct OrderFilter {
    pub user: i64,
}

pub fn routes() -> Router<PgPool> {
    Router::new().route("/", get(list_orders)).route("/{id}/refund", axum::routing::post(refund_order))
}

async fn list_orders(State(pool): State<PgPool>, Query(filter): Query<OrderFilter>) -> Result<Json<Vec<Order>>, StatusCode> {
    services::list(&pool, filter.user).await.map(Json).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

async fn refund_order(State(pool): State<PgPool>, Path(id): Path<i64>) -> Result<StatusCode, StatusCode> {
    services::refund(&pool, id).await.map_err(|_| StatusCode::CONFLICT)?;
    Ok(StatusCode::NO_CONTENT)
}

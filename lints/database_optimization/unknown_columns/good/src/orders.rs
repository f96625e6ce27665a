use crate::AppState;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;

pub struct Failed;

impl From<sqlx::Error> for Failed {
    fn from(_: sqlx::Error) -> Self {
        Failed
    }
}

impl axum::response::IntoResponse for Failed {
    fn into_response(self) -> axum::response::Response {
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}

pub async fn place(State(state): State<AppState>, Json(article): Json<i64>) -> Result<StatusCode, Failed> {
    sqlx::query("INSERT INTO orders (article_id, note) VALUES ($1, '')").bind(article).execute(&state.db).await?;
    Ok(StatusCode::CREATED)
}

pub async fn set_note(State(state): State<AppState>, Path(id): Path<i64>, Json(note): Json<String>) -> Result<StatusCode, Failed> {
    sqlx::query(
        "WITH old AS (SELECT o.id, o.note AS remark, o.ctid FROM orders o WHERE o.id = $2)
         UPDATE orders SET note = $1 FROM old WHERE orders.id = old.id AND old.remark IS DISTINCT FROM $1",
    )
    .bind(note)
    .bind(id)
    .execute(&state.db)
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

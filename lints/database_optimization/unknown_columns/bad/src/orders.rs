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
    sqlx::query("INSERT INTO orders (article, note) VALUES ($1, '')").bind(article).execute(&state.db).await?;
    Ok(StatusCode::CREATED)
}

/// The second migration gave the column another name.
pub async fn set_note(State(state): State<AppState>, Path(id): Path<i64>, Json(note): Json<String>) -> Result<StatusCode, Failed> {
    sqlx::query("UPDATE orders SET remark = $1 WHERE id = $2").bind(note).bind(id).execute(&state.db).await?;
    Ok(StatusCode::NO_CONTENT)
}

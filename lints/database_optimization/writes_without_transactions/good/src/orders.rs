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

pub async fn place(State(state): State<AppState>, Json(article): Json<i64>) -> Result<StatusCode, Failed> {
    let mut tx = state.db.begin().await?;
    sqlx::query("INSERT INTO orders (article_id) VALUES ($1)").bind(article).execute(&mut *tx).await?;
    sqlx::query("UPDATE articles SET stock = stock - 1 WHERE id = $1").bind(article).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(StatusCode::CREATED)
}

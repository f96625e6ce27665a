use crate::{AppState, db};
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
    db::insert(&state.db, article).await?;
    Ok(StatusCode::CREATED)
}

pub async fn count(State(state): State<AppState>) -> Result<Json<usize>, Failed> {
    Ok(Json(db::count(&state.db).await?))
}

pub async fn latest(State(state): State<AppState>) -> Result<Json<Vec<i64>>, Failed> {
    Ok(Json(db::latest(&state.db).await?))
}

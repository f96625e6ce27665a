use crate::state::AppState;
use axum::extract::State;
use axum::http::StatusCode;

pub async fn show(State(state): State<AppState>) -> StatusCode {
    match storage::ping(&state.db).await {
        Ok(()) => StatusCode::OK,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

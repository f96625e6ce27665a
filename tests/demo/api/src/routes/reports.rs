use crate::auth::CurrentAuthor;
use crate::error::Error;
use crate::services::reports;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;

pub async fn monthly(State(state): State<AppState>, _: CurrentAuthor) -> Result<Json<Vec<i64>>, Error> {
    reports::monthly(&state).await.map(Json)
}

use crate::error::Error;
use crate::state::AppState;
use storage::reports;

pub async fn monthly(state: &AppState) -> Result<Vec<i64>, Error> {
    Ok(reports::monthly(&state.reporting_url).await?)
}

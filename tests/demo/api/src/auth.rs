//! Who is asking.

use crate::error::Error;
use crate::services::accounts;
use crate::state::AppState;
use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use uuid::Uuid;

/// The author whose session token the request bears.
pub struct CurrentAuthor(pub Uuid);

impl FromRequestParts<AppState> for CurrentAuthor {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Error> {
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(|value| value.strip_prefix("Bearer ")).and_then(|token| token.parse().ok());
        let author = accounts::author_of(state, token.ok_or(Error::Unauthorized)?).await?;
        Ok(CurrentAuthor(author))
    }
}

use axum::Json;
use axum::http::StatusCode;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Target {
    url: String,
    proxy: String,
}

/// The proxy is the caller's: this client cannot be shared with anybody else.
pub async fn test(Json(target): Json<Target>) -> Result<StatusCode, StatusCode> {
    let proxy = reqwest::Proxy::all(&target.proxy).map_err(|_| StatusCode::BAD_REQUEST)?;
    let client = reqwest::Client::builder().proxy(proxy).build().map_err(|_| StatusCode::BAD_REQUEST)?;
    client.post(&target.url).send().await.map_err(|_| StatusCode::BAD_GATEWAY)?;
    Ok(StatusCode::NO_CONTENT)
}

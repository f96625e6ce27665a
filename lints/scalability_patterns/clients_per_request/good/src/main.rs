//! Clients of start-up, of first use, and one that the caller's own settings shape.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use std::sync::{Arc, LazyLock};
use tower_governor::GovernorLayer;
use tower_governor::governor::GovernorConfigBuilder;

mod webhooks;

static CAPTCHA: LazyLock<reqwest::Client> = LazyLock::new(|| reqwest::Client::builder().user_agent("comments").build().unwrap_or_default());

#[derive(Clone)]
struct AppState {
    http: reqwest::Client,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let http = reqwest::Client::builder().timeout(std::time::Duration::from_secs(10)).build()?;
    let limit = Arc::new(GovernorConfigBuilder::default().per_second(2).burst_size(5).finish().expect("the quota is not zero"));
    let app = Router::new()
        .route("/comments", post(comment))
        .route("/previews", post(preview))
        .route("/webhooks/test", post(webhooks::test))
        .layer(GovernorLayer::new(limit))
        .with_state(AppState { http });
    let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await?;
    axum::serve(listener, app).await?;
    Ok(())
}

async fn comment(body: String) -> StatusCode {
    match CAPTCHA.post("https://captcha.example/verify").body(body).send().await {
        Ok(answer) if answer.status().is_success() => StatusCode::CREATED,
        Ok(_) => StatusCode::FORBIDDEN,
        Err(_) => StatusCode::BAD_GATEWAY,
    }
}

async fn preview(State(state): State<AppState>, url: String) -> Result<String, StatusCode> {
    let page = state.http.clone().get(url).send().await.map_err(|_| StatusCode::BAD_GATEWAY)?;
    page.text().await.map_err(|_| StatusCode::BAD_GATEWAY)
}

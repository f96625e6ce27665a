use axum::Router;
use axum::routing::{get, post};
use std::sync::Arc;
use tower_governor::GovernorLayer;
use tower_governor::governor::GovernorConfigBuilder;

mod captcha;
mod files;
mod mail;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let limit = Arc::new(GovernorConfigBuilder::default().per_second(2).burst_size(5).finish().expect("the quota is not zero"));
    let app = Router::new()
        .route("/comments", post(captcha::comment))
        .route("/invitations", post(mail::invite))
        .route("/files/{name}", get(files::download))
        .layer(GovernorLayer::new(limit));
    let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await?;
    axum::serve(listener, app).await?;
    Ok(())
}

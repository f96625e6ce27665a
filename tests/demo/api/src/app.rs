//! The router: every route and what stands around it.

use crate::routes::{articles, authors, comments, health, reports, search, tags};
use crate::state::AppState;
use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use std::sync::Arc;
use std::time::Duration;
use tower_governor::GovernorLayer;
use tower_governor::governor::GovernorConfigBuilder;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

pub fn router(state: AppState) -> Router {
    let limit = GovernorConfigBuilder::default().per_second(2).burst_size(20).finish().expect("neither number is zero");
    Router::new()
        .nest("/articles", article_routes())
        .route("/authors", post(authors::register))
        .route("/authors/{name}", get(authors::show))
        .route("/tags", get(tags::list))
        .route("/tags/popular", get(tags::popular))
        .route("/search", get(search::articles))
        .route("/reports/monthly", get(reports::monthly))
        .layer(GovernorLayer::new(Arc::new(limit)))
        .route("/login", post(authors::login))
        .route("/healthz", get(health::show))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, Duration::from_secs(30)))
        .layer(TraceLayer::new_for_http())
        .with_state(state)
}

fn article_routes() -> Router<AppState> {
    Router::new()
        .route("/", get(articles::latest).post(articles::create))
        .route("/{slug}", get(articles::show))
        .route("/{slug}/publish", post(articles::publish))
        .route("/{slug}/comments", get(comments::list).post(comments::add))
        .route("/{slug}/tags", get(tags::of_article))
}

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::Router;
use cached::proc_macro::cached;
use moka::future::Cache;
use sqlx::PgPool;

#[derive(Clone)]
struct AppState {
    db: PgPool,
    names: Cache<i64, String>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let db = PgPool::connect(&std::env::var("DATABASE_URL")?).await?;
    let names = Cache::builder().name("user names").build();
    let app = Router::new().route("/users/{id}", get(user_name)).route("/slugs/{title}", get(slug)).with_state(AppState { db, names });
    let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await?;
    axum::serve(listener, app).await?;
    Ok(())
}

async fn user_name(State(state): State<AppState>, Path(id): Path<i64>) -> Result<String, StatusCode> {
    let load = async { sqlx::query_scalar("SELECT name FROM users WHERE id = $1").bind(id).fetch_one(&state.db).await };
    state.names.try_get_with(id, load).await.map_err(|_| StatusCode::NOT_FOUND)
}

async fn slug(Path(title): Path<String>) -> String {
    slug_of(title)
}

/// Whatever anybody asks for is kept.
#[cached]
fn slug_of(title: String) -> String {
    title.to_lowercase().replace(' ', "-")
}

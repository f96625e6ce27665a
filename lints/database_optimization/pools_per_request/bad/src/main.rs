use axum::routing::get;
use axum::Router;

mod store;
mod users;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let app = Router::new().nest("/users", users::routes()).route("/", get(|| async { "users" }));
    let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await?;
    axum::serve(listener, app).await?;
    Ok(())
}

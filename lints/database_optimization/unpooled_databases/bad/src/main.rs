use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};

mod db;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let app = Router::new().route("/notes/{id}", get(show_note)).route("/notes", get(list_notes));
    let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await?;
    axum::serve(listener, app).await?;
    Ok(())
}

async fn show_note(Path(id): Path<i64>) -> Result<Json<String>, StatusCode> {
    db::note(id).map(Json).map_err(|_| StatusCode::NOT_FOUND)
}

async fn list_notes() -> Result<Json<Vec<String>>, StatusCode> {
    db::notes().map(Json).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

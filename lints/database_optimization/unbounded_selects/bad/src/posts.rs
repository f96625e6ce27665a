use crate::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

pub async fn list(State(state): State<AppState>) -> Result<Json<Vec<(i64, String)>>, StatusCode> {
    let posts = sqlx::query_as("SELECT p.id, u.name FROM posts p JOIN users u ON u.id = p.author ORDER BY p.id")
        .fetch_all(&state.db)
        .await
        .map_err(unavailable)?;
    Ok(Json(posts))
}

pub async fn add(State(state): State<AppState>, Json(title): Json<String>) -> Result<StatusCode, StatusCode> {
    sqlx::query("INSERT INTO posts (title) VALUES ($1)").bind(title).execute(&state.db).await.map_err(unavailable)?;
    Ok(StatusCode::CREATED)
}

fn unavailable(_: sqlx::Error) -> StatusCode {
    StatusCode::SERVICE_UNAVAILABLE
}

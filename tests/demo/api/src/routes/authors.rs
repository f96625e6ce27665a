use crate::error::Error;
use crate::services::accounts;
use crate::state::AppState;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use storage::authors::Author;
use uuid::Uuid;

#[derive(Deserialize)]
pub struct Credentials {
    name: String,
    password: String,
}

pub async fn register(State(state): State<AppState>, Json(new): Json<Credentials>) -> Result<(StatusCode, Json<Uuid>), Error> {
    let id = accounts::register(&state, &new.name, new.password).await?;
    Ok((StatusCode::CREATED, Json(id)))
}

pub async fn login(State(state): State<AppState>, Json(credentials): Json<Credentials>) -> Result<Json<Uuid>, Error> {
    accounts::login(&state, &credentials.name, credentials.password).await.map(Json)
}

pub async fn show(State(state): State<AppState>, Path(name): Path<String>) -> Result<Json<Author>, Error> {
    accounts::author(&state, &name).await.map(Json)
}

use crate::error::Error;
use crate::state::AppState;
use anyhow::{Context, anyhow};
use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{PasswordHash, SaltString};
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use storage::authors::{self, Author, Login};
use storage::sessions;
use uuid::Uuid;

pub async fn register(state: &AppState, name: &str, password: String) -> Result<Uuid, Error> {
    let hash = off_the_worker(move || hash(&password)).await?;
    Ok(authors::create(&state.db, name, &hash).await?)
}

/// A new session, for the right password.
pub async fn login(state: &AppState, name: &str, password: String) -> Result<Uuid, Error> {
    let Login { id, password_hash } = authors::login_of(&state.db, name).await?.ok_or(Error::Unauthorized)?;
    if !off_the_worker(move || verify(&password_hash, &password)).await? {
        return Err(Error::Unauthorized);
    }
    Ok(sessions::start(&state.db, id).await?)
}

pub async fn author(state: &AppState, name: &str) -> Result<Author, Error> {
    authors::by_name(&state.db, name).await?.ok_or(Error::NotFound)
}

pub async fn author_of(state: &AppState, token: Uuid) -> Result<Uuid, Error> {
    sessions::author_of(&state.db, token).await?.ok_or(Error::Unauthorized)
}

/// Hashing takes long enough to hold up every other request of a worker.
async fn off_the_worker<T: Send + 'static>(work: impl FnOnce() -> anyhow::Result<T> + Send + 'static) -> anyhow::Result<T> {
    tokio::task::spawn_blocking(work).await.context("hashing was cut short")?
}

fn hash(password: &str) -> anyhow::Result<String> {
    let salt = SaltString::generate(&mut OsRng);
    let hash = Argon2::default().hash_password(password.as_bytes(), &salt).map_err(|error| anyhow!("{error}"))?;
    Ok(hash.to_string())
}

fn verify(stored: &str, password: &str) -> anyhow::Result<bool> {
    let hash = PasswordHash::new(stored).map_err(|error| anyhow!("{error}"))?;
    Ok(Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

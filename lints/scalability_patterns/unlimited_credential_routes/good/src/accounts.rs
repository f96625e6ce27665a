use argon2::password_hash::PasswordHash;
use argon2::{Argon2, PasswordVerifier};
use sqlx::PgPool;

pub async fn verify(db: &PgPool, name: &str, password: &str) -> anyhow::Result<bool> {
    let stored: String = sqlx::query_scalar("SELECT password_hash FROM users WHERE name = $1").bind(name).fetch_one(db).await?;
    let password = password.to_string();
    // Hashing takes long enough to hold up every other request of this worker.
    tokio::task::spawn_blocking(move || is_right(&stored, &password)).await?
}

fn is_right(stored: &str, password: &str) -> anyhow::Result<bool> {
    let hash = PasswordHash::new(stored).map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

pub async fn create(db: &PgPool, name: &str) -> sqlx::Result<()> {
    sqlx::query("INSERT INTO users (name) VALUES ($1)").bind(name).execute(db).await?;
    Ok(())
}

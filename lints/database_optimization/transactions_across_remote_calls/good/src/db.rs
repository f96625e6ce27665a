use sqlx::{PgConnection, Result};

pub async fn insert(connection: &mut PgConnection, name: &str) -> Result<()> {
    sqlx::query("INSERT INTO users (name) VALUES ($1)").bind(name).execute(connection).await?;
    Ok(())
}

pub async fn set_avatar(connection: &mut PgConnection, id: i64, image: &str) -> Result<()> {
    sqlx::query("UPDATE users SET avatar = $1 WHERE id = $2").bind(image).bind(id).execute(connection).await?;
    Ok(())
}

pub async fn delete(connection: &mut PgConnection, id: i64) -> Result<()> {
    sqlx::query("DELETE FROM users WHERE id = $1").bind(id).execute(connection).await?;
    Ok(())
}

use serde::Serialize;
use sqlx::postgres::{PgPool, PgPoolOptions};

pub struct Store {
    pool: PgPool,
}

#[derive(Serialize, sqlx::FromRow)]
pub struct User {
    pub id: i64,
    pub name: String,
}

impl Store {
    pub async fn open() -> Result<Self, sqlx::Error> {
        let url = std::env::var("DATABASE_URL").unwrap_or_default();
        let pool = PgPoolOptions::new().max_connections(5).connect(&url).await?;
        Ok(Self { pool })
    }

    pub async fn users(&self) -> Result<Vec<User>, sqlx::Error> {
        sqlx::query_as("SELECT id, name FROM users ORDER BY id LIMIT 100").fetch_all(&self.pool).await
    }

    pub async fn user(&self, id: i64) -> Result<User, sqlx::Error> {
        sqlx::query_as("SELECT id, name FROM users WHERE id = $1").bind(id).fetch_one(&self.pool).await
    }
}

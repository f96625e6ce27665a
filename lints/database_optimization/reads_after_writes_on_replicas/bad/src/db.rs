use sqlx::{PgPool, Result};

#[derive(Clone)]
pub struct Db {
    pub primary: PgPool,
    pub replica: PgPool,
}

impl Db {
    pub async fn name(&self, id: i64) -> Result<String> {
        sqlx::query_scalar("SELECT name FROM profiles WHERE id = $1").bind(id).fetch_one(&self.replica).await
    }

    /// Gives back what the profile is called now.
    pub async fn rename(&self, id: i64, name: &str) -> Result<String> {
        sqlx::query("UPDATE profiles SET name = trim($1) WHERE id = $2").bind(name).bind(id).execute(&self.primary).await?;
        self.name(id).await
    }
}

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
        if name == self.name(id).await? {
            return Ok(name.to_string());
        }
        let update = "UPDATE profiles SET name = trim($1) WHERE id = $2 RETURNING name";
        sqlx::query_scalar(update).bind(name).bind(id).fetch_one(&self.primary).await
    }
}

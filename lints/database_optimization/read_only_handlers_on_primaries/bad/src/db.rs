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

    pub async fn followers(&self, id: i64) -> Result<i64> {
        sqlx::query_scalar("SELECT count(*) FROM followers WHERE profile = $1").bind(id).fetch_one(&self.primary).await
    }
}

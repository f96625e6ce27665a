use sqlx::{PgConnection, PgPool, Result};

#[derive(Clone)]
pub struct Db {
    pub primary: PgPool,
    pub replica: PgPool,
}

impl Db {
    pub async fn rename(&self, id: i64, name: &str) -> Result<()> {
        sqlx::query("UPDATE profiles SET name = $1 WHERE id = $2").bind(name).bind(id).execute(&self.primary).await?;
        Ok(())
    }

    /// Visits are counted where that is possible; a name is shown in any case.
    pub async fn visited_name(&self, id: i64) -> Result<String> {
        let mut conn = self.primary.acquire().await?;
        count_visit(&mut conn, id).await?;
        drop(conn);
        let mut conn = self.replica.acquire().await?;
        if let Err(error) = count_visit(&mut conn, id).await {
            eprintln!("the replica takes no visits: {error}");
        }
        sqlx::query_scalar("SELECT name FROM profiles WHERE id = $1").bind(id).fetch_one(&mut *conn).await
    }
}

async fn count_visit(conn: &mut PgConnection, id: i64) -> Result<()> {
    sqlx::query("INSERT INTO visits (profile) VALUES ($1)").bind(id).execute(conn).await?;
    Ok(())
}

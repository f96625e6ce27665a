use sqlx::{Error, PgPool};

pub async fn all(pool: &PgPool) -> Result<Vec<String>, Error> {
    sqlx::query_scalar("SELECT DISTINCT name FROM tags ORDER BY name LIMIT 500").fetch_all(pool).await
}

pub async fn of_article(pool: &PgPool, slug: &str) -> Result<Vec<String>, Error> {
    sqlx::query_scalar("SELECT name FROM tags JOIN articles ON articles.id = article_id WHERE slug = $1 ORDER BY name")
        .bind(slug)
        .fetch_all(pool)
        .await
}

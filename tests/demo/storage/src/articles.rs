use serde::{Deserialize, Serialize};
use sqlx::{Error, PgPool};
use uuid::Uuid;

#[derive(Debug, Serialize, Deserialize, sqlx::FromRow)]
pub struct Article {
    pub id: Uuid,
    pub author_id: Uuid,
    pub slug: String,
    pub title: String,
    pub body: String,
}

pub struct Draft {
    pub author_id: Uuid,
    pub slug: String,
    pub title: String,
    pub body: String,
    pub tags: Vec<String>,
}

pub async fn latest(pool: &PgPool, limit: i64) -> Result<Vec<Article>, Error> {
    sqlx::query_as(
        "SELECT id, author_id, slug, title, body FROM articles
         WHERE published_at IS NOT NULL ORDER BY published_at DESC LIMIT $1",
    )
    .bind(limit)
    .fetch_all(pool)
    .await
}

pub async fn by_slug(pool: &PgPool, slug: &str) -> Result<Option<Article>, Error> {
    sqlx::query_as("SELECT id, author_id, slug, title, body FROM articles WHERE slug = $1").bind(slug).fetch_optional(pool).await
}

/// The article and its tags, or neither.
pub async fn create(pool: &PgPool, draft: &Draft) -> Result<Uuid, Error> {
    let id = Uuid::new_v4();
    let mut transaction = pool.begin().await?;
    sqlx::query("INSERT INTO articles (id, author_id, slug, title, body) VALUES ($1, $2, $3, $4, $5)")
        .bind(id)
        .bind(draft.author_id)
        .bind(&draft.slug)
        .bind(&draft.title)
        .bind(&draft.body)
        .execute(&mut *transaction)
        .await?;
    sqlx::query("INSERT INTO tags (article_id, name) SELECT $1, unnest($2::text[])")
        .bind(id)
        .bind(&draft.tags)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(id)
}

pub async fn publish(pool: &PgPool, slug: &str) -> Result<bool, Error> {
    let mut transaction = pool.begin().await?;
    let tagged: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM tags JOIN articles ON articles.id = article_id WHERE slug = $1)")
        .bind(slug)
        .fetch_one(pool)
        .await?;
    if !tagged {
        return Ok(false);
    }
    let published = sqlx::query("UPDATE articles SET published_at = now() WHERE slug = $1 AND published_at IS NULL")
        .bind(slug)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(published.rows_affected() == 1)
}

use serde::Serialize;
use sqlx::{Error, PgPool};
use uuid::Uuid;

#[derive(Debug, Serialize, sqlx::FromRow)]
pub struct Comment {
    pub id: Uuid,
    pub author_id: Uuid,
    pub body: String,
}

pub async fn of_article(pool: &PgPool, slug: &str, limit: i64) -> Result<Vec<Comment>, Error> {
    sqlx::query_as(
        "SELECT comments.id, comments.author_id, comments.body FROM comments
         JOIN articles ON articles.id = comments.article_id
         WHERE articles.slug = $1 ORDER BY comments.created_at LIMIT $2",
    )
    .bind(slug)
    .bind(limit)
    .fetch_all(pool)
    .await
}

pub async fn add(pool: &PgPool, slug: &str, author: Uuid, body: &str) -> Result<bool, Error> {
    let added = sqlx::query(
        "INSERT INTO comments (id, article_id, author_id, body) SELECT $1, articles.id, $2, $3 FROM articles WHERE slug = $4",
    )
    .bind(Uuid::new_v4())
    .bind(author)
    .bind(body)
    .bind(slug)
    .execute(pool)
    .await?;
    Ok(added.rows_affected() == 1)
}

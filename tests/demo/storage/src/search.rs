//! Full-text search, on a server of its own.

use crate::articles::Article;
use sqlx::{Connection, Error, PgConnection};

pub async fn articles_matching(url: &str, words: &str) -> Result<Vec<Article>, Error> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::query_as(
        "SELECT id, author_id, slug, title, body FROM articles
         WHERE to_tsvector('english', title || ' ' || body) @@ plainto_tsquery('english', $1) LIMIT 20",
    )
    .bind(words)
    .fetch_all(&mut connection)
    .await
}

use sqlx::{PgPool, Result};

pub async fn add(db: &PgPool, author: i64, title: &str) -> Result<()> {
    sqlx::query("INSERT INTO posts (id, author_id, title) VALUES (nextval('post_ids'), $1, $2)").bind(author).bind(title).execute(db).await?;
    Ok(())
}

pub async fn titles(db: &PgPool, author: i64, sort: Option<String>) -> Result<Vec<String>> {
    let mut sql = String::from("SELECT title FROM posts WHERE id = $1");
    if let Some(sort) = sort {
        sql.push_str(" ORDER BY ");
        sql.push_str(&sort);
    }
    sqlx::query_scalar(&sql).bind(author).fetch_all(db).await
}

pub async fn remove(db: &PgPool, ids: &str) -> Result<()> {
    let statement = "DELETE FROM posts WHERE id IN (".to_string() + ids + ")";
    sqlx::query(&statement).execute(db).await?;
    Ok(())
}

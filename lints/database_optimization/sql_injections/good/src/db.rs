use sqlx::{PgPool, Result};

pub async fn add(db: &PgPool, author: i64, title: &str) -> Result<()> {
    sqlx::query("INSERT INTO posts (id, author_id, title) VALUES (nextval('post_ids'), $1, $2)").bind(author).bind(title).execute(db).await?;
    Ok(())
}

pub async fn titles(db: &PgPool, author: i64, order: &str, limit: i64) -> Result<Vec<String>> {
    let sql = format!("SELECT title FROM posts WHERE id = $1 ORDER BY {order} LIMIT {limit}");
    sqlx::query_scalar(&sql).bind(author).fetch_all(db).await
}

pub async fn remove(db: &PgPool, ids: &[i64], archive: &str) -> Result<()> {
    let places = (1..=ids.len()).map(|at| format!("${at}")).collect::<Vec<_>>().join(", ");
    let statement = format!("DELETE FROM {archive} WHERE id IN ({places})");
    let mut query = sqlx::query(&statement);
    for id in ids {
        query = query.bind(id);
    }
    query.execute(db).await?;
    Ok(())
}

pub async fn counted(db: &PgPool, column: &str, pattern: String) -> Result<i64> {
    let sql = format!("SELECT count({column}) FROM posts WHERE title LIKE $1");
    sqlx::query_scalar(&sql).bind(pattern).fetch_one(db).await
}

//! Which texts of a request become part of a statement as they came.

use crate::testing::check;

const SERVER: &str = "
    use axum::{routing::get, Router, Json, extract::{Query, State}};
    use sqlx::PgPool;
    #[tokio::main]
    async fn main() {
        let app = Router::new().route(\"/posts\", get(list)).with_state(PgPool::connect(\"\").await.unwrap());
        let listener = tokio::net::TcpListener::bind(\"0.0.0.0:80\").await.unwrap();
        axum::serve(listener, app).await.unwrap();
    }
    #[derive(Clone)] enum Order { Up, Down }
    impl Order { fn word(&self) -> String { String::new() } }
    impl std::fmt::Display for Order {}
    struct Listing { sort: String, tag: Option<String>, limit: i64, order: Order }
    fn quoted(text: &str) -> String { text.to_string() }
    fn known(text: &str) -> bool { true }
    fn only_columns(text: &str) -> Result<(), ()> { Ok(()) }
    async fn by(db: &PgPool, order: &str) { let sql = format!(\"SELECT id FROM posts ORDER BY {order}\"); sqlx::query(&sql).fetch_all(db).await.unwrap(); }
";

/// Of a handler with this body.
fn found(body: &str) -> usize {
    let code = format!("{SERVER} async fn list(State(db): State<PgPool>, Query(query): Query<Listing>) {{ {body} }}");
    check(&[("src/main.rs", &code)]).iter().filter(|one| one.starts_with("sql_injections")).count()
}

/// Of a handler that hands this text to a statement.
fn with_sort(sort: &str) -> usize {
    found(&format!("let sql = format!(\"SELECT id FROM posts ORDER BY {{}}\", {sort}); sqlx::query(&sql).fetch_all(&db).await.unwrap();"))
}

#[test]
fn a_text_is_followed_into_the_statement_however_that_is_put_together() {
    assert_eq!(with_sort("query.sort"), 1);
    assert_eq!(with_sort("query.sort.clone()"), 1);
    assert_eq!(with_sort("query.tag.as_deref().unwrap_or(\"id\")"), 1);
    assert_eq!(found("by(&db, &query.sort).await"), 1);
    assert_eq!(found("let Listing { sort, .. } = query; by(&db, &sort).await"), 1);
    let run = "sqlx::query(&sql).fetch_all(&db).await.unwrap();";
    assert_eq!(found(&format!("let sql = \"SELECT id FROM posts ORDER BY \".to_string() + &query.sort; {run}")), 1);
    assert_eq!(found(&format!("let mut sql = String::from(\"SELECT id FROM posts\"); sql.push_str(&query.sort); {run}")), 1);
    assert_eq!(found(&format!("let mut sql = String::from(\"SELECT id FROM posts\"); sql += &query.sort; {run}")), 1);
    assert_eq!(
        found(&format!(
            "let mut sql = String::from(\"SELECT id FROM posts\"); if let Some(tag) = &query.tag {{ write!(sql, \" WHERE tag = '{{}}'\", tag).unwrap(); }} {run}"
        )),
        1
    );
}

#[test]
fn other_libraries_take_such_texts_as_well() {
    let text = "let sql = format!(\"SELECT id FROM posts ORDER BY {}\", query.sort);";
    for run in [
        "sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&db).await.unwrap();",
        "sqlx::raw_sql(&sql).execute(&db).await.unwrap();",
        "diesel::sql_query(sql).load::<Post>(&mut connection()).unwrap(); } fn connection() -> diesel::PgConnection { todo!()",
        "connection().execute(&sql, []).unwrap(); } fn connection() -> rusqlite::Connection { todo!()",
        "connection().query(&sql, &[]).await.unwrap(); } fn connection() -> tokio_postgres::Client { todo!()",
        "connection().execute_unprepared(&sql).await.unwrap(); } fn connection() -> sea_orm::DatabaseConnection { todo!()",
    ] {
        assert_eq!(found(&format!("{text} {run}")), 1, "{run}");
    }
}

#[test]
fn what_is_bound_chosen_or_of_a_type_with_a_form_of_its_own_is_silent() {
    assert_eq!(
        found("sqlx::query(\"SELECT id FROM posts WHERE tag = $1\").bind(format!(\"{}%\", query.sort)).fetch_all(&db).await.unwrap();"),
        0
    );
    for sort in [
        "\"id\"",
        "query.limit",
        "query.limit.to_string()",
        "query.order",
        "query.order.to_string()",
        "query.order.word()",
        "match query.sort.as_str() { \"title\" => \"title\", _ => \"id\" }",
        "if query.sort == \"title\" { \"title\" } else { \"id\" }",
        "quoted(&query.sort)",
        "query.sort.replace('\\'', \"''\")",
        "query.sort.parse::<i64>().unwrap()",
        "query.tag.map(|tag| quoted(&tag)).unwrap_or_default()",
    ] {
        assert_eq!(with_sort(sort), 0, "{sort}");
    }
}

#[test]
fn what_is_asked_anything_on_the_way_is_silent() {
    for asks in [
        "if query.sort != \"title\" { return; }",
        "if !known(&query.sort) { return; }",
        "if !COLUMNS.contains(&query.sort.as_str()) { return; }",
        "if !query.sort.chars().all(char::is_alphanumeric) { return; }",
        "let Some(_) = COLUMNS.iter().find(|column| **column == query.sort) else { return };",
        "match query.sort.as_str() { \"title\" | \"id\" => {} _ => return }",
        "validate(&query.sort).unwrap();",
        "only_columns(&query.sort)?;",
    ] {
        assert_eq!(found(&format!("{asks} by(&db, &query.sort).await")), 0, "{asks}");
    }
    // In the function that takes it.
    assert_eq!(
        found("of(&db, &query.sort).await } async fn of(db: &PgPool, order: &str) { if order != \"id\" { return; } by(db, order).await"),
        0
    );
}

#[test]
fn what_the_application_or_a_guard_knows_is_silent() {
    let code = format!(
        "{SERVER} struct User {{ schema: String }}
         async fn list(State(db): State<PgPool>, user: User) {{ by(&db, &user.schema).await }}"
    );
    assert!(!check(&[("src/main.rs", &code)]).iter().any(|one| one.starts_with("sql_injections")));
}

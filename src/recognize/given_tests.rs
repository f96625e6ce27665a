//! Which numbers of a request are bounded on their way to an `OFFSET`, and which transactions nothing commits.

use crate::testing::check;

const SERVER: &str = "
    use axum::{routing::{get, post}, Router, extract::{Query, State}};
    use sqlx::PgPool;
    #[tokio::main]
    async fn main() {
        let app = Router::new().route(\"/posts\", get(list).post(add)).with_state(PgPool::connect(\"\").await.unwrap());
        let listener = tokio::net::TcpListener::bind(\"0.0.0.0:80\").await.unwrap();
        axum::serve(listener, app).await.unwrap();
    }
    async fn add(State(db): State<PgPool>) { sqlx::query(\"INSERT INTO posts (title) VALUES ('a')\").execute(&db).await.unwrap(); }
    struct Page { page: Option<i64>, size: i64, #[validate(range(max = 9))] checked: i64, small: u8 }
";

fn found(lint: &str, code: &str) -> usize {
    check(&[("src/main.rs", &format!("{SERVER}{code}"))]).iter().filter(|one| one.starts_with(lint)).count()
}

/// Of a handler with this body, where `titles(&db, skipped)` asks for the rest.
fn offsets(body: &str) -> usize {
    let titles = "async fn titles(db: &PgPool, skipped: i64) {
        sqlx::query(\"SELECT title FROM posts ORDER BY id LIMIT $1 OFFSET $2\").bind(20).bind(skipped).fetch_all(db).await.unwrap(); }";
    found("offset_paginations", &format!("{titles} async fn list(State(db): State<PgPool>, Query(query): Query<Page>) {{ {body} }}"))
}

#[test]
fn a_number_of_a_request_is_followed_through_locals_and_calls() {
    assert_eq!(offsets("titles(&db, query.page.unwrap_or(1)).await"), 1);
    assert_eq!(offsets("let size = query.size.min(100); let page = query.page.unwrap_or(1).max(1); titles(&db, (page - 1) * 20).await"), 1);
    assert_eq!(
        offsets(
            "let Page { page, .. } = query; let skipped = match page { Some(page) => page * 20, None => 0 }; titles(&db, skipped).await"
        ),
        1
    );
    assert_eq!(offsets("if query.size < 0 { return; } titles(&db, query.size as i64).await"), 1);
}

#[test]
fn a_number_that_is_cut_compared_or_checked_is_bounded() {
    for body in [
        "titles(&db, 40).await",
        "titles(&db, query.page.unwrap_or(1).min(50)).await",
        "titles(&db, query.page.unwrap_or(1).clamp(1, 50)).await",
        "let page = std::cmp::min(query.page.unwrap_or(1), 50); titles(&db, page * 20).await",
        "let page = query.page.unwrap_or(1); if page > LAST { return; } titles(&db, page * 20).await",
        "if !(1..50).contains(&query.size) { return; } titles(&db, query.size).await",
        "query.validate().unwrap(); titles(&db, query.size).await",
        "titles(&db, query.checked).await",
        "titles(&db, query.small as i64).await",
        "let page = page_of(&query); titles(&db, page).await",
    ] {
        let code =
            format!("{body} }} const LAST: i64 = 9; fn page_of(query: &Page) -> i64 {{ if query.size > 9 {{ 9 }} else {{ query.size }}");
        assert_eq!(offsets(&code), 0, "{body}");
    }
}

#[test]
fn a_list_of_one_owner_is_short() {
    let of = |text: &str| {
        let run = format!("sqlx::query(\"{text}\").bind(query.size).bind(query.page).fetch_all(&db).await.unwrap();");
        found("offset_paginations", &format!("async fn list(State(db): State<PgPool>, Query(query): Query<Page>) {{ {run} }}"))
    };
    assert_eq!(of("SELECT title FROM posts WHERE draft = false AND ($1::bigint IS NULL OR id > $1) LIMIT 20 OFFSET $2"), 1);
    assert_eq!(of("SELECT title, (SELECT count(*) FROM likes WHERE who = $1) FROM posts LIMIT 20 OFFSET $2"), 1);
    assert_eq!(of("SELECT title FROM posts WHERE author = $1 LIMIT 20 OFFSET $2"), 0);
    assert_eq!(of("SELECT p.title FROM (SELECT * FROM posts WHERE author = $1) p LIMIT 20 OFFSET $2"), 0);
    assert_eq!(of("SELECT title FROM posts WHERE id > $1 LIMIT 20 OFFSET 1"), 0);
}

const BY_DIESEL: &str = "
    use axum::{routing::get, Router, extract::Query};
    use diesel::prelude::*;
    #[tokio::main]
    async fn main() {
        let app = Router::new().route(\"/posts\", get(list).post(add));
        let listener = tokio::net::TcpListener::bind(\"0.0.0.0:80\").await.unwrap();
        axum::serve(listener, app).await.unwrap();
    }
    diesel::table! { posts (id) { id -> BigInt, title -> Text, author -> BigInt, draft -> Bool, } }
    async fn add() { let conn = &mut connect(); diesel::insert_into(posts::table).values(posts::title.eq(1)).execute(conn).unwrap(); }
    fn connect() -> PgConnection { PgConnection::establish(\"\").unwrap() }
    struct Page { page: Option<i64>, tag: Option<String>, author: i64 }
";

#[test]
fn offsets_of_orms_are_followed_through_the_chain_and_its_local() {
    let of = |body: &str| {
        let list = format!("async fn list(Query(query): Query<Page>) {{ let conn = &mut connect(); {body} }}");
        check(&[("src/main.rs", &format!("{BY_DIESEL}{list}"))]).iter().filter(|one| one.starts_with("offset_paginations")).count()
    };
    let built = |with: &str| {
        of(&format!(
            "let mut rows = posts::table.filter(posts::draft.eq(false)).into_boxed(); {with}
             if let Some(page) = query.page {{ rows = rows.offset(page * 20); }} rows.limit(20).load::<Post>(conn).unwrap();"
        ))
    };
    assert_eq!(of("posts::table.order(posts::id).limit(20).offset(query.page.unwrap_or(0)).load::<Post>(conn).unwrap();"), 1);
    assert_eq!(built(""), 1);
    assert_eq!(built("if let Some(tag) = &query.tag { rows = rows.filter(posts::title.eq(tag)); }"), 1);
    assert_eq!(built("rows = rows.filter(posts::author.eq(query.author));"), 0);
    assert_eq!(of("posts::table.filter(posts::author.eq(query.author)).offset(query.page.unwrap_or(0)).load::<Post>(conn).unwrap();"), 0);
    assert_eq!(of("posts::table.offset(query.page.unwrap_or(0).min(9)).load::<Post>(conn).unwrap();"), 0);
    assert_eq!(of("posts::table.offset(20).load::<Post>(conn).unwrap();"), 0);
}

/// Of a function that begins `tx`, with this body.
fn uncommitted(body: &str) -> usize {
    let add = "async fn insert(tx: &mut sqlx::PgConnection) { sqlx::query(\"INSERT INTO posts (title) VALUES ('b')\").execute(tx).await.unwrap(); }
        struct Held<'a>(&'a mut sqlx::PgConnection);
        async fn finish(tx: sqlx::Transaction<'_, sqlx::Postgres>) { tx.commit().await.unwrap(); }";
    found(
        "uncommitted_transactions",
        &format!("{add} async fn list(State(db): State<PgPool>) {{ let mut tx = db.begin().await.unwrap(); {body} }}"),
    )
}

const WRITES: &str = "sqlx::query(\"DELETE FROM posts\").execute(&mut *tx).await.unwrap();";

#[test]
fn a_transaction_that_writes_and_ends_in_nothing_is_uncommitted() {
    assert_eq!(uncommitted(WRITES), 1);
    assert_eq!(uncommitted("insert(&mut tx).await;"), 1);
    assert_eq!(uncommitted("insert(&mut *tx).await; let n = sqlx::query(\"SELECT 1 FROM posts\").fetch_one(tx.as_mut()).await;"), 1);
}

#[test]
fn a_transaction_that_may_be_committed_is_left_alone() {
    for rest in [
        "tx.commit().await.unwrap();",
        "tx.rollback().await.unwrap();",
        "if true { tx.commit().await.unwrap(); }",
        "finish(tx).await;",
        "let held = Held(&mut tx);",
        "let again = &mut tx; insert(again).await;",
        "let done = async move { tx.commit().await }; done.await;",
        "let mut tx = db.begin().await.unwrap(); tx.commit().await.unwrap();",
        "sqlx::query(\"COMMIT\").execute(&mut *tx).await.unwrap();",
    ] {
        assert_eq!(uncommitted(&format!("{WRITES} {rest}")), 0, "{rest}");
    }
    assert_eq!(uncommitted("sqlx::query(\"SELECT title FROM posts\").fetch_all(&mut *tx).await.unwrap();"), 0);
    assert_eq!(
        uncommitted("sqlx::query(\"DELETE FROM posts\").execute(&db).await.unwrap(); sqlx::query(\"SELECT 1\").execute(&mut *tx).await;"),
        0
    );
}

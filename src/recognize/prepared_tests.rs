//! Statements that a loop prepares again.

use crate::model::{Backend, RepeatedPrepare};
use crate::testing::inspect;

const SERVER: &str = "
    use axum::{routing::post, Router};
    use deadpool_postgres::{Pool, Transaction};
    #[tokio::main]
    async fn main() {
        let app = Router::new().route(\"/\", post(handler));
        let listener = tokio::net::TcpListener::bind(\"0.0.0.0:80\").await.unwrap();
        axum::serve(listener, app).await.unwrap();
    }
    async fn handler(names: Vec<String>) { run(pool(), connection(), names).await; }
    fn pool() -> &'static Pool { todo!() }
    fn connection() -> &'static tokio_postgres::Client { todo!() }
";

fn app(body: &str) -> Backend {
    inspect(&[("src/main.rs", &format!("{SERVER}{body}"))])
}

/// The body of `run`, which has a pool, a connection without a cache and some names.
fn run(body: &str) -> Vec<RepeatedPrepare> {
    app(&format!("async fn run(pool: &Pool, plain: &tokio_postgres::Client, names: Vec<String>) {{ {body} }} {HELPERS}")).repeated_prepares
}

const HELPERS: &str = "
    async fn append(txn: &Transaction<'_>, sql: &str, name: &str) {
        let statement = txn.prepare(sql).await.unwrap();
        txn.execute(&statement, &[&name]).await.unwrap();
    }
    async fn keep(txn: &Transaction<'_>, sql: &str, name: &str) {
        let statement = txn.prepare_cached(sql).await.unwrap();
        txn.execute(&statement, &[&name]).await.unwrap();
    }
    async fn sometimes(txn: &Transaction<'_>, sql: &str, name: &str) {
        if name.is_empty() { append(txn, sql, name).await; }
    }
    async fn through(txn: &Transaction<'_>, name: &str) { append(txn, INSERT, name).await; }
    async fn plainly(plain: &tokio_postgres::Client, name: &str) { plain.prepare(INSERT).await.unwrap(); }
    const INSERT: &str = \"INSERT INTO names VALUES ($1)\";
";

const BEGIN: &str = "let mut client = pool.get().await.unwrap(); let txn = client.transaction().await.unwrap();";

#[test]
fn a_statement_that_a_helper_prepares_is_found_where_a_loop_calls_it() {
    let found = run(&format!("{BEGIN} for name in &names {{ append(&txn, INSERT, name).await; }}"));
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].chain.calls.len(), found[0].cached.as_deref(), found[0].over.as_str()), (1, Some("prepare_cached"), "&names"));
    let further = run(&format!("{BEGIN} let sql = format!(\"{{INSERT}} \"); for name in &names {{ through(&txn, name).await; }}"));
    assert_eq!((further.len(), further[0].chain.calls.len()), (1, 2));
}

#[test]
fn a_text_from_before_the_loop_is_the_same_in_every_turn() {
    let before = "let sql = build();";
    assert_eq!(run(&format!("{BEGIN} {before} for name in &names {{ append(&txn, &sql, name).await; }}")).len(), 1);
    assert_eq!(run(&format!("{BEGIN} for name in &names {{ {before} append(&txn, &sql, name).await; }}")).len(), 0);
    assert_eq!(run(&format!("{BEGIN} for name in &names {{ append(&txn, name, name).await; }}")).len(), 0);
}

#[test]
fn statements_that_are_kept_or_not_always_prepared_are_left_alone() {
    for call in ["keep(&txn, INSERT, name).await;", "sometimes(&txn, INSERT, name).await;"] {
        assert_eq!(run(&format!("{BEGIN} for name in &names {{ {call} }}")).len(), 0, "{call}");
    }
    assert_eq!(run(&format!("{BEGIN} append(&txn, INSERT, &names[0]).await;")).len(), 0);
}

#[test]
fn loops_over_constants_and_batches_are_left_alone() {
    for over in ["[\"a\", \"b\"]", "names.chunks(100)"] {
        assert_eq!(run(&format!("{BEGIN} for name in {over} {{ append(&txn, INSERT, name).await; }}")).len(), 0, "{over}");
    }
}

#[test]
fn a_connection_without_a_cache_counts_where_the_statement_can_be_moved_out() {
    let direct =
        run("for name in &names { let statement = plain.prepare(INSERT).await.unwrap(); plain.execute(&statement, &[name]).await; }");
    assert_eq!((direct.len(), direct[0].cached.as_deref()), (1, None));
    assert_eq!(run("for name in &names { plainly(plain, name).await; }").len(), 0);
    assert_eq!(run("for name in &names { let plain = connection(); plain.prepare(INSERT).await.unwrap(); use_it(name); }").len(), 0);
}

#[test]
fn deadpool_before_0_8_keeps_statements_by_itself() {
    let code = format!(
        "{SERVER} async fn run(pool: &Pool, plain: &tokio_postgres::Client, names: Vec<String>) {{
             let client = pool.get().await.unwrap();
             for name in &names {{ let statement = client.prepare(\"SELECT 1\").await.unwrap(); client.execute(&statement, &[name]).await; }}
         }}"
    );
    let found = |version: &str| {
        let manifest = format!(
            "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[dependencies]\naxum = \"0.8\"\ntokio = \"1\"\n\
             tokio-postgres = \"0.7\"\ndeadpool-postgres = \"{version}\"\n"
        );
        inspect(&[("Cargo.toml", &manifest), ("src/main.rs", &code)]).repeated_prepares.len()
    };
    assert_eq!((found("0.7"), found("0.8"), found("0.14")), (0, 1, 1));
}

#[test]
fn sqlite_is_read_in_the_process() {
    let code = "async fn run(pool: &Pool, plain: &tokio_postgres::Client, names: Vec<String>) { store(open(), &names); }
        fn open() -> rusqlite::Connection { todo!() }
        fn store(mut connection: rusqlite::Connection, names: &[String]) {
            let tx = connection.transaction().unwrap();
            for name in names { let mut statement = tx.prepare(\"INSERT INTO names VALUES (?1)\").unwrap(); statement.execute([name]); }
        }";
    let found = app(code).repeated_prepares;
    assert_eq!((found.len(), found[0].in_process, found[0].cached.as_deref()), (1, true, Some("prepare_cached")));
}

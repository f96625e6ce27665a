//! What users read: the words of findings and of errors.

use crate::support::Fixture;

#[test]
fn a_finding_reads_from_the_route_to_the_sink() {
    let said = Fixture::api().check(&["-A", "all", "-D", "pools_per_request"]);
    let (text, _) = said.stdout.split_once("covered:").expect("the coverage line");
    insta::assert_snapshot!(text.replace(env!("CARGO_PKG_VERSION"), "VERSION"), @r#"
    pools_per_request (https://docs.rs/cargo-moai-backend/VERSION/moai_backend/lints/database_optimization/pools_per_request/index.html)

      × a new `sqlx` pool is built for every request to `GET /users`
        ╭─[src/main.rs:17:5]
      5 │ async fn main() {
      6 │     let app = Router::new().route("/users", get(users));
        ·                             ──┬──
        ·                               ╰── 1. `GET /users` is registered here
      7 │     let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await.unwrap();
      8 │     axum::serve(listener, app).await.unwrap();
      9 │ }
     10 │ 
     11 │ async fn users() -> String {
        ·          ──┬──
        ·            ╰── 2. `users` handles it
     12 │     let pool = open().await;
        ·                ──┬─
        ·                  ╰── 3. `users` calls `open`
     13 │     sqlx::query_scalar("select name from users limit 1").fetch_one(&pool).await.unwrap()
     14 │ }
     15 │ 
     16 │ async fn open() -> PgPool {
     17 │     PgPool::connect("postgres://localhost/app").await.unwrap()
        ·     ─────────────────────┬─────────────────────
        ·                          ╰── 4. `open` builds the pool here: it opens its own connections and is thrown away with the request
     18 │ }
        ╰────
      instead: build it once at start-up and keep it in the router's state (`State<..>`); a clone of a pool is cheap

    1 finding (1 deny)
    "#);
}

#[test]
fn errors_say_what_where_and_what_to_do() {
    let fixture = Fixture::new(&[]);
    let said = fixture.check(&[]);
    assert_eq!(said.code, 2);
    let here = fixture.path().canonicalize().expect("the folder is there");
    insta::assert_snapshot!(said.stderr.replace(here.to_str().expect("UTF-8"), "HERE"), @r#"
      × there is no `Cargo.toml` at `HERE`
      help: run this in a cargo workspace, or point to its manifest with `--manifest-path PATH/
            Cargo.toml`
    "#);
}

#[test]
fn the_line_of_an_unread_file_is_explained() {
    let said = Fixture::api().run(&["explain", "src/mian.rs:3"]);
    assert_eq!(said.code, 2);
    insta::assert_snapshot!(said.stderr, @r#"
      × no file `src/mian.rs` was read
      help: did you mean `src/main.rs`?
    "#);
}

//! Writes on a pool that belong together.

use crate::testing::inspect;

const SERVER: &str = "
    use axum::{routing::post, Router};
    use sqlx::PgPool;
    #[tokio::main]
    async fn main() {
        let app = Router::new().route(\"/\", post(handler));
        let listener = tokio::net::TcpListener::bind(\"0.0.0.0:80\").await.unwrap();
        axum::serve(listener, app).await.unwrap();
    }
    async fn handler() { run(pool(), true).await; }
    fn pool() -> &'static PgPool { todo!() }
    async fn member(pool: &PgPool) -> Result<(), sqlx::Error> { sqlx::query(\"INSERT INTO members VALUES ($1)\").execute(pool).await?; Ok(()) }
";

/// Where the writes of `run` stand, as the length of the way to each.
fn writes(body: &str) -> Vec<Vec<usize>> {
    let code = format!("{SERVER} async fn run(pool: &PgPool, wanted: bool) -> Result<(), sqlx::Error> {{ {body} Ok(()) }}");
    let found = inspect(&[("src/main.rs", &code)]).separate_writes;
    found.iter().map(|one| one.writes.iter().map(|write| write.chain.calls.len()).collect()).collect()
}

fn runs(sql: &str) -> String {
    format!("sqlx::query(\"{sql}\").execute(pool).await?;")
}

const TEAM: &str = "INSERT INTO teams VALUES ($1)";

#[test]
fn a_row_that_is_put_in_and_a_write_to_another_table_are_found() {
    assert_eq!(writes(&format!("{} {}", runs(TEAM), runs("UPDATE users SET team = $1 WHERE id = $2"))), [[0, 0]]);
    assert_eq!(writes(&format!("{} member(pool).await?;", runs(TEAM))), [[0, 1]]);
    let counted = runs("UPDATE articles SET stock = stock - 1 WHERE id = $1");
    assert_eq!(writes(&format!("{counted} {}", runs("UPDATE users SET team = $1 WHERE id = $2"))), [[0, 0]]);
}

#[test]
fn what_can_be_repeated_first_is_left_alone() {
    for first in [
        "DELETE FROM teams WHERE id = $1",
        "UPDATE teams SET name = $1 WHERE id = $2",
        "INSERT INTO teams VALUES ($1) ON CONFLICT DO NOTHING",
    ] {
        assert!(writes(&format!("{} member(pool).await?;", runs(first))).is_empty(), "{first}");
    }
}

#[test]
fn one_table_and_tables_of_what_happened_are_left_alone() {
    for other in [TEAM, "INSERT INTO audit_logs VALUES ($1)"] {
        assert!(writes(&format!("{} {}", runs(TEAM), runs(other))).is_empty(), "{other}");
    }
}

#[test]
fn writes_that_may_not_happen_or_may_fail_are_left_alone() {
    assert!(writes(&format!("if wanted {{ {} }} member(pool).await?;", runs(TEAM))).is_empty());
    assert!(writes(&format!("{} member(pool).await.ok();", runs(TEAM))).is_empty());
    assert!(writes(&format!("{} tokio::spawn(async move {{ member(pool()).await }});", runs(TEAM))).is_empty());
}

#[test]
fn writes_in_a_transaction_are_left_alone() {
    let in_transaction = |sql: &str| format!("sqlx::query(\"{sql}\").execute(&mut *tx).await?;");
    let both = format!("{} {}", in_transaction(TEAM), in_transaction("INSERT INTO members VALUES ($1)"));
    assert!(writes(&format!("let mut tx = pool.begin().await?; {both} tx.commit().await?;")).is_empty());
}

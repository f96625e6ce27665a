//! Rows that are all fetched for less.

use crate::model::Wanted;
use crate::testing::inspect;

fn wanted(body: &str) -> Vec<Wanted> {
    let code =
        format!("pub async fn list(db: &sqlx::PgPool) -> Result<usize, sqlx::Error> {{ {body} }} fn hand_on<T>(_: T) -> usize {{ 0 }}");
    inspect(&[("src/lib.rs", &code)]).whole_results.iter().map(|one| one.wanted).collect()
}

const ALL: &str = "sqlx::query(\"SELECT id FROM orders\").fetch_all(db).await?";

#[test]
fn what_is_taken_at_once_or_from_a_local_is_found() {
    assert_eq!(wanted(&format!("Ok({ALL}.len())")), [Wanted::Count]);
    assert_eq!(wanted(&format!("let first = {ALL}.into_iter().next(); Ok(0)")), [Wanted::One]);
    assert_eq!(wanted(&format!("let rows = {ALL}; if rows.is_empty() {{ return Ok(0); }} Ok(1)")), [Wanted::Any]);
    assert_eq!(wanted(&format!("let rows = {ALL}; if rows.is_empty() {{ return Ok(0); }} hand_on(&rows[0]); Ok(1)")), [Wanted::One]);
}

#[test]
fn rows_that_are_used_otherwise_are_left_alone() {
    for uses in [
        "Ok(hand_on(rows))",
        "for row in &rows { hand_on(row); } Ok(rows.len())",
        "while let Some(row) = rows.pop() { hand_on(row); } Ok(0)",
        "if rows.len() > 1 { return Ok(2); } hand_on(rows.first()); Ok(1)",
        "tracing::debug!(\"{:?}\", rows); Ok(rows.len())",
    ] {
        assert!(wanted(&format!("let mut rows = {ALL}; {uses}")).is_empty(), "{uses}");
    }
}

#[test]
fn few_rows_and_locked_ones_are_left_alone() {
    for text in ["SELECT id FROM orders LIMIT 20", "SELECT id FROM orders FOR UPDATE", "SELECT COUNT(*) FROM orders"] {
        assert!(wanted(&format!("Ok(sqlx::query(\"{text}\").fetch_all(db).await?.len())")).is_empty(), "{text}");
    }
}

//! Columns that no table has.

use crate::testing::inspect;

const TABLES: &str = "
    CREATE TABLE users (id BIGSERIAL PRIMARY KEY, name TEXT NOT NULL);
    CREATE TABLE orders (id BIGSERIAL PRIMARY KEY, user_id BIGINT NOT NULL, note TEXT);
    CREATE TABLE wishes (user_id BIGINT NOT NULL, what TEXT);
    CREATE VIEW names AS SELECT name FROM users;";

/// What the statement names and no table has, as `table.column`.
fn unknown(sql: &str) -> Vec<String> {
    unknown_in(TABLES, sql)
}

fn unknown_in(tables: &str, sql: &str) -> Vec<String> {
    let code = format!("pub async fn run(db: &sqlx::PgPool) {{ sqlx::query(r#\"{sql}\"#).execute(db).await.unwrap(); }}");
    let backend = inspect(&[("src/lib.rs", &code), ("migrations/1_init.sql", tables)]);
    backend.unknown_columns.iter().map(|one| format!("{}.{}", one.table, one.column)).collect()
}

#[test]
fn columns_that_are_selected_compared_or_written_are_found() {
    for (sql, column) in [
        ("SELECT id, nme FROM users", "users.nme"),
        ("SELECT id FROM users WHERE lower(email) = $1", "users.email"),
        ("SELECT u.id, o.remark FROM users u JOIN orders o ON o.user_id = u.id", "orders.remark"),
        ("UPDATE users SET nme = $1 WHERE id = $2", "users.nme"),
        ("INSERT INTO orders (user_id, remark) VALUES ($1, $2)", "orders.remark"),
        ("DELETE FROM orders WHERE remark = $1 AND id = $2", "orders.remark"),
    ] {
        assert_eq!(unknown(sql), [column], "{sql}");
    }
}

#[test]
fn names_that_mean_something_else_are_left_alone() {
    for sql in [
        "SELECT id, name FROM users",
        "SELECT u.id, o.note FROM users u, orders o WHERE o.user_id = u.id",
        "SELECT u.id FROM users u WHERE EXISTS (SELECT 1 FROM orders WHERE user_id = u.id AND name <> note)",
        "WITH recent AS (SELECT id, note AS remark FROM orders) SELECT id, remark FROM recent",
        "SELECT s.id, s.remark FROM (SELECT id, note AS remark FROM orders) s",
        "SELECT id, ctid, name AS nme FROM users WHERE nme = $1",
        "SELECT id, users FROM users",
        "SELECT n.name, n.email FROM names n",
        "SELECT o.id FROM users u JOIN orders o ON o.user_id = u.id JOIN wishes w USING (user_id)",
        "INSERT INTO orders (id, note) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET note = excluded.note",
        "SELECT id, other FROM elsewhere",
    ] {
        assert!(unknown(sql).is_empty(), "{sql}: {:?}", unknown(sql));
    }
}

#[test]
fn statements_about_another_database_are_left_alone() {
    assert!(unknown("SELECT id, email, phone FROM users").is_empty());
    assert!(unknown("SELECT email FROM users").is_empty());
}

#[test]
fn tables_that_are_not_known_whole_are_left_alone() {
    let open = format!("{TABLES} DO $$ BEGIN EXECUTE 'ALTER TABLE users ADD COLUMN nme TEXT'; END $$;");
    assert!(unknown_in(&open, "SELECT id, nme FROM users").is_empty());
}

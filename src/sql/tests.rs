//! What statements say, which indexes serve them, and that no text stops the reader.

use super::plan::{Plan, plan};
use super::schema::Replay;
use super::*;
use crate::model::{Operation, RowLock, Schema};
use crate::source::FileId;
use proptest::prelude::*;

const SCHEMA: &str = "
    CREATE TABLE users (id BIGINT PRIMARY KEY, email TEXT NOT NULL, name TEXT, team BIGINT, deleted BOOL NOT NULL, seen TIMESTAMPTZ);
    CREATE UNIQUE INDEX users_email ON users (lower(email));
    CREATE INDEX users_team_seen ON users (team, seen) WHERE NOT deleted;
    CREATE TABLE teams (id BIGINT PRIMARY KEY, kind TEXT, owner BIGINT REFERENCES users (id));
    CREATE TABLE members (team_id BIGINT, user_id BIGINT, role TEXT, PRIMARY KEY (team_id, user_id));";

fn schema() -> Schema {
    let mut replay = Replay::new("migrations", Dialect::Postgres);
    replay.apply(SCHEMA, "migrations/1.sql", FileId(0));
    replay.finish()
}

fn planned(sql: &str) -> Plan {
    let statement = read(sql, Dialect::Postgres);
    assert!(statement.parsed, "{sql}");
    plan(&statement, &[&schema()])
}

fn unserved(sql: &str) -> Vec<String> {
    planned(sql).unserved.into_iter().map(|one| format!("{}({})", one.table, one.columns.join(","))).collect()
}

#[test]
fn the_leading_column_of_an_index_has_to_be_compared() {
    assert_eq!(unserved("SELECT * FROM members WHERE team_id = $1"), [""; 0]);
    assert_eq!(unserved("SELECT * FROM members WHERE user_id = $1"), ["members(user_id)"]);
    assert_eq!(planned("SELECT * FROM members WHERE user_id = $1").unserved[0].behind, ["(team_id, user_id)"]);
    assert_eq!(unserved("DELETE FROM users WHERE name = $1 AND seen < now()"), ["users(name,seen)"]);
}

#[test]
fn an_index_on_an_expression_serves_that_expression_only() {
    assert_eq!(unserved("SELECT id FROM users WHERE lower(users.email) = lower($1)"), [""; 0]);
    assert_eq!(unserved("SELECT id FROM users WHERE email = $1"), ["users(email)"]);
}

#[test]
fn a_partial_index_serves_what_asks_for_no_more_than_it_holds() {
    assert_eq!(unserved("SELECT id FROM users WHERE team = $1 AND deleted = false"), [""; 0]);
    assert_eq!(unserved("SELECT id FROM users WHERE team = $1"), ["users(team)"]);
    let some_rows = &planned("SELECT id FROM users WHERE team = $1").unserved[0];
    assert_eq!((some_rows.partial[0].0.as_str(), some_rows.behind.len()), ("users_team_seen", 0));
}

/// Tables with an index on each column that is asked for, in one dialect.
fn wrapped(tables: &str, sql: &str, dialect: Dialect) -> Option<String> {
    let mut replay = Replay::new("", dialect);
    replay.apply(tables, "1.sql", FileId(0));
    let plan = plan(&read(sql, dialect), &[&replay.finish()]);
    Some(plan.unserved.first()?.wrapped.as_ref()?.expression.clone())
}

#[test]
fn a_function_keeps_the_index_of_its_column_from_being_used() {
    let tables = "CREATE TABLE a (id INT PRIMARY KEY, mail TEXT UNIQUE, day TIMESTAMPTZ, flag BOOL, plain TEXT, kind TEXT);
                  CREATE INDEX a_day ON a (day); CREATE INDEX a_flag ON a (flag); CREATE INDEX a_kind ON a (kind) WHERE flag;";
    let of = |condition: &str| wrapped(tables, &format!("SELECT * FROM a x WHERE {condition}"), Dialect::Postgres);
    assert_eq!(of("lower(x.mail) = lower($1)").as_deref(), Some("lower(mail)"));
    assert_eq!(of("$1 = upper(mail)").as_deref(), Some("upper(mail)"));
    assert_eq!(of("lower(mail) = ANY($1) AND plain = $2").as_deref(), Some("lower(mail)"));
    assert_eq!(of("id = $1 OR lower(mail) = $2").as_deref(), Some("lower(mail)"));
    assert_eq!(of("date(day) >= $1").as_deref(), Some("date(day)"));
    assert_eq!(of("lower(mail) = (SELECT mail FROM b)").as_deref(), Some("lower(mail)"));
    for silent in [
        // Something else is looked up, or there is nothing that could be.
        "id = $1 AND lower(mail) = $2",
        "lower(plain) = $1",
        "plain = $1 OR lower(mail) = $2",
        // Few rows are not what it leaves, or not for certain.
        "lower(mail) <> $1",
        "lower(mail) LIKE $1",
        "lower(mail) > $1",
        "coalesce(flag, true) = true",
        "$1::text IS NULL OR lower(mail) = $1",
        // Who knows the types, the condition of the index, and the function.
        "mail::varchar = $1",
        "lower(kind) = $1",
        "crypt(mail) = $1",
        "lower(trim(mail)) = $1",
        "mail = lower($1)",
    ] {
        assert_eq!(of(silent), None, "{silent}");
    }
}

#[test]
fn an_expression_that_is_indexed_in_another_way_is_left_alone() {
    let by_mail = "SELECT * FROM a WHERE lower(mail) = $1";
    let postgres = |more: &str| wrapped(&format!("CREATE TABLE a (mail TEXT UNIQUE); {more}"), by_mail, Dialect::Postgres);
    assert!(postgres("").is_some());
    assert_eq!(postgres("CREATE INDEX b ON a (lower(trim(mail)))"), None);
    assert_eq!(postgres("CREATE INDEX b ON a USING gin (mail gin_trgm_ops, (lower(mail)))"), None);
    let generated = "CREATE TABLE a (mail VARCHAR(90) UNIQUE, small VARCHAR(90) GENERATED ALWAYS AS (lower(mail)) STORED, KEY b (small))";
    assert_eq!(wrapped(generated, "SELECT * FROM a WHERE lower(mail) = ?", Dialect::Mysql), None);
    assert!(
        wrapped("CREATE TABLE a (mail TEXT UNIQUE COLLATE NOCASE)", "SELECT * FROM a WHERE lower(mail) = ?", Dialect::Sqlite).is_some()
    );
    // The collation decides, and the index may have the same one.
    assert_eq!(wrapped("CREATE TABLE a (mail TEXT UNIQUE)", "SELECT * FROM a WHERE mail = ? COLLATE NOCASE", Dialect::Sqlite), None);
}

#[test]
fn a_search_inside_a_text_needs_an_index_of_its_parts() {
    let of = |indexes: &str, condition: &str| {
        let mut replay = Replay::new("", Dialect::Postgres);
        replay.apply(&format!("CREATE TABLE a (id INT PRIMARY KEY, name TEXT, mail TEXT); {indexes}"), "1.sql", FileId(0));
        let plan = plan(&read(&format!("SELECT * FROM a WHERE {condition}"), Dialect::Postgres), &[&replay.finish()]);
        plan.unserved.first().and_then(|one| one.search.clone()).map(|search| search.column)
    };
    for found in ["name LIKE '%a'", "name ILIKE '%' || $1 || '%'", "lower(name) LIKE concat('%', $1, '%')", "name LIKE '%a' OR mail = $1"] {
        assert_eq!(of("CREATE INDEX b ON a (name)", found).as_deref(), Some("name"), "{found}");
    }
    for silent in [
        "name LIKE 'a%'",
        "name LIKE $1",
        "name ILIKE 'a%'",
        "name NOT LIKE '%a'",
        "id = 1 AND name LIKE '%a'",
        "name ~ '^a'",
        "$1 = '' OR name LIKE '%a'",
    ] {
        assert_eq!(of("", silent), None, "{silent}");
    }
    assert_eq!(of("CREATE INDEX b ON a USING gin (name gin_trgm_ops)", "name LIKE '%a'"), None);
    assert_eq!(of("CREATE INDEX b ON a USING gin (to_tsvector('english', name))", "name LIKE '%a'"), None);
}

#[test]
fn a_statement_says_how_many_rows_it_skips() {
    let offset = |sql: &str| read(sql, Dialect::Unknown).scopes.into_iter().find_map(|scope| scope.offset);
    let given = |text: &str| Some(crate::model::Offset::Given(text.into()));
    assert_eq!(offset("SELECT a FROM b LIMIT $1 OFFSET $2"), given("$2"));
    assert_eq!(offset("SELECT a FROM b ORDER BY c OFFSET ($1 - 1) * 20 LIMIT 20"), given("($1 - 1) * 20"));
    assert_eq!(read("SELECT a FROM b LIMIT ?, 10", Dialect::Mysql).scopes[0].offset, given("?"));
    assert_eq!(offset("SELECT a FROM b LIMIT 10 OFFSET 1"), Some(crate::model::Offset::Fixed));
    assert_eq!(offset("SELECT a FROM b LIMIT 10"), None);
}

#[test]
fn every_branch_of_an_or_needs_an_index() {
    assert_eq!(unserved("SELECT id FROM users WHERE id = $1 OR lower(email) = $2"), [""; 0]);
    assert_eq!(unserved("SELECT id FROM users WHERE id = $1 OR name = $2"), ["users(name)"]);
    // What the caller may leave out cannot be looked up, and is no reason for an index.
    let optional = planned("SELECT id FROM users WHERE $1::text IS NULL OR name = $1");
    assert!(optional.unserved[0].columns == ["name"] && !optional.unserved[0].selective);
}

#[test]
fn what_an_outer_query_restricts_is_not_judged_alone() {
    let inner = "SELECT user_id, role FROM members WHERE role = 'x' UNION ALL SELECT user_id, role FROM members WHERE role = 'y'";
    assert_eq!(unserved(&format!("SELECT * FROM ({inner}) AS m WHERE m.user_id = $1")), [""; 0]);
    assert_eq!(unserved(&format!("WITH m AS ({inner}) SELECT * FROM m WHERE m.user_id = $1")), [""; 0]);
    assert_eq!(unserved(&format!("SELECT * FROM ({inner}) AS m ORDER BY m.user_id")), ["members(role)"]);
}

#[test]
fn a_join_is_served_by_the_index_of_the_inner_side() {
    assert_eq!(unserved("SELECT * FROM users u JOIN teams t ON t.id = u.team WHERE u.id = $1 AND t.kind = 'x'"), [""; 0]);
    assert_eq!(unserved("SELECT * FROM members m JOIN teams t ON t.id = m.team_id WHERE t.kind = $1"), ["teams(kind)"]);
}

#[test]
fn what_is_said_of_one_side_of_a_join_is_said_of_the_other() {
    let unserved = unserved("SELECT u.name FROM teams t JOIN users u ON u.team = t.id WHERE t.id = $1");
    assert_eq!(unserved, ["users(team)"]);
}

#[test]
fn a_join_does_not_begin_with_what_most_rows_are() {
    assert_eq!(unserved("SELECT * FROM members m JOIN teams t ON t.id = m.team_id WHERE t.kind IS NOT NULL"), [""; 0]);
    assert_eq!(unserved("SELECT * FROM members m JOIN teams t ON t.id = m.team_id WHERE t.kind > $1"), [""; 0]);
}

#[test]
fn a_comparison_with_null_reads_nothing() {
    assert_eq!(unserved("DELETE FROM users WHERE name = NULL"), [""; 0]);
}

#[test]
fn an_index_of_what_is_open_serves_who_asks_for_that() {
    let mut replay = Replay::new("", Dialect::Postgres);
    let tables = "CREATE TABLE jobs (id INT PRIMARY KEY, at INT, done BOOL, ended TEXT);
                  CREATE INDEX open ON jobs (at) WHERE ended IS NULL; CREATE INDEX done ON jobs (done);";
    replay.apply(tables, "1.sql", FileId(0));
    let schema = replay.finish();
    let unserved = |sql: &str| plan(&read(sql, Dialect::Postgres), &[&schema]).unserved.len();
    assert_eq!(unserved("SELECT * FROM jobs WHERE ended IS NULL ORDER BY at"), 0);
    assert_eq!(unserved("SELECT * FROM jobs WHERE ended = $1"), 1);
    // Half of the rows is not what an index is for.
    assert_eq!(unserved("SELECT * FROM jobs WHERE done = TRUE"), 1);
}

#[test]
fn only_single_statements_with_a_plan_are_asked_about() {
    assert_eq!(super::plannable(" SELECT ';' -- a; b\n ; "), Ok("SELECT ';' -- a; b"));
    assert_eq!(super::plannable("(SELECT 1) UNION (SELECT 2)"), Ok("(SELECT 1) UNION (SELECT 2)"));
    for refused in [
        "",
        ";",
        "SELECT 1; DROP TABLE users",
        "DROP TABLE users",
        "EXPLAIN ANALYZE DELETE FROM users",
        "CALL f()",
        "DO $$ $$",
        "SET a = 1",
        "COPY t TO PROGRAM 'x'",
    ] {
        assert!(super::plannable(refused).is_err(), "{refused}");
    }
}

#[test]
fn keys_of_indexes_are_printed_as_the_catalogue_does() {
    let mut replay = Replay::new("", Dialect::Postgres);
    let text = "CREATE TABLE a (name VARCHAR, mail VARCHAR(20), doc JSONB);
        CREATE FUNCTION plain(name VARCHAR) RETURNS VARCHAR AS 'SELECT name' LANGUAGE sql IMMUTABLE;
        CREATE INDEX ON a (plain(name)); ALTER TABLE a ALTER COLUMN name TYPE TEXT; CREATE INDEX ON a (lower(mail)); CREATE INDEX ON a ((doc ->> 'sid')); CREATE INDEX ON a (lower(name));
        CREATE INDEX ON a USING gist ((name || ' ' || mail) gist_trgm_ops(siglen=256));";
    replay.apply(text, "1.sql", FileId(0));
    let schema = replay.finish();
    let printed: Vec<&str> = schema.tables["a"].indexes.iter().filter_map(|index| index.keys[0].printed.as_deref()).collect();
    let wanted = [
        "plain((name)::character varying)",
        "lower((mail)::text)",
        "((doc ->> 'sid'::text))",
        "lower(name)",
        "(((name || ' '::text) || (mail)::text))",
    ];
    assert_eq!(printed, wanted);
    assert!(schema.tables["a"].incomplete.is_none());
}

#[test]
fn a_table_moves_to_another_name_space() {
    let mut replay = Replay::new("", Dialect::Postgres);
    replay.apply(
        "CREATE TABLE a.t (id INT); ALTER TABLE a.t SET SCHEMA b; ALTER TABLE b.t ALTER COLUMN id SET DATA TYPE text COLLATE c;",
        "1.sql",
        FileId(0),
    );
    let schema = replay.finish();
    assert!(schema.tables["b.t"].incomplete.is_none() && schema.tables.len() == 1);
}

#[test]
fn tables_that_are_unknown_or_incomplete_are_not_judged() {
    assert_eq!(unserved("SELECT * FROM strangers WHERE a = $1"), [""; 0]);
    let mut replay = Replay::new("", Dialect::Postgres);
    replay.apply("CREATE TABLE a (id INT, b INT); ALTER TABLE a FROBNICATE ((;", "1.sql", FileId(0));
    assert!(plan(&read("SELECT * FROM a WHERE b = $1", Dialect::Postgres), &[&replay.finish()]).unserved.is_empty());
}

#[test]
fn what_one_way_to_set_up_the_database_serves_is_served() {
    let mut other = Replay::new("sqlite", Dialect::Sqlite);
    other.apply("CREATE TABLE members (team_id INT, user_id INT PRIMARY KEY)", "1.sql", FileId(0));
    let statement = read("SELECT * FROM members WHERE user_id = ?", Dialect::Sqlite);
    assert!(plan(&statement, &[&schema(), &other.finish()]).unserved.is_empty());
}

#[test]
fn unique_keys_bound_the_rows() {
    let rows = |sql: &str| planned(sql).rows;
    assert_eq!(rows("SELECT * FROM users WHERE id = $1 AND name = $2"), Rows::One);
    assert_eq!(rows("SELECT * FROM users WHERE id = ANY($1)"), Rows::Limited);
    assert_eq!(rows("SELECT * FROM users WHERE team = $1"), Rows::Unbounded);
    assert_eq!(rows("SELECT * FROM users u JOIN teams t ON t.id = u.team WHERE u.id = $1"), Rows::One);
    assert_eq!(rows("SELECT * FROM teams t JOIN users u ON t.id = u.team WHERE t.id = $1"), Rows::Unbounded);
    assert_eq!(rows("SELECT count(*) FROM users"), Rows::One);
    assert_eq!(rows("SELECT * FROM users ORDER BY id LIMIT $1"), Rows::Limited);
    assert_eq!(rows("SELECT * FROM strangers WHERE id = $1"), Rows::Unknown);
    assert_eq!(rows("SELECT * FROM strangers"), Rows::Unbounded);
    assert_eq!(rows("SELECT * FROM strangers s JOIN others o ON o.id = s.other"), Rows::Unbounded);
}

#[test]
fn columns_without_a_qualifier_belong_to_the_one_table_that_has_them() {
    assert_eq!(unserved("SELECT * FROM users u JOIN teams t ON t.id = u.team WHERE kind = $1 AND deleted"), ["users(deleted)"]);
}

#[test]
fn a_statement_says_what_it_reads_writes_and_locks() {
    let statement = read(
        "WITH next AS (SELECT id FROM jobs WHERE state = 'new' FOR NO KEY UPDATE SKIP LOCKED LIMIT 1)
         UPDATE jobs SET state = 'taken' FROM next WHERE jobs.id = next.id RETURNING jobs.*",
        Dialect::Postgres,
    );
    assert!(statement.parsed);
    assert_eq!(statement.operation, Operation::Update);
    let one = |tables: &std::collections::BTreeSet<String>| tables.iter().map(String::as_str).collect::<Vec<_>>() == ["jobs"];
    assert!(one(&statement.reads) && one(&statement.writes));
    assert_eq!(statement.row_lock, Some(RowLock::Skips));
    assert!(statement.rewrites.is_empty());
    assert_eq!(read("DELETE FROM jobs", Dialect::Unknown).rewrites, ["jobs"]);
    assert!(read("UPDATE jobs SET a = 1 FROM next WHERE jobs.id = next.id", Dialect::Unknown).rewrites.is_empty());
}

#[test]
fn one_statement_that_is_not_understood_does_not_cost_the_others() {
    let statement = read("FROBNICATE x; SELECT * FROM users", Dialect::Postgres);
    assert!(!statement.parsed && statement.reads.contains("users"));
}

#[test]
fn trees_of_many_operators_are_left_to_their_words() {
    let deep = format!("SELECT * FROM users WHERE {}", vec!["a = 1"; 5_000].join(" OR "));
    let read = read(&deep, Dialect::Postgres);
    assert!(!read.parsed && read.reads.contains("users"));
    super::read(&"(".repeat(10_000), Dialect::Unknown);
    super::read(&format!("SELECT {}1", "- ".repeat(10_000)), Dialect::Unknown);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    #[test]
    fn no_text_stops_the_reader(text in "\\PC{0,80}") {
        read(&text, Dialect::Unknown);
        let mut replay = Replay::new("", Dialect::Unknown);
        replay.apply(&text, "1.sql", FileId(0));
    }

    #[test]
    fn no_order_of_words_stops_the_reader(words in proptest::collection::vec(prop::sample::select(WORDS), 0..24)) {
        let text = words.join(" ");
        let statement = read(&text, Dialect::Postgres);
        let mut replay = Replay::new("", Dialect::Mysql);
        replay.apply(&text, "1.sql", FileId(0));
        plan(&statement, &[&schema(), &replay.finish()]);
    }
}

const WORDS: &[&str] = &[
    "SELECT", "*", "FROM", "users", "u", "JOIN", "teams", "ON", "WHERE", "id", "=", "$1", "?", "(", ")", ",", ";", "AND", "OR", "NOT",
    "IN", "LIKE", "'%a'", "CREATE", "TABLE", "INDEX", "UNIQUE", "PRIMARY", "KEY", "ALTER", "ADD", "COLUMN", "DROP", "RENAME", "TO", "INT",
    "é", "\"", "$$", "`", "BEGIN", "END", "TRIGGER", "LIMIT", "1", "WITH", "AS", "UPDATE", "SET", "DELETE", "FOR", "EXISTS", "CASE",
    "WHEN", "DO", ".",
];

#[test]
fn a_subquery_of_a_later_statement_is_found_where_it_is() {
    let alone = "SELECT * FROM (SELECT * FROM users WHERE id = 1) one";
    let inner = |text: &str| {
        let statement = read(text, Dialect::Postgres);
        let ranges = statement.scopes.iter().flat_map(|scope| &scope.sources).filter_map(|source| source.inner.clone());
        let tables = ranges.flat_map(|range| &statement.scopes[range]).flat_map(|scope| &scope.sources);
        tables.filter_map(|source| source.table.clone()).collect::<Vec<_>>()
    };
    assert_eq!(inner(alone), ["users"]);
    assert_eq!(inner(&format!("DELETE FROM teams WHERE id = 2; {alone}")), ["users"]);
}

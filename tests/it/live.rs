//! `explain-queries` against a real PostgreSQL that the test starts itself, and what it says where there is none to ask.

use crate::support::{Fixture, Said};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

const MANIFEST: &str = "[package]\nname = \"api\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[dependencies]\naxum = \"0.8\"\nsqlx = { version = \"0.8\", features = [\"postgres\"] }\n";

const CODE: &str = r#"
use axum::{Router, extract::{Path, State}, routing::get};
use sqlx::PgPool;

pub fn router(pool: PgPool) -> Router {
    Router::new().route("/events/{kind}", get(events)).route("/users/{id}", get(user)).with_state(pool)
}

async fn events(State(pool): State<PgPool>, Path(kind): Path<String>) -> String {
    let rows = sqlx::query("SELECT id FROM events WHERE kind = $1").bind(kind).fetch_all(&pool).await.unwrap();
    rows.len().to_string()
}

async fn user(State(pool): State<PgPool>, Path(id): Path<i64>) -> String {
    sqlx::query("SELECT name FROM users WHERE id = $1").bind(id).fetch_one(&pool).await.unwrap();
    sqlx::query("DELETE FROM users WHERE id = $1").bind(id).execute(&pool).await.unwrap();
    sqlx::query("INSERT INTO events (kind) VALUES ($1)").bind("seen").execute(&pool).await.unwrap();
    sqlx::query("SELECT nothing FROM users").fetch_one(&pool).await.unwrap();
    sqlx::query("SELECT 1 FROM users; DELETE FROM users").execute(&pool).await.unwrap();
    sqlx::query("SELECT writes() FROM users WHERE id = $1").bind(id).execute(&pool).await.unwrap();
    String::new()
}
"#;

const MIGRATION: &str = "CREATE TABLE users (id BIGSERIAL PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE events (id BIGSERIAL PRIMARY KEY, kind TEXT NOT NULL);
CREATE FUNCTION writes() RETURNS INT AS 'INSERT INTO events (kind) VALUES (''planned''); SELECT 1' LANGUAGE sql VOLATILE;";

fn api() -> Fixture {
    Fixture::new(&[("Cargo.toml", MANIFEST), ("src/lib.rs", CODE), ("migrations/0001_tables.sql", MIGRATION)])
}

/// A server in a folder of its own, which listens on a socket in that folder and nowhere else.
struct Server {
    folder: TempDir,
    binaries: PathBuf,
}

impl Server {
    /// `None`, said loudly, where PostgreSQL is not installed or does not start.
    fn start() -> Option<Server> {
        let started = Self::try_start();
        if let Err(why) = &started {
            eprintln!("SKIPPED: no PostgreSQL to test `explain-queries` with: {why}");
        }
        started.ok()
    }

    fn try_start() -> Result<Server, String> {
        let binaries = binaries().ok_or("neither `pg_config --bindir` nor PATH has `initdb` and `pg_ctl`")?;
        let folder = TempDir::with_prefix("moai-pg-").map_err(|error| error.to_string())?;
        let server = Server { folder, binaries };
        server.own_folder()?;
        let data = server.folder.path().join("data").display().to_string();
        server.run("initdb", &["-D", &data, "-A", "trust", "-U", "moai", "-E", "UTF8", "--no-sync"])?;
        let options = format!("-c listen_addresses='' -c unix_socket_directories='{}' -c fsync=off", server.folder.path().display());
        let log = server.folder.path().join("log").display().to_string();
        server.run("pg_ctl", &["-D", &data, "-o", &options, "-l", &log, "-w", "-t", "60", "start"])?;
        Ok(server)
    }

    /// PostgreSQL refuses to run as root, so root gives the folder to the user that the package made.
    fn own_folder(&self) -> Result<(), String> {
        if !is_root() {
            return Ok(());
        }
        let done = Command::new("chown").arg("postgres").arg(self.folder.path()).stderr(Stdio::null()).status();
        done.ok().filter(|status| status.success()).map(|_| ()).ok_or_else(|| "root has no user `postgres` to run it as".into())
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Result<(), String> {
        let program = self.binaries.join(program);
        let mut command = match is_root() {
            true => {
                let mut command = Command::new("runuser");
                command.args(["-u", "postgres", "--"]).arg(program);
                command
            }
            false => Command::new(program),
        };
        command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        match command.status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("`{}` ended with {status}", arguments.first().unwrap_or(&""))),
            Err(error) => Err(error.to_string()),
        }
    }

    fn sql(&self, sql: &str) -> String {
        let folder = self.folder.path().display().to_string();
        let done = Command::new(self.binaries.join("psql"))
            .args(["-X", "-q", "-A", "-t", "-h", &folder, "-U", "moai", "-d", "postgres", "-v", "ON_ERROR_STOP=1", "-c", sql])
            .output()
            .expect("psql is beside the server");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8_lossy(&done.stdout).trim().to_string()
    }

    fn url(&self) -> String {
        let folder = self.folder.path().display().to_string().replace('/', "%2F");
        format!("postgres://moai:hidden-word@{folder}/postgres")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let data = self.folder.path().join("data").display().to_string();
        // The folder goes away next, and a server without one ends by itself.
        let _ = self.run("pg_ctl", &["-D", &data, "-m", "immediate", "-w", "stop"]);
    }
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn binaries() -> Option<PathBuf> {
    let said = Command::new("pg_config").arg("--bindir").output().ok().filter(|output| output.status.success());
    let of_config = said.map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    let of_path = std::env::var_os("PATH").into_iter().flat_map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let all = |folder: &PathBuf| ["initdb", "pg_ctl", "psql"].iter().all(|program| Path::new(folder).join(program).exists());
    of_config.into_iter().chain(of_path).find(all)
}

fn explain(fixture: &Fixture, url: &str, arguments: &[&str]) -> Said {
    fixture.run_with(&[&["explain-queries", "--no-cache"], arguments].concat(), &[("DATABASE_URL", url)])
}

#[test]
fn a_large_table_that_is_read_whole_is_found_and_nothing_is_executed() {
    let Some(server) = Server::start() else { return };
    server.sql(MIGRATION);
    server.sql("INSERT INTO events (kind) SELECT 'kind' || n % 5000 FROM generate_series(1, 20000) n; INSERT INTO users (name) SELECT 'u' FROM generate_series(1, 20000)");
    server.sql("ANALYZE");
    let fixture = api();

    let said = explain(&fixture, &server.url(), &[]);
    assert_eq!(said.code, 1, "{}", said.all());
    assert!(said.stdout.contains("PostgreSQL reads all 20,000 rows of `events` on each run of this query"), "{}", said.stdout);
    assert!(said.stdout.contains("the migrations say the same"), "{}", said.stdout);
    assert!(said.stdout.contains("users=users_pkey"), "{}", said.stdout);
    assert!(!said.all().contains("hidden-word"), "the password is printed:\n{}", said.all());

    let said = explain(&fixture, &server.url(), &["--format", "json"]);
    let json: Value = serde_json::from_str(&said.stdout).expect("JSON");
    let state = |part: &str| {
        let queries = json["queries"].as_array().expect("queries").iter();
        let found: Vec<&Value> = queries.filter(|query| query["text"].as_str().is_some_and(|text| text.contains(part))).collect();
        found[0].clone()
    };
    assert_eq!(json["findings"].as_array().map(Vec::len), Some(1), "{json:#}");
    assert_eq!(json["findings"][0]["lint"], "unindexed_predicates");
    assert_eq!(state("SELECT nothing")["state"], "refused");
    assert_eq!(state("SELECT 1 FROM users;")["state"], "not_asked");
    assert_eq!(state("DELETE FROM users WHERE")["state"], "planned");
    assert_eq!(state("SELECT name")["plan"]["scans"][0]["index"], "users_pkey");
    assert_eq!(json["agreement"]["same"], json["agreement"]["judged"]);
    assert_eq!(json["agreement"]["pairs"]["unserved"]["unserved"], 1);

    assert_eq!(server.sql("SELECT count(*) FROM users"), "20000");
    assert_eq!(server.sql("SELECT count(*) FROM events"), "20000");

    let raised = explain(&fixture, &server.url(), &["--min-rows", "50000"]);
    assert_eq!(raised.code, 3, "a refused query is no answer: {}", raised.all());
}

#[test]
fn without_a_database_it_says_what_to_do() {
    let fixture = api();
    let said = explain(&fixture, "", &[]);
    assert_eq!(said.code, 2);
    assert!(said.stderr.contains("there is no database to ask") && said.stderr.contains("DATABASE_URL"), "{}", said.stderr);

    let said = explain(&fixture, "postgres://ada:hidden-word@127.0.0.1:1/app", &[]);
    assert_eq!(said.code, 2);
    assert!(said.stderr.contains("cannot connect to `app` at 127.0.0.1:1"), "{}", said.stderr);
    assert!(!said.all().contains("hidden-word"), "{}", said.all());
}

const OF_SQLITE: &str = r#"
use axum::{Router, extract::{Path, State}, routing::get};
use sqlx::SqlitePool;

pub fn router(pool: SqlitePool) -> Router {
    Router::new().route("/users/{name}", get(user)).with_state(pool)
}

async fn user(State(pool): State<SqlitePool>, Path(name): Path<String>) -> String {
    sqlx::query("SELECT u.id FROM users AS u WHERE u.email = ?1").bind(&name).fetch_all(&pool).await.unwrap();
    sqlx::query("SELECT id FROM users WHERE name = ?1 ORDER BY id").bind(&name).fetch_all(&pool).await.unwrap();
    sqlx::query("DELETE FROM teams WHERE id = ?1").bind(&name).execute(&pool).await.unwrap();
    sqlx::query("SELECT nothing FROM users").fetch_one(&pool).await.unwrap();
    sqlx::query("INSERT INTO teams (title) VALUES (?1)").bind(&name).execute(&pool).await.unwrap();
    String::new()
}
"#;

const MIGRATIONS_OF_SQLITE: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, email TEXT NOT NULL);
CREATE INDEX users_email ON users (email);
CREATE TABLE teams (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL);
PRAGMA foreign_keys = ON;";

#[test]
fn the_planner_of_sqlite_is_asked_over_what_the_migrations_make() {
    let has_program = Command::new("sqlite3").arg("--version").output().is_ok_and(|done| done.status.success());
    if !has_program {
        eprintln!("SKIPPED: no `sqlite3` program to test `explain-queries` with");
        return;
    }
    let manifest = MANIFEST.replace("postgres", "sqlite");
    let fixture =
        Fixture::new(&[("Cargo.toml", &manifest), ("src/lib.rs", OF_SQLITE), ("migrations/0001_tables.sql", MIGRATIONS_OF_SQLITE)]);
    let said = explain(&fixture, "sqlite://app.db", &["--format", "json"]);
    assert_eq!(said.code, 3, "a refused query is no answer: {}", said.all());
    let json: Value = serde_json::from_str(&said.stdout).expect("JSON");
    let query = |part: &str| {
        let mut queries = json["queries"].as_array().expect("queries").iter();
        queries.find(|query| query["text"].as_str().is_some_and(|text| text.contains(part))).expect("it is asked").clone()
    };
    assert_eq!(json["server"]["system"], "SQLite");
    assert_eq!(query("u.email")["plan"]["scans"][0]["index"], "users_email");
    assert_eq!(query("u.email")["plan"]["scans"][0]["table"], "users");
    assert_eq!(query("name = ?1")["verdicts"][0]["planner"], "unserved");
    assert_eq!(query("DELETE FROM teams")["plan"]["scans"][0]["index"], "integer primary key");
    assert_eq!(query("SELECT nothing")["state"], "refused");
    assert!(query("SELECT nothing")["why"].as_str().is_some_and(|why| why.contains("nothing")), "{json:#}");
    assert_eq!(query("INSERT INTO teams")["state"], "planned");
    assert_eq!(json["agreement"]["same"], json["agreement"]["judged"], "{json:#}");
    assert_eq!(json["agreement"]["pairs"]["unserved"]["unserved"], 1, "{json:#}");
    assert!(!fixture.path().join("app.db").exists(), "no file of the user is touched");
    let said = explain(&fixture, "sqlite://app.db", &[]);
    assert!(said.stdout.contains("asked SQLite 3") && said.stdout.contains("the migrations in `migrations`"), "{}", said.stdout);
}

#[test]
fn without_migrations_of_sqlite_there_is_nothing_to_ask_its_planner_over() {
    let said = explain(&api(), "sqlite::memory:", &[]);
    assert_eq!(said.code, 2);
    assert!(said.stderr.contains("no migrations of SQLite"), "{}", said.stderr);
}

//! Small workspaces on the disk and the real binary over them.

use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// A workspace in a folder of its own.
pub struct Fixture {
    directory: TempDir,
}

/// What the binary said.
pub struct Said {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Fixture {
    pub fn new(files: &[(&str, &str)]) -> Self {
        let fixture = Self { directory: TempDir::with_prefix("moai-").expect("a folder for the fixture") };
        files.iter().for_each(|(path, text)| fixture.write(path, text));
        fixture
    }

    /// One package that serves one route, whose handler builds a pool of its own.
    pub fn api() -> Self {
        Self::new(&[("Cargo.toml", MANIFEST), ("src/main.rs", MAIN)])
    }

    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("the folder of a file");
        fs::write(path, text).expect("a file of the fixture");
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).expect("a file of the fixture")
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    pub fn run(&self, arguments: &[&str]) -> Said {
        self.run_with(arguments, &[])
    }

    pub fn check(&self, arguments: &[&str]) -> Said {
        self.run(&[&["check"], arguments].concat())
    }

    pub fn run_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Said {
        run_in(self.path(), arguments, environment)
    }
}

/// Where runs over workspaces of the repository itself keep their results: those lie among the sources.
pub const CACHE: (&str, &str) = ("MOAI_BACKEND_CACHE_DIR", concat!(env!("CARGO_TARGET_TMPDIR"), "/cache"));

/// Runs the binary in `directory`, with nothing of our own environment that changes what it prints.
pub fn run_in(directory: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-moai-backend"));
    command.args(arguments).current_dir(directory);
    for name in [
        "NO_COLOR",
        "CLICOLOR_FORCE",
        "CARGO_TERM_COLOR",
        "NO_GRAPHICS",
        "COLUMNS",
        "GITHUB_STEP_SUMMARY",
        "CI",
        "CARGO_TARGET_DIR",
        "CARGO_BUILD_TARGET_DIR",
        CACHE.0,
    ] {
        command.env_remove(name);
    }
    let output = command.envs(environment.iter().copied()).output().expect("the binary starts");
    let text = |bytes| String::from_utf8(bytes).expect("the binary writes UTF-8");
    Said { code: output.status.code().expect("an exit code"), stdout: text(output.stdout), stderr: text(output.stderr) }
}

impl Said {
    /// Everything, for messages of failed tests.
    pub fn all(&self) -> String {
        format!("exit code {}\n--- stdout\n{}--- stderr\n{}", self.code, self.stdout, self.stderr)
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}\n{}", self.all()))
    }

    /// Lints of `check --format json`, suppressed ones left out.
    pub fn lints(&self) -> Vec<String> {
        let json = self.json();
        let findings = json["findings"].as_array().expect("findings").iter();
        let open = findings.filter(|finding| finding["suppressed"].is_null());
        open.map(|finding| finding["lint"].as_str().expect("a lint").to_string()).collect()
    }

    /// How many findings of `lint` are not suppressed.
    pub fn open_findings(&self, lint: &str) -> usize {
        self.lints().iter().filter(|one| *one == lint).count()
    }
}

pub const MANIFEST: &str = r#"[package]
name = "api"
version = "0.1.0"
edition = "2021"

[dependencies]
axum = "0.8"
sqlx = { version = "0.8", features = ["postgres"] }
tokio = { version = "1", features = ["full"] }
"#;

pub const MAIN: &str = r#"use axum::{Router, routing::get};
use sqlx::PgPool;

#[tokio::main]
async fn main() {
    let app = Router::new().route("/users", get(users));
    let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await.unwrap();
    axum::serve(listener, app).await.unwrap();
}

async fn users() -> String {
    let pool = open().await;
    sqlx::query_scalar("select name from users limit 1").fetch_one(&pool).await.unwrap()
}

async fn open() -> PgPool {
    PgPool::connect("postgres://localhost/app").await.unwrap()
}
"#;

/// As [`MAIN`], with the pool built once.
pub const CLEAN: &str = r#"use axum::extract::State;
use axum::{Router, routing::get};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use std::time::Duration;

#[tokio::main]
async fn main() {
    let options = PgPoolOptions::new().max_connections(10).acquire_timeout(Duration::from_secs(3));
    let pool = options.connect("postgres://localhost/app").await.unwrap();
    let app = Router::new().route("/users", get(users)).with_state(pool);
    let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await.unwrap();
    axum::serve(listener, app).await.unwrap();
}

async fn users(State(pool): State<PgPool>) -> String {
    sqlx::query_scalar("select name from users limit 1").fetch_one(&pool).await.unwrap()
}
"#;

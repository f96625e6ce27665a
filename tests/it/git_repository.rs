//! Repositories made by the real git, with nothing of the user's configuration.

use crate::support::{MANIFEST, Said};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// A small backend in a repository: `legacy` has a finding in HEAD, `extra` has none.
pub struct Repository {
    folder: TempDir,
    /// What earlier runs worked out is no part of a repository.
    pub cache: TempDir,
    /// Where the working tree is, below the folder.
    pub top: PathBuf,
    /// Answers of libgit2 or of the `git` program.
    pub by_program: bool,
    /// How git lays out repositories where nobody says.
    pub layout: Layout,
}

/// A variable of git's and its value, or nothing.
pub type Layout = Option<(&'static str, &'static str)>;

pub const MAIN: &str = r#"use axum::{Router, routing::get};
mod extra;
mod legacy;

#[tokio::main]
async fn main() {
    let app = Router::new().route("/extra", get(extra::extra)).route("/legacy", get(legacy::legacy));
    let listener = tokio::net::TcpListener::bind("0.0.0.0:3000").await.unwrap();
    axum::serve(listener, app).await.unwrap();
}
"#;

pub const CLEAN: &str = "pub async fn extra() -> &'static str {\n    \"\"\n}\n";

pub const LEGACY: &str = r#"use sqlx::PgPool;

pub async fn legacy() -> String {
    let pool = PgPool::connect("postgres://localhost/app").await.unwrap();
    sqlx::query_scalar("select name from users limit 1").fetch_one(&pool).await.unwrap()
}
"#;

/// As `extra`, with a pool of its own.
pub fn bad() -> String {
    LEGACY.replace("legacy()", "extra()")
}

impl Repository {
    /// Everything is committed.
    pub fn new(by_program: bool) -> Repository {
        Repository::laid_out(by_program, None)
    }

    /// The same in another layout.
    pub fn laid_out(by_program: bool, layout: Layout) -> Repository {
        let repository = Repository::unborn_in(by_program, &[], layout);
        repository.git(&["add", "."]);
        repository.git(&["commit", "-qm", "first"]);
        repository
    }

    /// The files are there, and no commit.
    pub fn unborn(by_program: bool, init: &[&str]) -> Repository {
        Repository::unborn_in(by_program, init, None)
    }

    fn unborn_in(by_program: bool, init: &[&str], layout: Layout) -> Repository {
        let folder = TempDir::with_prefix("moai-git-").expect("a folder for the repository");
        let top = folder.path().canonicalize().expect("the folder").join("top");
        fs::create_dir(&top).expect("the working tree");
        fs::create_dir(top.with_file_name("home")).expect("a home");
        let repository =
            Repository { folder, cache: TempDir::with_prefix("moai-cache-").expect("a folder for the cache"), top, by_program, layout };
        repository.git(&[&["init", "-q", "-b", "main"], init].concat());
        for (path, text) in [("Cargo.toml", MANIFEST), ("Cargo.lock", "version = 4\n"), ("src/main.rs", MAIN), ("src/extra.rs", CLEAN)] {
            repository.write(path, text);
        }
        repository.write("src/legacy.rs", LEGACY);
        repository.write("README.md", "A backend.\n");
        repository
    }

    /// A clone without files that borrows the objects of a repository of the user's, which is only read.
    pub fn borrowing(from: &str) -> Repository {
        let folder = TempDir::with_prefix("moai-git-").expect("a folder for the repository");
        let top = folder.path().canonicalize().expect("the folder").join("top");
        fs::create_dir(top.with_file_name("home")).expect("a home");
        let repository = Repository {
            folder,
            cache: TempDir::with_prefix("moai-cache-").expect("a folder for the cache"),
            top,
            by_program: false,
            layout: None,
        };
        repository.git_in(repository.folder(), &["clone", "-q", "--shared", "--no-checkout", from, "top"]);
        repository
    }

    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.top.join(path);
        fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("the folder of a file");
        fs::write(path, text).expect("a file of the repository");
    }

    /// Another repository beside this one.
    pub fn beside(self, name: &str) -> Repository {
        Repository { top: self.top.with_file_name(name), ..self }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn stage(&self, path: &str, text: impl AsRef<[u8]>) {
        self.write(path, text);
        self.git(&["add", "--", path]);
    }

    pub fn commit_all(&self, message: &str) {
        self.git(&["add", "-A", "."]);
        self.git(&["commit", "-q", "--no-verify", "--allow-empty", "-m", message]);
    }

    /// Git has to succeed; gives what it printed.
    pub fn git(&self, arguments: &[&str]) -> String {
        self.git_in(&self.top, arguments)
    }

    pub fn git_in(&self, directory: &Path, arguments: &[&str]) -> String {
        let output = self.try_git_in(directory, arguments);
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    pub fn try_git_in(&self, directory: &Path, arguments: &[&str]) -> Output {
        let mut command = Command::new("git");
        command.args(["-c", "protocol.file.allow=always"]).args(arguments).current_dir(directory);
        self.isolate(&mut command).output().expect("git starts")
    }

    /// Nothing of the user's, and the binary under test first on PATH.
    pub fn isolate<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GIT_")) {
            command.env_remove(name);
        }
        let home = self.top.with_file_name("home");
        let binary = Path::new(env!("CARGO_BIN_EXE_cargo-moai-backend"));
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(binary.parent().expect("a folder").to_path_buf()).chain(std::env::split_paths(&path));
        command.env("PATH", std::env::join_paths(folders).expect("folders of PATH"));
        command.env("HOME", &home).env("XDG_CONFIG_HOME", &home).env("GIT_CONFIG_NOSYSTEM", "1");
        command.env("GIT_CONFIG_GLOBAL", home.join("gitconfig"));
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "Somebody").env(format!("GIT_{role}_EMAIL"), "somebody@example.org");
        }
        command.env("MOAI_BACKEND_CACHE_DIR", self.cache.path()).envs(self.layout);
        if self.by_program {
            command.env("MOAI_BACKEND_GIT", "program");
        }
        command
    }

    /// The binary in a folder below the working tree.
    pub fn run_in(&self, directory: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-moai-backend"));
        command.args(arguments).current_dir(self.top.join(directory));
        self.isolate(&mut command).envs(environment.iter().copied());
        said(command.output().expect("the binary starts"))
    }

    pub fn run(&self, arguments: &[&str]) -> Said {
        self.run_in("", arguments, &[])
    }

    /// Every file below the folder, with `.git` and everything in it: index, refs, stash, objects.
    pub fn state(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut state = BTreeMap::new();
        collect(&self.top.with_file_name(""), &mut state);
        state
    }
}

fn collect(folder: &Path, state: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(folder).expect("a folder of the repository").flatten() {
        let (path, kind) = (entry.path(), entry.file_type().expect("a kind"));
        match () {
            () if kind.is_dir() => collect(&path, state),
            () if kind.is_symlink() => {
                drop(state.insert(path.clone(), fs::read_link(&path).expect("a link").into_os_string().into_encoded_bytes()))
            }
            () => drop(state.insert(path.clone(), fs::read(&path).expect("a file"))),
        }
    }
}

pub fn said(output: Output) -> Said {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Said { code: output.status.code().expect("an exit code"), stdout: text(&output.stdout), stderr: text(&output.stderr) }
}

//! Managers of hooks, the real ones, with the lines that `hook install` prints for them. One that is not on PATH is not tried, and said so.

use crate::git_repository::{Repository, bad};
use std::fs;
use std::path::Path;
use std::process::Command;

struct Manager {
    program: &'static str,
    /// What shows that it is in use.
    file: &'static str,
    /// Puts its hooks into the repository.
    install: &'static [&'static str],
    /// Of `hook install`'s output, what goes into which file.
    configure: fn(&Repository, &str),
}

const MANAGERS: [Manager; 4] = [
    Manager {
        program: "pre-commit",
        file: ".pre-commit-config.yaml",
        install: &["install", "-t", "pre-commit", "-t", "pre-push"],
        configure: yaml,
    },
    Manager { program: "prek", file: "prek.toml", install: &["install", "-t", "pre-commit", "-t", "pre-push"], configure: prek },
    Manager { program: "lefthook", file: "lefthook.yml", install: &["install"], configure: lefthook },
    Manager { program: "husky", file: ".husky", install: &[], configure: husky },
];

/// Two lists of repositories are one in a file.
fn yaml(repository: &Repository, snippet: &str) {
    let (first, second) = snippet.split_once("\nrepos:\n").expect("two snippets");
    repository.write(".pre-commit-config.yaml", format!("{first}\n{second}"));
}

fn prek(repository: &Repository, snippet: &str) {
    repository.write("prek.toml", snippet);
}

fn lefthook(repository: &Repository, snippet: &str) {
    repository.write("lefthook.yml", snippet);
}

/// Each hook is a file, named in the line above it.
fn husky(repository: &Repository, snippet: &str) {
    for hook in snippet.split("# ").filter(|part| !part.is_empty()) {
        let (file, text) = hook.split_once('\n').expect("a name, then what is in it");
        repository.write(file, text);
    }
}

impl Manager {
    fn is_there(&self) -> bool {
        let folders = std::env::var_os("PATH").unwrap_or_default();
        let is_there = std::env::split_paths(&folders).any(|folder| folder.join(self.program).is_file());
        if !is_there {
            eprintln!("NOT TRIED: `{}` is not on PATH, so nothing is known about hooks that it runs", self.program);
        }
        is_there
    }

    /// A repository whose hooks it runs, with a remote.
    fn in_charge(&self) -> Repository {
        let repository = Repository::new(false);
        let remote = repository.top.with_file_name("remote.git");
        repository.git(&["init", "-q", "--bare", "-b", "main", &remote.display().to_string()]);
        repository.git(&["remote", "add", "origin", &remote.display().to_string()]);
        if self.file == ".husky" {
            fs::create_dir(repository.top.join(".husky")).expect("a folder")
        } else {
            repository.write(self.file, "")
        }
        let said = repository.run(&["hook", "install", "pre-commit", "pre-push"]);
        let (_, snippet) = said.stdout.split_once("Add:\n\n").unwrap_or_else(|| panic!("{}", said.all()));
        (self.configure)(&repository, snippet);
        repository.commit_all("hooks");
        repository.git(&["push", "-q", "origin", "main"]);
        let mut command = Command::new(self.program);
        let output = repository.isolate(command.args(self.install).current_dir(&repository.top)).output().expect("the manager starts");
        assert!(output.status.success(), "{}: {}", self.program, String::from_utf8_lossy(&output.stderr));
        repository
    }

    fn judges_commits(&self) {
        let repository = self.in_charge();
        let commit = || repository.try_git_in(&repository.top, &["commit", "-qm", "x"]);
        repository.stage("src/extra.rs", format!("// A word.\n{}", crate::git_repository::CLEAN));
        let clean = commit();
        assert!(clean.status.success(), "{}: {}", self.program, String::from_utf8_lossy(&clean.stderr));
        repository.stage("src/extra.rs", bad());
        let (head, before) = (repository.git(&["rev-parse", "HEAD"]), contents(&repository.top));
        let refused = commit();
        let words = format!("{}{}", String::from_utf8_lossy(&refused.stdout), String::from_utf8_lossy(&refused.stderr));
        assert!(!refused.status.success() && words.contains("pools_per_request"), "{}: {words}", self.program);
        assert_eq!(repository.git(&["rev-parse", "HEAD"]), head);
        assert_eq!(contents(&repository.top), before, "{}", self.program);
        assert_eq!(repository.git(&["diff", "--cached", "--name-only"]), "src/extra.rs\n");
    }

    fn judges_pushes(&self) {
        let repository = self.in_charge();
        let push = |branch: &str| repository.try_git_in(&repository.top, &["push", "-q", "origin", branch]);
        repository.write("src/extra.rs", format!("// A word.\n{}", crate::git_repository::CLEAN));
        repository.commit_all("clean");
        let clean = push("main");
        assert!(clean.status.success(), "{}: {}", self.program, String::from_utf8_lossy(&clean.stderr));
        repository.write("src/extra.rs", bad());
        repository.commit_all("bad");
        for branch in ["main", "main:side"] {
            let refused = push(branch);
            let words = format!("{}{}", String::from_utf8_lossy(&refused.stdout), String::from_utf8_lossy(&refused.stderr));
            assert!(!refused.status.success() && words.contains("pools_per_request"), "{} {branch}: {words}", self.program);
        }
    }
}

/// Sources with their text.
fn contents(top: &Path) -> Vec<(std::ffi::OsString, Vec<u8>)> {
    let files = fs::read_dir(top.join("src")).expect("a folder").flatten();
    let mut contents: Vec<_> = files.map(|file| (file.file_name(), fs::read(file.path()).expect("a file"))).collect();
    contents.sort();
    contents
}

#[test]
fn managers_refuse_commits_with_a_finding_and_let_others_pass() {
    MANAGERS.iter().filter(|manager| manager.is_there()).for_each(Manager::judges_commits);
}

#[test]
fn managers_refuse_pushes_with_a_finding_and_let_others_pass() {
    MANAGERS.iter().filter(|manager| manager.is_there()).for_each(Manager::judges_pushes);
}

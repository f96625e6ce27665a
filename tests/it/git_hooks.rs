//! `hook install|uninstall|doctor|run`, with the real git running what was put in.

use crate::git_repository::{Repository, bad};
use crate::support::Said;
use std::fs;
use std::path::Path;

fn executable(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).unwrap();
    fs::write(path, text).unwrap();
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
}

fn hook(repository: &Repository, arguments: &[&str]) -> Said {
    repository.run(&[&["hook"], arguments].concat())
}

fn installed(repository: &Repository, arguments: &[&str]) {
    let said = hook(repository, &[&["install"], arguments].concat());
    assert_eq!(said.code, 0, "{}", said.all());
}

/// Whether git commits `extra` with a finding.
fn commits(repository: &Repository, folder: &str) -> bool {
    repository.write(&format!("{folder}/src/extra.rs"), bad());
    repository.try_git_in(&repository.top.join(folder), &["commit", "-qam", "x"]).status.success()
}

#[test]
fn the_hook_is_the_file_of_this_repository_and_refuses_what_it_should() {
    let repository = Repository::new(false);
    installed(&repository, &[]);
    let there = fs::read_to_string(repository.top.join(".git/hooks/pre-commit")).unwrap();
    assert_eq!(there, include_str!("../../hooks/pre-commit"));
    repository.write("README.md", "Other.\n");
    repository.git(&["commit", "-qam", "words"]);
    assert!(!commits(&repository, "."));
    let skipped = |name: &str, value: &str| {
        let mut command = std::process::Command::new("git");
        repository
            .isolate(command.args(["commit", "-qam", "x"]).current_dir(&repository.top))
            .env(name, value)
            .output()
            .unwrap()
            .status
            .success()
    };
    assert!(!skipped("MOAI_BACKEND_SKIP", "0"));
    assert!(skipped("MOAI_BACKEND_SKIP", "1"));
    assert_eq!(hook(&repository, &["doctor"]).code, 0);
}

#[test]
fn installing_again_changes_nothing_and_uninstalling_leaves_nothing() {
    let repository = Repository::new(false);
    let before = repository.state();
    installed(&repository, &["pre-commit", "pre-push"]);
    let once = repository.state();
    installed(&repository, &["pre-commit", "pre-push"]);
    assert!(repository.state() == once);
    assert_eq!(hook(&repository, &["uninstall"]).code, 0);
    assert!(repository.state() == before);
    assert_eq!(hook(&repository, &["doctor"]).code, 1);
}

#[test]
fn a_hook_that_is_there_still_runs_and_comes_back_as_it_was() {
    let repository = Repository::new(false);
    let theirs = "#!/bin/sh\necho ran > theirs\nexit 0\n";
    let file = repository.top.join(".git/hooks/pre-commit");
    executable(&file, theirs);
    installed(&repository, &[]);
    assert!(!commits(&repository, "."));
    assert!(!repository.top.join("theirs").exists(), "ours comes first");
    repository.git(&["checkout", "-q", "HEAD", "--", "src"]);
    repository.write("README.md", "Other.\n");
    repository.git(&["commit", "-qam", "words"]);
    assert!(repository.top.join("theirs").exists());
    hook(&repository, &["uninstall"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), theirs);
}

#[test]
fn what_cannot_be_chained_is_left_alone() {
    let cases: [fn(&Path); 2] =
        [|file| executable(file, "#!/usr/bin/env python3\nprint()\n"), |file| fs::write(file, "#!/bin/sh\nexit 1\n").unwrap()];
    for make in cases {
        let repository = Repository::new(false);
        let file = repository.top.join(".git/hooks/pre-commit");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        make(&file);
        let before = repository.state();
        let said = hook(&repository, &["install"]);
        assert_eq!(said.code, 2, "{}", said.all());
        assert!(said.stderr.contains("hook run pre-commit"), "{}", said.all());
        assert!(repository.state() == before);
    }
}

#[test]
fn managers_of_hooks_get_a_snippet_instead() {
    let managers = [".pre-commit-config.yaml", "prek.toml", "lefthook.yml", ".husky/pre-commit", "hk.pkl"];
    for file in managers {
        let repository = Repository::new(false);
        repository.write(file, "");
        let before = repository.state();
        let said = hook(&repository, &["install", "pre-commit", "pre-push"]);
        assert_eq!(said.code, 2, "{file}: {}", said.all());
        for words in ["cargo-moai-backend hook run pre-commit", "cargo-moai-backend hook run pre-push"] {
            assert!(said.stdout.contains(words), "{file}: {}", said.all());
        }
        assert!(repository.state() == before, "{file}");
    }
}

#[test]
fn a_folder_of_hooks_for_all_repositories_is_not_written_to() {
    let repository = Repository::new(false);
    let folder = repository.top.with_file_name("everywhere");
    fs::create_dir(&folder).unwrap();
    repository.git(&["config", "--global", "core.hooksPath", &folder.display().to_string()]);
    assert_eq!(hook(&repository, &["install"]).code, 2);
    let by_program = repository.run_in("", &["hook", "install"], &[("MOAI_BACKEND_GIT", "program")]);
    assert_eq!(by_program.code, 2, "{}", by_program.all());
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
}

#[test]
fn hooks_of_this_repository_may_lie_elsewhere() {
    let repository = Repository::new(false);
    repository.git(&["config", "core.hooksPath", "my hooks"]);
    installed(&repository, &[]);
    assert!(repository.top.join("my hooks/pre-commit").exists());
    assert!(!commits(&repository, "."));
}

#[test]
fn linked_worktrees_and_submodules_have_hooks_as_well() {
    let repository = Repository::new(false);
    repository.git(&["worktree", "add", "-q", "../linked"]);
    let said = repository.run_in("../linked", &["hook", "install"], &[]);
    assert_eq!(said.code, 0, "{}", said.all());
    assert!(!commits(&repository, "../linked"));
    assert!(!commits(&repository, "."), "all worktrees of a repository share its hooks");

    let outer = repository.top.with_file_name("outer");
    fs::create_dir(&outer).unwrap();
    repository.git_in(&outer, &["init", "-q", "-b", "main"]);
    repository.git_in(&outer, &["submodule", "add", "-q", "../top", "module"]);
    let said = repository.run_in("../outer/module", &["hook", "install"], &[]);
    assert_eq!(said.code, 0, "{}", said.all());
    assert!(outer.join(".git/modules/module/hooks/pre-commit").exists());
    assert!(!commits(&repository, "../outer/module"));
}

#[test]
fn a_missing_program_says_how_to_get_it() {
    let repository = Repository::new(false);
    installed(&repository, &[]);
    let mut command = std::process::Command::new("sh");
    repository.isolate(command.arg(".git/hooks/pre-commit").current_dir(&repository.top)).env("PATH", "/usr/bin:/bin");
    let output = command.output().unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{words}");
    assert!(words.contains("cargo install --locked --git URL") && words.contains("MOAI_BACKEND_SKIP=1"), "{words}");
}

#[test]
fn a_push_is_refused_for_what_it_adds_to_the_remote() {
    let repository = Repository::new(false);
    let remote = repository.top.with_file_name("remote.git");
    repository.git(&["init", "-q", "--bare", "-b", "main", &remote.display().to_string()]);
    repository.git(&["remote", "add", "origin", &remote.display().to_string()]);
    repository.git(&["push", "-q", "origin", "main"]);
    let theirs = repository.top.join(".git/hooks/pre-push");
    executable(&theirs, "#!/bin/sh\ncat > heard\n");
    installed(&repository, &["pre-push"]);
    let pushes =
        |arguments: &[&str]| repository.try_git_in(&repository.top, &[&["push", "-q", "origin"], arguments].concat()).status.success();

    repository.write("README.md", "Other.\n");
    repository.commit_all("words");
    assert!(pushes(&["main"]), "what is there already is not refused");
    let heard = fs::read_to_string(repository.top.join("heard")).unwrap();
    assert!(heard.starts_with("refs/heads/main ") && heard.lines().count() == 1, "the other hook hears what git says: {heard:?}");

    repository.git(&["checkout", "-qb", "side"]);
    repository.write("src/extra.rs", bad());
    repository.commit_all("bad");
    assert!(!pushes(&["side"]), "a new branch is compared with main");
    assert!(!pushes(&["side:main"]));
    assert!(pushes(&["main"]), "the branch that is checked out is not the one that is pushed");
    assert!(pushes(&["--no-verify", "side"]));
    assert!(pushes(&["--delete", "side"]));
}

/// pre-commit and prek say in variables what git told them; a manager that says nothing pushes what is checked out.
#[test]
fn a_manager_that_keeps_what_git_said_does_not_let_pushes_pass() {
    let repository = Repository::new(false);
    repository.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    repository.write("src/extra.rs", bad());
    repository.commit_all("bad");
    repository.write("README.md", "Other.\n");
    repository.commit_all("words");
    let run = |environment: &[(&str, &str)]| repository.run_in("", &["hook", "run", "pre-push"], environment).code;
    assert_eq!(run(&[]), 1);
    assert_eq!(run(&[("PRE_COMMIT_FROM_REF", "HEAD~2"), ("PRE_COMMIT_TO_REF", "HEAD~1")]), 1);
    assert_eq!(run(&[("PRE_COMMIT_FROM_REF", "HEAD~1"), ("PRE_COMMIT_TO_REF", "HEAD")]), 0);
    let first = [("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/main"), ("PRE_COMMIT_REMOTE_NAME", "elsewhere")];
    let said = repository.run_in("", &["hook", "run", "pre-push"], &first);
    assert!(said.code == 1 && said.stdout.contains("src/legacy.rs"), "nothing is there yet: {}", said.all());
    let nothing = repository.run_in("", &["hook", "run", "pre-push", "origin", "somewhere"], &[]);
    assert_eq!(nothing.code, 0, "git says that nothing is pushed: {}", nothing.all());
}

#[test]
fn a_workspace_in_a_folder_is_found_from_the_top() {
    let repository = Repository::new(false);
    fs::create_dir(repository.top.join("backend")).unwrap();
    for name in ["Cargo.toml", "Cargo.lock", "src"] {
        repository.git(&["mv", name, "backend"]);
    }
    repository.commit_all("moved");
    installed(&repository, &[]);
    assert!(!commits(&repository, "backend"));
}

/// Every file of the repository is the same after each of them, wherever it was stopped.
fn killed(times: u32, by_program: bool) {
    let repository = Repository::new(by_program);
    repository.stage("src/extra.rs", bad());
    repository.write("src/extra.rs", "// Not staged.\n");
    let start = std::time::Instant::now();
    assert_eq!(repository.run(&["check", "--staged"]).code, 1);
    let whole = start.elapsed();
    let before = repository.state();
    let mut stopped = 0;
    for turn in 0..times {
        // What the first run remembers would leave the others nothing to do.
        let _ = fs::remove_dir_all(repository.cache.path());
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_cargo-moai-backend"));
        command
            .args(["check", "--staged"])
            .current_dir(&repository.top)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null());
        let mut child = repository.isolate(&mut command).spawn().unwrap();
        let until = std::time::Instant::now() + whole * turn / times;
        while std::time::Instant::now() < until {
            std::thread::yield_now();
        }
        child.kill().unwrap();
        stopped += u32::from(child.wait().unwrap().code().is_none());
        assert!(repository.state() == before, "something was left behind after {turn} of {times} parts of a run");
    }
    assert!(stopped > times / 4, "only {stopped} of {times} runs were stopped on their way");
    assert_eq!(repository.run(&["check", "--staged"]).code, 1);
}

#[test]
fn nothing_is_left_behind_by_30_checks_that_were_killed() {
    killed(20, false);
    killed(10, true);
}

/// The long form of the test above: `cargo test -- --ignored killed`.
#[test]
#[ignore = "takes a minute"]
fn nothing_is_left_behind_by_200_checks_that_were_killed() {
    killed(150, false);
    killed(50, true);
}

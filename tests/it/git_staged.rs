//! `check --staged` in the situations that git gets into: what it says, its exit code, and that it leaves every byte as it was.

use crate::git_repository::{CLEAN, LEGACY, Layout, MAIN, Repository, bad};
use crate::support::{MANIFEST, Said};
use std::fs;
use std::path::Path;

/// What the check has to come to.
enum Verdict {
    /// Exit code 0.
    Clean,
    /// Exit code 1, with a finding in this file.
    Finds(&'static str),
    /// Another exit code, with these words.
    Says(i32, &'static str),
}
use Verdict::{Clean, Finds, Says};

struct Situation {
    name: &'static str,
    prepare: fn(&Repository),
    ask: Ask,
    verdict: Verdict,
}

enum Ask {
    /// `check --staged` in a folder, with these variables.
    Check(&'static str, &'static [(&'static str, &'static str)]),
    /// `git commit ..` in a folder, whose hook asks.
    Commit(&'static str, &'static [&'static str]),
}
use Ask::{Check, Commit};

const HERE: Ask = Check("", &[]);

#[rustfmt::skip]
const SITUATIONS: &[Situation] = &[
    Situation { name: "nothing is staged", prepare: |_| {}, ask: HERE, verdict: Clean },
    Situation { name: "a finding is staged", prepare: stage_bad, ask: HERE, verdict: Finds("src/extra.rs") },
    Situation { name: "a finding is in the working tree only", prepare: |r| r.write("src/extra.rs", bad()), ask: HERE, verdict: Clean },
    Situation { name: "staged clean, bad in the working tree", prepare: |r| { r.stage("src/extra.rs", format!("// A word.\n{CLEAN}")); r.write("src/extra.rs", bad()) }, ask: HERE, verdict: Clean },
    Situation { name: "staged bad, clean in the working tree", prepare: |r| { stage_bad(r); r.write("src/extra.rs", CLEAN) }, ask: HERE, verdict: Finds("`src/extra.rs` differs in the working tree") },
    Situation { name: "staged and deleted from the working tree", prepare: |r| { stage_bad(r); fs::remove_file(r.top.join("src/extra.rs")).unwrap() }, ask: HERE, verdict: Finds("src/extra.rs") },
    Situation { name: "git commit", prepare: stage_bad, ask: Commit("", &["-m", "x"]), verdict: Finds("src/extra.rs") },
    Situation { name: "git commit -a", prepare: |r| r.write("src/extra.rs", bad()), ask: Commit("", &["-am", "x"]), verdict: Finds("src/extra.rs") },
    Situation { name: "git commit -a, which undoes what was staged", prepare: |r| { stage_bad(r); r.write("src/extra.rs", format!("//\n{CLEAN}")) }, ask: Commit("", &["-am", "x"]), verdict: Clean },
    Situation { name: "git commit -a from a folder", prepare: |r| r.write("src/extra.rs", bad()), ask: Commit("src", &["-am", "x"]), verdict: Finds("src/extra.rs") },
    Situation { name: "git commit PATH leaves out what is staged", prepare: |r| { stage_bad(r); r.write("README.md", "Other.\n") }, ask: Commit("", &["-m", "x", "README.md"]), verdict: Clean },
    Situation { name: "git commit PATH of a finding", prepare: |r| { r.write("src/extra.rs", bad()); r.stage("README.md", "Other.\n") }, ask: Commit("", &["-m", "x", "src/extra.rs"]), verdict: Finds("src/extra.rs") },
    Situation { name: "git commit -i PATH", prepare: |r| { stage_bad(r); r.write("README.md", "Other.\n") }, ask: Commit("", &["-m", "x", "-i", "README.md"]), verdict: Finds("src/extra.rs") },
    Situation { name: "git commit --amend with a finding", prepare: stage_bad, ask: Commit("", &["--amend", "-m", "x"]), verdict: Finds("src/extra.rs") },
    Situation { name: "git commit --amend of the words only", prepare: |_| {}, ask: Commit("", &["--amend", "-m", "x"]), verdict: Clean },
    Situation { name: "a hook that changes its directory", prepare: |r| { r.write("src/extra.rs", bad()); r.git(&["config", "test.folder", "src"]); }, ask: Commit("", &["-am", "x"]), verdict: Finds("src/extra.rs") },
    Situation { name: "core.hooksPath", prepare: |r| { stage_bad(r); r.git(&["config", "core.hooksPath", "my hooks"]); }, ask: Commit("", &["-m", "x"]), verdict: Finds("src/extra.rs") },
    Situation { name: "a file with a finding is renamed", prepare: |r| { r.git(&["mv", "src/legacy.rs", "src/older.rs"]); r.stage("src/main.rs", MAIN.replace("legacy;", "older;").replace("legacy::", "older::")) }, ask: HERE, verdict: Clean },
    Situation { name: "a file with a finding is deleted", prepare: |r| { r.git(&["rm", "-q", "src/legacy.rs"]); r.stage("src/main.rs", MAIN.replace("mod legacy;\n", "").replace(".route(\"/legacy\", get(legacy::legacy))", "")) }, ask: HERE, verdict: Clean },
    Situation { name: "a file that is still needed is deleted", prepare: |r| { r.git(&["rm", "-q", "--cached", "src/extra.rs"]); }, ask: HERE, verdict: Says(3, "extra") },
    Situation { name: "code with a finding is laid out anew", prepare: |r| r.stage("src/legacy.rs", format!("// A word.\n{}", LEGACY.replace("PgPool::connect(", "PgPool::connect(\n        "))), ask: HERE, verdict: Clean },
    Situation { name: "code with a finding is edited", prepare: |r| r.stage("src/legacy.rs", LEGACY.replace("localhost", "elsewhere")), ask: HERE, verdict: Finds("src/legacy.rs") },
    Situation { name: "another part of a file with a finding is edited", prepare: |r| r.stage("src/legacy.rs", format!("{LEGACY}pub fn other() {{}}\n")), ask: HERE, verdict: Clean },
    Situation { name: "an allow comment is removed", prepare: |r| { let comment = "    // moai-backend: allow(pools_per_request) reason = \"x\"\n"; r.stage("src/legacy.rs", LEGACY.replace("    let pool", &format!("{comment}    let pool"))); r.commit_all("allowed"); r.stage("src/legacy.rs", LEGACY) }, ask: HERE, verdict: Finds("src/legacy.rs") },
    Situation { name: "git add -N", prepare: |r| { r.write("src/extra/draft.rs", bad()); r.git(&["add", "-N", "src/extra/draft.rs"]); r.write("src/extra.rs", format!("mod draft;\n{CLEAN}")) }, ask: HERE, verdict: Clean },
    Situation { name: "an empty file is staged", prepare: |r| { r.stage("src/extra/empty.rs", ""); r.stage("src/extra.rs", format!("mod empty;\n{CLEAN}")) }, ask: HERE, verdict: Clean },
    #[cfg(unix)]
    Situation { name: "a module that is a link", prepare: |r| { r.stage("shared/extra.rs", bad()); fs::remove_file(r.top.join("src/extra.rs")).unwrap(); std::os::unix::fs::symlink("../shared/extra.rs", r.top.join("src/extra.rs")).unwrap(); r.git(&["add", "."]); }, ask: HERE, verdict: Finds("src/extra.rs") },
    Situation { name: "a submodule with a finding is moved forward", prepare: submodule, ask: HERE, verdict: Finds("inside/src/lib.rs") },
    Situation { name: "a linked worktree", prepare: |r| { r.git(&["worktree", "add", "-q", "../linked"]); r.write("../linked/src/extra.rs", bad()) }, ask: Commit("../linked", &["-am", "x"]), verdict: Finds("src/extra.rs") },
    Situation { name: "the repository is a submodule of another one", prepare: inside_another, ask: Commit("../outer/module", &["-am", "x"]), verdict: Finds("src/extra.rs") },
    Situation { name: "core.autocrlf", prepare: |r| { r.git(&["config", "core.autocrlf", "true"]); r.stage("src/extra.rs", bad().replace('\n', "\r\n")) }, ask: HERE, verdict: Finds("src/extra.rs:4:16") },
    Situation { name: "skip-worktree", prepare: |r| { stage_bad(r); r.git(&["update-index", "--skip-worktree", "src/extra.rs"]); r.write("src/extra.rs", CLEAN) }, ask: HERE, verdict: Finds("src/extra.rs") },
    Situation { name: "a detached HEAD", prepare: |r| { r.git(&["checkout", "-q", "--detach"]); stage_bad(r) }, ask: Commit("", &["-m", "x"]), verdict: Finds("src/extra.rs") },
    Situation { name: "a merge that is not committed yet", prepare: merge, ask: HERE, verdict: Finds("src/extra.rs") },
    Situation { name: "conflicts", prepare: conflict, ask: HERE, verdict: Says(2, "unresolved conflicts in `src/extra.rs`") },
    Situation { name: "there is a stash", prepare: |r| { r.write("README.md", "Put away.\n"); r.git(&["stash", "-q"]); stage_bad(r) }, ask: HERE, verdict: Finds("src/extra.rs") },
    Situation { name: "the workspace lies in a folder", prepare: |r| { r.git(&["rm", "-rq", "--cached", "."]); for name in ["Cargo.toml", "Cargo.lock", "src"] { fs::create_dir_all(r.top.join("backend")).unwrap(); fs::rename(r.top.join(name), r.top.join("backend").join(name)).unwrap() } r.git(&["add", "."]); r.commit_all("moved"); r.stage("backend/src/extra.rs", bad()) }, ask: Check("backend/src", &[]), verdict: Finds("src/extra.rs") },
    Situation { name: "the workspace moves into a folder", prepare: |r| { fs::create_dir_all(r.top.join("backend")).unwrap(); for name in ["Cargo.toml", "Cargo.lock", "src"] { r.git(&["mv", name, "backend"]); } }, ask: Check("backend", &[]), verdict: Clean },
    Situation { name: "names with blanks and letters of other languages", prepare: |r| { r.stage("src/ex tra é.rs", bad()); r.stage("src/main.rs", MAIN.replace("mod extra;", "#[path = \"ex tra é.rs\"]\nmod extra;")) }, ask: HERE, verdict: Finds("src/ex tra é.rs") },
    Situation { name: "--git-dir and --work-tree", prepare: |r| { stage_bad(r); fs::rename(r.top.join(".git"), r.top.with_file_name("elsewhere")).unwrap() }, ask: Check("", &[("GIT_DIR", "../elsewhere"), ("GIT_WORK_TREE", ".")]), verdict: Finds("src/extra.rs") },
    Situation { name: "an index that is not there", prepare: |_| {}, ask: Check("", &[("GIT_INDEX_FILE", "missing")]), verdict: Says(2, "the index is empty, but HEAD is not") },
    Situation { name: "no repository", prepare: |r| fs::remove_dir_all(r.top.join(".git")).unwrap(), ask: HERE, verdict: Says(2, "is in no git repository") },
    Situation { name: "levels that are staged", prepare: |r| { stage_bad(r); r.stage("moai-backend.toml", "version = 1\n[lints]\nall = \"note\"\n"); r.write("moai-backend.toml", "nonsense") }, ask: HERE, verdict: Clean },
    Situation { name: "levels that are not staged", prepare: |r| { stage_bad(r); r.write("moai-backend.toml", "version = 1\n[lints]\nall = \"note\"\n") }, ask: HERE, verdict: Finds("src/extra.rs") },
    Situation { name: "a manifest that is staged", prepare: |r| { stage_bad(r); r.stage("Cargo.toml", format!("{MANIFEST}\n[workspace]\nmembers = [\"more\"]\n")); r.write("more/Cargo.toml", "[package]\nname = \"more\"\n") }, ask: HERE, verdict: Says(2, "is in the working tree, but not in the index") },
    Situation { name: "a manifest that is not staged", prepare: |r| { stage_bad(r); r.write("Cargo.toml", "nonsense") }, ask: HERE, verdict: Finds("src/extra.rs") },
    Situation { name: "a split index", prepare: |r| { r.git(&["config", "core.splitIndex", "true"]); r.git(&["update-index", "--split-index"]); stage_bad(r) }, ask: HERE, verdict: Finds("src/extra.rs") },
    Situation { name: "a sparse index", prepare: |r| { r.stage("web/deep/page.html", ""); r.commit_all("web"); r.git(&["sparse-checkout", "init", "--cone", "--sparse-index"]); r.git(&["sparse-checkout", "set", "src"]); stage_bad(r) }, ask: HERE, verdict: Finds("src/extra.rs") },
    Situation { name: "a partial clone", prepare: |r| { r.git(&["config", "uploadpack.allowFilter", "true"]); r.git_in(&r.top.with_file_name(""), &["clone", "-q", "--filter=blob:none", &format!("file://{}", r.top.display()), "partial"]); r.write("../partial/src/extra.rs", bad()); r.git_in(&r.top.with_file_name("partial"), &["add", "."]); }, ask: Check("../partial", &[]), verdict: Finds("src/extra.rs") },
];

fn stage_bad(repository: &Repository) {
    repository.stage("src/extra.rs", bad());
}

fn submodule(repository: &Repository) {
    let other = repository.top.with_file_name("other");
    fs::create_dir(&other).unwrap();
    repository.git_in(&other, &["init", "-q", "-b", "main"]);
    let manifest = "[package]\nname = \"inside\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\nsqlx = \"0.8\"\n";
    repository.write("../other/Cargo.toml", manifest);
    repository.write("../other/src/lib.rs", CLEAN);
    repository.git_in(&other, &["add", "."]);
    repository.git_in(&other, &["commit", "-qm", "clean"]);
    repository.git(&["submodule", "add", "-q", "../other", "inside"]);
    repository.write("Cargo.toml", format!("{MANIFEST}inside = {{ path = \"inside\" }}\n[workspace]\nmembers = [\"inside\"]\n"));
    repository.write("src/main.rs", MAIN.replace("mod extra;", "use inside as extra;"));
    repository.commit_all("with a submodule");
    let inside = repository.top.join("inside");
    repository.write("inside/src/lib.rs", bad());
    repository.git_in(&inside, &["commit", "-qam", "bad"]);
    repository.git(&["add", "inside"]);
}

fn inside_another(repository: &Repository) {
    let outer = repository.top.with_file_name("outer");
    fs::create_dir(&outer).unwrap();
    repository.git_in(&outer, &["init", "-q", "-b", "main"]);
    repository.git_in(&outer, &["submodule", "add", "-q", "../top", "module"]);
    repository.write("../outer/module/src/extra.rs", bad());
}

fn merge(repository: &Repository) {
    repository.git(&["checkout", "-qb", "side"]);
    repository.write("src/extra.rs", bad());
    repository.commit_all("bad");
    repository.git(&["checkout", "-q", "main"]);
    repository.write("README.md", "Other.\n");
    repository.commit_all("other");
    repository.git(&["merge", "-q", "--no-commit", "side"]);
}

fn conflict(repository: &Repository) {
    repository.git(&["checkout", "-qb", "side"]);
    repository.write("src/extra.rs", bad());
    repository.commit_all("bad");
    repository.git(&["checkout", "-q", "main"]);
    repository.write("src/extra.rs", format!("// Ours\n{CLEAN}"));
    repository.commit_all("ours");
    assert!(!repository.try_git_in(&repository.top, &["merge", "-q", "side"]).status.success());
}

#[test]
fn migrations_are_new_in_the_change_that_brings_them_and_not_after_it() {
    for by_program in [false, true] {
        let repository = Repository::new(by_program);
        let insert = LEGACY.replace("select name from users limit 1", "insert into users (email) values ('a') returning email");
        repository.write("src/legacy.rs", insert);
        repository.write("migrations/0001_users.sql", "CREATE TABLE users (id BIGSERIAL PRIMARY KEY, email TEXT NOT NULL);\n");
        repository.commit_all("users");
        repository.stage("migrations/0002_email.sql", "CREATE INDEX users_email ON users (email);\n");
        let new = "migrations/0002_email.sql:1:1: warn[blocking_index_builds]";
        let finds = |arguments: &[&str]| repository.run(&[arguments, &["--format", "concise"]].concat()).stdout.contains(new);
        assert!(finds(&["check", "--staged"]), "{by_program}");
        // Once more, with what the first check remembers.
        assert!(finds(&["check", "--staged"]), "{by_program}");
        repository.git(&["commit", "-qnm", "an index"]);
        assert!(!finds(&["check", "--staged"]), "{by_program}");
        assert!(!finds(&["check"]), "{by_program}");
        assert!(finds(&["check", "--since", "HEAD~1"]), "{by_program}");
    }
}

#[test]
fn a_tree_that_was_checked_is_not_worked_out_again() {
    for by_program in [false, true] {
        let repository = Repository::new(by_program);
        let said = |more: &[&str]| {
            let said = repository.run(&[&["check", "--staged", "--format", "json"], more].concat());
            (said.code, said.all())
        };
        let facts = repository.cache.path().join("base.pack");
        let same = |known: bool, what: &str| {
            let cold = said(&["--no-cache"]);
            let _ = fs::remove_file(&facts);
            assert_eq!(said(&[]), cold, "{what}");
            assert_eq!(!facts.exists(), known, "{what}");
        };
        stage_bad(&repository);
        same(false, "a finding is staged");
        same(true, "the same once more");
        repository.write("src/extra.rs", CLEAN);
        same(true, "the working tree has changed, of which only is said that it differs");
        repository.git(&["commit", "-qnm", "what was checked"]);
        same(true, "nothing is staged");
        repository.stage("src/extra.rs", format!("// A word.\n{CLEAN}"));
        same(false, "something else is staged");
        repository.stage("moai-backend.toml", "[lints]\nall = \"allow\"\n");
        same(false, "what is asked has changed in the tree");
    }
}

#[test]
fn what_a_check_remembers_lies_below_target_and_git_does_not_see_it() {
    let repository = Repository::new(false);
    stage_bad(&repository);
    let before = repository.state();
    let checks = |environment: &[(&str, &str)]| assert_eq!(repository.run_in("", &["check", "--staged"], environment).code, 1);
    // The variable without a value is as if it were not set.
    checks(&[("MOAI_BACKEND_CACHE_DIR", "")]);
    let remembered = repository.top.join("target/moai-backend");
    assert!(remembered.is_dir());
    assert_eq!(repository.git(&["status", "--porcelain"]), "M  src/extra.rs\n");
    fs::remove_dir_all(repository.top.join("target")).unwrap();
    let index = |path: &std::path::PathBuf| path.ends_with(".git/index");
    // `git status` itself refreshes the index.
    let rest = |state: std::collections::BTreeMap<std::path::PathBuf, Vec<u8>>| -> Vec<_> {
        state.into_iter().filter(|(path, _)| !index(path)).collect()
    };
    assert_eq!(rest(repository.state()), rest(before));
}

#[test]
fn libgit2_judges_what_is_staged_and_leaves_every_byte() {
    all(false, None);
}

#[test]
fn the_git_program_judges_what_is_staged_and_leaves_every_byte() {
    all(true, None);
}

#[test]
fn objects_with_longer_names_change_no_verdict() {
    all(false, Some(("GIT_DEFAULT_HASH", "sha256")));
}

#[test]
fn refs_in_tables_change_no_verdict() {
    all(false, Some(("GIT_DEFAULT_REF_FORMAT", "reftable")));
}

fn all(by_program: bool, layout: Layout) {
    let failed: Vec<String> = SITUATIONS.iter().filter_map(|situation| wrong(situation, by_program, layout)).collect();
    assert!(failed.is_empty(), "{} of {} situations:\n{}", failed.len(), SITUATIONS.len(), failed.join("\n"));
}

/// What is not as it should be.
fn wrong(situation: &Situation, by_program: bool, layout: Layout) -> Option<String> {
    let repository = Repository::laid_out(by_program, layout);
    (situation.prepare)(&repository);
    let said = match &situation.ask {
        Check(folder, environment) => {
            let before = repository.state();
            let said = repository.run_in(folder, &CHECK, environment);
            if repository.state() != before {
                return Some(format!("{}: the check changed something", situation.name));
            }
            said
        }
        Commit(folder, arguments) => committed(&repository, folder, arguments),
    };
    let (code, words) = match situation.verdict {
        Clean => (0, "covered"),
        Finds(words) => (1, words),
        Says(code, words) => (code, words),
    };
    let finds_only_there = code != 1
        || said.stdout.lines().all(|line| {
            !line.contains("warn[") && !line.contains("deny[") || line.starts_with(&words[..words.len().min(11)]) || words.contains('`')
        });
    let right = said.code == code && flat(&said).contains(words) && finds_only_there;
    (!right).then(|| format!("{}: expected {code} with `{words}`: {}", situation.name, said.all()))
}

const CHECK: [&str; 4] = ["check", "--staged", "--format", "concise"];

/// Messages are drawn in lines of limited length.
fn flat(said: &Said) -> String {
    said.all().replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Commits with a hook that asks, and that compares all files before and after.
fn committed(repository: &Repository, folder: &str, arguments: &[&str]) -> Said {
    let (answers, root) = (repository.folder().join("answers"), repository.top.with_file_name(""));
    fs::create_dir(&answers).unwrap();
    let path = |name: &str| answers.join(name).display().to_string();
    let state = format!(
        "find '{}' -path '{}' -prune -o \\( -type f -o -type l \\) -print0 | sort -z | xargs -0 cksum",
        root.display(),
        answers.display()
    );
    let script = format!(
        "#!/bin/sh\nfolder=$(git config test.folder)\n{state} > '{before}'\ncd \"./$folder\"\ncargo-moai-backend {check} > '{out}' 2> '{err}'\necho $? > '{code}'\ncd - > /dev/null\n{state} > '{after}'\nexit 1\n",
        before = path("before"),
        after = path("after"),
        out = path("out"),
        err = path("err"),
        code = path("code"),
        check = CHECK.join(" "),
    );
    install(repository, folder, &script);
    repository.try_git_in(&repository.top.join(folder), &[&["commit", "-q"], arguments].concat());
    let read = |name: &str| fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("the hook did not run: {name}: {error}"));
    assert_eq!(read("before"), read("after"), "the check changed something");
    Said { code: read("code").trim().parse().expect("a code"), stdout: read("out"), stderr: read("err") }
}

fn install(repository: &Repository, folder: &str, script: &str) {
    let directory = repository.top.join(folder);
    let hooks = repository.git_in(&directory, &["rev-parse", "--path-format=absolute", "--git-path", "hooks"]);
    let hook = Path::new(hooks.trim_end()).join("pre-commit");
    fs::create_dir_all(hook.parent().expect("a folder")).unwrap();
    fs::write(&hook, script).unwrap();
    #[cfg(unix)]
    fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
}

#[test]
fn everything_is_new_in_a_first_commit() {
    for by_program in [false, true] {
        let repository = Repository::unborn(by_program, &[]);
        repository.git(&["add", "."]);
        let said = committed(&repository, "", &["-m", "first"]);
        assert_eq!(said.code, 1, "{}", said.all());
        assert!(said.stdout.contains("src/legacy.rs"), "{}", said.all());
    }
}

#[test]
fn repositories_that_libgit2_refuses_are_read_by_the_git_program() {
    for format in ["--object-format=sha256", "--ref-format=reftable"] {
        let repository = Repository::unborn(false, &[format]);
        repository.git(&["add", "."]);
        repository.git(&["commit", "-qm", "first"]);
        stage_bad(&repository);
        let said = committed(&repository, "", &["-m", "x"]);
        assert_eq!(said.code, 1, "{format}: {}", said.all());
        assert!(said.stdout.contains("src/extra.rs") && !said.stdout.contains("src/legacy.rs"), "{format}: {}", said.all());
    }
}

#[test]
fn without_libgit2_and_git_there_is_an_error_and_what_to_do() {
    let repository = Repository::unborn(false, &["--object-format=sha256"]);
    stage_bad(&repository);
    let said = repository.run_in("", &CHECK, &[("PATH", "")]);
    assert_eq!(said.code, 2, "{}", said.all());
    assert!(flat(&said).contains("put it on PATH"), "{}", said.all());
}

/// Needs the right to give files away; without it there is no such repository to look at.
#[cfg(unix)]
#[test]
fn a_repository_of_somebody_else_is_not_read_before_it_is_trusted() {
    let repository = Repository::new(false);
    stage_bad(&repository);
    if std::os::unix::fs::chown(repository.top.join(".git"), Some(12345), None).is_err()
        || std::os::unix::fs::chown(&repository.top, Some(12345), None).is_err()
    {
        eprintln!("not run: this user cannot give files away");
        return;
    }
    let said = repository.run(&CHECK);
    assert_eq!(said.code, 2, "{}", said.all());
    assert!(flat(&said).contains("safe.directory"), "{}", said.all());
    repository.git(&["config", "--global", "safe.directory", &repository.top.display().to_string()]);
    let said = repository.run(&CHECK);
    assert_eq!(said.code, 1, "{}", said.all());
}

//! `fix`: takes away comments that allow nothing, and nothing else, unless it is asked to.

use crate::support::{Fixture, MAIN};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

const ALONE: &str = "    // moai-backend: allow(unbounded_caches) reason = \"x\"\n";

/// A comment alone, one behind code, one with a name that is needed, one that is needed whole.
fn commented() -> String {
    let needed = "// moai-backend: allow(unbounded_caches, pools_per_request) reason = \"a, b\" \nasync fn open()";
    MAIN.replace("async fn open()", needed)
        .replace("    let app", &format!("{ALONE}    let app"))
        .replace("fetch_one(&pool)", "fetch_one(&pool /* moai-backend: allow(unbounded_caches) reason = \"é\" */)")
        .replace("async fn users() -> String {", "async fn users() -> String { // moai-backend: allow(unbounded_caches) reason = \"y\"")
}

fn fixed() -> String {
    let needed = "// moai-backend: allow(pools_per_request) reason = \"a, b\" \nasync fn open()";
    MAIN.replace("async fn open()", needed)
}

fn fixture() -> Fixture {
    let fixture = Fixture::api();
    fixture.write("src/main.rs", commented());
    fixture
}

fn git(fixture: &Fixture, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=x", "-c", "user.email=x@example.org"]).args(arguments).current_dir(fixture.path());
    let output = command.output().expect("git starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn unused_names_and_comments_go_and_the_rest_stays() {
    let fixture = fixture();
    let said = fixture.run(&["fix", "--allow-dirty"]);
    assert_eq!((said.code, said.stdout.as_str()), (0, "4 findings fixed in 1 file\n"), "{}", said.all());
    assert_eq!(fixture.read("src/main.rs"), fixed());
    assert_eq!(fixture.check(&["--format", "json"]).open_findings("unused_allows"), 0);
    assert_eq!(fixture.run(&["fix", "--allow-dirty"]).stdout, "0 findings fixed in 0 files\n");
}

#[test]
fn a_file_with_changes_that_nobody_kept_is_not_written() {
    let fixture = fixture();
    let outside = fixture.run(&["fix"]);
    assert_eq!(outside.code, 2, "{}", outside.all());
    git(&fixture, &["init", "-q"]);
    assert_eq!(fixture.run(&["fix"]).code, 2, "an untracked file is in no commit");
    git(&fixture, &["add", "."]);
    git(&fixture, &["commit", "-qm", "x"]);
    fixture.write("src/main.rs", format!("{}\n", commented()));
    let dirty = fixture.run(&["fix"]);
    assert!(dirty.code == 2 && dirty.stderr.contains("src/main.rs"), "{}", dirty.all());
    assert_eq!(fixture.read("src/main.rs"), format!("{}\n", commented()));
    git(&fixture, &["commit", "-qam", "y"]);
    assert_eq!(fixture.run(&["fix"]).code, 0);
}

#[test]
fn a_patch_is_the_same_as_the_fix() {
    let fixture = fixture();
    git(&fixture, &["init", "-q"]);
    let said = fixture.run(&["fix", "--diff"]);
    assert_eq!(said.code, 1, "{}", said.all());
    assert_eq!(fixture.read("src/main.rs"), commented(), "nothing is written");
    fixture.write("fix.patch", &said.stdout);
    git(&fixture, &["apply", "--unidiff-zero", "fix.patch"]);
    let patched = fixture.read("src/main.rs");
    fixture.write("src/main.rs", commented());
    fixture.run(&["fix", "--allow-dirty"]);
    assert_eq!(fixture.read("src/main.rs"), patched, "{}", said.all());
    assert_eq!(fixture.run(&["fix", "--diff"]).code, 0);
}

/// The faulty workspace of a lint.
fn bad(lint: &str) -> Fixture {
    let fixture = Fixture::new(&[]);
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("lints").join(lint).join("bad"), fixture.path());
    fixture
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("the workspace of the lint").flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        match path.is_dir() {
            true => copy(&path, &target),
            false => assert!(fs::copy(&path, &target).is_ok(), "{}", path.display()),
        }
    }
}

/// Lint, the file that is mended, what is new in it, and how many findings are left: those that the fix does not know.
const UNSAFE: [(&str, &str, &str, usize); 3] = [
    ("caching_strategies/unbounded_caches", "src/main.rs", "Cache::builder().max_capacity(10_000).name(\"user names\")", 1),
    (
        "database_optimization/unbounded_pool_waits",
        "src/main.rs",
        "NoTls)).wait_timeout(Some(std::time::Duration::from_secs(5))).runtime(deadpool_postgres::Runtime::Tokio1).max_size(16)",
        0,
    ),
    ("caching_strategies/caches_without_expiry", "src/articles.rs", "redis.set_ex(&key, serde_json::to_string(&article)?, 3600)", 0),
];

#[test]
fn what_changes_the_backend_is_mended_only_when_it_is_asked_for() {
    for (lint, file, mended, left) in UNSAFE {
        let (fixture, name) = (bad(lint), lint.rsplit('/').next().expect("a lint"));
        let before = fixture.read(file);
        let open = || fixture.check(&["--format", "json"]).open_findings(name);
        assert_eq!(open(), left + 1, "{lint}");
        let safe = fixture.run(&["fix", "--allow-dirty"]);
        assert!(safe.code == 0 && safe.stdout.contains("1 finding more with `--unsafe`"), "{lint}: {}", safe.all());
        assert_eq!(fixture.read(file), before, "{lint}");
        let shown = fixture.run(&["fix", "--unsafe", "--diff"]);
        assert_eq!((shown.code, fixture.read(file)), (1, before.clone()), "{lint}: {}", shown.all());
        let said = fixture.run(&["fix", "--unsafe", "--allow-dirty"]);
        assert_eq!((said.code, said.stdout.as_str()), (0, "1 finding fixed in 1 file\n"), "{lint}: {}", said.all());
        let after = fixture.read(file);
        assert!(after.contains(mended), "{lint}: {after}");
        assert_eq!(open(), left, "{lint}");
        git(&fixture, &["init", "-q"]);
        fixture.write("fix.patch", &shown.stdout);
        fixture.write(file, before);
        git(&fixture, &["apply", "--unidiff-zero", "fix.patch"]);
        assert_eq!(fixture.read(file), after, "{lint}: the patch is the fix");
    }
}

#[test]
fn entries_that_stand_for_nothing_leave_the_baseline() {
    const FILE: &str = "moai-backend-baseline.jsonl";
    let fixture = Fixture::api();
    assert_eq!(fixture.run(&["baseline", "create"]).code, 0);
    let accepted = fixture.read(FILE);
    let gone = "{\"lint\":\"pools_per_request\",\"package\":\"api\",\"item\":\"api::gone\",\"fingerprint\":\"0123456789abcdef\"}";
    for text in [format!("{gone}\n{accepted}"), format!("{accepted}{gone}")] {
        fixture.write(FILE, &text);
        assert_eq!(fixture.check(&["--format", "json"]).open_findings("stale_baseline_entries"), 1);
        let said = fixture.run(&["fix", "--allow-dirty"]);
        assert_eq!((said.code, fixture.read(FILE)), (0, accepted.clone()), "{}", said.all());
    }
}

#[test]
fn a_file_that_git_ignores_cannot_be_had_back_so_it_is_not_written() {
    let fixture = fixture();
    fixture.write(".gitignore", "src\n");
    git(&fixture, &["init", "-q"]);
    git(&fixture, &["add", "Cargo.toml", ".gitignore"]);
    git(&fixture, &["commit", "-qm", "x"]);
    let said = fixture.run(&["fix"]);
    assert!(said.code == 2 && said.stderr.contains("src/"), "{}", said.all());
    assert_eq!(fixture.read("src/main.rs"), commented());
}

/// Wherever it was stopped, each file is as it was or as it should be.
#[test]
fn a_fix_that_is_killed_leaves_whole_files() {
    const FILES: usize = 40;
    let fixture = Fixture::api();
    let modules: String = (0..FILES).map(|number| format!("mod m{number};\n")).collect();
    fixture.write("src/main.rs", format!("{modules}{MAIN}"));
    let (old, new) = (format!("{ALONE}fn unused() {{}}\n").repeat(50), "fn unused() {}\n".repeat(50));
    let path = |number: usize| format!("src/m{number}.rs");
    let reset = || (0..FILES).for_each(|number| fixture.write(&path(number), &old));
    reset();
    let start = std::time::Instant::now();
    assert_eq!(fixture.run(&["fix", "--allow-dirty"]).code, 0);
    let whole = start.elapsed();
    let mut parts = 0;
    for turn in 0..24u32 {
        reset();
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-moai-backend"));
        command.args(["fix", "--allow-dirty"]).current_dir(fixture.path()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the binary starts");
        // Files are written in the last part of a run.
        let until = std::time::Instant::now() + whole * (12 + turn) / 36;
        while std::time::Instant::now() < until {
            std::thread::yield_now();
        }
        child.kill().expect("a child");
        child.wait().expect("a child");
        let texts: Vec<String> = (0..FILES).map(|number| fixture.read(&path(number))).collect();
        assert!(texts.iter().all(|text| *text == old || *text == new), "a file is neither as it was nor as it should be");
        parts += u32::from(texts.contains(&old) && texts.contains(&new));
    }
    eprintln!("{parts} of 24 were stopped between two files");
}

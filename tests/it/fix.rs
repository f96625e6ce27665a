//! `fix`: takes away comments that allow nothing, and nothing else.

use crate::support::{Fixture, MAIN};
use std::process::Command;

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

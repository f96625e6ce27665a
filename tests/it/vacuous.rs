//! Runs that would look at nothing, or at less than was asked for, are never green.

use crate::support::{CLEAN, Fixture, MANIFEST, Said};

fn clean() -> Fixture {
    let fixture = Fixture::api();
    fixture.write("src/main.rs", CLEAN);
    fixture
}

fn fails_with(said: &Said, code: i32, word: &str) {
    assert_eq!(said.code, code, "{}", said.all());
    assert!(said.stderr.contains(word) || said.stdout.contains(word), "{word}: {}", said.all());
}

#[test]
fn a_misspelt_package_is_not_silence() {
    fails_with(&clean().check(&["-p", "apii"]), 2, "`api`");
    fails_with(&clean().check(&["--exclude", "apii"]), 2, "`api`");
}

#[test]
fn excluding_everything_is_not_green() {
    fails_with(&clean().check(&["--exclude", "api"]), 2, "excluded");
}

#[test]
fn an_empty_workspace_is_not_green() {
    let fixture = Fixture::new(&[("Cargo.toml", "[workspace]\nmembers = []\n")]);
    fails_with(&fixture.check(&[]), 2, "no packages");
}

#[test]
fn a_misspelt_lint_is_not_silence() {
    for flag in ["-D", "-W", "-A", "--note"] {
        fails_with(&clean().check(&[flag, "pool_per_request"]), 2, "did you mean `pools_per_request`?");
    }
    fails_with(&clean().run(&["explain", "pool_per_request"]), 2, "did you mean `pools_per_request`?");
}

#[test]
fn a_missing_configuration_is_not_silence() {
    fails_with(&clean().check(&["--config", "nowhere.toml"]), 2, "nowhere.toml");
}

#[test]
fn a_broken_configuration_is_not_an_empty_one() {
    let fixture = clean();
    fixture.write("moai-backend.toml", "[lints\n");
    fails_with(&fixture.check(&[]), 2, "not valid TOML");
}

#[test]
fn an_override_for_files_that_are_not_there_is_not_silence() {
    let fixture = clean();
    fixture.write("moai-backend.toml", "[[override]]\npaths = [\"crates/**\"]\nlints = { all = \"deny\" }\n");
    fails_with(&fixture.check(&[]), 2, "matches `crates/**`");
    fixture.write("moai-backend.toml", "[[override]]\npackages = [\"apii\"]\nlints = { all = \"deny\" }\n");
    fails_with(&fixture.check(&[]), 2, "did you mean `api`?");
}

#[test]
fn a_rule_whose_pattern_matches_nothing_is_not_silence() {
    let fixture = clean();
    let rule = "[[rule]]\nname = \"r\"\nfrom = { module = \"api::handlrs\" }\nto = { effect = \"http\" }\n";
    fixture.write("moai-backend.toml", rule);
    fails_with(&fixture.check(&[]), 2, "api::handlrs");
    fails_with(&fixture.check(&[]), 2, "moai-backend.toml:3:");
}

#[test]
fn a_layer_that_matches_nothing_is_not_silence() {
    let fixture = clean();
    fixture.write("moai-backend.toml", "[[layer]]\nname = \"web\"\nmodules = [\"api::routes\"]\n");
    fails_with(&fixture.check(&[]), 2, "api::routes");
}

#[test]
fn a_package_without_rust_files_is_not_green() {
    let fixture = Fixture::new(&[("Cargo.toml", MANIFEST)]);
    let said = fixture.check(&[]);
    assert_ne!(said.code, 0, "{}", said.all());
    assert!(said.stderr.contains("error") || said.stderr.contains('×'), "{}", said.all());
}

#[test]
fn a_file_that_cannot_be_read_is_incomplete() {
    let fixture = clean();
    fixture.write("src/main.rs", format!("mod broken;\n{CLEAN}"));
    fixture.write("src/broken.rs", b"pub fn a() {}\nconst X: &str = \"\xff\";\n");
    fails_with(&fixture.check(&[]), 3, "src/broken.rs");
}

#[test]
fn a_module_without_a_file_is_said() {
    let fixture = clean();
    fixture.write("src/main.rs", format!("mod nowhere;\n{CLEAN}"));
    fails_with(&fixture.check(&[]), 3, "nowhere");
}

#[test]
fn no_route_is_said() {
    let fixture = Fixture::new(&[("Cargo.toml", MANIFEST), ("src/lib.rs", "pub fn add(a: u32, b: u32) -> u32 { a + b }\n")]);
    let said = fixture.check(&[]);
    fails_with(&said, 0, "0 routes: lints about requests had nothing to look at");
}

#[test]
fn findings_in_glob_workspaces_are_found() {
    let fixture = Fixture::new(&[("Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\nresolver = \"2\"\n")]);
    fixture.write("crates/api/Cargo.toml", MANIFEST);
    fixture.write("crates/api/src/main.rs", crate::support::MAIN);
    assert_eq!(fixture.check(&[]).code, 1);
}

#[test]
fn json_fails_the_run_as_well() {
    let fixture = Fixture::api();
    for format in ["human", "concise", "json"] {
        assert_eq!(fixture.check(&["--format", format]).code, 1);
    }
}

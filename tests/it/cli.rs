//! Commands, flags and exit codes.

use crate::support::{CLEAN, Fixture, MANIFEST};

#[test]
fn cargo_and_direct_calls_are_the_same() {
    let fixture = Fixture::new(&[]);
    let (by_cargo, direct) = (fixture.run(&["moai-backend", "list"]), fixture.run(&["list"]));
    assert_eq!((by_cargo.code, &by_cargo.stdout), (0, &direct.stdout));
    assert!(direct.stdout.contains("pools_per_request"), "{}", direct.all());
}

#[test]
fn help_names_the_commands_and_the_exit_codes() {
    let said = Fixture::new(&[]).run(&["--help"]);
    assert_eq!(said.code, 0);
    for word in ["check", "explain", "list", "init", "inspect", "Exit codes", "cargo moai-backend"] {
        assert!(said.stdout.contains(word), "{word}: {}", said.all());
    }
}

#[test]
fn no_command_and_unknown_words_are_usage_errors() {
    let fixture = Fixture::new(&[]);
    assert_eq!(fixture.run(&[]).code, 2);
    let said = fixture.run(&["chek"]);
    assert_eq!(said.code, 2);
    assert!(said.stderr.contains("check"), "{}", said.all());
}

#[test]
fn findings_are_1_and_a_clean_backend_is_0() {
    let fixture = Fixture::api();
    let said = fixture.check(&[]);
    assert_eq!(said.code, 1, "{}", said.all());
    fixture.write("src/main.rs", CLEAN);
    let said = fixture.check(&[]);
    assert_eq!(said.code, 0, "{}", said.all());
    assert!(said.stdout.contains("covered: 1 file, 1 route"), "{}", said.all());
}

#[test]
fn notes_do_not_fail_a_run_unless_asked() {
    let fixture = Fixture::api();
    let as_notes = fixture.check(&["--note", "all"]);
    assert_eq!(as_notes.code, 0, "{}", as_notes.all());
    assert_eq!(fixture.check(&["--note", "all", "--fail-on", "note"]).code, 1);
    assert_eq!(fixture.check(&["-W", "all", "--fail-on", "deny"]).code, 0);
}

#[test]
fn later_flags_win() {
    let fixture = Fixture::api();
    let level = |arguments: &[&str]| {
        let json = fixture.check(&[&["--format", "json"], arguments].concat()).json();
        let all = json["findings"].as_array().expect("findings").clone();
        all.iter().find(|finding| finding["lint"] == "pools_per_request").map(|finding| finding["level"].clone())
    };
    assert_eq!(level(&["-A", "all", "-D", "pools_per_request"]), Some("deny".into()));
    assert_eq!(level(&["-D", "pools_per_request", "-W", "database_optimization"]), Some("warn".into()));
    assert_eq!(level(&["-D", "pools_per_request", "-A", "all"]), None);
}

#[test]
fn the_manifest_can_be_named_from_elsewhere() {
    let (fixture, elsewhere) = (Fixture::api(), Fixture::new(&[]));
    let manifest = fixture.path().join("Cargo.toml");
    let said = elsewhere.check(&["--manifest-path", manifest.to_str().expect("UTF-8")]);
    assert_eq!(said.code, 1, "{}", said.all());
    assert!(said.stdout.contains("src/main.rs:17:"), "{}", said.all());
}

#[test]
fn packages_are_selected_by_name() {
    let fixture = Fixture::new(&[("Cargo.toml", "[workspace]\nmembers = [\"api\", \"other\"]\nresolver = \"2\"\n")]);
    fixture.write("api/Cargo.toml", MANIFEST);
    fixture.write("api/src/main.rs", crate::support::MAIN);
    fixture.write("other/Cargo.toml", MANIFEST.replace("\"api\"", "\"other\""));
    fixture.write("other/src/main.rs", CLEAN);
    assert_eq!(fixture.check(&["--workspace"]).code, 1);
    let other = fixture.check(&["-p", "other"]);
    assert_eq!(other.code, 0, "{}", other.all());
    assert_eq!(fixture.check(&["--exclude", "api"]).code, 0);
    assert_eq!(fixture.check(&["-p", "api"]).code, 1);
}

#[test]
fn explain_says_what_a_lint_rests_on_without_a_workspace() {
    let said = Fixture::new(&[]).run(&["explain", "pools-per-request"]);
    assert_eq!(said.code, 0);
    for word in ["pools_per_request", "deny by default", "It rests on", "https://docs.rs/cargo-moai-backend/"] {
        assert!(said.stdout.contains(word), "{word}: {}", said.all());
    }
}

#[test]
fn explain_says_what_is_known_about_a_line() {
    let said = Fixture::api().run(&["explain", "src/main.rs:17"]);
    assert_eq!(said.code, 0, "{}", said.all());
    for word in ["api::open", "pool_new", "GET /users by users > open", "pools_per_request"] {
        assert!(said.stdout.contains(word), "{word}: {}", said.all());
    }
}

#[test]
fn list_is_for_programs_too() {
    let json = Fixture::new(&[]).run(&["list", "--format", "json"]).json();
    let lints = json["lints"].as_array().expect("lints");
    let one = lints.iter().find(|lint| lint["lint"] == "pools_per_request").expect("the lint");
    assert_eq!((one["section"].as_str(), one["level"].as_str()), (Some("database_optimization"), Some("deny")));
    assert!(lints.iter().any(|lint| lint["lint"] == "unused_allows"));
}

#[test]
fn init_writes_a_configuration_that_works_and_replaces_none() {
    let fixture = Fixture::api();
    let said = fixture.run(&["init"]);
    assert_eq!(said.code, 0, "{}", said.all());
    assert!(fixture.read("moai-backend.toml").contains("version = 1"));
    assert_eq!(fixture.check(&[]).code, 1);
    let again = fixture.run(&["init"]);
    assert_eq!(again.code, 2);
    assert!(again.stderr.contains("--force"), "{}", again.all());
    assert_eq!(fixture.run(&["init", "--force"]).code, 0);
}

#[test]
fn inspect_shows_routes() {
    let said = Fixture::api().run(&["inspect", "routes"]);
    assert_eq!(said.code, 0, "{}", said.all());
    assert!(said.stdout.contains("/users"), "{}", said.all());
}

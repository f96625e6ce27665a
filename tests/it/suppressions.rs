//! Allow comments and levels for parts of a workspace.

use crate::support::{Fixture, MAIN, Said};

/// The sample with `comment` on the line above the function that builds the pool.
fn with_comment(comment: &str) -> Fixture {
    let fixture = Fixture::api();
    fixture.write("src/main.rs", MAIN.replace("async fn open()", &format!("{comment}\nasync fn open()")));
    fixture
}

fn check(fixture: &Fixture) -> Said {
    fixture.check(&["--format", "json"])
}

#[test]
fn a_comment_with_a_reason_suppresses_and_is_shown_as_suppressed() {
    let fixture = with_comment("// moai-backend: allow(pools_per_request) reason = \"a test server\"");
    let said = check(&fixture);
    assert!(!said.lints().contains(&"pools_per_request".to_string()), "{}", said.all());
    let json = said.json();
    let suppressed =
        json["findings"].as_array().expect("findings").iter().find(|one| one["lint"] == "pools_per_request").expect("the finding");
    assert_eq!(suppressed["suppressed"], serde_json::json!({ "by": "comment", "reason": "a test server" }));
    assert!(json["summary"]["suppressed"].as_u64() >= Some(1));
    assert!(fixture.check(&[]).stdout.contains("1 suppressed"));
}

#[test]
fn a_comment_without_a_reason_is_an_error_and_allows_nothing() {
    let said = check(&with_comment("// moai-backend: allow(pools_per_request)"));
    let lints = said.lints();
    assert!(lints.contains(&"pools_per_request".into()) && lints.contains(&"invalid_allows".into()), "{}", said.all());
    assert_eq!(said.code, 1);
}

#[test]
fn a_comment_with_an_unknown_lint_is_an_error_that_says_what_was_meant() {
    let fixture = with_comment("// moai-backend: allow(pool_per_request) reason = \"x\"");
    let said = fixture.check(&["-A", "all"]);
    assert_eq!(said.code, 1, "{}", said.all());
    assert!(said.stdout.contains("did you mean `pools_per_request`?"), "{}", said.all());
}

#[test]
fn a_comment_that_suppresses_nothing_is_reported_while_its_lint_runs() {
    let fixture = with_comment("// moai-backend: allow(unbounded_caches) reason = \"x\"");
    assert!(check(&fixture).lints().contains(&"unused_allows".to_string()), "{}", check(&fixture).all());
    let off = fixture.check(&["--format", "json", "-A", "unbounded_caches"]);
    assert!(!off.lints().contains(&"unused_allows".to_string()), "{}", off.all());
}

#[test]
fn a_whole_file_can_be_allowed() {
    let fixture = Fixture::api();
    fixture.write("src/main.rs", format!("// moai-backend: allow-file(pools_per_request) reason = \"generated\"\n{MAIN}"));
    assert!(!check(&fixture).lints().contains(&"pools_per_request".to_string()), "{}", check(&fixture).all());
}

#[test]
fn an_override_for_a_path_shows_as_suppressed_by_the_configuration() {
    let fixture = Fixture::api();
    let config = "[[override]]\npaths = [\"src/**\"]\nlints = { pools_per_request = { level = \"allow\", reason = \"legacy\" } }\n";
    fixture.write("moai-backend.toml", config);
    let json = check(&fixture).json();
    let one = json["findings"].as_array().expect("findings").iter().find(|one| one["lint"] == "pools_per_request").expect("the finding");
    assert_eq!(one["suppressed"], serde_json::json!({ "by": "config", "reason": "legacy" }));
    assert_eq!(one["level"], "deny");
}

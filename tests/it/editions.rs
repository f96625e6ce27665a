//! Editions: a workspace gets the lints that it agreed to.

use crate::support::Fixture;

fn with_config(text: &str) -> Fixture {
    let fixture = Fixture::api();
    fixture.write("moai-backend.toml", text);
    fixture
}

#[test]
fn without_an_edition_it_is_the_newest() {
    let pinned = with_config("edition = \"2026\"\n").check(&["--format", "concise"]);
    assert_eq!(pinned.stdout, Fixture::api().check(&["--format", "concise"]).stdout);
    assert!(pinned.stdout.contains("pools_per_request"), "{}", pinned.all());
}

#[test]
fn an_edition_that_is_none_is_told_with_those_there_are() {
    let said = with_config("edition = \"2027\"\n").check(&[]);
    assert_eq!(said.code, 2, "{}", said.all());
    assert!(said.stderr.contains("there is no edition `2027`") && said.stderr.contains("`2026`"), "{}", said.all());
}

#[test]
fn init_pins_the_edition_and_list_tells_of_each_lint_when_it_came() {
    let fixture = Fixture::api();
    assert!(fixture.run(&["init", "--stdout"]).stdout.contains("\nedition = \"2026\""));
    let json = fixture.run(&["list", "--format", "json"]).json();
    assert!(json["lints"].as_array().expect("lints").iter().all(|lint| lint["since"].is_string()));
}

#[test]
fn a_preview_changes_no_verdict() {
    let fixture = Fixture::api();
    for flag in ["--preview", "--preview-next-edition"] {
        assert_eq!(fixture.check(&[flag]).code, fixture.check(&[]).code);
    }
}

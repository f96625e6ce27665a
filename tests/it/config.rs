//! The configuration as users write it, and what its mistakes look like.

use crate::support::{Fixture, MANIFEST};

fn config(text: &str) -> Fixture {
    let fixture = Fixture::api();
    fixture.write("moai-backend.toml", text);
    fixture
}

#[test]
fn a_mistake_is_drawn_in_the_users_file() {
    let said = config("version = 1\n\n[lints]\nsql_in_handler = \"deny\"\n").check(&[]);
    assert_eq!(said.code, 2);
    insta::assert_snapshot!(said.stderr, @r#"
      × unknown lint `sql_in_handler`
       ╭─[moai-backend.toml:4:1]
     3 │ [lints]
     4 │ sql_in_handler = "deny"
       · ───────┬──────
       ·        ╰── no such lint or section
       ╰────
      help: did you mean `sql_in_handlers`?
    "#);
}

#[test]
fn levels_of_the_configuration_hold_and_flags_win() {
    let fixture = config("[lints]\nall = \"allow\"\n");
    assert_eq!(fixture.check(&[]).code, 0, "{}", fixture.check(&[]).all());
    assert_eq!(fixture.check(&["-D", "pools_per_request"]).code, 1);
}

#[test]
fn metadata_of_the_workspace_and_of_a_package_count() {
    let manifest = format!("{MANIFEST}\n[package.metadata.moai-backend.lints]\nall = \"allow\"\n");
    let fixture = Fixture::api();
    fixture.write("Cargo.toml", &manifest);
    assert_eq!(fixture.check(&[]).code, 0, "{}", fixture.check(&[]).all());
    fixture.write("moai-backend.toml", "version = 1\n");
    let both = fixture.check(&[]);
    assert_eq!(both.code, 2);
    assert!(both.stderr.contains("two configurations"), "{}", both.all());
}

#[test]
fn another_configuration_can_be_named() {
    let fixture = config("[lints]\nall = \"deny\"\n");
    fixture.write("quiet.toml", "[lints]\nall = \"allow\"\n");
    assert_eq!(fixture.check(&["--config", "quiet.toml"]).code, 0, "{}", fixture.check(&["--config", "quiet.toml"]).all());
}

#[test]
fn a_gateway_answers_for_missing_limits() {
    let fixture = config("");
    let limits =
        |fixture: &Fixture| fixture.check(&["--format", "json"]).lints().iter().filter(|lint| lint.starts_with("unlimited")).count();
    let before = limits(&fixture);
    fixture.write("moai-backend.toml", "ratelimit = \"gateway\"\nratelimit_because = \"nginx\"\n");
    assert_eq!(limits(&fixture), 0);
    assert!(before >= limits(&fixture));
}

#[test]
fn rules_of_the_user_are_findings_with_their_reason() {
    let fixture = config(
        "[[rule]]\nname = \"no pools in handlers\"\nfrom = { crate = \"api\" }\nto = { effect = \"pool_new\" }\nbecause = \"one pool is enough\"\n",
    );
    let said = fixture.check(&[]);
    assert_eq!(said.code, 1, "{}", said.all());
    assert!(said.stdout.contains("layer_rule_violations"), "{}", said.all());
    assert!(said.stdout.contains("one pool is enough"), "{}", said.all());
}

#[test]
fn knowledge_of_the_users_own_is_read() {
    let fixture = config("knowledge = [\"ours.toml\"]\n");
    let missing = fixture.check(&[]);
    assert_eq!(missing.code, 2);
    assert!(missing.stderr.contains("cannot read `ours.toml`"), "{}", missing.all());
    fixture.write("ours.toml", "[[crates]]\nname = \"x\"\n");
    let broken = fixture.check(&[]);
    assert_eq!(broken.code, 2, "{}", broken.all());
    assert!(broken.stderr.contains("ours.toml"), "{}", broken.all());
}

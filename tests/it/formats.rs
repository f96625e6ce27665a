//! What each format prints, and what never gets into a pipe.

use crate::support::{CLEAN, Fixture};

#[test]
fn human_draws_the_chain_and_ends_with_what_was_covered() {
    let said = Fixture::api().check(&[]);
    for word in ["pools_per_request", "4. `open` builds the pool here", "instead:", "covered: 1 file, 1 route", "src/main.rs"] {
        assert!(said.stdout.contains(word), "{word}: {}", said.all());
    }
    assert!(said.stderr.is_empty(), "{}", said.all());
}

#[test]
fn concise_is_one_line_for_each_finding() {
    let said = Fixture::api().check(&["--format", "concise"]);
    let line = said.stdout.lines().find(|line| line.contains("[pools_per_request]")).unwrap_or_else(|| panic!("{}", said.all()));
    assert!(line.starts_with("src/main.rs:"), "{line}");
    assert!(line.contains(": deny[pools_per_request] "), "{line}");
    assert!(said.stderr.contains("covered: "), "{}", said.all());
}

#[test]
fn json_is_the_contract() {
    let said = Fixture::api().check(&["--format", "json"]);
    let json = said.json();
    assert_eq!(json["schema_version"], 1);
    let finding =
        json["findings"].as_array().expect("findings").iter().find(|one| one["lint"] == "pools_per_request").expect("the finding");
    for key in ["section", "level", "file", "line", "column", "end_line", "end_column", "message", "evidence", "help", "url", "fingerprint"]
    {
        assert!(!finding[key].is_null(), "{key}: {finding}");
    }
    assert_eq!(finding["suppressed"], serde_json::Value::Null);
    assert_eq!(json["coverage"]["files"]["parsed"], 1);
    assert_eq!(json["problems"], serde_json::json!([]));
    assert!(json["summary"]["deny"].as_u64() >= Some(1));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let fixture = Fixture::api();
    for format in ["human", "concise", "json"] {
        let first = fixture.check(&["--format", format]).stdout;
        let second = fixture.run_with(&["check", "--format", format], &[("RAYON_NUM_THREADS", "1")]).stdout;
        assert!(first.contains("pools_per_request"), "{first}");
        assert_eq!(first, second);
    }
}

#[test]
fn colours_and_links_stay_out_of_pipes_unless_asked_for() {
    let fixture = Fixture::api();
    let escaped = |arguments: &[&str], environment: &[(&str, &str)]| fixture.run_with(arguments, environment).stdout.contains('\u{1b}');
    assert!(!escaped(&["check"], &[]));
    assert!(!escaped(&["check"], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(escaped(&["check"], &[("CLICOLOR_FORCE", "1")]));
    assert!(escaped(&["check"], &[("CARGO_TERM_COLOR", "always")]));
    assert!(escaped(&["check", "--color", "always"], &[("NO_COLOR", "1")]));
    assert!(!escaped(&["check", "--color", "never"], &[("CLICOLOR_FORCE", "1")]));
    assert!(!fixture.run_with(&["check", "--color", "always"], &[]).stdout.contains("\u{1b}]8"), "links are for terminals");
}

#[test]
fn without_graphics_it_is_sentences() {
    let said = Fixture::api().run_with(&["check"], &[("NO_GRAPHICS", "1")]);
    assert!(said.stdout.contains("Diagnostic severity: error"), "{}", said.all());
    assert!(!said.stdout.contains('╭'), "{}", said.all());
}

#[test]
fn quiet_says_nothing_about_a_clean_backend() {
    let fixture = Fixture::api();
    fixture.write("src/main.rs", CLEAN);
    for format in ["human", "concise"] {
        let said = fixture.check(&["-q", "--format", format]);
        assert_eq!((said.code, said.stderr.as_str()), (0, ""), "{}", said.all());
        assert!(!said.stdout.contains("covered"), "{}", said.all());
    }
}

#[test]
fn notes_come_last_and_short() {
    let said = Fixture::api().check(&["--note", "pools_per_request", "-W", "scalability_patterns"]);
    let notes = said
        .stdout
        .find("\nnotes\n")
        .or_else(|| said.stdout.starts_with("notes\n").then_some(0))
        .unwrap_or_else(|| panic!("{}", said.all()));
    let after = &said.stdout[notes..];
    assert!(after.contains("  pools_per_request: "), "{}", said.all());
    assert!(!after.contains('╭'), "{}", said.all());
}

#[test]
fn a_reader_that_went_away_is_no_error() {
    use std::process::{Command, Stdio};
    let fixture = Fixture::api();
    let mut child = Command::new(env!("CARGO_BIN_EXE_cargo-moai-backend"))
        .arg("list")
        .current_dir(fixture.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the binary ends");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

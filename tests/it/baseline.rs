//! The baseline: what was there is accepted by name, what is new is not, and what is gone has to go.

use crate::support::{CLEAN, Fixture, MAIN, Said};

const FILE: &str = "moai-backend-baseline.jsonl";

/// The pool per request is accepted.
fn accepted(arguments: &[&str]) -> Fixture {
    let fixture = Fixture::api();
    let said = fixture.run(&[&["baseline", "create"], arguments].concat());
    assert_eq!(said.code, 0, "{}", said.all());
    fixture
}

fn entry(fixture: &Fixture, lint: &str) -> serde_json::Value {
    let text = fixture.read(FILE);
    let line = text.lines().find(|line| line.contains(lint)).unwrap_or_else(|| panic!("no `{lint}` in\n{text}"));
    serde_json::from_str(line).expect("a line is JSON")
}

/// One more handler that builds a pool of its own.
fn with_another() -> String {
    let routed = MAIN.replace(".route(\"/users\", get(users))", ".route(\"/users\", get(users)).route(\"/more\", get(more))");
    format!(
        "{routed}\nasync fn more() -> String {{\n    let pool = PgPool::connect(\"x\").await.unwrap();\n    sqlx::query_scalar(\"select 1\").fetch_one(&pool).await.unwrap()\n}}\n"
    )
}

fn assert_code(said: &Said, code: i32) {
    assert_eq!(said.code, code, "{}", said.all());
}

#[test]
fn what_is_accepted_is_silent_and_counted() {
    let fixture = Fixture::api();
    assert_code(&fixture.check(&[]), 1);
    let fixture = accepted(&["--reason", "before the move", "--owner", "team-a"]);
    let said = fixture.check(&[]);
    assert_code(&said, 0);
    assert!(said.stdout.contains(" by the baseline)"), "{}", said.all());
    let json = fixture.check(&["--format", "json"]).json();
    let one = json["findings"].as_array().expect("findings").iter().find(|one| one["lint"] == "pools_per_request").expect("the finding");
    assert_eq!(one["suppressed"], serde_json::json!({ "by": "baseline", "reason": "before the move" }));
    assert_eq!(json["summary"]["baseline"], json["summary"]["suppressed"]);
    assert_eq!(entry(&fixture, "pools_per_request")["owner"], "team-a");
    assert_code(&fixture.check(&["--no-baseline"]), 1);
    let sarif = fixture.check(&["--format", "sarif"]).json();
    let suppressions = &sarif["runs"][0]["results"][0]["suppressions"];
    assert_eq!(suppressions[0], serde_json::json!({ "kind": "external", "status": "accepted", "justification": "before the move" }));
}

#[test]
fn moved_and_reformatted_code_stays_accepted() {
    let fixture = accepted(&[]);
    let open = MAIN.find("async fn open()").expect("the function");
    fixture.write("src/main.rs", format!("// moved\n{}\n\n{}", &MAIN[open..], MAIN[..open].replace("    ", "  ")));
    assert_code(&fixture.check(&[]), 0);
}

#[test]
fn one_more_is_exactly_one() {
    let fixture = accepted(&[]);
    fixture.write("src/main.rs", with_another());
    let said = fixture.check(&["--format", "json", "-A", "all", "-D", "pools_per_request"]);
    assert_eq!(said.lints(), ["pools_per_request"], "{}", said.all());
}

#[test]
fn growth_has_to_be_allowed() {
    let fixture = accepted(&["--reason", "old"]);
    let before = fixture.read(FILE);
    fixture.write("src/main.rs", with_another());
    let refused = fixture.run(&["baseline", "update"]);
    assert_code(&refused, 1);
    assert!(refused.stdout.contains("[pools_per_request]") && refused.stderr.contains("--allow-additions"), "{}", refused.all());
    assert_eq!(fixture.read(FILE), before);
    assert_code(&fixture.run(&["baseline", "update", "--allow-additions", "--reason", "new"]), 0);
    assert_code(&fixture.check(&[]), 0);
    let after = fixture.read(FILE);
    assert!(before.lines().all(|line| after.lines().any(|other| other == line)), "entries keep their words:\n{before}\n{after}");
    assert!(after.contains("\"reason\":\"new\""), "{after}");
    let mut sorted: Vec<&str> = after.lines().collect();
    sorted.sort();
    assert_eq!(after.lines().collect::<Vec<_>>(), sorted);
}

#[test]
fn what_is_gone_is_red_until_it_is_pruned() {
    let fixture = accepted(&[]);
    fixture.write("src/main.rs", CLEAN);
    let said = fixture.check(&["--format", "concise"]);
    assert_code(&said, 1);
    assert!(
        said.stdout.lines().all(|line| line.starts_with(&format!("{FILE}:")) && line.contains("warn[stale_baseline_entries]")),
        "{}",
        said.all()
    );
    assert_code(&fixture.run(&["baseline", "prune"]), 0);
    assert_eq!(fixture.read(FILE), "");
    assert_code(&fixture.check(&[]), 0);
    // It comes back: nothing accepts it any more.
    fixture.write("src/main.rs", MAIN);
    assert_code(&fixture.check(&[]), 1);
}

#[test]
fn what_was_not_looked_for_is_not_gone() {
    let fixture = accepted(&[]);
    let before = fixture.read(FILE);
    assert_code(&fixture.check(&["-A", "all", "-W", "stale_baseline_entries"]), 0);
    fixture.write("src/main.rs", CLEAN.replace("#[tokio::main]", "mod broken;\n#[tokio::main]"));
    fixture.write("src/broken.rs", "fn a( {{{\n");
    let said = fixture.check(&[]);
    assert_code(&said, 3);
    assert_code(&fixture.run(&["baseline", "prune"]), 0);
    assert_eq!(fixture.read(FILE), before, "a file that cannot be read may hold what was accepted");
}

#[test]
fn an_entry_ends_on_its_day() {
    let fixture = accepted(&["--until", "2999-12-31"]);
    assert_code(&fixture.check(&[]), 0);
    fixture.write(FILE, fixture.read(FILE).replace("2999-12-31", "2020-02-29"));
    let said = fixture.check(&[]);
    assert_code(&said, 1);
    assert!(said.stdout.contains("its entry in the baseline ended on 2020-02-29"), "{}", said.all());
    let stats = fixture.run(&["baseline", "stats"]);
    assert!(!stats.stdout.contains("\nended: 0\n") && stats.stdout.contains("\nstale: 0\n"), "{}", stats.all());
    assert_code(&fixture.run(&["baseline", "update", "--allow-additions"]), 0);
    assert_code(&fixture.check(&[]), 0);
    assert_code(&fixture.run(&["baseline", "update", "--allow-additions", "--until", "tomorrow"]), 2);
}

#[test]
fn a_strict_lint_is_never_accepted() {
    let fixture = accepted(&[]);
    fixture.write("moai-backend.toml", "[lints]\npools_per_request = { level = \"deny\", strict = true }\n");
    let said = fixture.check(&["--format", "json"]);
    assert!(said.open_findings("pools_per_request") == 1 && said.code == 1, "{}", said.all());
    std::fs::remove_file(fixture.path().join(FILE)).expect("the baseline");
    fixture.run(&["baseline", "create"]);
    assert!(!fixture.read(FILE).contains("pools_per_request"), "{}", fixture.read(FILE));
}

#[test]
fn ci_accepts_nothing() {
    let fixture = Fixture::api();
    let said = fixture.run_with(&["baseline", "create"], &[("CI", "true")]);
    assert_code(&said, 2);
    assert!(!fixture.path().join(FILE).exists());
    let fixture = accepted(&[]);
    fixture.write("src/main.rs", with_another());
    assert_code(&fixture.run_with(&["baseline", "update", "--allow-additions"], &[("CI", "true")]), 2);
    fixture.write("src/main.rs", CLEAN);
    assert_code(&fixture.run_with(&["baseline", "prune"], &[("CI", "true")]), 0);
}

#[test]
fn a_baseline_lies_where_the_configuration_says_and_has_to_be_there() {
    let fixture = Fixture::api();
    fixture.write("moai-backend.toml", "baseline = \"ci/accepted.jsonl\"\n");
    let said = fixture.check(&[]);
    assert_code(&said, 2);
    assert!(said.stderr.contains("the baseline `ci/accepted.jsonl`"), "{}", said.all());
    fixture.write("ci/keep", "");
    assert_code(&fixture.run(&["baseline", "create"]), 0);
    assert_code(&fixture.check(&[]), 0);
    assert!(fixture.read("ci/accepted.jsonl").contains("pools_per_request"));
    assert_code(&fixture.run(&["baseline", "create"]), 2);
    assert_code(&Fixture::api().run(&["baseline", "prune"]), 2);
}

#[test]
fn lines_that_are_no_entries_are_told_with_their_place() {
    let fixture = accepted(&[]);
    fixture.write(FILE, format!("{}<<<<<<< HEAD\n", fixture.read(FILE)));
    let said = fixture.check(&[]);
    assert_code(&said, 2);
    assert!(said.stderr.contains("a merge left it behind") && said.stderr.contains(FILE), "{}", said.all());
}

#[test]
fn lines_of_two_branches_may_stand_in_any_order_and_twice() {
    let fixture = accepted(&[]);
    let text = fixture.read(FILE);
    let mut lines: Vec<&str> = text.lines().chain(text.lines()).collect();
    lines.reverse();
    fixture.write(FILE, lines.join("\r\n"));
    assert_code(&fixture.check(&[]), 0);
}

#[test]
fn a_comment_allows_until_its_day() {
    let comment = |until: &str| {
        let comment = format!("// moai-backend: allow(pools_per_request) reason = \"x\" until = \"{until}\"\nasync fn open()");
        let fixture = Fixture::api();
        fixture.write("src/main.rs", MAIN.replace("async fn open()", &comment));
        fixture.check(&["--format", "json"])
    };
    assert!(!comment("2999-12-31").lints().contains(&"pools_per_request".to_string()));
    let ended = comment("2020-01-01");
    assert!(["pools_per_request", "unused_allows"].iter().all(|lint| ended.open_findings(lint) == 1), "{}", ended.all());
    assert!(ended.stdout.contains("this allowed `pools_per_request` until 2020-01-01"), "{}", ended.all());
    assert!(comment("soon").lints().contains(&"invalid_allows".to_string()));
}

//! What a user sees of one small run, in each format.

use super::*;
use crate::facts::{Problem, Reading};
use crate::findings::tool_lints::{invalid_allows, unused_allows};
use crate::findings::{AnalysedFile, Finding, Level, Report, Reported, Suppressed, SuppressedBy};
use crate::lints::LintInfo;
use crate::model::Evidence;
use crate::source::{FileId, Place, Sources, Span};

const USERS: &str = "pub async fn create_user(body: Body) -> Response {\n    store(body).await\n}\n\nasync fn store(body: Body) {\n    sqlx::query(\"insert\").execute(&pool).await;\n}\n";
const ROUTES: &str = "fn router() {\n    Router::new().route(\"/users\", post(create_user))\n}\n";

fn at(sources: &Sources, file: FileId, what: &str) -> Place {
    let start = sources.file(file).text.find(what).expect("the text is in the file");
    Place::new(file, Span::new(start, start + what.len()))
}

fn reported(lint: &'static LintInfo, level: Level, place: Place, message: &str, evidence: Vec<Evidence>) -> Reported {
    let finding = Finding {
        place,
        message: message.into(),
        evidence,
        help: "move the query below".into(),
        item: String::new(),
        identity: String::new(),
        at_most: None,
    };
    Reported { lint, level, finding, package: "api".into(), fingerprint: "00".into(), suppressed: None }
}

fn sample() -> (Report, Sources) {
    let mut sources = Sources::default();
    let users = sources.add("src/users.rs", USERS);
    let routes = sources.add("src/routes.rs", ROUTES);
    let call = at(&sources, users, "store(body).await");
    let query = at(&sources, users, "sqlx::query(\"insert\")");
    let chain = vec![
        Evidence::at(at(&sources, routes, "post(create_user)"), "`POST /users` is served by `create_user`"),
        Evidence::at(call, "`create_user` calls `store`"),
        Evidence { place: None, what: "96% of the queries stand in `crate::db`".into() },
    ];
    let mut suppressed = reported(&unused_allows::INFO, Level::Warn, call, "not shown", vec![]);
    suppressed.suppressed = Some(Suppressed { by: SuppressedBy::Comment, reason: "known".into() });
    let findings = vec![
        reported(&invalid_allows::INFO, Level::Deny, query, "handler `create_user` runs SQL itself", chain),
        reported(&unused_allows::INFO, Level::Note, call, "this could be cached", vec![]),
        suppressed,
    ];
    let file = |file| AnalysedFile { file, package: "api".into(), selected: true, reading: Reading::Whole, allows: vec![] };
    let files = [file(users), file(routes)];
    let ground = crate::findings::Ground { sources: &sources, files: &files, problems: &[] };
    let mut report = Report::new(&Default::default(), &ground, &Default::default());
    report.findings = findings;
    report.routes = 1;
    (report, sources)
}

#[test]
fn people_read_findings_then_notes_then_what_was_covered() {
    let (report, sources) = sample();
    let text = human(&report, &sources, &Terminal::PLAIN, HumanOptions::default());
    insta::assert_snapshot!(text.replace(env!("CARGO_PKG_VERSION"), "VERSION"), @r#"
    invalid_allows (https://docs.rs/cargo-moai-backend/VERSION/moai_backend/findings/tool_lints/invalid_allows/index.html)

      × handler `create_user` runs SQL itself
       ╭─[src/users.rs:2:5]
     1 │ pub async fn create_user(body: Body) -> Response {
     2 │     store(body).await
       ·     ────────┬────────
       ·             ╰── 2. `create_user` calls `store`
     3 │ }
       ╰────
       ╭─[src/users.rs:6:5]
     5 │ async fn store(body: Body) {
     6 │     sqlx::query("insert").execute(&pool).await;
       ·     ──────────┬──────────
       ·               ╰── here
     7 │ }
       ╰────
      because: 1. src/routes.rs:2:35 `POST /users` is served by `create_user`
               2. src/users.rs:2:5 `create_user` calls `store`
               3. 96% of the queries stand in `crate::db`
      instead: move the query below

    notes
      unused_allows: this could be cached (src/users.rs:2:5)
        instead: move the query below

    1 finding (1 deny), 1 note, 1 suppressed
    covered: 2 files, 1 route, 0 calls, 0 queries
    "#);
}

#[test]
fn without_graphics_the_same_is_said_in_sentences() {
    let (report, sources) = sample();
    let text =
        human(&report, &sources, &Terminal { graphics: false, ..Terminal::PLAIN }, HumanOptions { quiet: true, ..Default::default() });
    insta::assert_snapshot!(text.replace(env!("CARGO_PKG_VERSION"), "VERSION"), @r#"
    handler `create_user` runs SQL itself
        Diagnostic severity: error
    Begin snippet for src/users.rs starting at line 5, column 1

    snippet line 5: async fn store(body: Body) {
    snippet line 6:     sqlx::query("insert").execute(&pool).await;
        label at line 6, columns 5 to 25: here
    snippet line 7: }
    diagnostic code: invalid_allows
    For more details, see:
    https://docs.rs/cargo-moai-backend/VERSION/moai_backend/findings/tool_lints/invalid_allows/index.html
      because: 1. src/routes.rs:2:35 `POST /users` is served by `create_user`
               2. src/users.rs:2:5 `create_user` calls `store`
               3. 96% of the queries stand in `crate::db`
      instead: move the query below
    "#);
}

#[test]
fn evidence_in_the_findings_own_file_is_labels_only() {
    let (mut report, sources) = sample();
    report.findings[0].finding.evidence.remove(2);
    report.findings[0].finding.evidence.remove(0);
    let text = human(&report, &sources, &Terminal::PLAIN, HumanOptions { quiet: true, ..Default::default() });
    assert!(text.contains("`create_user` calls `store`"), "{text}");
    assert!(!text.contains("because:"), "{text}");
}

#[test]
fn colour_and_links_are_there_only_when_asked_for() {
    let (report, sources) = sample();
    let plain = human(&report, &sources, &Terminal::PLAIN, HumanOptions::default());
    assert!(!plain.contains('\u{1b}'));
    let rich = human(&report, &sources, &Terminal { color: true, links: true, ..Terminal::PLAIN }, HumanOptions::default());
    assert!(rich.contains("\u{1b}]8;;https://docs.rs/cargo-moai-backend/"));
}

#[test]
fn concise_is_one_line_for_each_finding() {
    let (mut report, sources) = sample();
    report.problems.push(Problem { file: FileId(1), span: Span::new(0, 2), message: "expected\n `;`".into() });
    insta::assert_snapshot!(concise(&report, &sources), @r#"
    src/users.rs:6:5: deny[invalid_allows] handler `create_user` runs SQL itself
    src/users.rs:2:5: note[unused_allows] this could be cached
    src/routes.rs:1:1: problem expected `;`
    "#);
}

#[test]
fn json_holds_suppressed_findings_and_the_reason() {
    let (report, sources) = sample();
    let value: serde_json::Value = serde_json::from_str(&json(&report, &sources)).expect("JSON");
    assert_eq!(value["findings"][2]["suppressed"], serde_json::json!({ "by": "comment", "reason": "known" }));
    assert_eq!(value["findings"][0]["evidence"][0]["file"], "src/routes.rs");
    assert_eq!(value["findings"][0]["evidence"][2]["file"], serde_json::Value::Null);
    assert_eq!(
        value["summary"],
        serde_json::json!({ "deny": 1, "warn": 0, "note": 1, "suppressed": 1, "baseline": 0, "left_out": 0, "left_out_problems": 0 })
    );
    assert_eq!(value["coverage"]["files"], serde_json::json!({ "parsed": 2, "partial": 0, "skipped": 0 }));
}

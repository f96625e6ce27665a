//! Formats for programs: each is read back as its readers read it.

use crate::support::{CLEAN, Fixture, MAIN, Said};
use cargo_metadata::Message;
use cargo_metadata::diagnostic::DiagnosticLevel;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn api(format: &str) -> Said {
    Fixture::api().check(&["--format", format])
}

fn lines(said: &Said) -> Vec<Value> {
    said.stdout.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

/// Elements with their attributes, in order; the file has to be well-formed.
fn elements(xml: &str) -> Vec<(String, BTreeMap<String, String>)> {
    let (mut reader, mut elements) = (Reader::from_str(xml), Vec::new());
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{error}\n{xml}")) {
            Event::Start(element) | Event::Empty(element) => {
                let attributes = element.attributes().map(|attribute| attribute.expect("an attribute"));
                let attributes = attributes.map(|one| (one.key.as_ref().to_string(), one.value.to_string()));
                elements.push((element.name().as_ref().to_string(), attributes.collect()));
            }
            Event::Eof => return elements,
            _ => {}
        }
    }
}

fn assert_valid(schema: &Value, instance: &Value) {
    let validator = jsonschema::validator_for(schema).expect("a schema");
    let errors: Vec<String> = validator.iter_errors(instance).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

fn schema(of: &str) -> Value {
    Fixture::api().run(&["schema", of]).json()
}

/// A comment, an override, an unread file, and a name outside of ASCII.
fn everything() -> Fixture {
    let fixture = Fixture::api();
    let open = "// moai-backend: allow(pools_per_request) reason = \"a test server\"\nasync fn open()";
    fixture.write("src/main.rs", MAIN.replace("async fn open()", open).replace("#[tokio::main]", "mod broken;\n#[tokio::main]"));
    fixture.write("src/broken.rs", "fn a( {{{\n");
    fixture
}

#[test]
fn json_is_what_its_published_schema_says() {
    let schema = schema("check");
    for fixture in [Fixture::api(), everything()] {
        assert_valid(&schema, &fixture.check(&["--format", "json", "-W", "all"]).json());
    }
    let mut other = api("json").json();
    other["findings"][0]["fingerprint"] = json!("short");
    assert!(!jsonschema::is_valid(&schema, &other), "the schema can be broken");
}

#[test]
fn the_configurations_schema_takes_what_the_tool_takes_and_nothing_else() {
    let schema = schema("config");
    let example = include_str!("../../src/config/example.toml");
    let read = |text: &str| toml::from_str::<Value>(text).expect("TOML");
    assert_valid(&schema, &read(example));
    for (wrong, why) in [
        ("verison = 1", "an unknown key"),
        ("[lints]\npool_per_request = \"deny\"", "an unknown lint"),
        ("[lints]\nall = \"error\"", "an unknown level"),
        ("[[layer]]\nname = \"web\"", "a layer without modules"),
        ("[[rule]]\nname = \"x\"\nfrom = {}\nto = { effect = \"sql\" }", "a selector that selects nothing"),
        ("[deploy]\ninstances = 0", "no instances"),
    ] {
        assert!(!jsonschema::is_valid(&schema, &read(wrong)), "{why}");
        let fixture = Fixture::api();
        fixture.write("moai-backend.toml", wrong);
        assert_eq!(fixture.check(&[]).code, 2, "{why}");
    }
}

#[test]
fn lines_of_jsonl_are_the_parts_of_json() {
    let (parts, json) = (lines(&api("jsonl")), api("json").json());
    let of = |kind: &str| parts.iter().filter(|part| part["kind"] == kind).collect::<Vec<_>>();
    assert_eq!(of("finding").len(), json["findings"].as_array().expect("findings").len());
    assert_eq!(of("finding")[0]["fingerprint"], json["findings"][0]["fingerprint"]);
    let last = parts.last().expect("a line");
    assert_eq!((&last["kind"], &last["summary"]), (&json!("summary"), &json["summary"]));
}

#[test]
fn sarif_has_rules_with_help_chains_and_fingerprints() {
    let sarif = api("sarif").json();
    let run = &sarif["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    assert!(rules.iter().all(|rule| rule["help"]["markdown"].as_str().is_some_and(|help| help.len() > 200)));
    let result = run["results"].as_array().expect("results").iter().find(|one| one["ruleId"] == "pools_per_request").expect("the result");
    assert_eq!(rules[result["ruleIndex"].as_u64().expect("an index") as usize]["id"], "pools_per_request");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "src/main.rs");
    assert_eq!(place["region"]["startLine"], place["region"]["endLine"], "short regions are shown in pull requests");
    let steps = result["codeFlows"][0]["threadFlows"][0]["locations"].as_array().expect("a chain");
    let said: Vec<&str> = steps.iter().filter_map(|step| step["location"]["message"]["text"].as_str()).collect();
    assert_eq!(said[..2], ["`GET /users` is registered here", "`users` handles it"]);
    let fingerprint = &api("json").json()["findings"][0]["fingerprint"];
    assert!(run["results"].as_array().expect("results").iter().any(|one| &one["partialFingerprints"]["moaiBackend/v1"] == fingerprint));
    assert!(result["partialFingerprints"].get("primaryLocationLineHash").is_none(), "GitHub computes its own");
}

#[test]
fn sarif_tells_what_is_suppressed_and_what_was_not_read() {
    let said = everything().check(&["--format", "sarif"]);
    let run = &said.json()["runs"][0];
    let results = run["results"].as_array().expect("results").clone();
    let suppressed = results.iter().find(|one| one["ruleId"] == "pools_per_request").expect("the result");
    assert_eq!(suppressed["suppressions"], json!([{ "kind": "inSource", "status": "accepted", "justification": "a test server" }]));
    let notification = &run["invocations"][0]["toolExecutionNotifications"][0];
    assert_eq!(notification["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "src/broken.rs");
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
}

/// `SARIF_SCHEMA=path/to/sarif-schema-2.1.0.json cargo test -- --ignored`; the schema is OASIS's to distribute.
#[test]
#[ignore = "needs the official schema: set SARIF_SCHEMA to its path"]
fn sarif_is_valid_against_the_official_schema() {
    let path = std::env::var("SARIF_SCHEMA").expect("SARIF_SCHEMA names the schema's file");
    let schema = serde_json::from_str(&std::fs::read_to_string(path).expect("the schema")).expect("JSON");
    for fixture in [Fixture::api(), everything()] {
        assert_valid(&schema, &fixture.check(&["--format", "sarif", "-W", "all"]).json());
    }
}

#[test]
fn github_annotations_are_commands_that_the_runner_takes() {
    let said = api("github");
    let command = said.stdout.lines().find(|line| line.contains("pools_per_request")).unwrap_or_else(|| panic!("{}", said.all()));
    let (head, data) = command.strip_prefix("::error ").and_then(|rest| rest.split_once("::")).expect("a command");
    let properties: BTreeMap<&str, &str> = head.split(',').filter_map(|property| property.split_once('=')).collect();
    assert_eq!(properties["file"], "src/main.rs");
    assert_eq!(properties["line"], properties["endLine"]);
    assert!(properties["endColumn"].parse::<u32>().expect("a column") >= properties["col"].parse().expect("a column"));
    assert_eq!(properties["title"], "moai-backend%3A pools_per_request");
    assert!(data.contains("%0Abecause: ") && data.contains("%0Ainstead: "), "{data}");
    assert!(said.stderr.contains("covered: "), "{}", said.all());
}

#[test]
fn github_shows_ten_of_a_level_and_tells_how_many_more_there_are() {
    let fixture = Fixture::api();
    let comment = "// moai-backend: allow(unbounded_caches) reason = \"x\"\n";
    let functions: String = (0..25).map(|number| format!("{comment}async fn unused_{number}() {{}}\n")).collect();
    fixture.write("src/main.rs", format!("{MAIN}{functions}"));
    let said = fixture.check(&["--format", "github", "-A", "all", "-W", "unused_allows,unbounded_caches"]);
    assert_eq!(said.stdout.lines().filter(|line| line.starts_with("::warning ")).count(), 10, "{}", said.all());
    assert_eq!(said.stdout.lines().filter(|line| line.starts_with("src/main.rs:")).count(), 15, "{}", said.all());
    assert!(
        said.stdout
            .ends_with("::notice title=moai-backend::15 more findings without an annotation: see the log or the summary of this job\n")
    );
}

#[test]
fn a_step_of_github_gets_its_summary() {
    let fixture = Fixture::api();
    fixture.write("summary.md", "before\n");
    let path = fixture.path().join("summary.md");
    let said = fixture.run_with(&["check", "--format", "github"], &[("GITHUB_STEP_SUMMARY", path.to_str().expect("UTF-8"))]);
    assert_eq!(said.code, 1);
    let summary = fixture.read("summary.md");
    assert!(summary.starts_with("before\n### moai-backend: ") && summary.contains("| `src/main.rs`:17 |"), "{summary}");
}

#[test]
fn gitlab_gets_issues_with_fingerprints_of_their_own() {
    let issues = api("gitlab").json();
    let issue = issues.as_array().expect("issues").iter().find(|one| one["check_name"] == "pools_per_request").expect("the issue");
    assert_eq!(issue["severity"], "critical");
    assert_eq!(issue["location"], json!({ "path": "src/main.rs", "lines": { "begin": 17, "end": 17 } }));
    assert!(issue["description"].as_str().is_some_and(|text| text.starts_with("pools_per_request: ")));
    assert_eq!(issue["fingerprint"].as_str().map(str::len), Some(16));
    assert_eq!(
        Fixture::new(&[("Cargo.toml", crate::support::MANIFEST), ("src/main.rs", CLEAN)]).check(&["--format", "gitlab"]).stdout,
        "[]\n"
    );
}

#[test]
fn junit_fails_a_case_for_each_finding_that_fails_the_run() {
    let count = |said: &Said, name: &str| elements(&said.stdout).iter().filter(|(element, _)| element == name).count();
    let said = api("junit");
    let elements = elements(&said.stdout);
    let (_, suites) = elements.iter().find(|(name, _)| name == "testsuites").expect("the root");
    assert_eq!(suites["failures"], count(&said, "failure").to_string());
    assert_eq!(suites["tests"], count(&said, "testcase").to_string());
    assert!(count(&said, "failure") > 0, "{}", said.all());
    let lenient = Fixture::api().check(&["--format", "junit", "--note", "all"]);
    assert_eq!((lenient.code, count(&lenient, "failure")), (0, 0), "{}", lenient.all());
    assert!(count(&lenient, "skipped") > 0);
    let clean = Fixture::new(&[("Cargo.toml", crate::support::MANIFEST), ("src/main.rs", CLEAN)]).check(&["--format", "junit"]);
    assert_eq!(count(&clean, "testcase"), 1, "an empty file is taken for a run that did not happen: {}", clean.all());
    assert_eq!(count(&everything().check(&["--format", "junit"]), "error"), 1);
}

#[test]
fn checkstyle_lists_errors_by_file() {
    let said = api("checkstyle");
    let elements = elements(&said.stdout);
    assert_eq!(elements[0].0, "checkstyle");
    assert_eq!((elements[1].0.as_str(), elements[1].1["name"].as_str()), ("file", "src/main.rs"));
    let error = elements.iter().find(|(_, attributes)| attributes.get("source").is_some_and(|one| one == "moai-backend.pools_per_request"));
    let (_, error) = error.unwrap_or_else(|| panic!("{}", said.all()));
    assert_eq!((error["line"].as_str(), error["column"].as_str(), error["severity"].as_str()), ("17", "5", "error"));
}

#[test]
fn rdjson_counts_bytes() {
    let fixture = Fixture::api();
    fixture.write("src/main.rs", MAIN.replace("    PgPool::connect", "    /* é */ PgPool::connect"));
    let json = fixture.check(&["--format", "rdjson"]).json();
    let found = json["diagnostics"].as_array().expect("diagnostics").iter().find(|one| one["code"]["value"] == "pools_per_request");
    let found = found.expect("the diagnostic");
    assert_eq!(found["location"]["range"]["start"], json!({ "line": 17, "column": 14 }));
    assert_eq!(found["severity"], "ERROR");
    assert_eq!(found["relatedLocations"][0]["location"]["path"], "src/main.rs");
}

#[test]
fn markdown_is_a_table() {
    let said = api("markdown");
    assert!(said.stdout.starts_with("### moai-backend: "), "{}", said.all());
    assert!(said.stdout.contains("| `src/main.rs`:17 | a new `sqlx` pool is built for every request to `GET /users` |"), "{}", said.all());
}

/// As rust-analyzer reads it.
fn messages(said: &Said) -> Vec<Message> {
    let messages = Message::parse_stream(said.stdout.as_bytes()).map(|message| message.expect("a message"));
    messages.inspect(|message| assert!(!matches!(message, Message::TextLine(_)), "{message:?}")).collect()
}

#[test]
fn cargo_messages_are_what_rust_analyzer_shows() {
    let fixture = Fixture::api();
    let said = fixture.check(&["--message-format", "json"]);
    assert_eq!(said.stdout, fixture.check(&["--format", "cargo"]).stdout);
    let messages = messages(&said);
    let Some(Message::CompilerArtifact(artifact)) = messages.first() else { panic!("a package is named first: {}", said.all()) };
    assert!(!artifact.fresh, "old findings are cleared for what was looked at now");
    let diagnostics = messages.iter().filter_map(|message| match message {
        Message::CompilerMessage(message) => Some(message),
        _ => None,
    });
    let code = "moai_backend::pools_per_request";
    let found = diagnostics.clone().find(|one| one.message.code.as_ref().is_some_and(|one| one.code == code)).expect("the finding");
    assert_eq!(found.package_id, artifact.package_id);
    assert_eq!(found.message.level, DiagnosticLevel::Error);
    let span = &found.message.spans[0];
    assert_eq!((span.file_name.as_str(), span.line_start, span.column_start, span.is_primary), ("src/main.rs", 17, 5, true));
    assert_eq!(&MAIN[span.byte_start as usize..span.byte_end as usize], "PgPool::connect(\"postgres://localhost/app\")");
    assert!(found.message.children.iter().any(|child| child.level == DiagnosticLevel::Help && child.spans.is_empty()));
    assert!(found.message.children.iter().filter(|child| !child.spans.is_empty()).count() >= 3, "steps are places to jump to");
    assert!(matches!(messages.last(), Some(Message::BuildFinished(finished)) if !finished.success));
}

#[test]
fn package_ids_are_cargos_own() {
    let fixture = Fixture::api();
    let output = std::process::Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(fixture.path().canonicalize().expect("the fixture"))
        .output()
        .expect("cargo starts");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("metadata");
    let said = crate::support::run_in(&fixture.path().canonicalize().expect("the fixture"), &["check", "--format", "cargo"], &[]);
    assert_eq!(lines(&said)[0]["package_id"], metadata["packages"][0]["id"]);
}

#[test]
fn another_commands_messages_come_in_the_same_stream() {
    let fixture = Fixture::api();
    let theirs = "{\"reason\":\"compiler-artifact-like\"}\n{\"reason\":\"build-finished\",\"success\":true}\n";
    fixture.write("their messages.json", theirs);
    let said = fixture.check(&["--format", "cargo", "--also", "cat 'their messages.json'"]);
    let lines = lines(&said);
    assert_eq!(lines.iter().filter(|line| line["reason"] == "compiler-artifact-like").count(), 1, "{}", said.all());
    assert_eq!(lines.iter().filter(|line| line["reason"] == "build-finished").count(), 1, "{}", said.all());
    assert_eq!(lines.last().expect("a line")["reason"], "build-finished");
    assert!(lines.iter().any(|line| line["reason"] == "compiler-message"), "{}", said.all());
    assert_eq!(said.code, 1);
}

#[test]
fn another_command_that_fails_fails_the_run() {
    let fixture = Fixture::new(&[("Cargo.toml", crate::support::MANIFEST), ("src/main.rs", CLEAN)]);
    assert_eq!(fixture.check(&["--format", "cargo", "--also", "true"]).code, 0);
    assert_eq!(fixture.check(&["--format", "cargo", "--also", "false"]).code, 1);
    for arguments in [["--format", "cargo", "--also", "no-such-program-anywhere"], ["--format", "json", "--also", "true"]] {
        let said = fixture.check(&arguments);
        assert_eq!((said.code, said.stdout.as_str()), (2, ""), "{}", said.all());
    }
}

#[test]
fn one_run_feeds_the_screen_and_files() {
    let fixture = Fixture::api();
    let said = fixture.check(&["--format", "concise", "--format", "sarif=out.sarif", "--format", "human=out.txt", "--color", "always"]);
    assert_eq!(said.stdout, fixture.check(&["--format", "concise"]).stdout);
    assert_eq!(fixture.read("out.sarif"), fixture.check(&["--format", "sarif"]).stdout);
    assert!(!fixture.read("out.txt").contains('\u{1b}'), "files have no colours");
    let only_a_file = fixture.check(&["--format", "json=out.json"]);
    assert_eq!(only_a_file.stdout, "");
    assert!(only_a_file.stderr.contains("covered: "), "{}", only_a_file.all());
}

#[test]
fn a_file_that_cannot_be_written_is_told_and_nothing_is_left_behind() {
    let fixture = Fixture::api();
    fixture.write("folder/file", "");
    for path in ["no/such/folder.sarif", "folder"] {
        let said = fixture.check(&["--format", "concise", "--format", &format!("sarif={path}")]);
        assert_eq!(said.code, 2, "{}", said.all());
        assert!(said.stderr.contains(&format!("cannot write `{path}`")), "{}", said.all());
        assert!(said.stdout.contains("pools_per_request"), "findings are shown all the same: {}", said.all());
    }
    let left: Vec<_> = std::fs::read_dir(fixture.path()).expect("the fixture").flatten().map(|entry| entry.file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().ends_with(".new")), "{left:?}");
}

#[test]
fn formats_that_cannot_be_are_told_with_what_was_meant() {
    let fixture = Fixture::api();
    for (arguments, words) in [
        (vec!["--format", "sarf"], "did you mean `sarif`?"),
        (vec!["--format", "sarif="], "the file is missing"),
        (vec!["--format", "json", "--format", "sarif"], "cannot both be written to standard output"),
        (vec!["--format", "json=a", "--format", "sarif=a"], "cannot both be written to `a`"),
    ] {
        let said = fixture.check(&arguments);
        assert_eq!(said.code, 2, "{}", said.all());
        assert!(said.stderr.contains(words), "{words}: {}", said.all());
    }
}

#[cfg(unix)]
#[test]
fn links_stay_links_and_devices_stay_devices() {
    let fixture = Fixture::api();
    fixture.write("real.json", "old");
    std::os::unix::fs::symlink("real.json", fixture.path().join("link.json")).expect("a link");
    fixture.check(&["--format", "json=link.json", "--format", "sarif=/dev/null"]);
    assert!(fixture.path().join("link.json").is_symlink());
    assert!(fixture.read("real.json").starts_with('{'));
    assert!(!std::fs::metadata("/dev/null").expect("the device").is_file());
}

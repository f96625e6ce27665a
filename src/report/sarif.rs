//! SARIF 2.1.0 (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/>), within what GitHub's code scanning takes of it
//! (<https://docs.github.com/code-security/reference/code-scanning/sarif-files/sarif-support>).

use super::page::uri;
use super::{CoverageJson, Page};
use crate::findings::{Evidence, Level, Reported, Suppressed, SuppressedBy, catalogue, guidance_url};
use crate::lints::LintInfo;
use crate::source::Place;
use serde::Serialize;
use std::collections::BTreeMap;

/// Results that one run may have on GitHub; what is least important is left out first.
const MOST_RESULTS: usize = 25_000;
/// Characters of a short or full description.
const LONGEST: usize = 1024;
/// Under this name every result carries our own fingerprint; GitHub computes its own `primaryLocationLineHash`.
const FINGERPRINT: &str = "moaiBackend/v1";

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool,
    invocations: [Invocation; 1],
    column_kind: &'static str,
    results: Vec<ResultJson<'a>>,
    properties: RunProperties<'a>,
}

#[derive(Serialize)]
struct RunProperties<'a> {
    coverage: CoverageJson<'a>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    information_uri: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    name: String,
    short_description: Text,
    full_description: Text,
    help: Help,
    help_uri: String,
    default_configuration: Configuration,
    properties: RuleProperties,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
struct Help {
    text: &'static str,
    markdown: &'static str,
}

#[derive(Serialize)]
struct Configuration {
    enabled: bool,
    level: &'static str,
}

#[derive(Serialize)]
struct RuleProperties {
    tags: [&'static str; 2],
    #[serde(skip_serializing_if = "Option::is_none")]
    precision: Option<&'static str>,
    #[serde(rename = "problem.severity")]
    severity: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
struct Notification {
    level: &'static str,
    message: Text,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Location>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultJson<'a> {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Text,
    locations: [Location; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    code_flows: Vec<CodeFlow>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    partial_fingerprints: BTreeMap<&'static str, &'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<Suppression<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: RegionJson,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactLocation {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RegionJson {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CodeFlow {
    thread_flows: [ThreadFlow; 1],
}

#[derive(Serialize)]
struct ThreadFlow {
    locations: Vec<ThreadFlowLocation>,
}

#[derive(Serialize)]
struct ThreadFlowLocation {
    location: Location,
}

#[derive(Serialize)]
struct Suppression<'a> {
    kind: &'static str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    justification: Option<&'a str>,
}

pub fn write(page: &Page) -> String {
    let rules = catalogue();
    let mut reported: Vec<&Reported> = page.report.findings.iter().collect();
    let cut = reported.len().saturating_sub(MOST_RESULTS);
    if cut > 0 {
        reported.sort_by_key(|reported| (reported.suppressed.is_some(), std::cmp::Reverse(reported.level)));
        reported.truncate(MOST_RESULTS);
    }
    let driver = Driver {
        name: "cargo-moai-backend",
        semantic_version: env!("CARGO_PKG_VERSION"),
        information_uri: super::HOME_PAGE,
        rules: rules.iter().map(|lint| rule(lint)).collect(),
    };
    let run = Run {
        tool: Tool { driver },
        invocations: [invocation(page, cut)],
        column_kind: "unicodeCodePoints",
        results: reported.into_iter().map(|reported| result(reported, &rules, page)).collect(),
        properties: RunProperties { coverage: CoverageJson::new(&page.report.coverage, page.report.files) },
    };
    let log = Log { schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs: [run] };
    serde_json::to_string_pretty(&log).expect("a log holds only strings, numbers and lists") + "\n"
}

fn rule(lint: &LintInfo) -> Rule {
    Rule {
        id: lint.id,
        name: lint.id.split('_').map(capital).collect(),
        short_description: text(lint.summary),
        full_description: text(&format!("{}. Instead: {}.", lint.summary, lint.help)),
        help: Help { text: lint.help, markdown: lint.guidance },
        help_uri: guidance_url(lint),
        default_configuration: Configuration { enabled: lint.level > Level::Allow, level: level(lint.level) },
        properties: RuleProperties { tags: ["backend", lint.section.id()], precision: precision(lint), severity: severity(lint.level) },
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

fn text(words: &str) -> Text {
    Text { text: words.chars().take(LONGEST).collect() }
}

/// From findings that were read in the source of real backends; too few of them say nothing.
fn precision(lint: &LintInfo) -> Option<&'static str> {
    const ENOUGH: u32 = 10;
    let measured = lint.measured;
    let percent = (measured.read >= ENOUGH).then(|| measured.right * 100 / measured.read)?;
    Some(match percent {
        95.. => "very-high",
        80.. => "high",
        50.. => "medium",
        _ => "low",
    })
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Deny => "error",
        Level::Warn => "warning",
        Level::Note => "note",
        Level::Allow => "none",
    }
}

fn severity(level: Level) -> &'static str {
    match level {
        Level::Deny => "error",
        Level::Warn => "warning",
        Level::Note | Level::Allow => "recommendation",
    }
}

fn invocation(page: &Page, cut: usize) -> Invocation {
    let problems = page.report.problems.iter().map(|problem| Notification {
        level: "warning",
        message: Text { text: problem.message.clone() },
        locations: vec![location(Place::new(problem.file, problem.span), page)],
    });
    let say = |level, text: String| Notification { level, message: Text { text }, locations: Vec::new() };
    let failures = page.report.failures.iter().map(|failure| say("error", failure.clone()));
    let left_out = (cut > 0).then(|| say("warning", format!("{cut} results are left out: there is room for {MOST_RESULTS}")));
    Invocation {
        execution_successful: page.report.failures.is_empty(),
        tool_execution_notifications: problems.chain(failures).chain(left_out).collect(),
    }
}

fn result<'a>(reported: &'a Reported, rules: &[&LintInfo], page: &Page) -> ResultJson<'a> {
    let finding = &reported.finding;
    let words = format!("{}.\n\n{}", finding.message, page.details(reported));
    ResultJson {
        rule_id: reported.lint.id,
        rule_index: rules.iter().position(|rule| rule.id == reported.lint.id).unwrap_or_default(),
        level: level(reported.level),
        message: Text { text: words.trim_end().to_string() },
        locations: [location(finding.place, page)],
        code_flows: code_flow(finding.place, &finding.evidence, page).into_iter().collect(),
        related_locations: related(&finding.evidence, page),
        partial_fingerprints: BTreeMap::from([(FINGERPRINT, reported.fingerprint.as_str())]),
        suppressions: reported.suppressed.iter().map(suppression).collect(),
    }
}

/// The chain from the request to the place of the finding, where there is a chain.
fn code_flow(place: Place, evidence: &[Evidence], page: &Page) -> Option<CodeFlow> {
    let mut steps: Vec<Location> = evidence.iter().filter_map(|one| described(one, None, page)).collect();
    if steps.is_empty() {
        return None;
    }
    if evidence.iter().rev().find_map(|one| one.place) != Some(place) {
        steps.push(location(place, page));
    }
    let locations = steps.into_iter().map(|location| ThreadFlowLocation { location }).collect();
    Some(CodeFlow { thread_flows: [ThreadFlow { locations }] })
}

fn related(evidence: &[Evidence], page: &Page) -> Vec<Location> {
    evidence.iter().enumerate().filter_map(|(index, one)| described(one, Some(index + 1), page)).collect()
}

fn described(evidence: &Evidence, id: Option<usize>, page: &Page) -> Option<Location> {
    Some(Location { id, message: Some(Text { text: evidence.what.clone() }), ..location(evidence.place?, page) })
}

fn location(place: Place, page: &Page) -> Location {
    let region = page.region(place);
    let path = page.path(region.file);
    let is_inside = !path.starts_with('/');
    Location {
        id: None,
        message: None,
        physical_location: PhysicalLocation {
            artifact_location: ArtifactLocation {
                uri: if is_inside { uri(&path) } else { format!("file://{}", uri(&path)) },
                uri_base_id: is_inside.then_some("%SRCROOT%"),
            },
            region: RegionJson {
                start_line: region.start.line,
                start_column: region.start.column,
                end_line: region.end.line,
                end_column: region.end.column,
            },
        },
    }
}

fn suppression(suppressed: &Suppressed) -> Suppression<'_> {
    let kind = match suppressed.by {
        SuppressedBy::Comment => "inSource",
        SuppressedBy::Config | SuppressedBy::Baseline => "external",
    };
    let justification = (!suppressed.reason.is_empty()).then_some(suppressed.reason.as_str());
    Suppression { kind, status: "accepted", justification }
}

//! `check --format json`, schema version 1.

use super::CoverageJson;
use crate::findings::Evidence;
use crate::findings::{Report, Reported, guidance_url};
use crate::source::{Place, Sources};
use serde::Serialize;

pub const SCHEMA_VERSION: u32 = 1;
/// JSON schema of what [`json`] gives.
pub const CHECK_SCHEMA: &str = include_str!("check.schema.json");

pub fn json(report: &Report, sources: &Sources) -> String {
    let json = ReportJson {
        rest: rest(report),
        findings: report.findings.iter().map(|reported| finding(reported, sources)).collect(),
        problems: problems(report, sources),
    };
    let text = serde_json::to_string_pretty(&json).expect("a report holds only strings, numbers and lists");
    text + "\n"
}

#[derive(Serialize)]
struct ReportJson<'a> {
    #[serde(flatten)]
    rest: RestJson<'a>,
    findings: Vec<FindingJson<'a>>,
    problems: Vec<ProblemJson<'a>>,
}

/// What is said once for a run.
#[derive(Serialize)]
pub(super) struct RestJson<'a> {
    schema_version: u32,
    tool_version: &'static str,
    coverage: CoverageJson<'a>,
    summary: SummaryJson,
}

#[derive(Serialize)]
pub(super) struct FindingJson<'a> {
    lint: &'static str,
    section: &'static str,
    level: &'static str,
    file: &'a str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    message: &'a str,
    evidence: Vec<EvidenceJson<'a>>,
    help: &'a str,
    url: String,
    package: &'a str,
    item: &'a str,
    fingerprint: &'a str,
    suppressed: Option<SuppressedJson<'a>>,
}

/// Without a place for facts that stand in no file.
#[derive(Serialize)]
struct EvidenceJson<'a> {
    file: Option<&'a str>,
    line: Option<u32>,
    column: Option<u32>,
    message: &'a str,
}

#[derive(Serialize)]
struct SuppressedJson<'a> {
    by: &'static str,
    reason: &'a str,
}

#[derive(Serialize)]
pub(super) struct ProblemJson<'a> {
    file: Option<&'a str>,
    line: Option<u32>,
    message: &'a str,
}

#[derive(Serialize)]
struct SummaryJson {
    deny: usize,
    warn: usize,
    note: usize,
    suppressed: usize,
    baseline: usize,
    left_out: usize,
    left_out_problems: usize,
}

pub(super) fn rest(report: &Report) -> RestJson<'_> {
    let summary = report.summary();
    RestJson {
        schema_version: SCHEMA_VERSION,
        tool_version: env!("CARGO_PKG_VERSION"),
        coverage: CoverageJson::new(&report.coverage, report.files),
        summary: SummaryJson {
            deny: summary.deny,
            warn: summary.warn,
            note: summary.note,
            suppressed: summary.suppressed,
            baseline: summary.baseline,
            left_out: summary.left_out,
            left_out_problems: summary.left_out_problems,
        },
    }
}

pub(super) fn finding<'a>(reported: &'a Reported, sources: &'a Sources) -> FindingJson<'a> {
    let finding = &reported.finding;
    let (start, end) = (sources.start(finding.place), sources.end(finding.place));
    FindingJson {
        lint: reported.lint.id,
        section: reported.lint.section.id(),
        level: reported.level.name(),
        file: sources.path(finding.place.file),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        message: &finding.message,
        evidence: finding.evidence.iter().map(|one| evidence(one, sources)).collect(),
        help: reported.help(),
        url: guidance_url(reported.lint),
        package: &reported.package,
        item: &reported.finding.item,
        fingerprint: &reported.fingerprint,
        suppressed: reported.suppressed.as_ref().map(|by| SuppressedJson { by: by.by.name(), reason: &by.reason }),
    }
}

/// A finding as `check --format json` writes it.
pub fn finding_value(reported: &Reported, sources: &Sources) -> serde_json::Value {
    serde_json::to_value(finding(reported, sources)).unwrap_or_default()
}

fn evidence<'a>(evidence: &'a Evidence, sources: &'a Sources) -> EvidenceJson<'a> {
    let start = evidence.place.map(|place| sources.start(place));
    EvidenceJson {
        file: evidence.place.map(|place| sources.path(place.file)),
        line: start.map(|start| start.line),
        column: start.map(|start| start.column),
        message: &evidence.what,
    }
}

pub(super) fn problems<'a>(report: &'a Report, sources: &'a Sources) -> Vec<ProblemJson<'a>> {
    let in_files = report.problems.iter().map(|problem| {
        let line = sources.start(Place::new(problem.file, problem.span)).line;
        ProblemJson { file: Some(sources.path(problem.file)), line: Some(line), message: &problem.message }
    });
    in_files.chain(report.failures.iter().map(|message| ProblemJson { file: None, line: None, message })).collect()
}

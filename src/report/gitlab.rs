//! GitLab's code quality report: an array of issues (<https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>).

use super::Page;
use crate::findings::{Level, Reported};
use serde::Serialize;

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'static str,
    fingerprint: &'a str,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

pub fn write(page: &Page) -> String {
    let issues: Vec<Issue> = page.open().map(|reported| issue(reported, page)).collect();
    serde_json::to_string_pretty(&issues).expect("issues hold only strings and numbers") + "\n"
}

fn issue<'a>(reported: &'a Reported, page: &Page) -> Issue<'a> {
    let region = page.region(reported.finding.place);
    Issue {
        // GitLab does not show the name of the check.
        description: format!("{}: {}", reported.lint.id, reported.finding.message),
        check_name: reported.lint.id,
        fingerprint: &reported.fingerprint,
        severity: severity(reported.level),
        location: Location { path: page.path(region.file), lines: Lines { begin: region.start.line, end: region.end.line } },
    }
}

fn severity(level: Level) -> &'static str {
    match level {
        Level::Deny => "critical",
        Level::Warn => "major",
        Level::Note | Level::Allow => "info",
    }
}

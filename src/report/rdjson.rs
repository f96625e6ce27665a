//! reviewdog's `rdjson` (<https://github.com/reviewdog/reviewdog/tree/master/proto/rdf>). Its columns count bytes.

use super::{Page, Region};
use crate::findings::{Level, Reported, guidance_url};
use crate::source::Place;
use serde::Serialize;

#[derive(Serialize)]
struct Result<'a> {
    source: Source,
    diagnostics: Vec<Diagnostic<'a>>,
}

#[derive(Serialize)]
struct Source {
    name: &'static str,
    url: &'static str,
}

#[derive(Serialize)]
struct Diagnostic<'a> {
    message: String,
    location: Location,
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<Code>,
    #[serde(rename = "relatedLocations", skip_serializing_if = "Vec::is_empty")]
    related: Vec<Related<'a>>,
}

#[derive(Serialize)]
struct Code {
    value: &'static str,
    url: String,
}

#[derive(Serialize)]
struct Related<'a> {
    message: &'a str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    range: Range,
}

#[derive(Serialize)]
struct Range {
    start: Position,
    end: Position,
}

#[derive(Serialize)]
struct Position {
    line: u32,
    column: usize,
}

pub fn write(page: &Page) -> String {
    let problems = page.report.problems.iter().map(|problem| Diagnostic {
        message: problem.message.clone(),
        location: location(Place::new(problem.file, problem.span), page),
        severity: "ERROR",
        code: None,
        related: Vec::new(),
    });
    let diagnostics = page.open().map(|reported| diagnostic(reported, page)).chain(problems).collect();
    let result = Result { source: Source { name: "moai-backend", url: super::HOME_PAGE }, diagnostics };
    serde_json::to_string_pretty(&result).expect("diagnostics hold only strings and numbers") + "\n"
}

fn diagnostic<'a>(reported: &'a Reported, page: &Page) -> Diagnostic<'a> {
    let finding = &reported.finding;
    let related = finding.evidence.iter().filter_map(|one| Some(Related { message: &one.what, location: location(one.place?, page) }));
    Diagnostic {
        message: format!("{}\n{}", finding.message, page.details(reported)).trim_end().to_string(),
        location: location(finding.place, page),
        severity: severity(reported.level),
        code: Some(Code { value: reported.lint.id, url: guidance_url(reported.lint) }),
        related: related.collect(),
    }
}

fn location(place: Place, page: &Page) -> Location {
    let region: Region = page.region(place);
    let at = |bytes: usize| Position { line: region.start.line, column: region.offset + bytes + 1 };
    Location { path: page.path(place.file), range: Range { start: at(0), end: at((region.span.end - region.span.start) as usize) } }
}

fn severity(level: Level) -> &'static str {
    match level {
        Level::Deny => "ERROR",
        Level::Warn => "WARNING",
        Level::Note | Level::Allow => "INFO",
    }
}

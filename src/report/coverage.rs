//! What a run could see, in words and as data.

use crate::findings::Coverage;
use crate::findings::{FileCounts, Report};
use crate::words::{count, grouped};
use serde::Serialize;

/// The coverage line and, where there is more to say, one line each. Never empty.
pub fn coverage_lines(report: &Report) -> Vec<String> {
    let coverage = &report.coverage;
    let mut lines = vec![format!("{}, {}, {}, {}", files(report.files), routes(report), calls(coverage), queries(coverage))];
    if report.routes == 0 {
        lines.push("0 routes: lints about requests had nothing to look at".to_string());
    }
    if !coverage.unknown.is_empty() {
        let unknown: Vec<String> = coverage.unknown.iter().map(|(what, number)| format!("{what} of {}", count(*number, "route"))).collect();
        lines.push(format!("not known, so not judged: {}", unknown.join(", ")));
    }
    lines.extend(coverage.notes.iter().cloned());
    lines
}

fn files(files: FileCounts) -> String {
    let mut text = count(files.parsed + files.partial + files.skipped, "file");
    if files.partial > 0 {
        text += &format!(" ({} read in part)", grouped(files.partial));
    }
    if files.skipped > 0 {
        text += &format!(" ({} not read)", grouped(files.skipped));
    }
    text
}

fn routes(report: &Report) -> String {
    match report.coverage.handlers_unresolved {
        0 => count(report.routes, "route"),
        unknown => format!("{} ({} not found)", count(report.routes, "route"), count(unknown, "handler")),
    }
}

fn calls(coverage: &Coverage) -> String {
    let known = coverage.calls_resolved + coverage.calls_external;
    let all = known + coverage.calls_unresolved;
    if all == 0 {
        return "0 calls".to_string();
    }
    // Rounded down: 100% is said only when it is true.
    format!("{} ({}% resolved)", count(all, "call"), known * 100 / all)
}

fn queries(coverage: &Coverage) -> String {
    let all = coverage.queries_literal + coverage.queries_dynamic + coverage.queries_by_orm;
    let kinds = [(coverage.queries_by_orm, "by an ORM"), (coverage.queries_dynamic, "built at run time")];
    let told: Vec<String> =
        kinds.iter().filter(|(number, _)| *number > 0).map(|(number, kind)| format!("{} {kind}", grouped(*number))).collect();
    match told.as_slice() {
        [] => count(all, "query"),
        told => format!("{} ({})", count(all, "query"), told.join(", ")),
    }
}

#[derive(Serialize)]
pub struct CoverageJson<'a> {
    files: FilesJson,
    calls: CallsJson,
    routes: RoutesJson,
    queries: QueriesJson,
    unknown: &'a std::collections::BTreeMap<std::borrow::Cow<'static, str>, usize>,
    notes: &'a [String],
}

#[derive(Serialize)]
struct FilesJson {
    parsed: usize,
    partial: usize,
    skipped: usize,
}

#[derive(Serialize)]
struct CallsJson {
    resolved: usize,
    external: usize,
    unresolved: usize,
}

#[derive(Serialize)]
struct RoutesJson {
    resolved_handlers: usize,
    unresolved_handlers: usize,
}

#[derive(Serialize)]
struct QueriesJson {
    parsed: usize,
    unparsed: usize,
    dynamic: usize,
    orm: usize,
}

impl<'a> CoverageJson<'a> {
    pub fn new(coverage: &'a Coverage, files: FileCounts) -> Self {
        Self {
            files: FilesJson { parsed: files.parsed, partial: files.partial, skipped: files.skipped },
            calls: CallsJson {
                resolved: coverage.calls_resolved,
                external: coverage.calls_external,
                unresolved: coverage.calls_unresolved,
            },
            routes: RoutesJson { resolved_handlers: coverage.handlers_resolved, unresolved_handlers: coverage.handlers_unresolved },
            queries: QueriesJson {
                parsed: coverage.queries_literal - coverage.queries_unparsed,
                unparsed: coverage.queries_unparsed,
                dynamic: coverage.queries_dynamic,
                orm: coverage.queries_by_orm,
            },
            unknown: &coverage.unknown,
            notes: &coverage.notes,
        }
    }
}

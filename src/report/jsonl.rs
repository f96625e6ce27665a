//! `json`, cut into lines: findings, then problems, then one line with the rest.

use super::Page;
use super::json::{finding, problems, rest};
use serde::Serialize;

#[derive(Serialize)]
struct Line<T> {
    kind: &'static str,
    #[serde(flatten)]
    what: T,
}

pub fn write(page: &Page) -> String {
    let findings = page.report.findings.iter().map(|reported| line("finding", finding(reported, page.sources)));
    let problems = problems(page.report, page.sources).into_iter().map(|problem| line("problem", problem));
    findings.chain(problems).chain([line("summary", rest(page.report))]).collect()
}

fn line<T: Serialize>(kind: &'static str, what: T) -> String {
    serde_json::to_string(&Line { kind, what }).expect("a report holds only strings, numbers and lists") + "\n"
}

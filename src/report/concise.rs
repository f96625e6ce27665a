//! One line per finding: `path:line:column: level[lint] message`. Notes come in the same order as the rest.

use crate::findings::{Report, Reported};
use crate::source::Sources;

pub fn concise(report: &Report, sources: &Sources) -> String {
    let mut text: String = report.open().map(|reported| line(reported, sources) + "\n").collect();
    for problem in &report.problems {
        let start = sources.start(crate::source::Place::new(problem.file, problem.span));
        text += &format!("{}:{}:{}: problem {}\n", sources.path(problem.file), start.line, start.column, one_line(&problem.message));
    }
    text
}

/// One finding on one line; also what is left when a drawing fails.
pub fn line(reported: &Reported, sources: &Sources) -> String {
    let start = sources.start(reported.finding.place);
    let path = sources.path(reported.finding.place.file);
    let (level, lint) = (reported.level.name(), reported.lint.id);
    format!("{path}:{}:{}: {level}[{lint}] {}", start.line, start.column, one_line(&reported.finding.message))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

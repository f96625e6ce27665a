//! For people: findings drawn, then notes in short, then what was covered.

use super::diagnostic::{because, render, words};
use super::{Terminal, coverage_lines, summary_line};
use crate::findings::{Level, Report, Reported};
use crate::source::{Place, Sources};
use crate::words::count;

/// Problems shown; all of them are in `--format json`.
const MOST_PROBLEMS: usize = 20;

#[derive(Clone, Copy, Debug, Default)]
pub struct HumanOptions {
    /// Findings only.
    pub quiet: bool,
    /// Notes like findings, with snippet and evidence.
    pub verbose: bool,
}

pub fn human(report: &Report, sources: &Sources, terminal: &Terminal, options: HumanOptions) -> String {
    let (notes, findings): (Vec<&Reported>, Vec<&Reported>) = report.open().partition(|reported| reported.level == Level::Note);
    let mut text: String = findings.iter().map(|reported| render(reported, sources, terminal) + "\n").collect();
    if !options.quiet {
        text += &match options.verbose {
            true => notes.iter().map(|reported| render(reported, sources, terminal) + "\n").collect(),
            false => short_notes(&notes, sources, terminal),
        };
    }
    text += &problems(report, sources, terminal);
    if !options.quiet {
        text += &closing(report, terminal);
    }
    text
}

fn short_notes(notes: &[&Reported], sources: &Sources, terminal: &Terminal) -> String {
    if notes.is_empty() {
        return String::new();
    }
    let mut text = format!("{}\n", terminal.style("1", "notes"));
    notes.iter().for_each(|note| text += &short_note(note, sources, terminal));
    text + "\n"
}

fn short_note(note: &Reported, sources: &Sources, terminal: &Terminal) -> String {
    let start = sources.start(note.finding.place);
    let place = format!("{}:{}:{}", sources.path(note.finding.place.file), start.line, start.column);
    let first =
        format!("  {}: {} {}\n", terminal.style("36", note.lint.id), note.finding.message, terminal.style("2", &format!("({place})")));
    // Evidence without a place is the reason in words; places are for `--verbose`.
    let reason: Vec<_> = note.finding.evidence.iter().filter(|one| one.place.is_none()).take(1).cloned().collect();
    let rest = because(&reason, sources, terminal, false) + &words(terminal, "instead", note.help());
    first + &rest.lines().map(|line| format!("  {line}\n")).collect::<String>()
}

fn problems(report: &Report, sources: &Sources, terminal: &Terminal) -> String {
    let all = report.problems.len() + report.failures.len();
    if all == 0 {
        return String::new();
    }
    let mut text = format!("{}\n", terminal.style("1;33", "not read, so not judged"));
    for problem in report.problems.iter().take(MOST_PROBLEMS) {
        let start = sources.start(Place::new(problem.file, problem.span));
        text += &format!("  {}:{}:{} {}\n", sources.path(problem.file), start.line, start.column, problem.message);
    }
    report.failures.iter().for_each(|failure| text += &format!("  {failure}\n"));
    if report.problems.len() > MOST_PROBLEMS {
        text += &format!("  and {} more\n", report.problems.len() - MOST_PROBLEMS);
    }
    text + "\n"
}

fn closing(report: &Report, terminal: &Terminal) -> String {
    let summary = report.summary();
    let style = match (summary.deny, summary.warn) {
        (0, 0) => "1;32",
        (0, _) => "1;33",
        _ => "1;31",
    };
    let incomplete = match report.problems.len() + report.failures.len() {
        0 => String::new(),
        number => format!(", incomplete: {}", count(number, "problem")),
    };
    let mut text = format!("{}{incomplete}\n", terminal.style(style, &summary_line(summary)));
    let mut lines = coverage_lines(report).into_iter();
    text += &format!("covered: {}\n", lines.next().unwrap_or_default());
    lines.for_each(|line| text += &format!("{}\n", terminal.style("2", &format!("  {line}"))));
    text
}

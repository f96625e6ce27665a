//! For people: findings drawn, then notes in short, then what was covered.

use super::diagnostic::{because, render, words};
use super::{Terminal, coverage_lines, summary_line};
use crate::findings::{Level, Report, Reported};
use crate::source::{Place, Sources};
use crate::words::count;

/// Problems shown; all of them are in `--format json`.
const MOST_PROBLEMS: usize = 20;

/// Up to so many notes of one lint are told each with its reason and advice.
const FEW_NOTES: usize = 3;
/// Notes of one lint shown at most.
const MOST_NOTES: usize = 8;

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

/// By lint. A lint with many notes has a line for each of the first ones, and its general advice once.
fn short_notes(notes: &[&Reported], sources: &Sources, terminal: &Terminal) -> String {
    if notes.is_empty() {
        return String::new();
    }
    let mut by_lint: Vec<(&str, Vec<&Reported>)> = Vec::new();
    for note in notes {
        match by_lint.iter_mut().find(|(lint, _)| *lint == note.lint.id) {
            Some((_, notes)) => notes.push(note),
            None => by_lint.push((note.lint.id, vec![note])),
        }
    }
    let groups = by_lint.iter().map(|(_, notes)| match notes.len() {
        ..=FEW_NOTES => notes.iter().map(|note| short_note(note, sources, terminal)).collect::<String>(),
        _ => many_notes(notes, sources, terminal),
    });
    format!("{}\n{}\n", terminal.style("1", "notes"), groups.collect::<String>())
}

fn short_note(note: &Reported, sources: &Sources, terminal: &Terminal) -> String {
    let place = terminal.style("2", &format!("({})", place(note, sources)));
    let first = format!("  {}: {} {place}\n", terminal.style("36", note.lint.id), note.finding.message);
    // Evidence without a place is the reason in words; places are for `--verbose`.
    let reason: Vec<_> = note.finding.evidence.iter().filter(|one| one.place.is_none()).take(1).cloned().collect();
    let rest = because(&reason, sources, terminal) + &words(terminal, "instead", note.help());
    first + &rest.lines().map(|line| format!("  {line}\n")).collect::<String>()
}

fn many_notes(notes: &[&Reported], sources: &Sources, terminal: &Terminal) -> String {
    let lint = notes[0].lint;
    let mut text = format!("  {}: {}, {}\n", terminal.style("36", lint.id), lint.summary, count(notes.len(), "time"));
    for note in notes.iter().take(MOST_NOTES) {
        text += &format!("    {} {}\n", terminal.style("2", &place(note, sources)), note.finding.message);
    }
    if notes.len() > MOST_NOTES {
        text += &format!("    and {} more: `--verbose` shows all\n", notes.len() - MOST_NOTES);
    }
    text + "  " + &words(terminal, "instead", lint.help)
}

fn place(reported: &Reported, sources: &Sources) -> String {
    let start = sources.start(reported.finding.place);
    format!("{}:{}:{}", sources.path(reported.finding.place.file), start.line, start.column)
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

//! One finding, drawn by miette: the chain of evidence as labels where it lies in the finding's own file, as a numbered list where it does not.

use super::Terminal;
use super::concise::line;
use crate::findings::Evidence;
use crate::findings::{Level, Reported, guidance_url};
use crate::source::{FileId, Place, Sources, Span};
use miette::{Diagnostic, GraphicalReportHandler, LabeledSpan, NamedSource, NarratableReportHandler, Severity, SourceCode};
use std::fmt::{self, Display};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Longer lines are cut: nobody reads them, and drawing them has broken renderers.
const LONGEST_LINE: usize = 2_000;
/// More labels than this in one file are a list.
const MOST_LABELS: usize = 6;
/// Everything between two labels is drawn, so what is further away than this is told in the list.
const FURTHEST_LINES: usize = 30;

/// The finding with its snippet, `because` and `instead`; one line where drawing fails.
pub fn render(reported: &Reported, sources: &Sources, terminal: &Terminal) -> String {
    let drawn = catch_unwind(AssertUnwindSafe(|| draw(reported, sources, terminal)));
    match drawn {
        Ok(Ok(text)) => text,
        _ => line(reported, sources) + "\n",
    }
}

fn draw(reported: &Reported, sources: &Sources, terminal: &Terminal) -> Result<String, fmt::Error> {
    let mut text = String::new();
    let mut drawing = Drawing::new(reported, sources);
    if !terminal.graphics {
        // In sentences, labels in several parts of a file are hard to follow: the list says it better.
        drawing.labels.truncate(1);
        drawing.unlabelled = reported.finding.evidence.clone();
    }
    match terminal.graphics {
        true => GraphicalReportHandler::new_themed(terminal.theme())
            .with_links(terminal.links)
            .with_width(terminal.width)
            .with_context_lines(1)
            .tab_width(4)
            .render_report(&mut text, &drawing)?,
        false => NarratableReportHandler::new().render_report(&mut text, &drawing)?,
    }
    while text.ends_with("\n\n") {
        text.pop();
    }
    text += &because(&drawing.unlabelled, sources, terminal);
    text += &words(terminal, "instead", reported.help());
    Ok(text)
}

/// A finding as miette sees it. `help` is left to [`words`], which says `instead`.
#[derive(Debug)]
struct Drawing {
    message: String,
    code: &'static str,
    url: String,
    severity: Severity,
    source: NamedSource<Arc<str>>,
    labels: Vec<LabeledSpan>,
    /// What is told below the drawing: the whole chain where it leaves the file, or what has no place.
    unlabelled: Vec<Evidence>,
}

impl Drawing {
    fn new(reported: &Reported, sources: &Sources) -> Self {
        let finding = &reported.finding;
        let file = sources.file(finding.place.file);
        let labels = labels(finding.place, &finding.evidence, &file.text);
        let (text, labels) = cut_long_lines(&file.text, labels);
        let labels = labels.into_iter().enumerate().map(|(index, (span, words))| {
            let words = (!words.is_empty()).then_some(words);
            let range = (span.start as usize, (span.end - span.start) as usize);
            if index == 0 { LabeledSpan::new_primary_with_span(words, range) } else { LabeledSpan::new_with_span(words, range) }
        });
        Self {
            message: finding.message.clone(),
            code: reported.lint.id,
            url: guidance_url(reported.lint),
            severity: severity(reported.level),
            source: NamedSource::new(&*file.path, text),
            labels: labels.collect(),
            unlabelled: unlabelled(finding.place, &finding.evidence, &file.text),
        }
    }
}

fn severity(level: Level) -> Severity {
    match level {
        Level::Deny => Severity::Error,
        Level::Warn => Severity::Warning,
        Level::Note | Level::Allow => Severity::Advice,
    }
}

impl Display for Drawing {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Drawing {}

impl Diagnostic for Drawing {
    fn code(&self) -> Option<Box<dyn Display + '_>> {
        Some(Box::new(self.code))
    }

    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn url(&self) -> Option<Box<dyn Display + '_>> {
        Some(Box::new(&self.url))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

/// The finding's own place first, then its evidence in the same file.
fn labels(place: Place, evidence: &[Evidence], text: &str) -> Vec<(Span, String)> {
    let placed = evidence.iter().filter(|one| one.place.is_some()).count();
    let mut labels = vec![(first_line(place.span, text), String::new())];
    let drawn = evidence.iter().enumerate().filter(|(_, one)| is_in(place.file, one) && is_near(place, one, text));
    for (index, one) in drawn.take(MOST_LABELS) {
        let span = first_line(one.place.map(|at| at.span).unwrap_or_default(), text);
        let words = if placed > 1 { format!("{}. {}", index + 1, one.what) } else { one.what.clone() };
        match labels.iter_mut().find(|(other, _)| *other == span) {
            Some((_, said)) if said.is_empty() => *said = words,
            Some((_, said)) => *said = format!("{said}; {words}"),
            None => labels.push((span, words)),
        }
    }
    if labels.len() > 1 && labels[0].1.is_empty() {
        labels[0].1.push_str("here");
    }
    labels
}

fn is_near(place: Place, evidence: &Evidence, text: &str) -> bool {
    let Some(at) = evidence.place else { return false };
    let (one, other) = (boundary(text, at.span.start as usize), boundary(text, place.span.start as usize));
    let between = &text.as_bytes()[one.min(other)..one.max(other)];
    between.iter().filter(|byte| **byte == b'\n').nth(FURTHEST_LINES).is_none()
}

fn unlabelled(place: Place, evidence: &[Evidence], text: &str) -> Vec<Evidence> {
    let here = evidence.iter().filter(|one| is_in(place.file, one) && is_near(place, one, text)).count();
    let placed = evidence.iter().filter(|one| one.place.is_some()).count();
    match placed > here || here > MOST_LABELS {
        true => evidence.to_vec(),
        false => evidence.iter().filter(|one| one.place.is_none()).cloned().collect(),
    }
}

fn is_in(file: FileId, evidence: &Evidence) -> bool {
    evidence.place.is_some_and(|place| place.file == file)
}

/// What is underlined of a place that spans lines: its first one.
fn first_line(span: Span, text: &str) -> Span {
    let (start, end) = (boundary(text, span.start as usize), boundary(text, span.end.max(span.start) as usize));
    let line = text[start..end].split(['\n', '\r']).next().unwrap_or("");
    Span::new(start, start + line.len())
}

fn boundary(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// Cuts every line to [`LONGEST_LINE`] bytes around the first label in it, and moves the labels along.
fn cut_long_lines(text: &Arc<str>, labels: Vec<(Span, String)>) -> (Arc<str>, Vec<(Span, String)>) {
    if text.split('\n').all(|line| line.len() <= LONGEST_LINE) {
        return (text.clone(), labels);
    }
    let mut cut = String::with_capacity(text.len().min(1 << 20));
    let mut moved = labels.clone();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        let inside = |span: &Span| start <= span.start as usize && (span.start as usize) < end.max(start + 1);
        let from = match labels.iter().find(|(span, _)| inside(span)) {
            Some((span, _)) if line.len() > LONGEST_LINE => {
                boundary(text, (span.start as usize).saturating_sub(LONGEST_LINE / 4).max(start))
            }
            _ => start,
        };
        let to = boundary(text, end.min(from + LONGEST_LINE));
        let offset = cut.len();
        cut.push_str(&text[from..to]);
        if to < end && line.ends_with('\n') {
            cut.push('\n');
        }
        for ((old, _), (new, _)) in labels.iter().zip(&mut moved).filter(|((old, _), _)| inside(old)) {
            let clamp = |at: u32| offset + (at as usize).clamp(from, to) - from;
            *new = Span::new(clamp(old.start), clamp(old.end));
        }
        start = end;
    }
    (cut.into(), moved)
}

/// Evidence in reading order, with places and numbers; without numbers where nothing has a place.
pub fn because(evidence: &[Evidence], sources: &Sources, terminal: &Terminal) -> String {
    let step = |one: &Evidence| match one.place {
        Some(place) => {
            let start = sources.start(place);
            format!("{} {}", terminal.style("2", &format!("{}:{}:{}", sources.path(place.file), start.line, start.column)), one.what)
        }
        None => one.what.clone(),
    };
    match evidence {
        [] => String::new(),
        [only] => words(terminal, "because", &step(only)),
        _ if evidence.iter().all(|one| one.place.is_none()) => {
            words(terminal, "because", &evidence.iter().map(step).collect::<Vec<_>>().join("\n"))
        }
        _ => {
            let steps = evidence.iter().enumerate().map(|(index, one)| format!("{}. {}", index + 1, step(one)));
            words(terminal, "because", &steps.collect::<Vec<_>>().join("\n"))
        }
    }
}

/// `  because: ..`, with further lines below the first one's text.
pub fn words(terminal: &Terminal, word: &str, text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let indent = format!("\n{}", " ".repeat(word.len() + 4));
    format!("  {} {}\n", terminal.style("36", &format!("{word}:")), text.lines().collect::<Vec<_>>().join(&indent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_cut_around_the_label() {
        let text: Arc<str> = format!("fn a() {{}}\n{}LABEL{}\nfn b() {{}}\n", "ä".repeat(3_000), "x".repeat(3_000)).into();
        let at = text.find("LABEL").expect("the label");
        let (cut, labels) = cut_long_lines(&text, vec![(Span::new(at, at + 5), String::new())]);
        let span = labels[0].0;
        assert_eq!(&cut[span.start as usize..span.end as usize], "LABEL");
        assert!(cut.lines().all(|line| line.len() <= LONGEST_LINE));
        assert_eq!(cut.lines().count(), 3);
    }

    #[test]
    fn a_place_over_lines_is_underlined_on_its_first() {
        let text = "fn a() {\r\n    b();\r\n}\r\n";
        assert_eq!(first_line(Span::new(0, text.len()), text), Span::new(0, 8));
        assert_eq!(first_line(Span::new(500, 400), text), Span::new(text.len(), text.len()));
    }

    #[test]
    fn evidence_far_from_the_finding_is_told_in_the_list_and_not_drawn() {
        let text = format!("a\nb\n{}c\n", "\n".repeat(100));
        let at = |offset: usize| Place::new(FileId(0), Span::new(offset, offset + 1));
        let evidence = [0, 2, text.len() - 2].map(|offset| Evidence::at(at(offset), "here"));
        assert_eq!(labels(at(0), &evidence, &text).len(), 2);
        assert_eq!(unlabelled(at(0), &evidence, &text).len(), 3);
        assert!(unlabelled(at(0), &evidence[..2], &text).is_empty());
    }
}

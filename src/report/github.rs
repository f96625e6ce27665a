//! Annotations of GitHub Actions: workflow commands on standard output
//! (<https://docs.github.com/actions/reference/workflow-commands-for-github-actions>).

use super::concise::line;
use super::{Page, markdown};
use crate::findings::{Level, Reported};
use crate::words::count;

/// GitHub shows so many annotations of each level of a step, and drops the others without a word.
const MOST: usize = 10;
/// What the summary of a step may hold: 1 MiB, less what is said when it is cut.
const LONGEST_SUMMARY: usize = (1 << 20) - 1024;

/// Worst first; what would not be shown as an annotation is a plain line of the log.
pub fn write(page: &Page) -> String {
    let mut text = String::new();
    let mut dropped = 0;
    for level in [Level::Deny, Level::Warn, Level::Note] {
        let findings: Vec<&Reported> = page.open().filter(|reported| reported.level == level).collect();
        // One notice is kept for telling how many are missing.
        let most = if level == Level::Note { MOST - 1 } else { MOST };
        text += &findings.iter().take(most).map(|reported| annotation(reported, page)).collect::<String>();
        let rest = findings.iter().skip(most);
        dropped += rest.len();
        text += &rest.map(|reported| format!("{}\n", plain(&line(reported, page.sources)))).collect::<String>();
    }
    text += &problems(page);
    if dropped > 0 {
        let message = format!("{} without an annotation: see the log or the summary of this job", count(dropped, "more finding"));
        text += &format!("::notice title=moai-backend::{}\n", data(&message));
    }
    text
}

/// What `$GITHUB_STEP_SUMMARY` gets, cut to what it may hold.
pub fn step_summary(page: &Page) -> String {
    let text = markdown::write(page);
    if text.len() <= LONGEST_SUMMARY {
        return text;
    }
    // After a line, so between characters.
    let end = text.as_bytes()[..LONGEST_SUMMARY].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    format!("{}\n{} did not fit in here: see the log\n", &text[..end], count(text[end..].lines().count(), "more line"))
}

fn annotation(reported: &Reported, page: &Page) -> String {
    let finding = &reported.finding;
    let region = page.region(finding.place);
    // Columns are taken only where both ends stand on one line and the last is not before the first; other annotations vanish.
    let last = region.end.column.saturating_sub(1).max(region.start.column);
    let properties = [
        ("file", page.path(region.file)),
        ("line", region.start.line.to_string()),
        ("endLine", region.start.line.to_string()),
        ("col", region.start.column.to_string()),
        ("endColumn", last.to_string()),
        ("title", format!("moai-backend: {}", reported.lint.id)),
    ];
    let properties: Vec<String> = properties.iter().map(|(key, value)| format!("{key}={}", property(value))).collect();
    let message = format!("{}\n{}", finding.message, page.details(reported));
    format!("::{} {}::{}\n", command(reported.level), properties.join(","), data(message.trim_end()))
}

fn problems(page: &Page) -> String {
    let in_files = page.report.problems.iter().map(|problem| {
        let line = page.sources.start(crate::source::Place::new(problem.file, problem.span)).line;
        let file = property(&page.path(problem.file));
        format!("::warning file={file},line={line},title=moai-backend%3A not read::{}\n", data(&problem.message))
    });
    let failures = page.report.failures.iter().map(|failure| format!("::error title=moai-backend::{}\n", data(failure)));
    // A few tell it all, and findings need the places.
    in_files.take(3).chain(failures).collect()
}

fn command(level: Level) -> &'static str {
    match level {
        Level::Deny => "error",
        Level::Warn => "warning",
        Level::Note | Level::Allow => "notice",
    }
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// A line of the log in which nothing is taken for a command.
fn plain(line: &str) -> String {
    line.replace("##[", "## [")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_escaped_as_the_runner_takes_them_apart() {
        assert_eq!(data("100%\r\na: b, c"), "100%25%0D%0Aa: b, c");
        assert_eq!(property("a:b,c%"), "a%3Ab%2Cc%25");
        assert_eq!(plain("src/a.rs:1:1: warn[x] ##[group]"), "src/a.rs:1:1: warn[x] ## [group]");
    }
}

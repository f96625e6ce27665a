//! A table for comments on pull requests and for summaries of CI jobs (GitHub flavoured Markdown).

use super::{Page, coverage_lines, summary_line};
use crate::findings::{Level, Reported, guidance_url};

pub fn write(page: &Page) -> String {
    let mut text = format!("### moai-backend: {}\n\n", summary_line(page.report.summary()));
    let mut findings: Vec<&Reported> = page.open().collect();
    findings.sort_by_key(|reported| std::cmp::Reverse(reported.level));
    if !findings.is_empty() {
        text += "| | lint | where | what |\n|---|---|---|---|\n";
        text += &findings.iter().map(|reported| row(reported, page)).collect::<String>();
        text.push('\n');
    }
    for failure in page.report.problems.iter().map(|problem| &problem.message).chain(&page.report.failures) {
        text += &format!("- not read: {}\n", escaped(failure));
    }
    text + &coverage(page)
}

fn row(reported: &Reported, page: &Page) -> String {
    let start = page.region(reported.finding.place).start;
    let mark = match reported.level {
        Level::Deny => "❌",
        Level::Warn => "⚠️",
        Level::Note | Level::Allow => "💡",
    };
    format!(
        "| {mark} | [{}]({}) | {}:{} | {} |\n",
        reported.lint.id,
        guidance_url(reported.lint),
        code(&page.path(reported.finding.place.file)),
        start.line,
        escaped(&reported.finding.message)
    )
}

fn coverage(page: &Page) -> String {
    format!("<sub>covered: {}</sub>\n", escaped(&coverage_lines(page.report).join("; ")))
}

fn code(text: &str) -> String {
    format!("`{}`", cell(text).replace('`', "'"))
}

/// Text for a cell of a table: names in backticks stay code, everything else is plain text.
fn escaped(text: &str) -> String {
    let parts = text.split('`');
    // A backtick without its partner is a backtick.
    if parts.clone().count().is_multiple_of(2) {
        return plain(text);
    }
    let parts = parts.enumerate().map(|(index, part)| if index % 2 == 1 { format!("`{}`", cell(part)) } else { plain(part) });
    parts.collect()
}

fn plain(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in cell(text).chars() {
        match character {
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '&' => escaped += "&amp;",
            '*' | '_' | '[' | ']' | '`' | '#' | '~' | '@' => escaped.extend(['\\', character]),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// In a table a line is a row, and `|` ends a cell even in code.
fn cell(text: &str) -> String {
    text.replace(['\n', '\r', '\t'], " ").replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_message_breaks_the_table() {
        assert_eq!(escaped("a | <b> `x|y<z>`\n_c_ @d"), "a \\| &lt;b&gt; `x\\|y<z>` \\_c\\_ \\@d");
        assert_eq!(escaped("one ` only"), "one \\` only");
    }
}

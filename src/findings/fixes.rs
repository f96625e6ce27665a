//! Mechanical fixes: names in allow comments that suppress nothing are taken away. Code is never touched.

use super::tool_lints::unused_allows;
use super::{AnalysedFile, Ground, Report};
use crate::facts::{AllowComment, words_of_code};
use crate::source::{FileId, Place, Span};

/// New text in place of a span's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub span: Span,
    pub text: String,
}

/// All edits of one file, in order, none over another.
pub struct FileFix {
    pub file: FileId,
    pub edits: Vec<Edit>,
    /// Findings that are gone with them.
    pub findings: usize,
}

impl FileFix {
    pub fn apply(&self, text: &str) -> String {
        let (mut fixed, mut at) = (String::with_capacity(text.len()), 0);
        for edit in &self.edits {
            fixed += &text[at..edit.span.start as usize];
            fixed += &edit.text;
            at = edit.span.end as usize;
        }
        fixed + &text[at..]
    }
}

/// Only fixes that leave every token of the code as it is.
pub fn fixes(report: &Report, ground: &Ground) -> Vec<FileFix> {
    ground.files.iter().filter_map(|file| of_file(file, report, ground)).collect()
}

fn of_file(file: &AnalysedFile, report: &Report, ground: &Ground) -> Option<FileFix> {
    let here = report.open().filter(|reported| reported.lint.id == unused_allows::INFO.id && reported.finding.place.file == file.file);
    let unused: Vec<Span> = here.map(|reported| reported.finding.place.span).collect();
    let text = &ground.sources.get(file.file)?.text;
    let edits: Vec<Edit> = file.allows.iter().filter_map(|comment| edit(comment, &unused, text)).collect();
    let fix = FileFix { file: file.file, edits, findings: unused.len() };
    let is_safe = words_of_code(text).eq(words_of_code(&fix.apply(text)));
    (!fix.edits.is_empty() && is_safe).then_some(fix)
}

fn edit(comment: &AllowComment, unused: &[Span], text: &str) -> Option<Edit> {
    let kept: Vec<&str> = comment.lints.iter().filter(|(_, span)| !unused.contains(span)).map(|(name, _)| name.as_str()).collect();
    let (first, last) = (comment.lints.first()?.1, comment.lints.last()?.1);
    match kept.len() {
        0 => Some(Edit { span: whole(comment.span, text), text: String::new() }),
        _ if kept.len() == comment.lints.len() => None,
        _ => Some(Edit { span: Span { start: first.start, end: last.end }, text: kept.join(", ") }),
    }
}

/// A comment with its line where it stands alone there, with the blanks before it where it does not.
fn whole(comment: Span, text: &str) -> Span {
    let (start, end) = (comment.start as usize, comment.end as usize);
    let before = &text[..start];
    let blanks = before.len() - before.trim_end_matches([' ', '\t']).len();
    let begins_line = before.len() == blanks || before[..start - blanks].ends_with('\n');
    let rest = text[end..].split('\n').next().unwrap_or("");
    match (begins_line, rest.trim().is_empty()) {
        (true, true) => Span::new(start - blanks, (end + rest.len() + 1).min(text.len())),
        (true, false) => Span::new(start, end + (rest.len() - rest.trim_start_matches([' ', '\t']).len())),
        (false, _) => Span::new(start - blanks, end),
    }
}

/// The lines that change, as a patch without context.
pub fn patch(fix: &FileFix, ground: &Ground) -> String {
    let (path, text) = (ground.sources.path(fix.file), &ground.sources.file(fix.file).text);
    let mut patch = format!("--- a/{path}\n+++ b/{path}\n");
    let mut moved = 0i64;
    for edits in fix.edits.chunk_by(|one, other| !text[one.span.end as usize..other.span.start as usize].contains('\n')) {
        let (first, last) = (&edits[0].span, &edits[edits.len() - 1].span);
        let begin = text[..first.start as usize].rfind('\n').map_or(0, |at| at + 1);
        let last_byte = (last.end as usize).max(begin + 1) - 1;
        let end = text[last_byte..].find('\n').map_or(text.len(), |length| last_byte + length + 1);
        let shifted = |edit: &Edit| Edit {
            span: Span::new(edit.span.start as usize - begin, edit.span.end as usize - begin),
            text: edit.text.clone(),
        };
        let part = FileFix { file: fix.file, edits: edits.iter().map(shifted).collect(), findings: 0 };
        let (old, new) = (&text[begin..end], part.apply(&text[begin..end]));
        let (old_lines, new_lines) = (old.lines().count(), new.lines().count());
        let line = i64::from(ground.sources.start(Place::new(fix.file, Span::new(begin, begin))).line);
        // A hunk that only removes lines names the line before it.
        let new_line = line + moved - i64::from(new_lines == 0);
        patch += &format!("@@ -{line},{old_lines} +{new_line},{new_lines} @@\n");
        patch += &old.lines().map(|line| format!("-{line}\n")).chain(new.lines().map(|line| format!("+{line}\n"))).collect::<String>();
        moved += new_lines as i64 - old_lines as i64;
    }
    patch
}

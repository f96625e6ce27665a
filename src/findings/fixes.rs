//! Fixes as edits of files, and as patches. Safe ones leave every token of the code as it is; see `fixers` for the others.

use super::fixers::FIXERS;
use super::tool_lints::unused_allows;
use super::{Ground, Report, Reported, Safety, parse_baseline};
use crate::facts::{AllowComment, words_of_code};
use crate::source::{FileId, Place, Span};
use std::collections::BTreeMap;

/// New text in place of a span's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub span: Span,
    pub text: String,
}

/// All edits of one file, in order, none over another.
#[derive(Clone, Debug)]
pub struct FileFix {
    pub file: FileId,
    pub edits: Vec<Edit>,
    /// Findings that are gone with them.
    pub findings: usize,
    /// Fingerprints of those that only an unsafe fix mends.
    pub mended: Vec<String>,
}

impl FileFix {
    pub(crate) fn of(file: FileId, edits: Vec<Edit>) -> FileFix {
        FileFix { file, edits, findings: 0, mended: Vec::new() }
    }

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

/// Fixes that are at most as unsafe as that, by file.
pub fn fixes(report: &Report, ground: &Ground, at_most: Safety) -> Vec<FileFix> {
    let mut fixes: BTreeMap<FileId, FileFix> = BTreeMap::new();
    for safety in [Safety::Safe, Safety::Unsafe].into_iter().filter(|safety| *safety <= at_most) {
        for fix in comments(report, ground).into_iter().filter(|_| safety == Safety::Safe).chain(by_table(report, ground, safety)) {
            let file = fixes.entry(fix.file).or_insert_with(|| FileFix::of(fix.file, Vec::new()));
            file.take(fix);
        }
    }
    fixes.into_values().collect()
}

impl FileFix {
    /// One that lies over another is left for the next run.
    fn take(&mut self, other: FileFix) {
        let is_free = |edit: &Edit| self.edits.iter().all(|one| one.span.end < edit.span.start || edit.span.end < one.span.start);
        if other.edits.iter().all(is_free) {
            self.edits.extend(other.edits);
            self.edits.sort_by_key(|edit| edit.span.start);
            self.findings += other.findings;
            self.mended.extend(other.mended);
        }
    }
}

/// Rows of the table, a fix for each finding.
fn by_table(report: &Report, ground: &Ground, safety: Safety) -> Vec<FileFix> {
    let mend = |reported: &Reported| {
        let row = FIXERS.iter().find(|row| row.lint == reported.lint.id && row.safety == safety)?;
        let file = reported.finding.place.file;
        let text = &ground.sources.get(file)?.text;
        let mended = if safety == Safety::Unsafe { vec![reported.fingerprint.clone()] } else { Vec::new() };
        let fix = FileFix { file, edits: (row.edits)(reported, text)?, findings: 1, mended };
        (safety == Safety::Unsafe || is_shorter_baseline(text, &fix.apply(text))).then_some(fix)
    };
    report.open().filter_map(mend).collect()
}

/// Whether nothing but an entry is gone.
fn is_shorter_baseline(before: &str, after: &str) -> bool {
    let ((before, _), (after, mistakes)) = (parse_baseline(before), parse_baseline(after));
    let is_there =
        |entry: &super::BaselineEntry| before.iter().any(|one| (&one.lint, &one.fingerprint) == (&entry.lint, &entry.fingerprint));
    mistakes.is_empty() && after.len() <= before.len() && after.iter().all(is_there)
}

/// Names in allow comments that suppress nothing, a fix for each file.
fn comments(report: &Report, ground: &Ground) -> Vec<FileFix> {
    let of_file = |file: &super::AnalysedFile| {
        let here = report.open().filter(|one| one.lint.id == unused_allows::INFO.id && one.finding.place.file == file.file);
        let unused: Vec<Span> = here.map(|reported| reported.finding.place.span).collect();
        let text = &ground.sources.get(file.file)?.text;
        let edits: Vec<Edit> = file.allows.iter().filter_map(|comment| edit(comment, &unused, text)).collect();
        let fix = FileFix { file: file.file, edits, findings: unused.len(), mended: Vec::new() };
        let is_safe = words_of_code(text).eq(words_of_code(&fix.apply(text)));
        (!fix.edits.is_empty() && is_safe).then_some(fix)
    };
    ground.files.iter().filter_map(of_file).collect()
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
        let part = FileFix::of(fix.file, edits.iter().map(shifted).collect());
        let (old, new) = (&text[begin..end], part.apply(&text[begin..end]));
        let (old_lines, new_lines) = (old.lines().count(), new.lines().count());
        let line = i64::from(ground.sources.start(Place::new(fix.file, Span::new(begin, begin))).line);
        // A hunk that only removes lines names the line before it.
        let new_line = line + moved - i64::from(new_lines == 0);
        patch += &format!("@@ -{line},{old_lines} +{new_line},{new_lines} @@\n");
        patch += &marked('-', old);
        patch += &marked('+', &new);
        moved += new_lines as i64 - old_lines as i64;
    }
    patch
}

fn marked(mark: char, lines: &str) -> String {
    let marked: String = lines.lines().map(|line| format!("{mark}{line}\n")).collect();
    let is_whole = lines.is_empty() || lines.ends_with('\n');
    if is_whole { marked } else { marked + "\\ No newline at end of file\n" }
}

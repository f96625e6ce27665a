//! Allow comments: which findings they suppress, which of them suppress nothing, which cannot be understood.

use super::date::Date;
use super::tool_lints::{invalid_allows, unused_allows};
use super::{AnalysedFile, Finding, Ground, Levels, Selection, unknown_lint_help};
use crate::facts::{AllowComment, AllowScope, Name, Reading, words_of_code};
use crate::lints::LintInfo;
use crate::source::{FileId, Place, Sources, Span};
use rustc_hash::FxHashSet;

/// The well-formed allow comments of a run, with a memory of what each of their names suppressed.
pub struct Allows<'a> {
    files: &'a [AnalysedFile],
    sources: &'a Sources,
    used: FxHashSet<(FileId, Span)>,
}

impl<'a> Allows<'a> {
    pub fn new(ground: &Ground<'a>) -> Self {
        Self { files: ground.files, sources: ground.sources, used: FxHashSet::default() }
    }

    /// The reason of the comment that allows `lint` at `place`, if there is one.
    pub fn reason(&mut self, lint: &LintInfo, place: Place) -> Option<String> {
        if lint.id == invalid_allows::INFO.id {
            return None;
        }
        let file = self.files.iter().find(|file| file.file == place.file)?;
        let reaching =
            file.allows.iter().filter(|comment| comment.malformed.is_none() && !has_ended(comment) && reaches(comment.scope, place.span));
        let (span, reason) = reaching.filter_map(|comment| named(comment, lint.id)).next()?;
        self.used.insert((place.file, span));
        Some(reason)
    }

    /// Names in comments that suppressed nothing although their lint looked.
    pub fn unused(&self, levels: &Levels) -> Vec<Finding> {
        let whole = self.files.iter().filter(|file| file.selected && file.reading == Reading::Whole);
        let mut findings = Vec::new();
        for (file, comment, (name, span)) in whole.flat_map(names) {
            let Some(lint) = super::lint(&id(name)) else { continue };
            // Whether `unused_allows` itself is needed shows only after this list is made.
            let itself = lint.id == unused_allows::INFO.id;
            if itself || comment.malformed.is_some() || levels.is_off(lint) || self.used.contains(&(file.file, *span)) {
                continue;
            }
            let message = match comment.until.as_deref().filter(|_| has_ended(comment)) {
                Some(until) => format!("this allowed `{}` until {until}", lint.id),
                None => format!("nothing to allow here: `{}` finds nothing", lint.id),
            };
            findings.push(about(self.sources, (file.file, comment), *span, message, lint.id));
        }
        findings
    }
}

/// Comments that look like allow comments and are none.
pub fn invalid(ground: &Ground) -> Vec<Finding> {
    let selected = || ground.files.iter().filter(|file| file.selected);
    let malformed =
        selected().flat_map(|file| file.allows.iter().map(move |comment| (file.file, comment))).filter_map(|(file, comment)| {
            let wrong = comment.malformed.as_ref()?;
            let message = format!("this comment allows nothing: {wrong}");
            Some(about(ground.sources, (file, comment), comment.span, message, "malformed"))
        });
    let unknown =
        selected().flat_map(names).filter(|(_, comment, _)| comment.malformed.is_none()).filter_map(|(file, comment, (name, span))| {
            let known = super::lint(&id(name)).is_some();
            let message = match Selection::parse(name) {
                Ok(_) => format!("`{name}` is not a lint: comments allow single lints only"),
                Err(_) => format!("there is no lint `{name}`"),
            };
            let finding = || about(ground.sources, (file.file, comment), *span, message, name);
            (!known).then(|| Finding { help: unknown_lint_help(name), ..finding() })
        });
    let undated = selected().flat_map(|file| file.allows.iter().map(move |comment| (file.file, comment))).filter_map(|(file, comment)| {
        let until = comment.until.as_deref().filter(|until| comment.malformed.is_none() && Date::parse(until).is_none())?;
        let message = format!("`until = \"{until}\"` is no date such as `2026-12-31`");
        Some(about(ground.sources, (file, comment), comment.span, message, "until"))
    });
    malformed.chain(unknown).chain(undated).collect()
}

fn names(file: &AnalysedFile) -> impl Iterator<Item = (&AnalysedFile, &AllowComment, &(Name, Span))> {
    file.allows.iter().flat_map(move |comment| comment.lints.iter().map(move |name| (file, comment, name)))
}

fn named(comment: &AllowComment, lint: &str) -> Option<(Span, String)> {
    let (_, span) = comment.lints.iter().find(|(name, _)| id(name) == lint)?;
    Some((*span, comment.reason.clone().unwrap_or_default()))
}

fn reaches(scope: AllowScope, span: Span) -> bool {
    match scope {
        AllowScope::File => true,
        AllowScope::Span(scope) => scope.start <= span.start && span.start < scope.end.max(scope.start + 1),
    }
}

/// What has no date that can be read allows nothing either.
fn has_ended(comment: &AllowComment) -> bool {
    comment.until.as_deref().is_some_and(|until| Date::parse(until).is_none_or(|until| until < Date::today()))
}

fn id(name: &str) -> String {
    name.replace('-', "_")
}

fn about(sources: &Sources, (file, comment): (FileId, &AllowComment), span: Span, message: String, identity: &str) -> Finding {
    Finding {
        place: Place::new(file, span),
        message,
        evidence: Vec::new(),
        help: String::new(),
        item: covered(sources, file, comment),
        identity: identity.to_string(),
        at_most: None,
    }
}

/// Words of the code that tell one comment's subject from another's: a function's name stands among them.
const TELLING: usize = 8;

/// What a comment is about, in place of the path of an item: the first words of what it covers, or the file.
fn covered(sources: &Sources, file: FileId, comment: &AllowComment) -> String {
    match comment.scope {
        AllowScope::File => sources.path(file).to_string(),
        AllowScope::Span(span) => words_of_code(sources.snippet(Place::new(file, span))).take(TELLING).collect::<Vec<_>>().join(" "),
    }
}

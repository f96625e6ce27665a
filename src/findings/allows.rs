//! Allow comments: which findings they suppress, which of them suppress nothing, which cannot be understood.

use super::tool_lints::{invalid_allows, unused_allows};
use super::{AnalysedFile, Finding, Levels, Selection, unknown_lint_help};
use crate::facts::{AllowComment, AllowScope, Name, Reading};
use crate::lints::LintInfo;
use crate::source::{FileId, Place, Span};
use rustc_hash::FxHashSet;

/// The well-formed allow comments of a run, with a memory of what each of their names suppressed.
pub struct Allows<'a> {
    files: &'a [AnalysedFile],
    used: FxHashSet<(FileId, Span)>,
}

impl<'a> Allows<'a> {
    pub fn new(files: &'a [AnalysedFile]) -> Self {
        Self { files, used: FxHashSet::default() }
    }

    /// The reason of the comment that allows `lint` at `place`, if there is one.
    pub fn reason(&mut self, lint: &LintInfo, place: Place) -> Option<String> {
        if lint.id == invalid_allows::INFO.id {
            return None;
        }
        let file = self.files.iter().find(|file| file.file == place.file)?;
        let reaching = file.allows.iter().filter(|comment| comment.malformed.is_none() && reaches(comment.scope, place.span));
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
            findings.push(about(file.file, *span, format!("nothing to allow here: `{}` finds nothing", lint.id), lint.id));
        }
        findings
    }
}

/// Comments that look like allow comments and are none.
pub fn invalid(files: &[AnalysedFile]) -> Vec<Finding> {
    let selected = || files.iter().filter(|file| file.selected);
    let malformed =
        selected().flat_map(|file| file.allows.iter().map(move |comment| (file.file, comment))).filter_map(|(file, comment)| {
            let wrong = comment.malformed.as_ref()?;
            Some(about(file, comment.span, format!("this comment allows nothing: {wrong}"), "malformed"))
        });
    let unknown = selected().flat_map(names).filter(|(_, comment, _)| comment.malformed.is_none()).filter_map(|(file, _, (name, span))| {
        let known = super::lint(&id(name)).is_some();
        let message = match Selection::parse(name) {
            Ok(_) => format!("`{name}` is not a lint: comments allow single lints only"),
            Err(_) => format!("there is no lint `{name}`"),
        };
        (!known).then(|| Finding { help: unknown_lint_help(name), ..about(file.file, *span, message, name) })
    });
    malformed.chain(unknown).collect()
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

fn id(name: &str) -> String {
    name.replace('-', "_")
}

fn about(file: FileId, span: Span, message: String, identity: &str) -> Finding {
    Finding {
        place: Place::new(file, span),
        message,
        evidence: Vec::new(),
        help: String::new(),
        item: String::new(),
        identity: identity.to_string(),
        at_most: None,
    }
}

//! One file's text, as owned facts: items, types and bodies. The only room that knows syn; it knows neither names across files nor crates.
//!
//! [`extract`] never stops: what it cannot read becomes a [`Problem`] beside the facts of the rest.

mod allow_comments;
mod attribute_values;
mod attributes;
mod body;
mod expand;
mod expansion;
mod generated;
mod guard;
mod item;
mod item_macros;
mod lexer;
mod lower_expression;
mod lower_item;
mod lower_statement;
mod lower_type;
#[cfg(test)]
mod lowering_tests;
mod macro_arguments;
mod outline;
mod paste;
mod prefix;
mod recover;
mod source_map;
#[cfg(test)]
mod tests;
mod ty;

pub use body::*;
pub use expansion::{CRATE_OF_RULE, Expander, Position, RuleCall};
pub use item::*;
pub use lexer::words_of_code;
pub use outline::{ANY, Declared, Names, Outline, PARENT, ROOT, outline};
pub use ty::*;

use crate::source::{FileId, Span};
use serde::{Deserialize, Serialize};

/// An identifier without `r#`.
pub type Name = smol_str::SmolStr;

/// Everything read from one file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FileFacts {
    pub file: FileId,
    /// Top-level items in source order; those of inline modules are inside them.
    pub items: Vec<Item>,
    /// Inner attributes of the file (`#![cfg(test)]`).
    pub attributes: Vec<Attribute>,
    pub allows: Vec<AllowComment>,
    /// How much of the file the items stand for.
    pub reading: Reading,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reading {
    Whole,
    /// Some items were not understood; each has a [`Problem`].
    Partial,
    /// Nothing could be read (nesting too deep, too large, not UTF-8).
    Skipped,
}

/// `// moai-backend: allow(lint, ..) reason = ".."`, or an attempt at one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllowComment {
    /// Of the comment.
    pub span: Span,
    pub scope: AllowScope,
    /// Lint ids as written, each with its span.
    pub lints: Vec<(Name, Span)>,
    pub reason: Option<String>,
    /// `until = "2026-12-31"`, as written.
    pub until: Option<String>,
    /// What is wrong with it, in words for the user; such a comment allows nothing.
    pub malformed: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AllowScope {
    /// Findings whose place starts inside this span: the item or statement that follows, or the line it ends.
    Span(Span),
    /// `allow-file(..)`.
    File,
}

/// Something in a file that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub file: FileId,
    pub span: Span,
    pub message: String,
}

/// Reads one file. Trouble becomes problems beside what could be read.
pub fn extract(file: FileId, text: &str) -> (FileFacts, Vec<Problem>) {
    let read = std::panic::AssertUnwindSafe(|| read(file, text));
    // Whatever a parser does with one file, the others are still to be read.
    let result = std::panic::catch_unwind(read).unwrap_or_else(|_| {
        let problem = Problem { file, span: Span::default(), message: "reading this file failed, which is a bug of this tool".into() };
        (skipped(file), vec![problem])
    });
    proc_macro2::extra::invalidate_current_thread_spans();
    result
}

fn skipped(file: FileId) -> FileFacts {
    FileFacts { file, items: Vec::new(), attributes: Vec::new(), allows: Vec::new(), reading: Reading::Skipped }
}

fn read(file: FileId, text: &str) -> (FileFacts, Vec<Problem>) {
    let base = prefix::length(text);
    if let Some((span, message)) = guard::refusal(text, base) {
        return (skipped(file), vec![Problem { file, span, message }]);
    }
    let (mut facts, problems) = read_items(file, text, base);
    facts.allows = allow_comments::allow_comments(text, base, &facts.items);
    (facts, problems)
}

fn read_items(file: FileId, text: &str, base: usize) -> (FileFacts, Vec<Problem>) {
    let mut facts = skipped(file);
    let mut map = source_map::SourceMap::new(file, &text[base..], base);
    let problems = match syn::parse_str::<syn::File>(map.text) {
        Ok(parsed) => {
            expand::collect(&parsed.items, &mut map.rules);
            facts.items = map.items(&parsed.items);
            facts.attributes = map.attributes(&parsed.attrs);
            map.into_problems()
        }
        Err(_) => {
            let recovered = recover::recover(file, text, base);
            (facts.items, facts.attributes) = (recovered.items, recovered.attributes);
            recovered.problems
        }
    };
    facts.reading = match (problems.is_empty(), facts.items.is_empty()) {
        (true, _) => Reading::Whole,
        (false, false) => Reading::Partial,
        (false, true) => Reading::Skipped,
    };
    (facts, problems)
}

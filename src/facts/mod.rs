//! One file's text, as owned facts: items, types and bodies. The only room that knows syn; it knows neither names across files nor crates.
//!
//! [`extract`] never stops: what it cannot read becomes a [`Problem`] beside the facts of the rest.

mod attributes;
mod body;
mod generated;
mod item;
mod item_macros;
mod lower_expression;
mod lower_item;
mod lower_statement;
mod lower_type;
mod macro_arguments;
mod source_map;
mod ty;

pub use body::*;
pub use item::*;
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
    let mut facts = FileFacts { file, items: Vec::new(), attributes: Vec::new(), allows: Vec::new(), reading: Reading::Whole };
    let base = prefix_length(text);
    let map = source_map::SourceMap::new(file, &text[base..], base);
    match syn::parse_str::<syn::File>(map.text) {
        Ok(parsed) => {
            facts.items = map.items(&parsed.items);
            facts.attributes = map.attributes(&parsed.attrs);
        }
        Err(error) => {
            facts.reading = Reading::Skipped;
            map.problem(Span::default(), error.to_string());
        }
    }
    proc_macro2::extra::invalidate_current_thread_spans();
    (facts, map.into_problems())
}

/// Byte order mark and `#!` line, which are no Rust.
fn prefix_length(text: &str) -> usize {
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let rest = &text[start..];
    if !rest.starts_with("#!") || rest[2..].trim_start().starts_with('[') {
        return start;
    }
    start + rest.find('\n').unwrap_or(rest.len())
}

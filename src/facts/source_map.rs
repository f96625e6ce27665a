//! Where tokens are in the original text. Asking proc-macro2 for byte ranges fills a tree per file; lines and columns are cheaper.

use super::{Name, Problem};
use crate::source::{FileId, Span};
use std::cell::{Cell, RefCell};

/// Beyond this length, a line that is not all ASCII is looked up by proc-macro2, which remembers what it counted.
const LONG_LINE: usize = 512;

/// One stretch of a file that was tokenised in one go.
pub(super) struct SourceMap<'t> {
    pub file: FileId,
    pub text: &'t str,
    /// Offset of `text` in the file.
    base: u32,
    lines: Vec<Line>,
    problems: RefCell<Vec<Problem>>,
    /// `macro_rules!` of the file.
    pub rules: super::expand::Rules,
    /// Tokens that rules wrote so far.
    pub expanded: Cell<usize>,
    /// Rules being expanded, one inside the other.
    pub expanding: Cell<usize>,
}

struct Line {
    start: u32,
    is_ascii: bool,
}

impl<'t> SourceMap<'t> {
    pub fn new(file: FileId, text: &'t str, base: usize) -> Self {
        Self {
            file,
            text,
            base: base as u32,
            lines: lines(text),
            problems: RefCell::default(),
            rules: Default::default(),
            expanded: Cell::default(),
            expanding: Cell::default(),
        }
    }

    pub fn problem(&self, span: Span, message: impl Into<String>) {
        self.problems.borrow_mut().push(Problem { file: self.file, span, message: message.into() });
    }

    pub fn into_problems(self) -> Vec<Problem> {
        self.problems.into_inner()
    }

    pub fn start(&self, span: proc_macro2::Span) -> u32 {
        let at = span.start();
        self.base + self.offset(at.line, at.column).unwrap_or_else(|| span.byte_range().start as u32)
    }

    pub fn end(&self, span: proc_macro2::Span) -> u32 {
        let at = span.end();
        self.base + self.offset(at.line, at.column).unwrap_or_else(|| span.byte_range().end as u32)
    }

    pub fn span(&self, span: proc_macro2::Span) -> Span {
        Span { start: self.start(span), end: self.end(span) }
    }

    fn offset(&self, line: usize, column: usize) -> Option<u32> {
        let here = self.lines.get(line.wrapping_sub(1))?;
        if here.is_ascii {
            return Some(here.start + column as u32);
        }
        let end = self.lines.get(line).map_or(self.text.len(), |next| next.start as usize);
        let text = &self.text[here.start as usize..end];
        if text.len() > LONG_LINE {
            return None;
        }
        let within = text.char_indices().nth(column).map_or(text.len(), |(at, _)| at);
        Some(here.start + within as u32)
    }

    /// The text under a span of the file, empty if it lies outside of this stretch.
    pub fn slice(&self, span: Span) -> &'t str {
        let start = span.start.wrapping_sub(self.base) as usize;
        let end = span.end.wrapping_sub(self.base) as usize;
        self.text.get(start..end).unwrap_or("")
    }

    fn after(&self, offset: u32) -> &'t str {
        self.text.get(offset.wrapping_sub(self.base) as usize..).unwrap_or("")
    }

    /// Name and span of an identifier, read from the text: printing one allocates.
    pub fn name(&self, ident: &proc_macro2::Ident) -> (Name, Span) {
        let start = self.start(ident.span());
        let text = self.after(start);
        let raw = if text.starts_with("r#") { 2 } else { 0 };
        let length = identifier_length(&text[raw..]);
        if length == 0 {
            return (name_of(ident), self.span(ident.span()));
        }
        let end = raw + length;
        (Name::new(&text[raw..end]), Span { start, end: start + end as u32 })
    }
}

fn identifier_length(text: &str) -> usize {
    let ascii = text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    if text.as_bytes().get(ascii).is_none_or(u8::is_ascii) {
        return ascii;
    }
    // Identifiers beyond ASCII are left to the tokeniser.
    0
}

/// Without `r#`.
pub(super) fn name_of(ident: &proc_macro2::Ident) -> Name {
    let text = ident.to_string();
    Name::new(text.strip_prefix("r#").unwrap_or(&text))
}

fn lines(text: &str) -> Vec<Line> {
    let mut lines = Vec::with_capacity(text.len() / 32 + 1);
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        lines.push(Line { start, is_ascii: line.is_ascii() });
        start += line.len() as u32;
    }
    // The end of the file is a position too, and an empty file has one line.
    lines.push(Line { start, is_ascii: true });
    lines
}

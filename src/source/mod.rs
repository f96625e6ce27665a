//! What a finding may point at: files, places in them, and how a place reads as line and column. Knows no syntax and no disk.

use serde::{Deserialize, Serialize};
use std::sync::{Arc, OnceLock};

/// One file of one analysis run; an index into [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FileId(pub u32);

/// Byte range in one file's text, `start..end`, BOM and shebang counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub fn new(start: usize, end: usize) -> Self {
        Self { start: start as u32, end: end as u32 }
    }

    pub fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

/// A span of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    pub file: FileId,
    pub span: Span,
}

impl Place {
    pub fn new(file: FileId, span: Span) -> Self {
        Self { file, span }
    }
}

/// 1-based line and column; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    pub line: u32,
    pub column: u32,
}

/// The text of every file of a run, by [`FileId`].
#[derive(Default)]
pub struct Sources {
    files: Vec<SourceText>,
    /// What macros write into files, by file and start.
    written: Vec<Written>,
}

/// Text that a macro writes into a file: an addition to it, with offsets that no file is long enough for.
#[derive(Clone, Debug)]
pub struct Written {
    pub file: FileId,
    /// Offset of its first byte, at least [`Written::FIRST`].
    pub start: u32,
    pub text: String,
    /// Parts of it that the caller gave, in order, each with its place in the call.
    pub pieces: Vec<(Span, Span)>,
    /// Of the call, for all else.
    pub call: Span,
}

impl Written {
    pub const FIRST: u32 = 1 << 30;

    fn holds(&self, place: Place) -> bool {
        self.file == place.file && self.start <= place.span.start && place.span.start <= self.start + self.text.len() as u32
    }

    /// The span as the call has it: what the caller gave stands there, what the macro says is told at the whole call.
    fn read(&self, span: Span) -> Span {
        let piece = |offset: u32| {
            let at = self.pieces.partition_point(|(here, _)| here.end <= offset);
            self.pieces.get(at).filter(|(here, _)| here.start <= offset)
        };
        let Some((here, there)) = piece(span.start) else { return self.call };
        let start = (there.start + (span.start - here.start)).min(there.end);
        let end =
            piece(span.end.saturating_sub(1)).map_or(there.end, |(here, there)| (there.start + (span.end - here.start)).min(there.end));
        Span { start, end: end.max(start) }
    }
}

pub struct SourceText {
    /// Relative to the workspace root where the file lies under it, with `/`.
    pub path: Arc<str>,
    pub text: Arc<str>,
    line_starts: OnceLock<Vec<u32>>,
}

impl Sources {
    pub fn add(&mut self, path: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> FileId {
        self.files.push(SourceText { path: path.into(), text: text.into(), line_starts: OnceLock::new() });
        FileId(self.files.len() as u32 - 1)
    }

    pub fn file(&self, id: FileId) -> &SourceText {
        &self.files[id.0 as usize]
    }

    /// `None` for files of knowledge's declarations.
    pub fn get(&self, id: FileId) -> Option<&SourceText> {
        self.files.get(id.0 as usize)
    }

    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceText)> {
        self.files.iter().enumerate().map(|(index, file)| (FileId(index as u32), file))
    }

    pub fn path(&self, id: FileId) -> &str {
        &self.file(id).path
    }

    /// Adds what macros write.
    pub fn add_written(&mut self, written: Vec<Written>) {
        self.written.extend(written);
    }

    /// Where a reader finds the place: for what a macro writes, the argument that it comes from, or the call.
    pub fn real(&self, mut place: Place) -> Place {
        while place.span.start >= Written::FIRST {
            let Some(written) = self.written.iter().find(|written| written.holds(place)) else { return place };
            place.span = written.read(place.span);
        }
        place
    }

    pub fn start(&self, place: Place) -> LineColumn {
        self.file(place.file).line_column(self.real(place).span.start)
    }

    pub fn end(&self, place: Place) -> LineColumn {
        self.file(place.file).line_column(self.real(place).span.end)
    }

    /// The text under `place`; empty where the span does not lie on character boundaries.
    pub fn snippet(&self, place: Place) -> &str {
        if place.span.start >= Written::FIRST {
            let written = self.written.iter().find(|written| written.holds(place));
            let span =
                |written: &Written| (place.span.start - written.start) as usize..place.span.end.saturating_sub(written.start) as usize;
            return written.and_then(|written| written.text.get(span(written))).unwrap_or("");
        }
        self.file(place.file).text.get(place.span.start as usize..place.span.end as usize).unwrap_or("")
    }
}

impl SourceText {
    pub fn line_column(&self, offset: u32) -> LineColumn {
        let starts = self.line_starts.get_or_init(|| {
            std::iter::once(0)
                .chain(self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at as u32 + 1))
                .collect()
        });
        let line = starts.partition_point(|start| *start <= offset).max(1) - 1;
        let before = self.text.get(starts[line] as usize..offset as usize).unwrap_or("");
        // A byte order mark is no character of the first line for editors and compilers.
        let column = before.trim_start_matches('\u{feff}').chars().count();
        LineColumn { line: line as u32 + 1, column: column as u32 + 1 }
    }
}

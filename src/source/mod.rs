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

    pub fn start(&self, place: Place) -> LineColumn {
        self.file(place.file).line_column(place.span.start)
    }

    pub fn end(&self, place: Place) -> LineColumn {
        self.file(place.file).line_column(place.span.end)
    }

    /// The text under `place`; empty where the span does not lie on character boundaries.
    pub fn snippet(&self, place: Place) -> &str {
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

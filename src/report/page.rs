//! A report with everything that a format may need to write it.

use super::{HumanOptions, Terminal};
use crate::findings::{Level, Report, Reported};
use crate::source::{FileId, LineColumn, Place, Sources, Span};

#[derive(Clone, Copy)]
pub struct Page<'a> {
    pub report: &'a Report,
    pub sources: &'a Sources,
    pub ground: &'a Surroundings,
    /// Findings at this level or above fail the run.
    pub fail_on: Level,
    /// Of what is drawn for people.
    pub terminal: Terminal,
    pub options: HumanOptions,
}

/// Where the workspace lies. Paths are absolute, with `/`, without one at their end.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    pub root: String,
    /// The repository's root: what code hosts call paths relative to. The workspace's own where there is none.
    pub repository: String,
    /// Packages that were looked at, the first of them the one to which nothing else belongs.
    pub packages: Vec<CargoPackage>,
}

/// A package in cargo's own words.
#[derive(Clone, Debug)]
pub struct CargoPackage {
    pub name: String,
    pub version: String,
    pub manifest: String,
    /// `lib`, `bin`, ..: its library, or else its first target.
    pub target_kind: &'static str,
    pub target_name: String,
    pub target_root: String,
}

/// A place on one line, as most formats want it: the first line of what spans several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region<'a> {
    pub file: FileId,
    /// 1-based; columns count characters.
    pub start: LineColumn,
    /// Exclusive, on the same line.
    pub end: LineColumn,
    /// In bytes of the file.
    pub span: Span,
    /// The whole line.
    pub line: &'a str,
    /// Where it begins in the line, in bytes from 0.
    pub offset: usize,
}

impl<'a> Page<'a> {
    /// Findings that count.
    pub fn open(&self) -> impl Iterator<Item = &'a Reported> {
        self.report.open()
    }

    /// Whether the run fails because of them.
    pub fn fails(&self) -> bool {
        self.report.fails(self.fail_on)
    }

    pub fn region(&self, place: Place) -> Region<'a> {
        let text = &self.sources.file(place.file).text;
        let start = boundary(text, place.span.start as usize);
        let begin = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let rest = text[start..].find(['\n', '\r']).map_or(text.len(), |length| start + length);
        let end = boundary(text, place.span.end as usize).clamp(start, rest);
        let at = |offset| self.sources.start(Place::new(place.file, Span::new(offset, offset)));
        let line = text[begin..rest].trim_start_matches('\u{feff}');
        let offset = (start - begin).saturating_sub(rest - begin - line.len());
        Region { file: place.file, start: at(start), end: at(end), span: Span::new(start, end), line, offset }
    }

    /// Relative to the repository's root, with `/`.
    pub fn path(&self, file: FileId) -> String {
        let (path, ground) = (self.sources.path(file), self.ground);
        let absolute = if path.starts_with('/') { path.to_string() } else { format!("{}/{path}", ground.root) };
        let inside = absolute.strip_prefix(&ground.repository).and_then(|rest| rest.strip_prefix('/'));
        inside.map_or_else(|| path.to_string(), str::to_string)
    }

    /// The package of a finding; the first one for what belongs to none.
    pub fn package(&self, name: &str) -> Option<&'a CargoPackage> {
        let packages = &self.ground.packages;
        packages.iter().find(|package| package.name == name).or(packages.first())
    }

    /// `src/users.rs:12:5 what was seen there`, in the order of the chain.
    pub fn steps(&self, reported: &Reported) -> Vec<String> {
        let step = |one: &crate::findings::Evidence| match one.place {
            Some(place) => {
                let start = self.sources.start(place);
                format!("{}:{}:{} {}", self.path(place.file), start.line, start.column, one.what)
            }
            None => one.what.clone(),
        };
        reported.finding.evidence.iter().map(step).collect()
    }

    /// What is said below a message where there is room for more than the message.
    pub fn details(&self, reported: &Reported) -> String {
        let steps = self.steps(reported).into_iter().map(|step| format!("because: {step}\n"));
        let help = reported.help();
        let help = (!help.is_empty()).then(|| format!("instead: {help}\n"));
        steps.chain(help).collect()
    }
}

fn boundary(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// A path as part of an URI: everything but unreserved characters and `/` is escaped.
pub fn uri(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => text.push(byte as char),
            _ => text += &format!("%{byte:02X}"),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_valid_uris() {
        assert_eq!(uri("src/a b/é#1.rs"), "src/a%20b/%C3%A9%231.rs");
    }
}

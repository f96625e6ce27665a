//! The report: findings with levels, suppressions and fingerprints, in an order that depends on nothing but the input.

use super::allows::{Allows, invalid};
use super::fingerprint;
use super::tool_lints::{invalid_allows, unused_allows};
use super::{Finding, LeftOut, Level, Levels};
use crate::facts::{AllowComment, Problem, Reading};
use crate::lints::{ALL, LintInfo};
use crate::model::{Backend, Coverage};
use crate::source::{FileId, Sources};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What was looked at, beside the backend itself.
pub struct Ground<'a> {
    pub sources: &'a Sources,
    pub files: &'a [AnalysedFile],
    pub problems: &'a [Problem],
}

/// One Rust file of the workspace.
#[derive(Clone, Debug)]
pub struct AnalysedFile {
    pub file: FileId,
    /// Name of the package it belongs to.
    pub package: String,
    /// Its package is one of those the user asked about.
    pub selected: bool,
    pub reading: Reading,
    pub allows: Vec<AllowComment>,
}

#[derive(Serialize, Deserialize)]
pub struct Report {
    /// By file, place, lint; suppressed ones among them.
    pub findings: Vec<Reported>,
    pub problems: Vec<Problem>,
    /// Lints that failed themselves: bugs of this tool, each as a sentence.
    pub failures: Vec<String>,
    pub coverage: Coverage,
    pub files: FileCounts,
    pub routes: usize,
    /// Of a comparison with another tree.
    pub left_out: LeftOut,
}

#[derive(Serialize, Deserialize)]
pub struct Reported {
    #[serde(with = "by_id")]
    pub lint: &'static LintInfo,
    pub level: Level,
    pub finding: Finding,
    pub package: String,
    pub fingerprint: String,
    pub suppressed: Option<Suppressed>,
}

impl Reported {
    /// What to do at this place, or what to do about findings of this lint in general.
    pub fn help(&self) -> &str {
        if self.finding.help.is_empty() { self.lint.help } else { &self.finding.help }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppressed {
    pub by: SuppressedBy,
    pub reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SuppressedBy {
    Comment,
    Config,
    Baseline,
}

impl SuppressedBy {
    pub fn name(self) -> &'static str {
        match self {
            SuppressedBy::Comment => "comment",
            SuppressedBy::Config => "config",
            SuppressedBy::Baseline => "baseline",
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileCounts {
    pub parsed: usize,
    pub partial: usize,
    pub skipped: usize,
}

/// Findings that are not suppressed, by level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub deny: usize,
    pub warn: usize,
    pub note: usize,
    pub suppressed: usize,
    /// Of the suppressed ones.
    pub baseline: usize,
    /// Open ones that were there before the change that is checked.
    pub left_out: usize,
    /// Problems that were there before that change, or are in packages that were not asked about.
    pub left_out_problems: usize,
}

/// What a macro writes is reported where a reader finds it.
fn settle(finding: &mut Finding, sources: &Sources) {
    finding.place = sources.real(finding.place);
    finding.evidence.iter_mut().for_each(|evidence| evidence.place = evidence.place.map(|place| sources.real(place)));
}

impl Report {
    /// Runs every lint that is not off over `backend` and puts the result in order.
    pub fn new(backend: &Backend, ground: &Ground, levels: &Levels) -> Report {
        let (found, failures) = run(backend, levels);
        let mut sorter = Sorter { ground, levels, packages: packages(ground), allows: Allows::new(ground) };
        let mut findings = sorter.settled(found);
        let comments = invalid(ground).into_iter().map(|finding| (&invalid_allows::INFO, finding));
        findings.extend(comments.filter_map(|(lint, finding)| sorter.sort(lint, finding)));
        let unused = sorter.allows.unused(levels);
        findings.extend(unused.into_iter().filter_map(|finding| sorter.sort(&unused_allows::INFO, finding)));
        Report { failures, ..Report::with(findings, backend, ground, levels) }
    }

    /// Findings that were not found in the backend alone, with levels and suppressions as their lints have them.
    pub fn of(found: Vec<(&'static LintInfo, Finding)>, backend: &Backend, ground: &Ground, levels: &Levels) -> Report {
        let mut sorter = Sorter { ground, levels, packages: packages(ground), allows: Allows::new(ground) };
        Report::with(sorter.settled(found), backend, ground, levels)
    }

    fn with(mut findings: Vec<Reported>, backend: &Backend, ground: &Ground, levels: &Levels) -> Report {
        order(&mut findings, ground.sources);
        let problems = sorted_problems(ground, true);
        Report {
            findings,
            problems,
            failures: Vec::new(),
            coverage: coverage(backend, levels),
            files: count(ground.files),
            routes: backend.routes.len(),
            left_out: LeftOut { problems_elsewhere: sorted_problems(ground, false).len(), ..LeftOut::default() },
        }
    }

    /// More findings, that belong to no package.
    pub(super) fn add(&mut self, more: impl Iterator<Item = (&'static LintInfo, Level, Finding)>, sources: &Sources) {
        self.findings.extend(more.map(|(lint, level, finding)| Reported {
            lint,
            level,
            finding,
            package: String::new(),
            fingerprint: String::new(),
            suppressed: None,
        }));
        order(&mut self.findings, sources);
    }

    pub fn open(&self) -> impl Iterator<Item = &Reported> {
        self.findings.iter().filter(|reported| reported.suppressed.is_none())
    }

    pub fn summary(&self) -> Summary {
        let at = |level| self.open().filter(|reported| reported.level == level).count();
        let suppressed = || self.findings.iter().filter_map(|reported| reported.suppressed.as_ref());
        let baseline = suppressed().filter(|suppressed| suppressed.by == SuppressedBy::Baseline).count();
        Summary {
            deny: at(Level::Deny),
            warn: at(Level::Warn),
            note: at(Level::Note),
            suppressed: suppressed().count(),
            baseline,
            left_out: self.left_out.findings,
            left_out_problems: self.left_out.problems + self.left_out.problems_elsewhere,
        }
    }

    /// Whether a finding at `level` or above is open.
    pub fn fails(&self, level: Level) -> bool {
        self.open().any(|reported| reported.level >= level)
    }

    /// Whether something could not be read or failed, so that "nothing found" is no answer.
    pub fn is_incomplete(&self) -> bool {
        !self.problems.is_empty() || !self.failures.is_empty() || self.files.partial + self.files.skipped > self.left_out.unread
    }
}

fn coverage(backend: &Backend, levels: &Levels) -> Coverage {
    let mut coverage = backend.coverage.clone();
    if let (waiting @ 1.., false) = (levels.left_out(), levels.preview) {
        let lints = crate::words::count(waiting, "newer lint");
        coverage.notes.push(format!("edition {} leaves out {lints}: `--preview` shows what they find", levels.edition));
    }
    coverage
}

fn run(backend: &Backend, levels: &Levels) -> (Vec<(&'static LintInfo, Finding)>, Vec<String>) {
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for lint in ALL.iter().filter(|lint| !levels.is_off(&lint.info)) {
        let mut findings = Vec::new();
        match catch_unwind(AssertUnwindSafe(|| (lint.check)(backend, &mut findings))) {
            Ok(()) => found.extend(findings.into_iter().map(|finding| (&lint.info, finding))),
            Err(_) => failures.push(format!("the lint `{}` failed: this is a bug in this tool, please report it", lint.info.id)),
        }
    }
    (found, failures)
}

struct Sorter<'a> {
    ground: &'a Ground<'a>,
    levels: &'a Levels,
    packages: FxHashMap<FileId, &'a AnalysedFile>,
    allows: Allows<'a>,
}

impl Sorter<'_> {
    /// What lints found, each at the place that a reader finds.
    fn settled(&mut self, mut found: Vec<(&'static LintInfo, Finding)>) -> Vec<Reported> {
        found.iter_mut().for_each(|(_, finding)| settle(finding, self.ground.sources));
        found.into_iter().filter_map(|(lint, finding)| self.sort(lint, finding)).collect()
    }

    /// `None`: not asked about, or at `allow` wherever it could be.
    fn sort(&mut self, lint: &'static LintInfo, finding: Finding) -> Option<Reported> {
        let file = self.packages.get(&finding.place.file);
        if file.is_some_and(|file| !file.selected) {
            return None;
        }
        let package = file.map_or(String::new(), |file| file.package.clone());
        let decision = self.levels.decide(lint, self.ground.sources.path(finding.place.file), &package);
        let (mut level, mut suppressed) = match decision.lowered_here {
            Some((general, reason)) => (general, Some(Suppressed { by: SuppressedBy::Config, reason })),
            None => (decision.level, None),
        };
        // A comment is used even where the configuration already allows the finding.
        if let Some(reason) = self.allows.reason(lint, finding.place) {
            suppressed = Some(Suppressed { by: SuppressedBy::Comment, reason });
        }
        if let Some(at_most) = finding.at_most {
            level = level.min(at_most);
        }
        (level > Level::Allow).then(|| Reported { lint, level, finding, package, fingerprint: String::new(), suppressed })
    }
}

fn packages<'a>(ground: &Ground<'a>) -> FxHashMap<FileId, &'a AnalysedFile> {
    ground.files.iter().map(|file| (file.file, file)).collect()
}

fn order(findings: &mut Vec<Reported>, sources: &Sources) {
    findings.sort_by(|one, other| {
        let key = |reported: &Reported| (reported.finding.place.span, reported.lint.id);
        let path = |reported: &Reported| sources.path(reported.finding.place.file).to_string();
        let words = |reported: &Reported| reported.finding.message.clone();
        (path(one), key(one)).cmp(&(path(other), key(other))).then_with(|| words(one).cmp(&words(other)))
    });
    // Code that two crates include is read twice and would be reported twice.
    findings.dedup_by(|one, other| {
        let key =
            |reported: &Reported| (sources.path(reported.finding.place.file).to_string(), reported.finding.place.span, reported.lint.id);
        key(one) == key(other) && one.finding.message == other.finding.message
    });
    fingerprint::assign(findings, sources);
}

/// Of the packages that were asked about, or of the others.
fn sorted_problems(ground: &Ground, of_selected: bool) -> Vec<Problem> {
    let is_selected = |problem: &Problem| ground.files.iter().all(|file| file.file != problem.file || file.selected);
    let asked = |problem: &&Problem| is_selected(problem) == of_selected;
    let mut problems: Vec<Problem> = ground.problems.iter().filter(asked).cloned().collect();
    problems.sort_by_key(|problem| (ground.sources.path(problem.file).to_string(), problem.span, problem.message.clone()));
    problems.dedup();
    problems
}

fn count(files: &[AnalysedFile]) -> FileCounts {
    let of = |reading| files.iter().filter(|file| file.reading == reading).count();
    FileCounts { parsed: of(Reading::Whole), partial: of(Reading::Partial), skipped: of(Reading::Skipped) }
}

/// Lints are a table of the program; a remembered report names its rows.
mod by_id {
    use super::super::lint;
    use crate::lints::LintInfo;
    use serde::de::{Deserialize, Deserializer, Error};
    use serde::ser::Serializer;

    pub fn serialize<S: Serializer>(info: &&'static LintInfo, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(info.id)
    }

    pub fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<&'static LintInfo, D::Error> {
        let id = String::deserialize(from)?;
        lint(&id).ok_or_else(|| D::Error::custom("no such lint"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::AllowScope;
    use crate::source::Span;

    const TEXT: &str = "// moai-backend: allow(unused_allows)\nfn a() {}\n";

    fn comment(name: &str, malformed: Option<&str>) -> AllowComment {
        AllowComment {
            span: Span::new(0, 37),
            scope: AllowScope::Span(Span::new(38, 47)),
            lints: vec![(name.into(), Span::new(23, 36))],
            reason: Some("why".into()),
            until: None,
            malformed: malformed.map(str::to_string),
        }
    }

    fn report(comments: Vec<AllowComment>, reading: Reading) -> Report {
        let mut sources = Sources::default();
        let file = sources.add("src/main.rs", TEXT);
        let files = [AnalysedFile { file, package: "app".into(), selected: true, reading, allows: comments }];
        Report::new(&Backend::default(), &Ground { sources: &sources, files: &files, problems: &[] }, &Levels::default())
    }

    #[test]
    fn a_comment_that_names_no_lint_is_an_error_with_a_suggestion() {
        let report = report(vec![comment("unused_allow", None)], Reading::Whole);
        let [only] = report.findings.as_slice() else { panic!("one finding") };
        assert_eq!((only.lint.id, only.level), ("invalid_allows", Level::Deny));
        assert_eq!(only.finding.help, "did you mean `unused_allows`?");
    }

    #[test]
    fn a_malformed_comment_says_what_is_wrong() {
        let report = report(vec![comment("unused_allows", Some("the reason is missing"))], Reading::Whole);
        assert_eq!(report.findings[0].finding.message, "this comment allows nothing: the reason is missing");
        assert_eq!(report.findings.len(), 1);
    }

    #[test]
    fn an_unused_comment_in_a_file_that_was_not_read_whole_is_not_reported() {
        assert!(report(vec![comment("invalid_allows", None)], Reading::Partial).findings.is_empty());
        assert_eq!(report(vec![comment("invalid_allows", None)], Reading::Whole).findings[0].lint.id, "unused_allows");
    }
}

//! What a change adds: the findings of the tree after it, without those of the tree before.
//!
//! A finding is known if the tree before has its fingerprint. One whose module, file or package has another name now has another
//! fingerprint as well, so what is gone from the tree before is matched once more: same lint, same function, same code.

use super::fingerprint::without_lines;
use super::{Report, Reported};
use crate::facts::words_of_code;
use crate::source::Sources;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

/// The findings and problems of the tree before.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Before {
    by_fingerprint: FxHashMap<String, Known>,
    /// Path and message.
    problems: FxHashSet<(String, String)>,
    unread: usize,
}

#[derive(Debug, Serialize, Deserialize)]
struct Known {
    open: bool,
    subject: Subject,
}

/// What moves with a finding.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Subject {
    lint: String,
    /// Last segment of the item's path.
    name: String,
    /// The code at its place, layout left out.
    code: String,
}

/// What a report does not show, because it was there before or nobody asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Open findings.
    pub findings: usize,
    pub problems: usize,
    /// Problems in packages that were not asked about; those are left out without a comparison as well.
    pub problems_elsewhere: usize,
    /// Files that could not be read whole before either.
    pub unread: usize,
}

/// What becomes of findings that are known, but whose own code the change edits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edited {
    Kept,
    LeftOut,
}

impl Before {
    pub fn of(report: &Report, sources: &Sources) -> Before {
        let known = |reported: &Reported| Known { open: reported.suppressed.is_none(), subject: subject(reported, sources) };
        Before {
            by_fingerprint: report.findings.iter().map(|reported| (reported.fingerprint.clone(), known(reported))).collect(),
            problems: problems(report, sources).collect(),
            unread: report.files.partial + report.files.skipped,
        }
    }
}

impl Report {
    /// Leaves what the tree before does not have; gives how many of them are known, but edited.
    pub fn compare(&mut self, before: &Before, sources: &Sources, edited: Edited) -> usize {
        let mut moved = Moved::between(before, self, sources);
        let mut touched = 0;
        let mut kept = Vec::new();
        for reported in std::mem::take(&mut self.findings) {
            let open = reported.suppressed.is_none();
            let known = before.by_fingerprint.get(&reported.fingerprint);
            let is_new = known.map_or_else(|| !moved.take(&reported, sources), |known| open && !known.open);
            let is_touched = edited == Edited::Kept && known.is_some_and(|known| open && known.subject != subject(&reported, sources));
            touched += usize::from(is_touched && !is_new);
            match is_new || is_touched {
                true => kept.push(reported),
                false => self.left_out.findings += usize::from(open),
            }
        }
        self.findings = kept;
        self.forget_old_problems(before, sources);
        touched
    }

    fn forget_old_problems(&mut self, before: &Before, sources: &Sources) {
        let old: Vec<bool> = problems(self, sources).map(|problem| before.problems.contains(&problem)).collect();
        let mut old = old.into_iter();
        self.left_out.problems = self.problems.len();
        self.problems.retain(|_| !old.next().unwrap_or(false));
        self.left_out.problems -= self.problems.len();
        self.left_out.unread = before.unread.min(self.files.partial + self.files.skipped);
    }
}

/// Findings that are gone from the tree before. Each excuses one that came.
struct Moved {
    gone: FxHashMap<Subject, usize>,
}

impl Moved {
    fn between(before: &Before, after: &Report, sources: &Sources) -> Moved {
        let still: FxHashSet<&str> = after.findings.iter().map(|reported| reported.fingerprint.as_str()).collect();
        let came = after.findings.iter().filter(|reported| !before.by_fingerprint.contains_key(&reported.fingerprint));
        let came: FxHashSet<Subject> = came.map(|reported| subject(reported, sources)).collect();
        let mut gone: FxHashMap<Subject, usize> = FxHashMap::default();
        let left = before.by_fingerprint.iter().filter(|(fingerprint, known)| known.open && !still.contains(fingerprint.as_str()));
        for (_, known) in left.filter(|(_, known)| came.contains(&known.subject)) {
            *gone.entry(known.subject.clone()).or_default() += 1;
        }
        Moved { gone }
    }

    fn take(&mut self, reported: &Reported, sources: &Sources) -> bool {
        let Some(left) = self.gone.get_mut(&subject(reported, sources)).filter(|left| **left > 0) else { return false };
        *left -= 1;
        true
    }
}

fn subject(reported: &Reported, sources: &Sources) -> Subject {
    let item = without_lines(&reported.finding.item);
    let code: Vec<&str> = words_of_code(sources.snippet(reported.finding.place)).collect();
    Subject { lint: reported.lint.id.to_string(), name: item.rsplit("::").next().unwrap_or_default().to_string(), code: code.join(" ") }
}

fn problems<'a>(report: &'a Report, sources: &'a Sources) -> impl Iterator<Item = (String, String)> + 'a {
    report.problems.iter().map(|problem| (sources.path(problem.file).to_string(), problem.message.clone()))
}

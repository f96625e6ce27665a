//! The baseline: findings that were there before anybody looked, each accepted by name. It may shrink; growing it is a decision.
//!
//! A text file with one line of JSON for each finding, sorted, without places, so that two branches change different lines:
//!
//! ```json
//! {"lint":"pools_per_request","package":"api","item":"api::users::open","fingerprint":"3a87c43fde268a4f","reason":"..","owner":"..","until":"2027-01-31"}
//! ```

use super::date::Date;
use super::report::{AnalysedFile, Ground, Report, Reported, Suppressed, SuppressedBy};
use super::tool_lints::stale_baseline_entries;
use super::{Finding, Level, Levels, lint, unknown_lint_help};
use crate::facts::Reading;
use crate::model::Evidence;
use crate::source::{FileId, Place, Span};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// Its name where the configuration gives no other.
pub const BASELINE_NAME: &str = "moai-backend-baseline.jsonl";

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaselineEntry {
    pub lint: String,
    #[serde(default)]
    pub package: String,
    #[serde(default)]
    pub item: String,
    pub fingerprint: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub owner: String,
    /// The last day on which it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// Its line.
    #[serde(skip)]
    pub span: Span,
}

impl BaselineEntry {
    /// For a finding as it is now.
    pub fn of(reported: &Reported) -> BaselineEntry {
        BaselineEntry {
            lint: reported.lint.id.to_string(),
            package: reported.package.clone(),
            item: super::fingerprint::without_lines(&reported.finding.item),
            fingerprint: reported.fingerprint.clone(),
            reason: String::new(),
            owner: String::new(),
            until: None,
            span: Span::default(),
        }
    }

    pub fn has_expired(&self, today: Date) -> bool {
        self.until.is_some_and(|until| until < today)
    }

    fn is_of(&self, reported: &Reported) -> bool {
        self.lint == reported.lint.id && self.fingerprint == reported.fingerprint
    }
}

/// What is wrong with a line: where, what, and what to do.
pub type BaselineMistake = (Span, String, String);

/// Order does not matter, and a line that two branches both added is one entry.
pub fn parse_baseline(text: &str) -> (Vec<BaselineEntry>, Vec<BaselineMistake>) {
    let (mut entries, mut mistakes): (Vec<BaselineEntry>, Vec<BaselineMistake>) = Default::default();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let span = Span::new(at, at + line.trim_end().len());
        at += line.len();
        if line.trim().is_empty() {
            continue;
        }
        match serde_json::from_str::<BaselineEntry>(line) {
            Ok(entry) => entries.push(BaselineEntry { span, ..entry }),
            Err(error) => mistakes.push((span, format!("this line is no entry of a baseline: {error}"), help(line).to_string())),
        }
    }
    let mut seen = rustc_hash::FxHashSet::default();
    entries.retain(|entry| seen.insert((entry.lint.clone(), entry.fingerprint.clone())));
    (entries, mistakes)
}

fn help(line: &str) -> &'static str {
    match ["<<<<<<<", "=======", ">>>>>>>", "|||||||"].iter().any(|mark| line.starts_with(mark)) {
        true => "a merge left it behind: keep the lines of both sides and remove the marks",
        false => "`cargo moai-backend baseline update` writes entries",
    }
}

/// The file's text: sorted, a line for each entry.
pub fn baseline_text(entries: &[BaselineEntry]) -> String {
    let mut entries: Vec<&BaselineEntry> = entries.iter().collect();
    entries.sort();
    entries.iter().map(|entry| serde_json::to_string(entry).expect("an entry holds only text") + "\n").collect()
}

/// Findings and entries side by side.
pub struct Compared {
    /// Of each finding of the report its entry, by index.
    pub entries: Vec<Option<usize>>,
    /// Entries that stand for nothing any more, by index.
    pub stale: Vec<usize>,
}

pub fn compare(entries: &[BaselineEntry], report: &Report, ground: &Ground, levels: &Levels) -> Compared {
    let by_fingerprint: FxHashMap<&str, usize> = entries.iter().enumerate().map(|(index, one)| (one.fingerprint.as_str(), index)).collect();
    let entry_of = |reported: &Reported| {
        let index = *by_fingerprint.get(reported.fingerprint.as_str())?;
        entries[index].is_of(reported).then_some(index)
    };
    let found: Vec<Option<usize>> = report.findings.iter().map(entry_of).collect();
    let used: rustc_hash::FxHashSet<usize> = found.iter().flatten().copied().collect();
    let unused = (0..entries.len()).filter(|index| !used.contains(index));
    let stale = unused.filter(|index| would_be_found(&entries[*index], report, ground, levels)).collect();
    Compared { entries: found, stale }
}

/// Whether this run would have found it, so that not finding it means that it is gone.
fn would_be_found(entry: &BaselineEntry, report: &Report, ground: &Ground, levels: &Levels) -> bool {
    let looked = lint(&entry.lint).is_none_or(|lint| !levels.is_off(lint)) && report.failures.is_empty();
    let concerns = |file: &&AnalysedFile| entry.item.is_empty() || file.package == entry.package;
    looked && ground.files.iter().filter(concerns).all(|file| file.selected && file.reading == Reading::Whole)
}

/// Suppresses what the baseline in `file` accepts, and reports entries that stand for nothing.
pub fn apply_baseline(report: &mut Report, entries: &[BaselineEntry], file: FileId, ground: &Ground, levels: &Levels, today: Date) {
    let compared = compare(entries, report, ground, levels);
    for (reported, entry) in report.findings.iter_mut().zip(&compared.entries) {
        let Some(entry) = entry.map(|index| &entries[index]).filter(|_| reported.suppressed.is_none()) else { continue };
        let at = Place::new(file, entry.span);
        let path = ground.sources.path(reported.finding.place.file);
        if levels.is_strict(reported.lint, path, &reported.package) {
            let what = format!("its entry in the baseline does not count: `{}` is strict", reported.lint.id);
            reported.finding.evidence.push(Evidence::at(at, what));
        } else if let Some(until) = entry.until.filter(|_| entry.has_expired(today)) {
            reported.finding.evidence.push(Evidence::at(at, format!("its entry in the baseline ended on {until}{}", of_owner(entry))));
        } else {
            reported.suppressed = Some(Suppressed { by: SuppressedBy::Baseline, reason: entry.reason.clone() });
        }
    }
    let level = levels.decide(&stale_baseline_entries::INFO, ground.sources.path(file), "").level;
    if level > Level::Allow {
        let stale = compared.stale.iter().map(|index| &entries[*index]);
        report.add(stale.map(|entry| (&stale_baseline_entries::INFO, level, stale_entry(entry, file))), ground.sources);
    }
}

fn of_owner(entry: &BaselineEntry) -> String {
    if entry.owner.is_empty() { String::new() } else { format!(" (owner: {})", entry.owner) }
}

fn stale_entry(entry: &BaselineEntry, file: FileId) -> Finding {
    let (message, help) = match lint(&entry.lint) {
        Some(_) if entry.item.is_empty() => (format!("`{}` does not find this any more", entry.lint), String::new()),
        Some(_) => (format!("`{}` does not find this in `{}` any more", entry.lint, entry.item), String::new()),
        None => (format!("there is no lint `{}`", entry.lint), unknown_lint_help(&entry.lint)),
    };
    Finding {
        place: Place::new(file, entry.span),
        message,
        evidence: Vec::new(),
        help,
        item: String::new(),
        identity: format!("{} {}", entry.lint, entry.fingerprint),
        at_most: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"lint":"a","package":"p","item":"i","fingerprint":"1"}"#;

    #[test]
    fn lines_may_come_in_any_order_and_twice() {
        let other = LINE.replace("\"a\"", "\"0\"");
        let (entries, mistakes) = parse_baseline(&format!("{LINE}\r\n\n{other}\n{LINE}"));
        assert!(mistakes.is_empty(), "{mistakes:?}");
        assert_eq!(entries.len(), 2);
        assert_eq!(baseline_text(&entries).lines().next(), Some(baseline_text(&entries[1..]).trim_end()));
    }

    #[test]
    fn what_a_merge_leaves_behind_is_told_with_its_line() {
        let (_, mistakes) = parse_baseline(&format!("{LINE}\n<<<<<<< HEAD\n"));
        let (span, _, help) = &mistakes[0];
        assert_eq!(span.start as usize, LINE.len() + 1);
        assert!(help.contains("merge"), "{help}");
        let (_, mistakes) = parse_baseline(&LINE.replace("\"1\"", "\"1\",\"until\":\"soon\""));
        assert!(mistakes[0].1.contains("`soon` is no date"), "{mistakes:?}");
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..proptest::prelude::ProptestConfig::with_cases(256) })]

        #[test]
        fn entries_come_back_from_their_text_in_any_order(entries in proptest::collection::vec(any_entry(), 0..12), turn in 0usize..12) {
            let text = baseline_text(&entries);
            let mut lines: Vec<&str> = text.lines().collect();
            let turn = if lines.is_empty() { 0 } else { turn % lines.len() };
            lines.rotate_left(turn);
            let (read, mistakes) = parse_baseline(&lines.join("\r\n"));
            proptest::prop_assert!(mistakes.is_empty(), "{:?}", mistakes);
            // A name stands for one entry; what was read is written as it was.
            let again = parse_baseline(&baseline_text(&read));
            proptest::prop_assert_eq!(baseline_text(&again.0), baseline_text(&read));
            let names = |entries: &[BaselineEntry]| entries.iter().map(|one| (one.lint.clone(), one.fingerprint.clone())).collect::<std::collections::BTreeSet<_>>();
            proptest::prop_assert_eq!(names(&read), names(&entries));
            for entry in &read {
                let plain = |one: &BaselineEntry| BaselineEntry { span: Span::default(), ..one.clone() };
                proptest::prop_assert!(entries.iter().any(|one| plain(one) == plain(entry)));
            }
        }

        #[test]
        fn the_text_is_sorted_whatever_the_order_was(mut entries in proptest::collection::vec(any_entry(), 0..12)) {
            let text = baseline_text(&entries);
            entries.reverse();
            proptest::prop_assert_eq!(baseline_text(&entries), text);
        }

        #[test]
        fn any_text_is_read_and_mistakes_lie_within_it(lines in proptest::collection::vec("(\\PC*|\\{\"lint\":\"[a-z]*\",\"fingerprint\":\"[0-9a-f]*\"\\}.*|<<<<<<< .*)", 0..8), end in "(|\n|\r\n)") {
            let text = lines.join("\n") + &end;
            let (entries, mistakes) = parse_baseline(&text);
            for span in entries.iter().map(|entry| entry.span).chain(mistakes.iter().map(|mistake| mistake.0)) {
                proptest::prop_assert!(text.get(span.start as usize..span.end as usize).is_some_and(|line| !line.contains('\n')));
            }
            let said = text.lines().filter(|line| !line.trim().is_empty()).count();
            proptest::prop_assert!(entries.len() + mistakes.len() <= said);
        }
    }

    fn any_entry() -> impl proptest::strategy::Strategy<Value = BaselineEntry> {
        use proptest::prelude::*;
        let until = proptest::option::of((2000u16..2100, 1u8..13, 1u8..29));
        (("[a-c]{1,2}", any::<String>(), any::<String>(), "[0-3]{1,2}"), (any::<String>(), any::<String>(), until)).prop_map(
            |((lint, package, item, fingerprint), (reason, owner, until))| BaselineEntry {
                lint,
                package,
                item,
                fingerprint,
                reason,
                owner,
                until: until.and_then(|(year, month, day)| Date::parse(&format!("{year:04}-{month:02}-{day:02}"))),
                span: Span::default(),
            },
        )
    }
}

//! Who a finding is, across moves and reformatting: lint, package, item, identity, and its number among equals.
//!
//! A baseline, a comparison of two trees and the pages of code hosts all match findings by fingerprint, so it must not change when
//! the finding does not: nothing here depends on lines, columns, file names, figures, layout, or other findings.

use super::{Finding, Reported};
use crate::facts::words_of_code;
use crate::source::{Place, Sources};
use rustc_hash::FxHashMap;

/// Gives each finding its fingerprint. Equal findings are numbered in the order given, so that as many of them as before keep theirs.
pub fn assign(findings: &mut [Reported], sources: &Sources) {
    let mut seen: FxHashMap<String, u32> = FxHashMap::default();
    for reported in findings {
        let key = key(reported.lint.id, &reported.package, &reported.finding, sources);
        let ordinal = seen.entry(key.clone()).or_insert(0);
        *ordinal += 1;
        reported.fingerprint = fingerprint(&key, *ordinal);
    }
}

/// 16 hexadecimal digits, the same for every version of this tool that knows the lint by this name.
fn fingerprint(key: &str, ordinal: u32) -> String {
    format!("{:016x}", fnv1a(format!("{key}\u{0}{ordinal}").as_bytes()))
}

fn key(lint: &str, package: &str, finding: &Finding, sources: &Sources) -> String {
    // What is said about the whole workspace stands at one of its places, in one of its packages; either may be another one tomorrow.
    let package = if finding.item.is_empty() { "" } else { package };
    let identity = match finding.identity.is_empty() {
        true => head(finding.place, sources),
        // Names may be expressions as somebody laid them out.
        false => without_lines(&finding.identity).split_whitespace().collect(),
    };
    [lint, package, &without_lines(&finding.item), &identity].join("\u{0}")
}

/// What stands at a place, up to its first bracket: `PgPoolOptions::new`. Arguments and options are often changed, and do not make
/// another pool of it.
fn head(place: Place, sources: &Sources) -> String {
    words_of_code(sources.snippet(place)).take_while(|word| !matches!(*word, "(" | "[" | "{")).collect::<Vec<_>>().join(" ")
}

/// Closures have no names, so paths name them by line: `{closure:12}` becomes `{closure}`.
pub fn without_lines(path: &str) -> String {
    const CLOSURE: &str = "{closure:";
    let mut parts = path.split(CLOSURE);
    let mut text = parts.next().unwrap_or("").to_string();
    for part in parts {
        text += "{closure";
        text += part.trim_start_matches(|character: char| character.is_ascii_digit());
    }
    text
}

// The same for every version of this tool and of Rust, unlike the standard library's hashers.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::tool_lints::unused_allows;
    use crate::findings::{Level, at};
    use crate::source::Span;

    /// Fingerprints of findings at every `what` in the text, in `item`, in reading order.
    fn fingerprints(text: &str, what: &str, item: &str) -> Vec<String> {
        let mut sources = Sources::default();
        let file = sources.add("src/main.rs", text);
        let finding = |(start, found): (usize, &str)| Reported {
            lint: &unused_allows::INFO,
            level: Level::Warn,
            finding: Finding { item: item.into(), ..at(Place::new(file, Span::new(start, start + found.len())), "found".into()) },
            package: "api".into(),
            fingerprint: String::new(),
            suppressed: None,
        };
        let mut findings: Vec<Reported> = text.match_indices(what).map(finding).collect();
        assign(&mut findings, &sources);
        findings.into_iter().map(|reported| reported.fingerprint).collect()
    }

    #[test]
    fn layout_and_arguments_are_not_identity() {
        let one = fingerprints("Pool::new().max(5)", "Pool::new().max(5)", "api::main");
        let other = fingerprints("\n\nPool :: // a word\n  new(\n)", "Pool :: // a word\n  new(\n)", "api::main");
        assert_eq!(one, other);
        assert_ne!(one, fingerprints("Pool::connect()", "Pool::connect()", "api::main"));
        assert_ne!(one, fingerprints("Pool::new()", "Pool::new()", "api::other"));
    }

    #[test]
    fn one_more_of_the_same_is_exactly_one_new() {
        let (one, two) = (fingerprints("a()", "a()", "i"), fingerprints("a(); a()", "a()", "i"));
        assert_eq!(two[..1], one);
        assert_ne!(two[0], two[1]);
    }

    #[test]
    fn a_closure_is_the_same_on_another_line() {
        assert_eq!(without_lines("api::main::{closure:12}::{closure:7} x"), "api::main::{closure}::{closure} x");
        assert_eq!(fingerprints("a()", "a()", "main::{closure:1}"), fingerprints("a()", "a()", "main::{closure:901}"));
    }

    #[test]
    fn a_fingerprint_is_the_same_in_every_release() {
        assert_eq!(fingerprints("a()", "a()", "api::main"), ["3a87c43fde268a4f"]);
    }
}

//! Reports as bytes: one file per format. Knows findings and places, never the backend.

mod concise;
mod coverage;
mod diagnostic;
mod human;
mod json;
mod terminal;
#[cfg(test)]
mod tests;

pub use concise::concise;
pub use coverage::{CoverageJson, coverage_lines};
pub use diagnostic::render;
pub use human::{HumanOptions, human};
pub use json::{SCHEMA_VERSION, json};
pub use terminal::Terminal;

use crate::findings::Summary;
use crate::words::count;

/// `2 findings (1 deny, 1 warn), 3 notes, 1 suppressed`.
pub fn summary_line(summary: Summary) -> String {
    let findings = match (summary.deny, summary.warn) {
        (0, 0) => "no findings".to_string(),
        (deny, 0) => format!("{} ({deny} deny)", count(deny, "finding")),
        (0, warn) => format!("{} ({warn} warn)", count(warn, "finding")),
        (deny, warn) => format!("{} ({deny} deny, {warn} warn)", count(deny + warn, "finding")),
    };
    let notes = (summary.note > 0).then(|| count(summary.note, "note"));
    let suppressed = (summary.suppressed > 0).then(|| format!("{} suppressed", summary.suppressed));
    [Some(findings), notes, suppressed].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

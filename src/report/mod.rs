//! Reports as bytes: one file per format. Knows findings and places, never the backend.

mod cargo;
mod checkstyle;
mod concise;
mod coverage;
mod diagnostic;
mod formats;
mod github;
mod gitlab;
mod human;
mod json;
mod jsonl;
mod junit;
mod markdown;
mod page;
mod rdjson;
mod sarif;
mod terminal;
#[cfg(test)]
mod tests;
mod xml;

pub use cargo::{finished as cargo_finished, messages as cargo_messages};
pub use concise::{concise, line as concise_line};
pub use coverage::{CoverageJson, coverage_lines};
pub use diagnostic::render;
pub use formats::{FORMATS, Format, format};
pub use github::step_summary;
pub use human::{HumanOptions, human};
pub use json::{CHECK_SCHEMA, SCHEMA_VERSION, finding_value, json};
pub use page::{CargoPackage, Page, Region, Surroundings};
pub use terminal::Terminal;

use crate::findings::Summary;
use crate::words::count;

/// Where the tool is described.
pub const HOME_PAGE: &str = "https://docs.rs/cargo-moai-backend";

/// `2 findings (1 deny, 1 warn), 3 notes, 1 suppressed`.
pub fn summary_line(summary: Summary) -> String {
    let findings = match (summary.deny, summary.warn) {
        (0, 0) => "no findings".to_string(),
        (deny, 0) => format!("{} ({deny} deny)", count(deny, "finding")),
        (0, warn) => format!("{} ({warn} warn)", count(warn, "finding")),
        (deny, warn) => format!("{} ({deny} deny, {warn} warn)", count(deny + warn, "finding")),
    };
    let notes = (summary.note > 0).then(|| count(summary.note, "note"));
    let suppressed = (summary.suppressed > 0).then(|| match summary.baseline {
        0 => format!("{} suppressed", summary.suppressed),
        baseline => format!("{} suppressed ({baseline} by the baseline)", summary.suppressed),
    });
    let left_out = (summary.left_out > 0).then(|| format!("{} left out that were there before", summary.left_out));
    [Some(findings), notes, suppressed, left_out].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

//! Lints about the tool's own comments in the code and its baseline. They look at these, not at the backend, so they have no `check`.

pub mod invalid_allows;
pub mod stale_baseline_entries;
pub mod unused_allows;

use crate::lints::LintInfo;

pub static ALL: [&LintInfo; 3] = [&invalid_allows::INFO, &stale_baseline_entries::INFO, &unused_allows::INFO];

//! Lints about the tool's own comments in the code. They look at comments, not at the backend, so they have no `check`.

pub mod invalid_allows;
pub mod unused_allows;

use crate::lints::LintInfo;

pub static ALL: [&LintInfo; 2] = [&invalid_allows::INFO, &unused_allows::INFO];

#![doc = include_str!("unused_allows.md")]

use crate::findings::Level;
use crate::lints::{LintInfo, Measured, Section};

pub static INFO: LintInfo = LintInfo {
    id: "unused_allows",
    section: Section::Project,
    level: Level::Warn,
    summary: "an allow comment that suppresses nothing",
    help: "remove the comment, or the lint's name from it",
    guidance: include_str!("unused_allows.md"),
    references: &[],
    measured: Measured { found: 0, read: 0, right: 0 },
};

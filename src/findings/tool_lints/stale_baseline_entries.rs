#![doc = include_str!("stale_baseline_entries.md")]

use crate::findings::Level;
use crate::lints::{LintInfo, Measured, Section};

pub static INFO: LintInfo = LintInfo {
    id: "stale_baseline_entries",
    section: Section::Project,
    level: Level::Warn,
    summary: "an entry of the baseline that stands for no finding any more",
    help: "`cargo moai-backend baseline prune` removes it",
    guidance: include_str!("stale_baseline_entries.md"),
    references: &[],
    measured: Measured { found: 0, read: 0, right: 0 },
};

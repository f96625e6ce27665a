#![doc = include_str!("invalid_allows.md")]

use crate::findings::Level;
use crate::lints::{LintInfo, Measured, Section};

pub static INFO: LintInfo = LintInfo {
    id: "invalid_allows",
    section: Section::Project,
    level: Level::Deny,
    summary: "an allow comment that cannot be understood, and so allows nothing",
    help: "write `// moai-backend: allow(lint) reason = \"why\"` with a lint of `cargo moai-backend list`",
    guidance: include_str!("invalid_allows.md"),
    references: &[],
    measured: Measured { found: 0, read: 0, right: 0 },
};

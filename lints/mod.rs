//! The lints: one folder each, listed in [`ALL`]. A lint is a pure function over the [`Backend`](crate::model::Backend).

use crate::findings::{Finding, Level};
use crate::model::Backend;

/// A lint: what it is called, what it rests on, and what it looks for.
pub struct Lint {
    pub info: LintInfo,
    pub check: fn(&Backend, &mut Vec<Finding>),
}

pub struct LintInfo {
    /// Folder name, module name and id: `sql_in_handlers`.
    pub id: &'static str,
    pub section: Section,
    pub level: Level,
    /// One sentence: the bad thing.
    pub summary: &'static str,
    /// One sentence: what to do instead.
    pub help: &'static str,
    /// The page that `explain` prints and the published docs show.
    pub guidance: &'static str,
    /// What it rests on.
    pub references: &'static [Reference],
    /// Findings read in the source over the development corpus.
    pub measured: Measured,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    ServerArchitecture,
    ApiDesign,
    CachingStrategies,
    DatabaseOptimization,
    ScalabilityPatterns,
    Project,
}

impl Section {
    pub fn id(self) -> &'static str {
        match self {
            Section::ServerArchitecture => "server_architecture",
            Section::ApiDesign => "api_design",
            Section::CachingStrategies => "caching_strategies",
            Section::DatabaseOptimization => "database_optimization",
            Section::ScalabilityPatterns => "scalability_patterns",
            Section::Project => "project",
        }
    }
}

/// A page somebody can open.
#[derive(Debug)]
pub struct Reference {
    pub title: &'static str,
    pub url: &'static str,
    /// Version or date of the page itself; empty where it has none.
    pub version: &'static str,
    /// `2026-11-23`.
    pub accessed: &'static str,
}

/// `right` of `read` findings were right, over `repositories` repositories.
pub struct Measured {
    pub found: u32,
    pub read: u32,
    pub right: u32,
}

pub static ALL: &[Lint] = &[];

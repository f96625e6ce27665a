//! Packages and modules.

use crate::source::{FileId, Place};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PackageId(pub u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModuleId(pub u32);

#[derive(Clone, Debug)]
pub struct Package {
    pub name: String,
    pub version: String,
    /// Relative to the workspace root.
    pub manifest: String,
    /// Has a binary that serves, consumes or schedules.
    pub deployable: bool,
    /// Selected by `-p`, `--workspace`, `--exclude`: findings in other packages are not reported.
    pub selected: bool,
}

/// A module of a crate target. Paths are those of [`Function::path`](super::Function).
#[derive(Clone, Debug)]
pub struct Module {
    pub path: String,
    pub package: PackageId,
    pub parent: Option<ModuleId>,
    pub file: FileId,
    /// Where its file (or its `mod` block) begins.
    pub place: Place,
    pub context: super::Context,
}

//! The crates that are to be resolved together: names and edges only. Resolve does not know cargo.

use super::Stamp;
use crate::facts::{FileFacts, Name};
use crate::source::FileId;
use semver::Version;
use std::sync::Arc;

/// Crate targets of the workspace, with the files they may reach.
#[derive(Default)]
pub struct CrateGraph {
    pub crates: Vec<SourceCrate>,
    /// Every file that was read, by absolute-like path with `/` (the same form as [`SourceCrate::root`]), so that `mod x;` finds its file.
    pub files: rustc_hash::FxHashMap<Arc<str>, FileId>,
    /// Facts by [`FileId`].
    pub facts: Vec<Option<Arc<FileFacts>>>,
    /// By [`FileId`]; empty where nothing is to be remembered.
    pub stamps: Vec<Stamp>,
}

/// One target: a library, binary, example, test or bench.
#[derive(Clone, Debug)]
pub struct SourceCrate {
    /// As written in paths (`-` made `_`).
    pub name: Name,
    /// Index into the workspace's packages.
    pub package: usize,
    pub kind: TargetKind,
    /// Path of the root file, a key of [`CrateGraph::files`].
    pub root: Arc<str>,
    pub dependencies: Vec<Dependency>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TargetKind {
    Library,
    ProcMacro,
    Binary,
    Example,
    Test,
    Bench,
    BuildScript,
}

impl TargetKind {
    /// As cargo calls it.
    pub fn name(self) -> &'static str {
        match self {
            TargetKind::Library => "lib",
            TargetKind::ProcMacro => "proc-macro",
            TargetKind::Binary => "bin",
            TargetKind::Example => "example",
            TargetKind::Test => "test",
            TargetKind::Bench => "bench",
            TargetKind::BuildScript => "custom-build",
        }
    }
}

#[derive(Clone, Debug)]
pub struct Dependency {
    /// The name in paths: the rename, or the dependency's library name.
    pub name: Name,
    pub to: DependencyTarget,
    /// Only for tests, examples and benches.
    pub dev: bool,
}

#[derive(Clone, Debug)]
pub enum DependencyTarget {
    /// Index into [`CrateGraph::crates`].
    Workspace(usize),
    /// Package name, and the version in Cargo.lock where it could be told.
    External { package: Name, version: Option<Version> },
}

//! Which folder git runs hooks from.

use std::path::{Path, PathBuf};

/// `core.hooksPath`, or the folder that every repository has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HooksPath {
    /// As configured: relative ones start at the top of the worktree.
    pub path: PathBuf,
    pub scope: HooksScope,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HooksScope {
    /// Not configured.
    Default,
    /// Configured for this repository or worktree.
    Repository,
    /// Configured for all repositories of a user or machine.
    Everywhere,
}

impl HooksPath {
    pub(super) fn below(self, root: &Path) -> HooksPath {
        HooksPath { path: root.join(&self.path), ..self }
    }
}

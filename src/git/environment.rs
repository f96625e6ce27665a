//! What git tells a hook: where the repository is, and which index is being committed.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Variables that move a repository's parts. Children that are not git must not inherit them: a `git` below them would write into
/// the index that is being committed.
const LOCATIONS: [&str; 5] = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"];

/// Read once, by the command line, before anything changes directories.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    pub directory: PathBuf,
    pub index_file: Option<PathBuf>,
    pub work_tree: Option<PathBuf>,
    /// Git named a part of the repository, so it is a hook or an alias that runs us.
    pub is_given: bool,
    /// The `git` program instead of libgit2, for repositories in which the two differ.
    pub by_program: bool,
}

impl Environment {
    pub fn read(variable: impl Fn(&str) -> Option<OsString>, directory: PathBuf) -> Environment {
        let path = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        Environment {
            index_file: path("GIT_INDEX_FILE"),
            work_tree: path("GIT_WORK_TREE"),
            is_given: LOCATIONS.iter().any(|name| path(name).is_some()),
            by_program: variable("MOAI_BACKEND_GIT").is_some_and(|value| value == "program"),
            directory,
        }
    }

    /// Only where we stand: for a repository that is not the one that git talks about.
    pub(super) fn without_git(&self) -> Environment {
        Environment { index_file: None, work_tree: None, is_given: false, ..self.clone() }
    }

    /// The index that is being committed. Git gives a path that is relative to the top of the worktree, and means that wherever the
    /// hook has gone since.
    pub(super) fn index_in(&self, root: &Path) -> Option<PathBuf> {
        let file = self.index_file.as_ref()?;
        let candidates = [root.join(file), self.directory.join(file)];
        Some(candidates.iter().find(|path| path.exists()).unwrap_or(&candidates[0]).clone())
    }
}

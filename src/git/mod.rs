//! Trees that are not on the disk: the index, and commits. The only room that knows git.
//!
//! [`open`] finds the repository as a hook finds it: `git commit -a`, `git commit PATH` and `-i` hand over an index of their own in
//! `GIT_INDEX_FILE`, and a linked worktree its `GIT_DIR`. Everything is read from the object database, nothing is written, no lock
//! is taken. [`Tree`] is a [`Files`](crate::workspace::Files): the pipeline reads a commit as it reads a disk, with manifests, lock
//! file, migrations and configuration of that very tree.
//!
//! libgit2 does the reading. It refuses some repositories (split or sparse index, reftable, sha256, partial clones), and then the
//! `git` program is asked for the same things.

mod entry;
mod environment;
mod error;
mod hooks;
mod library;
mod program;
mod repository;
mod tree;

pub use environment::Environment;
pub use error::GitError;
pub use hooks::{HooksPath, HooksScope};
pub use repository::{Repository, open};
pub use tree::Tree;

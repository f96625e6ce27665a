//! Where text comes from: the disk, a git tree, the index, or a test's memory.

use std::io;
use std::sync::Arc;

/// A tree of files. Paths are absolute with `/` for the disk, relative to the tree's root for others.
pub trait Files: Sync {
    /// The bytes of a file.
    fn read(&self, path: &str) -> io::Result<Arc<[u8]>>;
    fn is_file(&self, path: &str) -> bool;
    /// Files below `directory`, recursively, sorted; hidden folders and `target` left out.
    fn list(&self, directory: &str) -> Vec<String>;
}

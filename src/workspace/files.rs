//! Where the text of a workspace is: on the disk, or in a test's memory.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// A tree of files. Paths are absolute with `/` for the disk, relative to the tree's root (or as given) for others.
///
/// Results are remembered by what was asked here: a new method needs its [`Question`](super::Question), noted by [`Watched`](super::Watched).
pub trait Files: Sync {
    /// The bytes of a file.
    fn read(&self, path: &str) -> io::Result<Arc<[u8]>>;
    fn is_file(&self, path: &str) -> bool;
    /// Files below `directory`, recursively, sorted; hidden folders, `target` and `node_modules` left out.
    fn list(&self, directory: &str) -> Vec<String>;
    /// A name that only this content has, for files that need not be read to know whether they have changed.
    fn name_of_content(&self, _path: &str) -> Option<Vec<u8>> {
        None
    }
    /// Whether a file was not there before the change that is checked. Nothing is new where no change is asked about.
    fn is_new(&self, _path: &str) -> bool {
        false
    }
    /// Whether these are the files that cargo sees.
    fn is_disk(&self) -> bool {
        false
    }
}

/// The disk as it is.
pub struct Disk;

impl Files for Disk {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the disk")]
    fn read(&self, path: &str) -> io::Result<Arc<[u8]>> {
        std::fs::read(path).map(Arc::from)
    }

    fn is_file(&self, path: &str) -> bool {
        Path::new(path).is_file()
    }

    fn list(&self, directory: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut open = vec![directory.trim_end_matches('/').to_string()];
        while let Some(directory) = open.pop() {
            // A directory that cannot be read has no files for us; a file in it that is needed is missed by name later.
            let Ok(entries) = std::fs::read_dir(if directory.is_empty() { "/" } else { &directory }) else { continue };
            for entry in entries.flatten() {
                let Some(name) = entry.file_name().to_str().map(str::to_string) else { continue };
                let path = format!("{directory}/{name}");
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => open.extend(is_walked(&name).then_some(path)),
                    // Links to directories are not followed: they may lead in circles.
                    Ok(kind) if kind.is_symlink() => found.extend(self.is_file(&path).then_some(path)),
                    Ok(_) => found.push(path),
                    Err(_) => {}
                }
            }
        }
        found.sort_unstable();
        found
    }

    fn is_disk(&self) -> bool {
        true
    }
}

/// Files by path, for tests.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    files: BTreeMap<String, Arc<[u8]>>,
}

impl Memory {
    pub fn add(&mut self, path: impl Into<String>, text: impl AsRef<[u8]>) {
        self.files.insert(path.into(), Arc::from(text.as_ref()));
    }
}

impl Files for Memory {
    fn read(&self, path: &str) -> io::Result<Arc<[u8]>> {
        self.files.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn is_file(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    fn list(&self, directory: &str) -> Vec<String> {
        let below = |path: &str| match directory {
            "" => path.to_string(),
            _ => path.strip_prefix(directory).and_then(|rest| rest.strip_prefix('/')).unwrap_or("").to_string(),
        };
        let walked = |path: &&String| {
            let rest = below(path);
            let folders = rest.rsplit_once('/').map_or("", |(folders, _)| folders);
            !rest.is_empty() && folders.split('/').filter(|folder| !folder.is_empty()).all(is_walked)
        };
        self.files.keys().filter(walked).cloned().collect()
    }
}

/// Whether [`Files::list`] goes into a folder of this name.
pub fn is_walked(folder: &str) -> bool {
    !folder.starts_with('.') && folder != "target" && folder != "node_modules"
}

/// `directory/name`, with `.` and `..` taken out and absolute names kept.
pub fn join(directory: &str, name: &str) -> String {
    let absolute = name.starts_with('/') || Path::new(name).is_absolute();
    let whole = if absolute || directory.is_empty() { name.to_string() } else { format!("{directory}/{name}") };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "." => {}
            "" if !parts.is_empty() => {}
            ".." if parts.last().is_some_and(|last| !matches!(*last, "" | "..")) => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The directory of a file; empty for a file at the root of its tree.
pub fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_leave_a_joined_path() {
        assert_eq!(join("/a/b", "../c/./d.rs"), "/a/c/d.rs");
        assert_eq!(join("", "src/lib.rs"), "src/lib.rs");
        assert_eq!(join("a", "../../b"), "../b");
        assert_eq!(join("/a", "/b//c"), "/b/c");
    }

    #[test]
    fn hidden_folders_and_build_output_are_not_listed() {
        let mut files = Memory::default();
        for path in ["src/lib.rs", "target/debug/build.rs", ".git/x.rs", "web/node_modules/x.rs", "web/build.rs"] {
            files.add(path, "");
        }
        assert_eq!(files.list(""), ["src/lib.rs", "web/build.rs"]);
        assert_eq!(files.list("web"), ["web/build.rs"]);
    }
}

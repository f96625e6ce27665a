//! A tree of git as files, by paths as they would have on the disk.

use super::entry::{Entry, Id, Kind, Objects};
use crate::workspace::{Files, is_walked, join, parent};
use std::io;
use std::sync::Arc;

/// All files of an index or a commit. Submodules are there with the commit that is recorded, where they are checked out.
pub struct Tree {
    /// Top of the worktree, absolute, with `/`.
    root: String,
    /// By path.
    entries: Vec<(Entry, usize)>,
    stores: Vec<Arc<dyn Objects>>,
}

/// A link that leads to a link and so on is followed this often.
const MOST_LINKS: usize = 16;

impl Tree {
    pub(super) fn new(root: String, mut parts: Vec<(Vec<Entry>, Arc<dyn Objects>)>) -> Tree {
        let stores = parts.iter().map(|(_, store)| store.clone()).collect();
        let numbered = parts.drain(..).enumerate().flat_map(|(store, (entries, _))| entries.into_iter().map(move |entry| (entry, store)));
        let mut entries: Vec<(Entry, usize)> = numbered.collect();
        entries.sort_by(|(one, _), (other, _)| one.path.cmp(&other.path));
        Tree { root, entries, stores }
    }

    /// A tree without files.
    pub fn empty(root: &str) -> Tree {
        Tree::new(root.to_string(), Vec::new())
    }

    /// Paths from the top of the worktree that the two trees do not have alike, sorted.
    pub fn changed<'t>(&'t self, other: &'t Tree) -> Vec<&'t str> {
        let (mut changed, mut ours, mut theirs) = (Vec::new(), self.entries.iter().peekable(), other.entries.iter().peekable());
        loop {
            match (ours.peek(), theirs.peek()) {
                (Some((one, _)), Some((other, _))) if one.path == other.path => {
                    if (one.id, one.kind) != (other.id, other.kind) {
                        changed.push(one.path.as_str());
                    }
                    ours.next();
                    theirs.next();
                }
                (Some((one, _)), other) if other.is_none_or(|(other, _)| one.path < other.path) => {
                    changed.push(one.path.as_str());
                    ours.next();
                }
                (_, Some((other, _))) => {
                    changed.push(other.path.as_str());
                    theirs.next();
                }
                _ => return changed,
            }
        }
    }

    /// Paths from the top of the worktree.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().filter(|(entry, _)| entry.kind != Kind::Submodule).map(|(entry, _)| entry.path.as_str())
    }

    /// A path from the top of the worktree, as this tree takes it.
    pub fn absolute(&self, path: &str) -> String {
        format!("{}/{path}", self.root)
    }

    /// Whether a file of this path would be part of this tree.
    pub fn holds(&self, path: &str) -> bool {
        self.inside(path).is_some()
    }

    fn entry(&self, path: &str) -> Option<&(Entry, usize)> {
        self.entries.binary_search_by(|(entry, _)| entry.path.as_str().cmp(path)).ok().map(|at| &self.entries[at])
    }

    /// The file at `path`, through links of files and folders.
    fn file(&self, path: &str) -> Option<(Id, &dyn Objects)> {
        let mut path = self.inside(path)?.to_string();
        for _ in 0..MOST_LINKS {
            match self.entry(&path) {
                Some((Entry { kind: Kind::File, id, .. }, store)) => return Some((*id, &*self.stores[*store])),
                Some((Entry { kind: Kind::Link, .. }, _)) => path = self.followed(&path, "")?,
                Some(_) => return None,
                None => path = self.through_a_folder(&path)?,
            }
        }
        None
    }

    /// Below the first folder on the way that is a link.
    fn through_a_folder(&self, path: &str) -> Option<String> {
        let ends = path.match_indices('/').map(|(at, _)| at);
        let link =
            ends.map(|at| path.split_at(at)).find(|(folder, _)| self.entry(folder).is_some_and(|(entry, _)| entry.kind == Kind::Link));
        link.and_then(|(folder, rest)| self.followed(folder, rest.trim_start_matches('/')))
    }

    fn followed(&self, link: &str, rest: &str) -> Option<String> {
        let (entry, store) = self.entry(link)?;
        let target = self.stores[*store].read(entry.id).ok()?;
        let target = std::str::from_utf8(&target).ok()?;
        let whole = join(&join(&format!("{}/{}", self.root, parent(link)), target), rest);
        Some(self.inside(whole.trim_end_matches('/'))?.to_string())
    }

    fn inside<'p>(&self, path: &'p str) -> Option<&'p str> {
        path.strip_prefix(&*self.root)?.strip_prefix('/')
    }
}

impl Files for Tree {
    fn read(&self, path: &str) -> io::Result<Arc<[u8]>> {
        let (id, store) = self.file(path).ok_or(io::ErrorKind::NotFound)?;
        store.read(id).map_err(io::Error::other)
    }

    fn is_file(&self, path: &str) -> bool {
        self.file(path).is_some()
    }

    fn name_of_content(&self, path: &str) -> Option<Vec<u8>> {
        self.file(path).map(|(id, _)| id.as_bytes().to_vec())
    }

    fn list(&self, directory: &str) -> Vec<String> {
        let below = match directory.trim_end_matches('/').strip_prefix(&*self.root) {
            Some("") => String::new(),
            Some(folder) if folder.starts_with('/') => format!("{}/", &folder[1..]),
            _ => return Vec::new(),
        };
        let start = self.entries.partition_point(|(entry, _)| *entry.path < *below);
        let inside = self.entries[start..].iter().map(|(entry, _)| entry).take_while(|entry| entry.path.starts_with(&below));
        let walked = |entry: &&Entry| {
            let folders = entry.path[below.len()..].rsplit_once('/').map_or("", |(folders, _)| folders);
            folders.is_empty() || folders.split('/').all(is_walked)
        };
        let path = |entry: &Entry| format!("{}/{}", self.root, entry.path);
        let is_file = |entry: &&Entry| match entry.kind {
            Kind::File => true,
            Kind::Link => self.is_file(&path(entry)),
            Kind::Submodule => false,
        };
        inside.filter(walked).filter(is_file).map(path).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Blobs whose text is the first byte of their name: `b` leads nowhere else.
    struct Texts(Vec<&'static str>);

    impl Objects for Texts {
        fn read(&self, id: Id) -> Result<Arc<[u8]>, String> {
            Ok(Arc::from(self.0[id.as_bytes()[0] as usize].as_bytes()))
        }
    }

    fn tree(files: &[(&str, Kind, &'static str)]) -> Tree {
        let id = |number: usize| Id::from_bytes(&[number as u8; 20]).expect("20 bytes");
        let entry = |(number, (path, kind, _)): (usize, &(&str, Kind, &str))| Entry { path: path.to_string(), id: id(number), kind: *kind };
        let entries = files.iter().enumerate().map(entry).collect();
        let texts = files.iter().map(|(_, _, text)| *text).collect();
        Tree::new("/top".into(), vec![(entries, Arc::new(Texts(texts)))])
    }

    #[test]
    fn links_to_files_and_folders_are_followed_inside_the_tree() {
        let tree = tree(&[
            ("a/lib.rs", Kind::File, "text"),
            ("b", Kind::Link, "a"),
            ("c/lib.rs", Kind::Link, "../b/lib.rs"),
            ("circle", Kind::Link, "circle"),
            ("outside", Kind::Link, "../../etc"),
        ]);
        for path in ["/top/a/lib.rs", "/top/b/lib.rs", "/top/c/lib.rs"] {
            assert_eq!(tree.read(path).ok().as_deref(), Some("text".as_bytes()), "{path}");
        }
        for path in ["/top/circle", "/top/outside/passwd", "/top/a", "/elsewhere/a/lib.rs", "/top/missing"] {
            assert!(!tree.is_file(path), "{path}");
        }
    }

    #[test]
    fn what_a_disk_would_not_list_is_not_listed() {
        let file = |path| (path, Kind::File, "");
        let tree = tree(&[
            file("Cargo.toml"),
            file("a/b.rs"),
            file("a/target/c.rs"),
            file("ab/d.rs"),
            file(".git2/e.rs"),
            ("m", Kind::Submodule, ""),
        ]);
        assert_eq!(tree.list("/top"), ["/top/Cargo.toml", "/top/a/b.rs", "/top/ab/d.rs"]);
        assert_eq!(tree.list("/top/a"), ["/top/a/b.rs"]);
        assert!(tree.list("/to").is_empty());
    }

    #[test]
    fn changes_are_what_is_new_gone_or_different() {
        let one = tree(&[("a", Kind::File, ""), ("b", Kind::File, ""), ("c", Kind::File, "")]);
        let other = tree(&[("a", Kind::File, ""), ("b", Kind::Link, ""), ("d", Kind::File, "")]);
        assert_eq!(one.changed(&other), ["b", "c", "d"]);
        assert!(one.changed(&one).is_empty());
    }
}

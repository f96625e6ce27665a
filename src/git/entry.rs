//! What an index and a tree are made of.

use std::fmt;
use std::sync::Arc;

/// Name of an object: 20 bytes, 32 with sha256.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Id {
    bytes: [u8; 32],
    length: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    /// Its text is where it leads to.
    Link,
    /// Its object is a commit of another repository.
    Submodule,
}

#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// From the top of the worktree, with `/`.
    pub path: String,
    pub id: Id,
    pub kind: Kind,
}

/// Where blobs are.
pub(super) trait Objects: Send + Sync {
    fn read(&self, id: Id) -> Result<Arc<[u8]>, String>;
}

/// Name of an empty file, which is what `git add -N` puts in the place of one that is not added yet.
pub(super) const EMPTY_FILE: &str = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";
pub(super) const EMPTY_FILE_SHA256: &str = "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813";

impl Id {
    pub fn from_bytes(bytes: &[u8]) -> Option<Id> {
        let mut id = Id { bytes: [0; 32], length: u8::try_from(bytes.len()).ok()? };
        id.bytes.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(id)
    }

    pub fn from_hex(text: &str) -> Option<Id> {
        if !text.len().is_multiple_of(2) || !text.is_ascii() {
            return None;
        }
        let bytes: Option<Vec<u8>> = (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect();
        Id::from_bytes(&bytes?).filter(|id| matches!(id.length, 20 | 32))
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length as usize]
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Kind {
    /// `None`: a folder, or a mode that git does not write.
    pub fn of_mode(mode: u32) -> Option<Kind> {
        match mode & 0o170_000 {
            0o100_000 => Some(Kind::File),
            0o120_000 => Some(Kind::Link),
            0o160_000 => Some(Kind::Submodule),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_objects_are_read_and_written_in_both_lengths() {
        for text in [EMPTY_FILE, EMPTY_FILE_SHA256] {
            assert_eq!(Id::from_hex(text).map(|id| id.to_string()).as_deref(), Some(text));
        }
        for text in ["", "e69d", "zz9de29bb2d1d6434b8b29ae775ad8c2e48c5391", "éééééééééééééééééééé"] {
            assert_eq!(Id::from_hex(text), None, "{text}");
        }
    }
}

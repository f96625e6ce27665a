//! What the results of one file are remembered by, and how they depend on other files.

use crate::cache::Key;
use crate::facts::{Name, Names, Outline};
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};
use serde::{Deserialize, Serialize};
use std::hash::Hasher;

/// Of one file. Names are numbers: two with one number are taken for one, which costs time only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Of the whole text.
    pub text: Key,
    /// See [`Outline::rest`].
    pub rest: Key,
    functions: Vec<(u32, Key)>,
    words: Vec<u32>,
    handed_on: Vec<u32>,
    names: Names,
}

impl Stamp {
    pub fn new(text: Key, outline: &Outline) -> Self {
        let numbers = |names: &mut dyn Iterator<Item = &Name>| {
            let mut numbers: Vec<u32> = names.map(number).collect();
            numbers.sort_unstable();
            numbers.dedup();
            numbers
        };
        Stamp {
            text,
            rest: Key::of("outline", &outline.rest),
            functions: outline.functions.iter().map(|one| (number(&one.name), Key::of("function", &one.bytes))).collect(),
            words: numbers(&mut outline.words.iter()),
            handed_on: numbers(&mut outline.handed_on.iter()),
            names: outline.names,
        }
    }

    /// Of a file that was not understood.
    pub fn unread(text: Key) -> Self {
        Stamp { text, rest: text, functions: Vec::new(), words: Vec::new(), handed_on: Vec::new(), names: Names::default() }
    }
}

fn number(name: &Name) -> u32 {
    let mut hasher = FxHasher::default();
    hasher.write(name.as_bytes());
    let hash = hasher.finish();
    (hash ^ hash >> 32) as u32
}

/// The functions of all files that are outlined by themselves.
pub(super) struct Functions<'s> {
    stamps: &'s [Stamp],
    /// Declarations by name, in the order of files.
    by_name: FxHashMap<u32, Key>,
    joined_by_macros: bool,
    all: Key,
}

impl<'s> Functions<'s> {
    pub fn new(stamps: &'s [Stamp]) -> Self {
        let every = stamps.iter().enumerate().flat_map(|(file, stamp)| stamp.functions.iter().map(move |(name, key)| (*name, file, *key)));
        let mut every: Vec<(u32, usize, Key)> = every.collect();
        // What stands in one file stays in its order.
        every.sort_by_key(|(name, file, _)| (*name, *file));
        let joined = |same: &[(u32, usize, Key)]| {
            let parts: Vec<Key> = same.iter().flat_map(|(_, file, key)| [Key::of("file", &file.to_le_bytes()), *key]).collect();
            (same[0].0, Key::join("functions of a name", &parts))
        };
        Functions {
            stamps,
            by_name: every.chunk_by(|one, other| one.0 == other.0).map(joined).collect(),
            joined_by_macros: stamps.iter().any(|stamp| stamp.names.joined_by_macros),
            all: Key::join("functions", &every.iter().map(|(_, _, key)| *key).collect::<Vec<_>>()),
        }
    }

    /// Those that any file may reach.
    pub fn handed_on(&self) -> Key {
        let names: FxHashSet<u32> = self.stamps.iter().flat_map(|stamp| &stamp.handed_on).copied().collect();
        let mut names: Vec<u32> = names.into_iter().collect();
        names.sort_unstable();
        self.named(&names)
    }

    /// Those that a file can name.
    pub fn reached_from(&self, file: &Stamp) -> Key {
        let any = file.names.joined || self.joined_by_macros && file.names.calls_macros;
        if any { self.all } else { self.named(&file.words) }
    }

    fn named(&self, names: &[u32]) -> Key {
        let keys: Vec<Key> = names.iter().filter_map(|name| self.by_name.get(name)).copied().collect();
        Key::join("named", &keys)
    }
}

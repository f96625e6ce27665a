//! What the results of one file are remembered by, and how they depend on other files.

use super::CrateGraph;
use super::graph::DependencyTarget;
use super::reach::Reach;
use crate::cache::Key;
use crate::facts::{ANY, Declared, Name, Names, Outline, PARENT, ROOT};
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::hash::Hasher;

/// Of one file. Names are numbers: two with one number are taken for one, which costs time only. See [`Outline`] for each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Of the whole text.
    pub text: Key,
    pub rest: Key,
    pub(super) types: Vec<Reached>,
    pub(super) functions: Vec<Reached>,
    imports: Vec<Alone>,
    pub(super) spoken_of: Vec<u32>,
    pub(super) traits: Vec<u32>,
    pub(super) words: Vec<u32>,
    handed_on: Vec<u32>,
    placed: Vec<u32>,
    in_macros: Vec<u32>,
    links: Vec<(u32, u32)>,
    globs: Vec<u32>,
    mentions: Vec<u32>,
    pub(super) renamed: Vec<u32>,
    pub(super) names: Names,
}

/// Of a type, an impl beside it, or a function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Reached {
    pub name: u32,
    pub key: Key,
    pub speaks_of: Vec<u32>,
    pub of_type: Option<u32>,
    pub trait_: Option<u32>,
}

/// Of an import that is outlined by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Alone {
    name: u32,
    /// Of the inline module around it.
    module: Option<u32>,
    key: Key,
}

impl Stamp {
    pub fn new(text: Key, outline: &Outline) -> Self {
        let numbers = |names: &BTreeSet<Name>| {
            let mut numbers: Vec<u32> = names.iter().map(|name| number(name)).collect();
            numbers.sort_unstable();
            numbers.dedup();
            numbers
        };
        let reached = |one: &Declared| Reached {
            name: number(&one.name),
            key: Key::of("declared", &one.bytes),
            speaks_of: numbers(&one.speaks_of),
            of_type: one.of_type.as_deref().map(number),
            trait_: one.trait_.as_deref().map(number),
        };
        let alone = |one: &Declared| Alone {
            name: number(&one.name),
            module: one.module.as_deref().map(number),
            key: Key::of("declared", &one.bytes),
        };
        Stamp {
            text,
            rest: Key::of("outline", &outline.rest),
            types: outline.types.iter().map(reached).collect(),
            functions: outline.functions.iter().map(reached).collect(),
            imports: outline.imports.iter().map(alone).collect(),
            spoken_of: numbers(&outline.spoken_of),
            traits: numbers(&outline.traits),
            words: numbers(&outline.words),
            handed_on: numbers(&outline.handed_on),
            placed: numbers(&outline.placed),
            in_macros: numbers(&outline.in_macros),
            links: outline.links.iter().map(|(module, name)| (number(module), number(name))).collect(),
            globs: numbers(&outline.globs),
            mentions: numbers(&outline.mentions),
            renamed: numbers(&outline.renamed),
            names: outline.names,
        }
    }

    /// Of a file that was not understood.
    pub fn unread(text: Key) -> Self {
        Stamp { text, rest: text, ..Stamp::default() }
    }
}

pub(super) fn number(name: &str) -> u32 {
    let mut hasher = FxHasher::default();
    hasher.write(name.as_bytes());
    let hash = hasher.finish();
    (hash ^ hash >> 32) as u32
}

/// The types, functions and imports of all files that are outlined by themselves.
pub(super) struct Outlined<'g> {
    stamps: &'g [Stamp],
    reach: Reach<'g>,
    imports: Imports,
    joined_by_macros: bool,
    /// Imports that declarations of any file may hang on.
    declared: Key,
    /// By file: whether a glob brings private names of the modules around it.
    looks_up: Vec<bool>,
}

impl<'g> Outlined<'g> {
    pub fn new(graph: &'g CrateGraph) -> Self {
        let stamps = &graph.stamps;
        let modules = Modules::new(graph);
        let looks_up: Vec<bool> = (0..stamps.len()).map(|file| modules.looks_up(file)).collect();
        let mut handed_on: Vec<u32> = modules.handed_on.union(&modules.in_macros).copied().collect();
        handed_on.sort_unstable();
        Outlined {
            reach: Reach::new(stamps, handed_on),
            imports: Imports::new(stamps),
            joined_by_macros: stamps.iter().any(|stamp| stamp.names.joined_by_macros),
            declared: modules.declared_imports(&looks_up),
            looks_up,
            stamps,
        }
    }

    /// Those that any file may reach.
    pub fn handed_on(&self) -> Key {
        Key::join("handed on", &[self.reach.handed_on(), self.declared])
    }

    /// Those that a file may reach.
    pub fn reached_from(&self, file: usize) -> Key {
        let stamp = &self.stamps[file];
        let any = stamp.names.joined || self.joined_by_macros && stamp.names.calls_macros;
        let reached = if any { self.reach.all } else { self.reach.from(&stamp.words) };
        let imports = if any || self.looks_up[file] { self.imports.all } else { self.imports.named(&stamp.words) };
        Key::join("reached", &[reached, imports])
    }
}

/// Imports by name.
struct Imports {
    keys: FxHashMap<u32, Key>,
    all: Key,
}

impl Imports {
    fn new(stamps: &[Stamp]) -> Self {
        let every = stamps.iter().enumerate().flat_map(|(file, stamp)| stamp.imports.iter().map(move |one| (one.name, file, one.key)));
        let mut every: Vec<(u32, usize, Key)> = every.collect();
        // What stands in one file stays in its order.
        every.sort_by_key(|(name, file, _)| (*name, *file));
        let same = every.chunk_by(|one, other| one.0 == other.0);
        let keys: FxHashMap<u32, Key> = same.map(|same| (same[0].0, of_name(same.iter().map(|(_, file, key)| (*file, *key))))).collect();
        Imports { keys, all: Key::join("all", &every.iter().map(|(_, _, key)| *key).collect::<Vec<_>>()) }
    }

    fn named(&self, names: &[u32]) -> Key {
        let keys: Vec<Key> = names.iter().filter_map(|name| self.keys.get(name)).copied().collect();
        Key::join("named", &keys)
    }
}

/// Of everything that has one name, with the file that each stands in.
pub(super) fn of_name(same: impl Iterator<Item = (usize, Key)>) -> Key {
    let parts: Vec<Key> = same.flat_map(|(file, key)| [Key::of("file", &file.to_le_bytes()), key]).collect();
    Key::join("of a name", &parts)
}

/// What modules of files are called, as far as names of files tell. Where code calls them otherwise, the names of their files are handed on.
struct Modules<'g> {
    stamps: &'g [Stamp],
    /// By file: every part of its path.
    paths: Vec<Vec<u32>>,
    /// By file: the name of its module.
    names: Vec<u32>,
    /// By file: the name of the module around its module.
    parents: Vec<u32>,
    /// Whether it is the root of a crate.
    is_root: Vec<bool>,
    /// What roots are called.
    of_roots: FxHashSet<u32>,
    handed_on: FxHashSet<u32>,
    placed: FxHashSet<u32>,
    in_macros: FxHashSet<u32>,
    renamed: FxHashSet<u32>,
}

impl<'g> Modules<'g> {
    fn new(graph: &'g CrateGraph) -> Self {
        let stamps = &graph.stamps;
        let mut modules = Modules {
            stamps,
            paths: vec![Vec::new(); stamps.len()],
            names: vec![0; stamps.len()],
            parents: vec![0; stamps.len()],
            is_root: vec![false; stamps.len()],
            of_roots: FxHashSet::from_iter([number(&ROOT)]),
            handed_on: stamps.iter().flat_map(|stamp| &stamp.handed_on).copied().collect(),
            placed: stamps.iter().flat_map(|stamp| &stamp.placed).copied().collect(),
            in_macros: stamps.iter().flat_map(|stamp| &stamp.in_macros).copied().collect(),
            renamed: stamps.iter().flat_map(|stamp| &stamp.renamed).copied().collect(),
        };
        for (path, file) in &graph.files {
            modules.name(file.0 as usize, path);
        }
        for krate in &graph.crates {
            if let Some(root) = graph.files.get(&krate.root) {
                modules.is_root[root.0 as usize] = true;
            }
            let names = krate.dependencies.iter().filter(|one| matches!(one.to, DependencyTarget::Workspace(_))).map(|one| &one.name);
            modules.of_roots.extend(names.chain([&krate.name]).map(|name| number(name)));
        }
        modules
    }

    fn name(&mut self, file: usize, path: &str) {
        let mut parts: Vec<u32> =
            path.split('/').filter(|part| !part.is_empty()).map(|part| number(part.strip_suffix(".rs").unwrap_or(part))).collect();
        if parts.last() == Some(&number("mod")) {
            parts.pop();
        }
        let mut from_inside = parts.iter().rev();
        self.names[file] = from_inside.next().copied().unwrap_or_default();
        self.parents[file] = from_inside.next().copied().unwrap_or_default();
        self.paths[file] = parts;
    }

    /// What the modules around that of a file may be called.
    fn around(&self, file: usize) -> Vec<u32> {
        if self.is_elsewhere(file) { vec![number(&ANY)] } else { self.paths[file].iter().copied().chain([number(&ROOT)]).collect() }
    }

    /// What the module that holds that of a file may be called.
    fn parent(&self, file: usize) -> [u32; 2] {
        let known = !self.is_elsewhere(file);
        [if known { self.parents[file] } else { number(&ANY) }, number(&ROOT)]
    }

    /// Whether its path may not tell which modules it stands in.
    fn is_elsewhere(&self, file: usize) -> bool {
        self.paths[file].iter().any(|part| self.placed.contains(part))
    }

    /// Whether a glob of this file may name a module around it.
    fn looks_up(&self, file: usize) -> bool {
        let outward = [number(&PARENT), number(&ROOT)];
        let may_be_around = |end: &u32| {
            let is_renamed = self.renamed.contains(end) || self.renamed.contains(&number(&ANY));
            outward.contains(end) || is_renamed || self.paths[file].contains(end) || self.of_roots.contains(end)
        };
        let globs = &self.stamps[file].globs;
        self.is_elsewhere(file) && !globs.is_empty() || globs.iter().any(may_be_around)
    }

    /// The imports that declarations may hang on, in the order of files.
    fn declared_imports(&self, looks_up: &[bool]) -> Key {
        let mut links: FxHashMap<u32, FxHashSet<u32>> = FxHashMap::default();
        let mut link = |name: u32, module: u32| {
            links.entry(name).or_default().insert(module);
        };
        for (file, stamp) in self.stamps.iter().enumerate() {
            for (module, name) in &stamp.links {
                match *module == number(&PARENT) {
                    true => self.parent(file).iter().for_each(|module| link(*name, *module)),
                    false => link(*name, *module),
                }
            }
            if looks_up[file] {
                let around = self.around(file);
                stamp.mentions.iter().for_each(|name| around.iter().for_each(|module| link(*name, *module)));
            }
        }
        let every = self.stamps.iter().enumerate().flat_map(|(file, stamp)| stamp.imports.iter().map(move |one| (file, one)));
        let declared = every.filter(|(file, one)| {
            let linked = links.get(&one.name).is_some_and(|from| from.iter().any(|from| self.may_mean(*from, *file, one.module)));
            linked || self.stamps[*file].names.calls_macros && self.in_macros.contains(&one.name)
        });
        let keys: Vec<Key> = declared.flat_map(|(file, one)| [Key::of("file", &file.to_le_bytes()), one.key]).collect();
        Key::join("imports of declarations", &keys)
    }

    /// Whether `name` may be the name of the module of a file, or of one inside.
    fn may_mean(&self, name: u32, file: usize, module: Option<u32>) -> bool {
        if name == number(&ANY) {
            return true;
        }
        let (own, is_root) = match module {
            Some(inline) => (inline, false),
            None => (self.names[file], self.is_root[file]),
        };
        let has_other_names = self.handed_on.contains(&own) || self.placed.contains(&own) || self.renamed.contains(&number(&ANY));
        let has_other_names = has_other_names || is_root && self.renamed.contains(&name);
        name == own || has_other_names || is_root && self.of_roots.contains(&name)
    }
}

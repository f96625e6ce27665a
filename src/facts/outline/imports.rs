//! Imports that only the bodies of their own file can mean.
//!
//! A private `use a::B` binds a name that others see where they write it: `super::B`, or a path through it. Not so where the file's own
//! declarations, or those of others, hang on it: whoever calls a function gets the types of its signature without naming them. So an import is
//! outlined by itself where its name stands in no declaration of its file, and the paths by which declarations of any file may go
//! through an import are kept ([`Links`]). A glob sees the private names of the modules around it, and those only.

use super::super::Path;
use super::{Name, words};
use rustc_hash::FxHashSet;
use std::collections::BTreeSet;

/// One binding of a `use` item.
pub(super) struct Import {
    pub path: Vec<Name>,
    /// `None` for a glob.
    pub bound: Option<Name>,
    pub is_private: bool,
    /// Inline modules around it, the outer ones first.
    pub modules: Vec<Name>,
    pub bytes: Vec<u8>,
}

impl Import {
    /// Binds nothing but the last name of its path, for the file itself. `_` is no name that anybody could write.
    pub fn is_own_business(&self) -> bool {
        let same = |bound: &Name| bound == "_" || Some(bound) == self.path.last();
        self.is_private && self.bound.as_ref().is_some_and(same)
    }

    /// The part of the path that is looked up on the way to what is bound.
    pub fn way(&self) -> &[Name] {
        if self.is_own_business() { self.path.split_last().map_or(&[], |(_, way)| way) } else { &self.path }
    }
}

/// Steps of paths from a module to a name in it, by which something may hang on an import of that module: the module's name, and the
/// name in it.
#[derive(Default)]
pub(super) struct Links(pub BTreeSet<(Name, Name)>);

/// In place of a module's name: it may be any.
pub const ANY: Name = Name::new_static("");
/// The module around the file's own.
pub const PARENT: Name = Name::new_static("super");
/// The root of some crate.
pub const ROOT: Name = Name::new_static("crate");

/// Crates that no workspace declares.
const STANDARD: [&str; 4] = ["std", "core", "alloc", "proc_macro"];

impl Links {
    /// Of a path that stands within so many inline modules. Steps within the file are left out: its own declarations tell them.
    pub fn add(&mut self, path: &[Name], depth: usize) {
        if path.first().is_none_or(|first| STANDARD.contains(&first.as_str())) {
            return;
        }
        let mut ups = 0;
        let mut module: Option<Name> = None;
        for name in path {
            match name.as_str() {
                "self" | "Self" => module = None,
                "crate" | "$crate" => module = Some(ROOT),
                "super" => {
                    ups += 1;
                    module = match ups {
                        ups if ups <= depth => None,
                        ups if ups == depth + 1 => Some(PARENT),
                        _ => Some(ANY),
                    };
                }
                _ => {
                    if let Some(module) = module {
                        self.0.insert((module, name.clone()));
                    }
                    module = Some(name.clone());
                }
            }
        }
    }

    /// Of paths in text that was not read, which may come to stand anywhere.
    pub fn add_text(&mut self, text: &str) {
        let joined = text.replace(":: ", "::");
        let is_part = |char: char| char == '_' || char == ':' || char == '$' || char.is_alphanumeric();
        for path in joined.split(|char| !is_part(char)).filter(|path| path.contains("::")) {
            let names: Vec<&str> = path.split("::").collect();
            if !names.iter().find(|name| !name.is_empty()).is_some_and(|first| STANDARD.contains(first)) {
                self.0.extend(names.windows(2).filter(|step| !step[1].is_empty()).map(|step| (module_in_text(step[0]), step[1].into())));
            }
        }
    }
}

/// What a name in front of `::` may mean.
fn module_in_text(name: &str) -> Name {
    match name {
        "crate" | "$crate" => ROOT,
        "" | "super" | "self" | "Self" => ANY,
        _ if name.starts_with('$') => ANY,
        _ => name.into(),
    }
}

/// The last name of a glob's path, where it may be a module around the file, from within so many inline modules.
pub(super) fn outward_glob(path: &Path, depth: usize) -> Option<&Name> {
    let names = || path.segments.iter().map(|segment| &segment.name);
    let ups = names().filter(|name| *name == "super").count();
    let is_up = names().all(|name| name == "super" || name == "self");
    let is_standard = names().next().is_none_or(|first| STANDARD.contains(&first.as_str()));
    names().next_back().filter(|_| !(is_standard || is_up && ups <= depth))
}

/// Types that declarations speak of: all words that could be their names.
#[derive(Default)]
pub(super) struct Types(pub Vec<Name>);

impl Types {
    pub fn add(&mut self, text: &str) {
        self.0.extend(words::of_text(text).filter(|word| word.starts_with(words::starts_type)).map(Name::from));
    }

    /// Who uses what an import binds writes its name, but for what is on the way to it, and what is bound to another.
    pub fn import(&mut self, import: &Import) {
        let same = import.bound.is_some() && import.bound.as_ref() == import.path.last();
        let spoken_of = if same { import.path.split_last().map_or(&[][..], |(_, way)| way) } else { &import.path };
        spoken_of.iter().for_each(|name| self.add(name));
    }
}

/// Which of some names stand in declarations.
#[derive(Default)]
pub(super) struct Mentions {
    /// `None`: all of them are wanted.
    wanted: Option<FxHashSet<Name>>,
    pub found: BTreeSet<Name>,
}

impl Mentions {
    pub fn of(wanted: Option<FxHashSet<Name>>) -> Self {
        Mentions { wanted, found: BTreeSet::new() }
    }

    pub fn add(&mut self, text: &str) {
        for word in words::of_text(text) {
            if self.wanted.as_ref().is_none_or(|wanted| wanted.contains(word)) && !self.found.contains(word) {
                self.found.insert(word.into());
            }
        }
    }
}

//! Which types and functions of other files a file can come upon.
//!
//! A type is come upon by its name, or through a declaration that speaks of it: a field, a signature, an associated type. So whoever names
//! a function may come upon the types of its signature, and from there upon those of their fields. A method belongs to its type: it is
//! reached where the type is, and by its name. Types that the rest of some outline speaks of are everybody's, and so is what they lead to:
//! traits, constants, aliases and the rest are reached in ways that no names tell.

use super::stamp::{Reached, Stamp, number, of_name};
use crate::cache::Key;
use crate::facts::ANY;
use rustc_hash::{FxHashMap, FxHashSet};

pub(super) struct Reach<'g> {
    /// By name; types with one name are taken for one.
    types: Vec<Type<'g>>,
    by_name: FxHashMap<u32, usize>,
    /// Free ones, and those of everybody's types, by name.
    functions: FxHashMap<u32, Function>,
    /// Names that every file may reach without writing them, sorted.
    handed_on: Vec<u32>,
    pub all: Key,
}

struct Type<'g> {
    key: Key,
    leads_to: Vec<usize>,
    methods: Vec<(usize, &'g Reached)>,
    is_everybodys: bool,
}

struct Function {
    key: Key,
    /// None of them everybody's.
    leads_to: Vec<usize>,
}

impl<'g> Reach<'g> {
    pub fn new(stamps: &'g [Stamp], handed_on: Vec<u32>) -> Self {
        let types = sorted(stamps, |stamp| &stamp.types);
        let functions = sorted(stamps, |stamp| &stamp.functions);
        let keys = types.iter().chain(&functions).map(|(_, one)| one.key);
        let all = Key::join("all", &keys.collect::<Vec<_>>());
        let mut reach = Reach { types: Vec::new(), by_name: FxHashMap::default(), functions: FxHashMap::default(), handed_on, all };
        reach.take_types(&types);
        let (methods, free): (Vec<_>, Vec<_>) =
            functions.into_iter().partition(|(_, one)| one.of_type.is_some_and(|owner| reach.by_name.contains_key(&owner)));
        for (file, method) in methods {
            let owner = method.of_type.and_then(|owner| reach.by_name.get(&owner));
            owner.into_iter().for_each(|owner| reach.types[*owner].methods.push((file, method)));
        }
        reach.share(stamps, &types, &free);
        reach.take_functions(free);
        reach
    }

    fn take_types(&mut self, every: &[(usize, &Reached)]) {
        let same = || every.chunk_by(|one, other| one.1.name == other.1.name);
        self.by_name = same().enumerate().map(|(index, same)| (same[0].1.name, index)).collect();
        self.types = same()
            .map(|same| {
                let mut leads_to: Vec<usize> = same.iter().flat_map(|(_, one)| self.spoken_of(one)).collect();
                leads_to.sort_unstable();
                leads_to.dedup();
                let key = of_name(same.iter().map(|(file, one)| (*file, one.key)));
                Type { key, leads_to, methods: Vec::new(), is_everybodys: false }
            })
            .collect();
    }

    fn spoken_of(&self, one: &Reached) -> impl Iterator<Item = usize> {
        one.speaks_of.iter().filter_map(|name| self.by_name.get(name)).copied()
    }

    /// Tells the types that everybody may come upon.
    fn share(&mut self, stamps: &[Stamp], types: &[(usize, &Reached)], free: &[(usize, &Reached)]) {
        let own_traits = OwnTraits::new(stamps);
        let named = |name: &u32| self.by_name.get(name).copied();
        let mut waiting: Vec<usize> = stamps.iter().flat_map(|stamp| &stamp.spoken_of).filter_map(named).collect();
        waiting.extend(self.handed_on.iter().filter_map(named));
        // A call through a trait may run any impl of it.
        waiting.extend(types.iter().filter(|(_, one)| own_traits.may_be(one.trait_)).filter_map(|(_, one)| named(&one.name)));
        waiting.extend(free.iter().filter(|(_, one)| self.is_handed_on(one.name)).flat_map(|(_, one)| self.spoken_of(one)));
        while let Some(index) = waiting.pop() {
            if std::mem::replace(&mut self.types[index].is_everybodys, true) {
                continue;
            }
            let one = &self.types[index];
            waiting.extend(&one.leads_to);
            let methods = one.methods.iter().filter(|(_, method)| self.is_handed_on(method.name));
            waiting.extend(methods.flat_map(|(_, method)| self.spoken_of(method)));
        }
    }

    fn take_functions(&mut self, free: Vec<(usize, &'g Reached)>) {
        let shared = self.types.iter().filter(|one| one.is_everybodys).flat_map(|one| one.methods.iter().copied());
        let mut every: Vec<(usize, &Reached)> = free.into_iter().chain(shared).collect();
        every.sort_by_key(|(file, one)| (one.name, *file));
        let same = every.chunk_by(|one, other| one.1.name == other.1.name).map(|same| {
            let mut leads_to: Vec<usize> = same.iter().flat_map(|(_, one)| self.spoken_of(one)).collect();
            leads_to.retain(|index| !self.types[*index].is_everybodys);
            leads_to.sort_unstable();
            leads_to.dedup();
            (same[0].1.name, Function { key: of_name(same.iter().map(|(file, one)| (*file, one.key))), leads_to })
        });
        self.functions = same.collect();
    }

    fn is_handed_on(&self, name: u32) -> bool {
        self.handed_on.binary_search(&name).is_ok()
    }

    /// What any file may reach.
    pub fn handed_on(&self) -> Key {
        let types = self.types.iter().filter(|one| one.is_everybodys).map(|one| one.key);
        let functions = self.handed_on.iter().filter_map(|name| self.functions.get(name)).map(|function| function.key);
        Key::join("of everybody", &types.chain(functions).collect::<Vec<_>>())
    }

    /// What a file with these words, sorted, may reach beside that.
    pub fn from(&self, words: &[u32]) -> Key {
        let mut keys = Vec::new();
        let mut waiting: Vec<usize> = Vec::new();
        for name in words {
            if let Some(function) = self.functions.get(name) {
                keys.push(function.key);
                waiting.extend(&function.leads_to);
            }
            waiting.extend(self.by_name.get(name));
        }
        let mut seen = FxHashSet::default();
        while let Some(index) = waiting.pop() {
            let one = &self.types[index];
            if one.is_everybodys || !seen.insert(index) {
                continue;
            }
            waiting.extend(&one.leads_to);
            let methods = one.methods.iter().filter(|(_, method)| self.is_written(method.name, words));
            waiting.extend(methods.flat_map(|(_, method)| self.spoken_of(method)));
        }
        let mut seen: Vec<usize> = seen.into_iter().collect();
        seen.sort_unstable();
        for one in seen.into_iter().map(|index| &self.types[index]) {
            let methods = one.methods.iter().filter(|(_, method)| self.is_written(method.name, words));
            keys.push(one.key);
            keys.push(of_name(methods.map(|(file, method)| (*file, method.key))));
        }
        Key::join("reached", &keys)
    }

    fn is_written(&self, name: u32, words: &[u32]) -> bool {
        words.binary_search(&name).is_ok() || self.is_handed_on(name)
    }
}

/// With their files, by name and in order; what stands in one file stays in its order.
fn sorted(stamps: &[Stamp], of: impl Fn(&Stamp) -> &[Reached]) -> Vec<(usize, &Reached)> {
    let mut every: Vec<(usize, &Reached)> =
        stamps.iter().enumerate().flat_map(|(file, stamp)| of(stamp).iter().map(move |one| (file, one))).collect();
    every.sort_by_key(|(file, one)| (one.name, *file));
    every
}

/// Names of traits that the workspace may declare.
struct OwnTraits {
    names: FxHashSet<u32>,
    /// Macros may give one any name.
    any: bool,
}

impl OwnTraits {
    fn new(stamps: &[Stamp]) -> Self {
        let names: FxHashSet<u32> = stamps.iter().flat_map(|stamp| stamp.traits.iter().chain(&stamp.renamed)).copied().collect();
        let any = names.contains(&number(&ANY)) || stamps.iter().any(|stamp| stamp.names.traits_by_macros);
        OwnTraits { names, any }
    }

    fn may_be(&self, name: Option<u32>) -> bool {
        name.is_some_and(|name| self.any || self.names.contains(&name))
    }
}

//! Crates that knowledge declares take part as if they were source: which ones are needed, and what each may name.

use super::*;
use crate::cache::{Cache, Key};
use crate::facts::{FileFacts, Item, ItemKind, Path, Type, UseKind};
use crate::knowledge::Knowledge;
use rustc_hash::{FxHashMap, FxHashSet};
use semver::Version;

/// Places in declarations are in files from here on; no [`crate::source::Sources`] holds them.
const FIRST_DECLARED_FILE: u32 = u32::MAX / 2;

/// A declared crate: a block of knowledge and what was read from it.
pub(super) struct Declared {
    pub block: usize,
    pub name: String,
    pub file: FileId,
    pub facts: FileFacts,
    /// First segments of its paths: possibly names of crates.
    pub heads: Vec<Name>,
}

/// `std`, everything the workspace depends on that knowledge declares, and what those declarations name.
pub(super) fn load(graph: &CrateGraph, knowledge: &Knowledge, cache: &Cache) -> Vec<Declared> {
    let versions = versions_in(graph);
    let mut waiting: Vec<usize> = knowledge.block("std", None).into_iter().collect();
    for krate in &graph.crates {
        for dependency in &krate.dependencies {
            if let DependencyTarget::External { package, version } = &dependency.to {
                waiting.extend(knowledge.block(package, version.as_ref()));
            }
        }
    }
    let mut seen = FxHashSet::default();
    let mut declared: Vec<Declared> = Vec::new();
    while !waiting.is_empty() {
        let new: Vec<usize> = waiting.drain(..).filter(|block| seen.insert(*block)).collect();
        let first = declared.len();
        let read: Vec<Declared> = {
            use rayon::prelude::*;
            new.par_iter().enumerate().map(|(index, block)| read(*block, first + index, knowledge, cache)).collect()
        };
        for name in read.iter().flat_map(|one| &one.heads) {
            waiting.extend(block_named(name, &versions, knowledge));
        }
        declared.extend(read);
    }
    declared
}

/// What the crates named by the declarations are, for their extern prelude.
pub(super) fn block_named(name: &str, versions: &FxHashMap<&str, &Version>, knowledge: &Knowledge) -> Option<usize> {
    if matches!(name, "std" | "core" | "alloc") {
        return knowledge.block("std", None);
    }
    let dashed = name.replace('_', "-");
    [name, dashed.as_str()].into_iter().find_map(|package| {
        let version = versions.get(package).copied();
        knowledge.block(package, version).or_else(|| knowledge.block(package, None))
    })
}

/// The version of each package that some crate of the workspace depends on; the first one where there are several.
pub(super) fn versions_in(graph: &CrateGraph) -> FxHashMap<&str, &Version> {
    let mut versions = FxHashMap::default();
    for dependency in graph.crates.iter().flat_map(|krate| &krate.dependencies) {
        if let DependencyTarget::External { package, version: Some(version) } = &dependency.to {
            versions.entry(package.as_str()).or_insert(version);
        }
    }
    versions
}

fn read(block: usize, index: usize, knowledge: &Knowledge, cache: &Cache) -> Declared {
    let known = &knowledge.crates[block];
    let file = FileId(FIRST_DECLARED_FILE + index as u32);
    let key = Key::of("declarations", known.declarations.as_bytes());
    let mut facts: FileFacts = cache.get(key).unwrap_or_else(|| {
        let (facts, _) = facts::extract(file, &known.declarations);
        cache.put(key, &facts);
        facts
    });
    facts.file = file;
    let mut heads = FxHashSet::default();
    heads_of_items(&facts.items, &mut heads);
    let mut heads: Vec<Name> = heads.into_iter().collect();
    heads.sort();
    Declared { block, name: known.name.replace('-', "_"), file, facts, heads }
}

fn heads_of_items(items: &[Item], heads: &mut FxHashSet<Name>) {
    for item in items {
        match &item.kind {
            ItemKind::Use(bindings) => {
                for binding in bindings {
                    let alone = binding.path.segments.len() == 1 && binding.kind != UseKind::Glob;
                    if let Some(first) = binding.path.segments.first().filter(|_| !alone) {
                        heads.insert(first.name.clone());
                    }
                }
            }
            ItemKind::Module { items: Some(items), .. } => heads_of_items(items, heads),
            ItemKind::Function(function) => heads_of_function(function, heads),
            ItemKind::Struct(fact) | ItemKind::Union(fact) => fact.fields.iter().for_each(|field| heads_of_type(&field.ty, heads)),
            ItemKind::Enum(fact) => {
                fact.variants.iter().flat_map(|variant| &variant.fields).for_each(|field| heads_of_type(&field.ty, heads));
            }
            ItemKind::Trait(fact) => {
                heads_of_generics(&fact.generics, heads);
                fact.supertraits.iter().for_each(|ty| heads_of_type(ty, heads));
                heads_of_items(&fact.items, heads);
            }
            ItemKind::Impl(fact) => {
                heads_of_generics(&fact.generics, heads);
                fact.trait_.iter().for_each(|path| heads_of_path(path, heads));
                heads_of_type(&fact.self_type, heads);
                heads_of_items(&fact.items, heads);
            }
            ItemKind::TypeAlias { aliased: Some(ty), .. } | ItemKind::Constant { ty, .. } => heads_of_type(ty, heads),
            _ => {}
        }
    }
}

fn heads_of_function(function: &facts::Function, heads: &mut FxHashSet<Name>) {
    heads_of_generics(&function.generics, heads);
    function.parameters.iter().for_each(|parameter| heads_of_type(&parameter.ty, heads));
    function.returns.iter().for_each(|ty| heads_of_type(ty, heads));
}

fn heads_of_generics(generics: &facts::Generics, heads: &mut FxHashSet<Name>) {
    generics.types.iter().flat_map(|one| one.bounds.iter().chain(&one.default)).for_each(|ty| heads_of_type(ty, heads));
    generics.other_bounds.iter().flat_map(|(ty, bounds)| std::iter::once(ty).chain(bounds)).for_each(|ty| heads_of_type(ty, heads));
}

fn heads_of_type(ty: &Type, heads: &mut FxHashSet<Name>) {
    references::each_path(ty, &mut |path| {
        if path.segments.len() > 1 {
            heads.insert(path.segments[0].name.clone());
        }
    });
}

fn heads_of_path(path: &Path, heads: &mut FxHashSet<Name>) {
    heads_of_type(&Type::Path(path.clone()), heads);
}

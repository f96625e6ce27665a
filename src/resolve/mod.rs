//! Names across files and crates: which definition a path or a call means. Every call has a target, an external path, or an honest
//! [`Target::Unresolved`]; nothing is matched by bare name.
//!
//! Crates known to [`crate::knowledge`] take part through their `declarations`, as if they were source.

mod collect;
mod declared;
mod def_map;
pub mod graph;
mod imports;
mod infer;
mod lower_type;
mod reach;
mod references;
mod remembered;
mod rules;
mod stamp;
#[cfg(test)]
mod tests;
mod ty;
mod world;

pub use graph::*;
pub use stamp::Stamp;
pub use ty::*;

use crate::cache::Cache;
use crate::facts::{self, ExprId, Name};
use crate::knowledge::Knowledge;
use crate::source::{FileId, Place, Written};
use def_map::{DefMap, Extern, Namespace, ScopeId};
use rayon::prelude::*;
use remembered::{FileResults, Known, Remembered};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub struct $name(pub u32);
    )*};
}
id! {
    /// A crate target of the workspace (library, binary, test ..) or a crate declared by knowledge.
    CrateId
    ModuleId
    /// A function, method, or the initializer of a `const`/`static`: everything that has (or could have) a body.
    FunctionId
    /// A struct, enum or union.
    AdtId
    TraitId
    ImplId
    AliasId
}

/// Everything resolved: the definitions, and for each body its types and calls.
pub struct Resolved {
    pub crates: Vec<Crate>,
    pub modules: Vec<Module>,
    pub functions: Vec<Function>,
    pub adts: Vec<Adt>,
    pub traits: Vec<Trait>,
    pub impls: Vec<Impl>,
    pub aliases: Vec<Alias>,
    /// By [`FunctionId`]; empty for functions without body and those of declared crates.
    pub bodies: Vec<ResolvedBody>,
    /// Paths, in any position, that mean an item of the workspace or a foreign crate: `use`, types, expressions, macros' `crate::` paths.
    pub references: Vec<Reference>,
    /// Named references that stayed open, for the coverage line.
    pub unresolved_references: usize,
    /// Canonical paths of attributes and of the arguments of `derive`, by the place of their path as written.
    pub attributes: FxHashMap<Place, Arc<str>>,
    /// Text that macros of the workspace write into files.
    pub written: Vec<Written>,
}

pub struct Crate {
    /// As written in paths: `svix_server`.
    pub name: Name,
    /// Index into [`CrateGraph::crates`] for a crate of the workspace; `None` for one declared by knowledge.
    pub source: Option<usize>,
    pub root: ModuleId,
}

pub struct Module {
    pub krate: CrateId,
    pub parent: Option<ModuleId>,
    /// `svix_server::v1::endpoints`.
    pub path: Arc<str>,
    pub name: Name,
    /// Where its items stand.
    pub file: FileId,
    /// Whether it is in its own file (or is the root), not inline.
    pub own_file: bool,
    pub test: bool,
    /// Predicates of `cfg` attributes on it and its parents.
    pub cfg: Vec<Arc<str>>,
}

pub struct Function {
    pub krate: CrateId,
    pub module: ModuleId,
    /// `krate::module::Type::name`; for trait impls `krate::module::<Type as Trait>::name`.
    pub path: Arc<str>,
    pub name: Name,
    pub file: FileId,
    /// `None` for initializers.
    pub facts: Option<Arc<facts::Function>>,
    pub body: Option<Arc<facts::Body>>,
    pub place: Place,
    pub container: Container,
    /// `#[test]`, inside `#[cfg(test)]`, or in a test or bench target.
    pub test: bool,
    /// The function whose body declares it.
    pub inside: Option<FunctionId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    Module,
    Impl(ImplId),
    Trait(TraitId),
    /// Initializer of a `const` or `static`.
    Initializer,
}

pub struct Adt {
    pub module: ModuleId,
    pub path: Arc<str>,
    pub name: Name,
    pub place: Place,
    pub kind: AdtKind,
    pub generics: facts::Generics,
    pub attributes: Vec<facts::Attribute>,
    /// One for structs; in order for enums.
    pub variants: Vec<AdtVariant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdtKind {
    Struct,
    Enum,
    Union,
}

pub struct AdtVariant {
    pub name: Name,
    pub shape: facts::Shape,
    pub fields: Vec<facts::Field>,
    /// Types of `fields`, resolved; parameters of the type are [`Ty::Parameter`].
    pub types: Vec<Ty>,
}

pub struct Trait {
    pub module: ModuleId,
    pub path: Arc<str>,
    pub name: Name,
    pub place: Place,
    pub attributes: Vec<facts::Attribute>,
    pub methods: Vec<FunctionId>,
    pub supertraits: Vec<TraitId>,
    pub impls: Vec<ImplId>,
}

pub struct Impl {
    pub module: ModuleId,
    pub place: Place,
    /// `None` for inherent impls; `Err(path)` for a trait that knowledge does not declare.
    pub trait_: Option<Result<TraitId, Arc<str>>>,
    pub self_type: Ty,
    pub methods: Vec<FunctionId>,
    pub attributes: Vec<facts::Attribute>,
}

pub struct Alias {
    pub module: ModuleId,
    pub path: Arc<str>,
    pub ty: Ty,
}

/// What inference found in one body.
#[derive(Default)]
pub struct ResolvedBody {
    /// Types of the function's parameters, the receiver left out.
    pub parameters: Vec<Ty>,
    /// By [`ExprId`].
    pub types: Vec<Ty>,
    /// Sorted by expression.
    pub calls: Vec<CallSite>,
    /// What each path expression means, sorted by expression: constants, statics, functions as values, constructors.
    pub paths: Vec<(ExprId, Definition)>,
}

/// One call, or one function named as a value, in a body.
#[derive(Clone, Debug)]
pub struct CallSite {
    /// The `Call`, `MethodCall` or `Macro` expression; for a mention, the path.
    pub expression: ExprId,
    pub kind: CallKind,
    /// Of the callee's name.
    pub place: Place,
    pub target: Target,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CallKind {
    Call,
    Method,
    Macro,
    /// A function item used as a value: passed to another call, stored, returned.
    Mention,
}

#[derive(Clone, Debug)]
pub enum Target {
    Function(FunctionId),
    /// A trait's method through `dyn`, a generic bound or an unknown implementor, with what it may reach in the workspace.
    Trait {
        method: FunctionId,
        may_reach: Arc<[FunctionId]>,
    },
    /// Outside the workspace: canonical where knowledge declares it, otherwise as far as it could be followed (`anyhow::bail`).
    /// A declared function also has its id.
    External {
        path: Arc<str>,
        function: Option<FunctionId>,
    },
    /// Tuple struct or variant.
    Constructor,
    /// A closure or function pointer held in a value.
    Value,
    Unresolved(Unresolved),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unresolved {
    /// The type of the receiver is not known.
    Receiver,
    /// The receiver's type is known but has no such method as far as we see (derives, Deref, macros).
    Method,
    Path,
}

/// What a path means.
#[derive(Clone, Debug, PartialEq)]
pub enum Definition {
    Module(ModuleId),
    Function(FunctionId),
    /// Const or static; its initializer.
    Constant(FunctionId),
    Adt(AdtId),
    Variant(AdtId, u32),
    Trait(TraitId),
    Alias(AliasId),
    Macro(Arc<str>),
    /// Outside the workspace and not declared by knowledge.
    External(Arc<str>),
    Local,
    TypeParameter,
    Primitive,
}

/// A path that means something outside its own module.
#[derive(Clone, Debug)]
pub struct Reference {
    pub from: ModuleId,
    /// The function it stands in, if any.
    pub function: Option<FunctionId>,
    pub place: Place,
    pub to: Definition,
    pub kind: ReferenceKind,
    pub test: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReferenceKind {
    Use,
    Path,
    /// In the body of a `macro_rules!`.
    MacroText,
}

/// Resolves every name, type and call of the graph's crates. `cache` saves the work that an earlier run did.
pub fn resolve(graph: &CrateGraph, knowledge: &Knowledge, cache: &Cache) -> Resolved {
    let declared = declared::load(graph, knowledge, cache);
    let arena = rules::Arena::default();
    let collect = || {
        let mut collector = collect::Collector::new(&graph.files, &graph.facts, &arena);
        enter_crates(&mut collector, graph, knowledge, &declared);
        collector.imported_rules();
        (collector.map, collector.rules.written)
    };
    let ((mut map, written), remembered) = rayon::join(collect, || Remembered::new(cache, graph, knowledge));
    // What is remembered names functions by where they are, which no import changes.
    let functions = functions_by_file(&map, graph.facts.len());
    let known = remembered.and_then(|remembered| Known::new(remembered, &map));
    let bind = || {
        imports::bind_all(&mut map);
        world::World::new(map)
    };
    let (world, results) = rayon::join(bind, || known_results(known.as_ref(), &functions));
    let mut bodies: Vec<ResolvedBody> = Vec::new();
    bodies.resize_with(world.map.functions.len(), ResolvedBody::default);
    let (mut references, mut unresolved_references) = (Vec::new(), 0);
    for results in file_results(&world, &functions, results, known.as_ref()) {
        references.extend(results.outside);
        unresolved_references += results.open;
        for (id, one) in results.bodies {
            references.extend(one.references);
            unresolved_references += one.unresolved;
            bodies[id.0 as usize] = one.body;
        }
    }
    references.par_sort_by_key(|one| (one.place, one.from));
    let attributes = attribute_paths(&world.map);
    let mut map = world.into_map();
    let crates = std::mem::take(&mut map.crates);
    let modules = std::mem::take(&mut map.modules);
    let functions = std::mem::take(&mut map.functions);
    let adts = std::mem::take(&mut map.adts);
    let traits = std::mem::take(&mut map.traits);
    let impls = std::mem::take(&mut map.impls);
    let aliases = std::mem::take(&mut map.aliases);
    // Names by scope are many small tables, and the process ends soon.
    std::mem::forget(map);
    Resolved { crates, modules, functions, adts, traits, impls, aliases, bodies, references, unresolved_references, attributes, written }
}

/// By [`FileId`], the workspace's own functions that have a body.
fn functions_by_file(map: &DefMap, files: usize) -> Vec<Vec<FunctionId>> {
    let mut functions: Vec<Vec<FunctionId>> = vec![Vec::new(); files];
    for id in (0..map.functions.len() as u32).map(FunctionId) {
        if map.is_own(id) && map.function(id).body.is_some() {
            functions[map.function(id).file.0 as usize].push(id);
        }
    }
    functions
}

/// By [`FileId`], what an earlier run found in each file.
fn known_results(known: Option<&Known>, functions: &[Vec<FunctionId>]) -> Vec<Option<FileResults>> {
    let in_file = |(file, functions): (usize, &Vec<FunctionId>)| known?.get(FileId(file as u32), functions);
    functions.par_iter().enumerate().map(in_file).collect()
}

/// By [`FileId`], what is found in each file: `results` where it is known, or worked out and then remembered.
fn file_results(
    world: &world::World,
    functions: &[Vec<FunctionId>],
    mut results: Vec<Option<FileResults>>,
    known: Option<&Known>,
) -> Vec<FileResults> {
    let new: Vec<bool> = results.iter().map(Option::is_none).collect();
    let is_new = |file: FileId| new.get(file.0 as usize).copied().unwrap_or(false);
    let wanted: Vec<FunctionId> = functions.iter().zip(&new).filter(|(_, new)| **new).flat_map(|(ids, _)| ids).copied().collect();
    let infer = || wanted.par_iter().filter_map(|id| Some((*id, infer::infer(world, *id)?))).collect::<Vec<_>>();
    let (outside, bodies) = rayon::join(|| references::outside_bodies(&world.map, &is_new), infer);
    for (file, found, open) in outside {
        let results = results[file.0 as usize].get_or_insert_default();
        results.outside.extend(found);
        results.open += open;
    }
    for (id, inferred) in bodies {
        let file = world.map.function(id).file;
        results[file.0 as usize].get_or_insert_default().bodies.push((id, inferred));
    }
    let results: Vec<FileResults> = results.into_iter().map(Option::unwrap_or_default).collect();
    if let Some(known) = known {
        let new = results.par_iter().enumerate().filter(|(file, _)| new[*file]);
        new.for_each(|(file, results)| known.put(FileId(file as u32), results));
    }
    results
}

/// All crates with what they declare. Dependencies come first, since `extern crate` items look at them.
fn enter_crates<'a>(
    collector: &mut collect::Collector<'a>,
    graph: &'a CrateGraph,
    knowledge: &Knowledge,
    declared: &'a [declared::Declared],
) {
    // Ids are known beforehand: the workspace's crates in their order, then the declared ones.
    let first_declared = graph.crates.len() as u32;
    let by_block: FxHashMap<usize, CrateId> =
        declared.iter().enumerate().map(|(index, one)| (one.block, CrateId(first_declared + index as u32))).collect();
    for (index, krate) in graph.crates.iter().enumerate() {
        collector.add_source_crate(index, krate, externs_of(krate, knowledge, &by_block));
    }
    let versions = declared::versions_in(graph);
    for one in declared {
        let named = one.heads.iter().filter_map(|name| {
            let block = declared::block_named(name, &versions, knowledge)?;
            Some((name.clone(), Extern::Crate(*by_block.get(&block)?)))
        });
        let mut externs: FxHashMap<Name, Extern> = named.collect();
        add_std(&mut externs, knowledge, &by_block);
        collector.add_declared_crate(&one.name, one.file, &one.facts, externs);
    }
    let std = knowledge.block("std", None).and_then(|block| by_block.get(&block)).copied();
    collector.map.std = std;
    let prelude = std.and_then(|std| {
        let root = collector.map.crates[std.0 as usize].root;
        match collector.map.member(root, &Name::new_static("prelude"), Namespace::Types) {
            Some(Definition::Module(prelude)) => Some(collector.map.module_scope(prelude)),
            _ => None,
        }
    });
    collector.map.prelude = prelude;
}

fn externs_of(krate: &SourceCrate, knowledge: &Knowledge, by_block: &FxHashMap<usize, CrateId>) -> FxHashMap<Name, Extern> {
    let mut externs = FxHashMap::default();
    add_std(&mut externs, knowledge, by_block);
    for dependency in &krate.dependencies {
        let target = match &dependency.to {
            DependencyTarget::Workspace(index) => Extern::Crate(CrateId(*index as u32)),
            DependencyTarget::External { package, version } => {
                let declared = knowledge.block(package, version.as_ref()).and_then(|block| by_block.get(&block));
                // Canonical paths begin with the crate's own name, whatever it is renamed to here.
                declared.map_or_else(|| Extern::Undeclared(package.replace('-', "_").into()), |id| Extern::Crate(*id))
            }
        };
        externs.insert(dependency.name.clone(), target);
    }
    externs
}

fn add_std(externs: &mut FxHashMap<Name, Extern>, knowledge: &Knowledge, by_block: &FxHashMap<usize, CrateId>) {
    let std = knowledge.block("std", None).and_then(|block| by_block.get(&block));
    for name in ["std", "core", "alloc"] {
        let target = std.map_or_else(|| Extern::Undeclared("std".into()), |id| Extern::Crate(*id));
        externs.insert(name.into(), target);
    }
    externs.insert("proc_macro".into(), Extern::Undeclared("proc_macro".into()));
}

/// What the attributes of items mean, derives with each of their arguments.
fn attribute_paths(map: &DefMap) -> FxHashMap<Place, Arc<str>> {
    let meaning = |scope, path: &facts::Path| {
        let found = map.resolve(scope, path, Namespace::Macros).map(|found| found.definition);
        match found.or_else(|| map.resolve(scope, path, Namespace::Types).map(|found| found.definition))? {
            Definition::External(path) | Definition::Macro(path) => Some(path),
            Definition::Trait(id) => Some(map.trait_(id).path.clone()),
            _ => None,
        }
    };
    let paths_of = |(scope, file, attribute): &(ScopeId, FileId, &facts::Attribute)| {
        let arguments = attribute.arguments.iter().filter_map(|argument| match argument {
            facts::AttributeArgument::Path(path) => Some(path),
            _ => None,
        });
        let paths: Vec<&facts::Path> = match attribute.path.last() {
            Some("derive") => arguments.collect(),
            _ => vec![&attribute.path],
        };
        let found = paths.into_iter().filter_map(|path| Some((Place::new(*file, path.span), meaning(*scope, path)?)));
        found.collect::<Vec<_>>()
    };
    map.attributes.par_iter().flat_map_iter(paths_of).collect::<Vec<_>>().into_iter().collect()
}

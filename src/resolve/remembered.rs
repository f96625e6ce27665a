//! Results of earlier runs about the files that are as they were, in surroundings that are as they were.
//!
//! What inference finds in a body depends on the body itself and on what all files declare: their outlines in order, the crates, and
//! knowledge. Of the types, functions and imports that are outlined one by one only those count that the file can come upon
//! ([`super::reach`]), so one that is new changes the results of few files. A new function or type changes the numbers of all that come
//! after it: they are stored by their [`Positions`], everything else by its number, which follows from the rest of the outlines. So do the
//! types that only impls speak of ([`super::imports`]), counted from the last one that is declared: their impls are part of that rest.
//! Places lie in the file itself, whose whole text is part of the key.

use super::infer::Inferred;
use super::stamp::Outlined;
use super::*;
use crate::cache::{self, Cache, Key};
use crate::source::Span;
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::sync::{Mutex, PoisonError};

/// What is found in one file.
#[derive(Default)]
pub(super) struct FileResults {
    pub bodies: Vec<(FunctionId, Inferred)>,
    /// References outside of bodies.
    pub outside: Vec<Reference>,
    /// Of those that stayed open.
    pub open: usize,
}

/// Where results about each file are.
pub(super) struct Remembered<'c> {
    cache: &'c Cache,
    /// By [`FileId`].
    files: Vec<(Key, Mutex<Option<StoredFile>>)>,
}

impl<'c> Remembered<'c> {
    /// Reads what is there, which needs no definitions yet; `None` where nothing is to be remembered.
    pub fn new(cache: &'c Cache, graph: &CrateGraph, knowledge: &Knowledge) -> Option<Self> {
        if !cache.is_on() || graph.stamps.len() != graph.facts.len() {
            return None;
        }
        let outlined = Outlined::new(graph);
        let surroundings = surroundings(graph, knowledge, &outlined);
        let file = |(file, stamp): (usize, &Stamp)| {
            let parts = [surroundings, stamp.text, outlined.reached_from(file), Key::of("file", &file.to_le_bytes())];
            let key = Key::join("resolved", &parts);
            (key, Mutex::new(cache.get(key)))
        };
        Some(Self { cache, files: graph.stamps.par_iter().enumerate().map(file).collect() })
    }
}

/// What is remembered, in terms of the functions that there are now.
pub(super) struct Known<'c> {
    remembered: Remembered<'c>,
    positions: Both,
    /// By [`FunctionId`].
    surroundings: Vec<Surroundings>,
}

/// Of a function that results are about.
struct Surroundings {
    module: ModuleId,
    test: bool,
    /// Expressions in its body, if it has one.
    expressions: Option<usize>,
}

impl<'c> Known<'c> {
    /// `None` should two functions or two types have one position.
    pub fn new(remembered: Remembered<'c>, map: &DefMap) -> Option<Self> {
        let around = |function: &Function| Surroundings {
            module: function.module,
            test: function.test,
            expressions: function.body.as_ref().map(|body| body.expressions.len()),
        };
        let positions = Both {
            functions: Positions::new(map.functions.par_iter().map(|one| &one.path))?,
            adts: Positions::new(map.adts.par_iter().map(|one| &one.path))?,
        };
        Some(Self { remembered, positions, surroundings: map.functions.iter().map(around).collect() })
    }

    /// What was found in `file`, whose own functions with a body are `functions`.
    pub fn get(&self, file: FileId, functions: &[FunctionId]) -> Option<FileResults> {
        let (_, stored) = self.remembered.files.get(file.0 as usize)?;
        let stored = stored.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        let StoredFile { texts, types, functions: named, adts, bodies, outside, open } = stored;
        let named = Named {
            functions: self.positions.functions.all(&named)?.into_iter().map(FunctionId).collect(),
            adts: adts.into_iter().map(|one| self.positions.adt(one)).collect::<Option<_>>()?,
        };
        let results = Reader::new(texts, &types, named)?.file(bodies, outside, open, file, &self.surroundings)?;
        let agrees = results.bodies.iter().map(|(id, _)| id).eq(functions);
        agrees.then_some(results)
    }

    pub fn put(&self, file: FileId, results: &FileResults) {
        if let Some((key, _)) = self.remembered.files.get(file.0 as usize) {
            self.remembered.cache.put(*key, &Writer::file(results, &self.positions));
        }
    }
}

/// Of everything that results depend on beside the file itself.
fn surroundings(graph: &CrateGraph, knowledge: &Knowledge, outlined: &Outlined) -> Key {
    let mut bytes = Vec::new();
    let mut text = |text: &dyn std::fmt::Debug| writeln!(bytes, "{text:?}").expect("memory can be written to");
    for krate in &graph.crates {
        text(&(&krate.name, krate.kind, &krate.root));
        for dependency in &krate.dependencies {
            match &dependency.to {
                DependencyTarget::Workspace(index) => text(&(&dependency.name, index, dependency.dev)),
                DependencyTarget::External { package, version } => {
                    text(&(&dependency.name, package, version.as_ref().map(ToString::to_string), dependency.dev));
                }
            }
        }
    }
    text(&knowledge.own());
    let mut files: Vec<(&Arc<str>, &FileId)> = graph.files.iter().collect();
    files.sort_by_key(|(_, id)| **id);
    files.iter().for_each(|(path, id)| text(&(path, id.0)));
    let mut keys = vec![Key::of("crates", &bytes), outlined.handed_on()];
    keys.extend(graph.stamps.iter().map(|stamp| stamp.rest));
    Key::join("surroundings", &keys)
}

struct Both {
    functions: Positions,
    adts: Positions,
}

impl Both {
    fn adt(&self, stored: StoredAdt) -> Option<AdtId> {
        match stored {
            StoredAdt::Declared(position) => self.adts.numbers.get(&position).copied().map(AdtId),
            StoredAdt::OfImpls(nth) => Some(AdtId(self.adts.by_number.len() as u32 + nth)),
        }
    }

    fn stored_adt(&self, id: AdtId) -> StoredAdt {
        match self.adts.by_number.get(id.0 as usize) {
            Some(position) => StoredAdt::Declared(*position),
            None => StoredAdt::OfImpls(id.0 - self.adts.by_number.len() as u32),
        }
    }
}

/// Where functions, or types, are whatever their numbers: their paths, and which of those with one path.
struct Positions {
    by_number: Vec<u64>,
    numbers: FxHashMap<u64, u32>,
}

impl Positions {
    /// `None` should two positions have one hash.
    fn new<'p>(paths: impl IndexedParallelIterator<Item = &'p Arc<str>>) -> Option<Self> {
        let mut same: FxHashMap<u64, u64> = FxHashMap::default();
        let position = |path: u64| {
            let nth = same.entry(path).or_default();
            *nth += 1;
            cache::hash(&[path.to_le_bytes(), nth.to_le_bytes()].concat())
        };
        let paths: Vec<u64> = paths.map(|path| cache::hash(path.as_bytes())).collect();
        let by_number: Vec<u64> = paths.into_iter().map(position).collect();
        let numbers: FxHashMap<u64, u32> = by_number.iter().enumerate().map(|(number, position)| (*position, number as u32)).collect();
        (numbers.len() == by_number.len()).then_some(Self { by_number, numbers })
    }

    fn all(&self, positions: &[u64]) -> Option<Vec<u32>> {
        positions.iter().map(|position| self.numbers.get(position).copied()).collect()
    }
}

/// Types, texts, functions and declared types are stored once each and named by their number; a type's parts come before it.
#[derive(Serialize, Deserialize)]
struct StoredFile {
    texts: Vec<String>,
    types: Vec<StoredType>,
    /// By their [`Positions`].
    functions: Vec<u64>,
    adts: Vec<StoredAdt>,
    bodies: Vec<StoredBody>,
    outside: Vec<(ModuleId, Option<u32>, bool, StoredReference)>,
    open: usize,
}

#[derive(Serialize, Deserialize)]
enum StoredAdt {
    /// By its [`Positions`].
    Declared(u64),
    /// Which of those that only impls speak of.
    OfImpls(u32),
}

#[derive(Serialize, Deserialize)]
enum StoredType {
    Unknown,
    Never,
    Primitive(Name),
    Adt(u32, Vec<u32>),
    Reference(u32),
    Slice(u32),
    Array(u32),
    Tuple(Vec<u32>),
    Parameter(Name),
    Dyn(Vec<StoredBound>),
    Opaque(Vec<StoredBound>),
    FunctionItem(u32),
    FunctionPointer(Vec<u32>, u32),
    Closure(u32, ExprId),
    Projection(u32, TraitId, Name),
    External(u32, Vec<u32>),
    Variable(u32),
}

#[derive(Serialize, Deserialize)]
struct StoredBound {
    trait_: Result<TraitId, u32>,
    arguments: Vec<u32>,
    bindings: Vec<(Name, u32)>,
}

#[derive(Serialize, Deserialize)]
struct StoredBody {
    function: u32,
    parameters: Vec<u32>,
    types: Vec<u32>,
    calls: Vec<StoredCall>,
    paths: Vec<(ExprId, StoredDefinition)>,
    references: Vec<StoredReference>,
    unresolved: usize,
}

#[derive(Serialize, Deserialize)]
struct StoredCall {
    expression: ExprId,
    kind: CallKind,
    span: Span,
    target: StoredTarget,
}

#[derive(Serialize, Deserialize)]
enum StoredTarget {
    Function(u32),
    Trait(u32, Vec<u32>),
    External(u32, Option<u32>),
    Constructor,
    Value,
    Unresolved(Unresolved),
}

#[derive(Serialize, Deserialize)]
enum StoredDefinition {
    Module(ModuleId),
    Function(u32),
    Constant(u32),
    Adt(u32),
    Variant(u32, u32),
    Trait(TraitId),
    Alias(AliasId),
    Macro(u32),
    External(u32),
    Local,
    TypeParameter,
    Primitive,
}

#[derive(Serialize, Deserialize)]
struct StoredReference {
    span: Span,
    to: StoredDefinition,
    kind: ReferenceKind,
}

struct Writer<'r> {
    positions: &'r Both,
    functions: Vec<u64>,
    function_numbers: FxHashMap<FunctionId, u32>,
    adts: Vec<StoredAdt>,
    adt_numbers: FxHashMap<AdtId, u32>,
    texts: Vec<String>,
    text_numbers: FxHashMap<Arc<str>, u32>,
    types: Vec<StoredType>,
    type_numbers: FxHashMap<&'r Ty, u32>,
}

impl<'r> Writer<'r> {
    fn file(results: &'r FileResults, positions: &'r Both) -> StoredFile {
        let mut writer = Writer {
            positions,
            functions: Vec::new(),
            function_numbers: FxHashMap::default(),
            adts: Vec::new(),
            adt_numbers: FxHashMap::default(),
            texts: Vec::new(),
            text_numbers: FxHashMap::default(),
            types: Vec::new(),
            type_numbers: FxHashMap::default(),
        };
        let bodies = results.bodies.iter().map(|(id, inferred)| writer.body(*id, inferred)).collect();
        let outside = results.outside.iter().map(|one| {
            let function = one.function.map(|id| writer.function(id));
            (one.from, function, one.test, writer.reference(one))
        });
        let outside = outside.collect();
        let Writer { texts, types, functions, adts, .. } = writer;
        StoredFile { texts, types, functions, adts, bodies, outside, open: results.open }
    }

    fn body(&mut self, function: FunctionId, inferred: &'r Inferred) -> StoredBody {
        let body = &inferred.body;
        StoredBody {
            function: self.function(function),
            parameters: self.types(&body.parameters),
            types: self.types(&body.types),
            calls: body.calls.iter().map(|call| self.call(call)).collect(),
            paths: body.paths.iter().map(|(at, definition)| (*at, self.definition(definition))).collect(),
            references: inferred.references.iter().map(|reference| self.reference(reference)).collect(),
            unresolved: inferred.unresolved,
        }
    }

    fn call(&mut self, call: &CallSite) -> StoredCall {
        let target = match &call.target {
            Target::Function(id) => StoredTarget::Function(self.function(*id)),
            Target::Trait { method, may_reach } => {
                StoredTarget::Trait(self.function(*method), may_reach.iter().map(|id| self.function(*id)).collect())
            }
            Target::External { path, function } => StoredTarget::External(self.text(path), function.map(|id| self.function(id))),
            Target::Constructor => StoredTarget::Constructor,
            Target::Value => StoredTarget::Value,
            Target::Unresolved(why) => StoredTarget::Unresolved(*why),
        };
        StoredCall { expression: call.expression, kind: call.kind, span: call.place.span, target }
    }

    fn reference(&mut self, reference: &Reference) -> StoredReference {
        StoredReference { span: reference.place.span, to: self.definition(&reference.to), kind: reference.kind }
    }

    fn definition(&mut self, definition: &Definition) -> StoredDefinition {
        match definition {
            Definition::Module(id) => StoredDefinition::Module(*id),
            Definition::Function(id) => StoredDefinition::Function(self.function(*id)),
            Definition::Constant(id) => StoredDefinition::Constant(self.function(*id)),
            Definition::Adt(id) => StoredDefinition::Adt(self.adt(*id)),
            Definition::Variant(id, index) => StoredDefinition::Variant(self.adt(*id), *index),
            Definition::Trait(id) => StoredDefinition::Trait(*id),
            Definition::Alias(id) => StoredDefinition::Alias(*id),
            Definition::Macro(path) => StoredDefinition::Macro(self.text(path)),
            Definition::External(path) => StoredDefinition::External(self.text(path)),
            Definition::Local => StoredDefinition::Local,
            Definition::TypeParameter => StoredDefinition::TypeParameter,
            Definition::Primitive => StoredDefinition::Primitive,
        }
    }

    fn function(&mut self, id: FunctionId) -> u32 {
        *self.function_numbers.entry(id).or_insert_with(|| {
            self.functions.push(self.positions.functions.by_number[id.0 as usize]);
            self.functions.len() as u32 - 1
        })
    }

    fn adt(&mut self, id: AdtId) -> u32 {
        *self.adt_numbers.entry(id).or_insert_with(|| {
            self.adts.push(self.positions.stored_adt(id));
            self.adts.len() as u32 - 1
        })
    }

    fn text(&mut self, text: &Arc<str>) -> u32 {
        if let Some(number) = self.text_numbers.get(text) {
            return *number;
        }
        let number = self.texts.len() as u32;
        self.texts.push(text.to_string());
        self.text_numbers.insert(text.clone(), number);
        number
    }

    fn types(&mut self, types: &'r [Ty]) -> Vec<u32> {
        types.iter().map(|ty| self.ty(ty)).collect()
    }

    fn ty(&mut self, ty: &'r Ty) -> u32 {
        if let Some(number) = self.type_numbers.get(ty) {
            return *number;
        }
        let stored = match ty {
            Ty::Unknown => StoredType::Unknown,
            Ty::Never => StoredType::Never,
            Ty::Primitive(name) => StoredType::Primitive(name.clone()),
            Ty::Adt(id, arguments) => StoredType::Adt(self.adt(*id), self.types(arguments)),
            Ty::Reference(inner) => StoredType::Reference(self.ty(inner)),
            Ty::Slice(inner) => StoredType::Slice(self.ty(inner)),
            Ty::Array(inner) => StoredType::Array(self.ty(inner)),
            Ty::Tuple(types) => StoredType::Tuple(self.types(types)),
            Ty::Parameter(name) => StoredType::Parameter(name.clone()),
            Ty::Dyn(bounds) => StoredType::Dyn(self.bounds(bounds)),
            Ty::Opaque(bounds) => StoredType::Opaque(self.bounds(bounds)),
            Ty::FunctionItem(id) => StoredType::FunctionItem(self.function(*id)),
            Ty::FunctionPointer(parameters, returns) => StoredType::FunctionPointer(self.types(parameters), self.ty(returns)),
            Ty::Closure(function, at) => StoredType::Closure(self.function(*function), *at),
            Ty::Projection(of, trait_, name) => StoredType::Projection(self.ty(of), *trait_, name.clone()),
            Ty::External(path, arguments) => StoredType::External(self.text(path), self.types(arguments)),
            Ty::Variable(number) => StoredType::Variable(*number),
        };
        let number = self.types.len() as u32;
        self.types.push(stored);
        self.type_numbers.insert(ty, number);
        number
    }

    fn bounds(&mut self, bounds: &'r [TraitBound]) -> Vec<StoredBound> {
        let bound = |bound: &'r TraitBound| StoredBound {
            trait_: bound.trait_.as_ref().map(|id| *id).map_err(|path| self.text(path)),
            arguments: self.types(&bound.arguments),
            bindings: bound.bindings.iter().map(|(name, ty)| (name.clone(), self.ty(ty))).collect(),
        };
        bounds.iter().map(bound).collect()
    }
}

/// What a stored file names, by its numbers.
struct Named {
    functions: Vec<FunctionId>,
    adts: Vec<AdtId>,
}

/// `None` wherever a number names nothing.
struct Reader {
    named: Named,
    texts: Vec<Arc<str>>,
    types: Vec<Ty>,
}

impl Reader {
    fn new(texts: Vec<String>, types: &[StoredType], named: Named) -> Option<Self> {
        let mut reader = Reader { named, texts: texts.into_iter().map(Arc::from).collect(), types: Vec::with_capacity(types.len()) };
        for stored in types {
            let ty = reader.build(stored)?;
            reader.types.push(ty);
        }
        Some(reader)
    }

    fn build(&self, stored: &StoredType) -> Option<Ty> {
        Some(match stored {
            StoredType::Unknown => Ty::Unknown,
            StoredType::Never => Ty::Never,
            StoredType::Primitive(name) => Ty::Primitive(name.clone()),
            StoredType::Adt(number, arguments) => Ty::Adt(self.adt(*number)?, self.types(arguments)?.into()),
            StoredType::Reference(inner) => Ty::Reference(self.ty(*inner)?.into()),
            StoredType::Slice(inner) => Ty::Slice(self.ty(*inner)?.into()),
            StoredType::Array(inner) => Ty::Array(self.ty(*inner)?.into()),
            StoredType::Tuple(types) => Ty::Tuple(self.types(types)?.into()),
            StoredType::Parameter(name) => Ty::Parameter(name.clone()),
            StoredType::Dyn(bounds) => Ty::Dyn(self.bounds(bounds)?),
            StoredType::Opaque(bounds) => Ty::Opaque(self.bounds(bounds)?),
            StoredType::FunctionItem(number) => Ty::FunctionItem(self.function(*number)?),
            StoredType::FunctionPointer(parameters, returns) => {
                Ty::FunctionPointer(self.types(parameters)?.into(), self.ty(*returns)?.into())
            }
            StoredType::Closure(function, at) => Ty::Closure(self.function(*function)?, *at),
            StoredType::Projection(of, trait_, name) => Ty::Projection(self.ty(*of)?.into(), *trait_, name.clone()),
            StoredType::External(path, arguments) => Ty::External(self.text(*path)?, self.types(arguments)?.into()),
            StoredType::Variable(number) => Ty::Variable(*number),
        })
    }

    fn bounds(&self, bounds: &[StoredBound]) -> Option<Arc<[TraitBound]>> {
        let bound = |bound: &StoredBound| {
            let bindings: Option<Vec<(Name, Ty)>> = bound.bindings.iter().map(|(name, ty)| Some((name.clone(), self.ty(*ty)?))).collect();
            let trait_ = match bound.trait_ {
                Ok(id) => Ok(id),
                Err(path) => Err(self.text(path)?),
            };
            Some(TraitBound { trait_, arguments: self.types(&bound.arguments)?.into(), bindings: bindings?.into() })
        };
        bounds.iter().map(bound).collect()
    }

    fn file(
        &self,
        bodies: Vec<StoredBody>,
        outside: Vec<(ModuleId, Option<u32>, bool, StoredReference)>,
        open: usize,
        file: FileId,
        surroundings: &[Surroundings],
    ) -> Option<FileResults> {
        let bodies: Option<Vec<(FunctionId, Inferred)>> =
            bodies.into_iter().map(|stored| Some((self.function(stored.function)?, self.body(stored, file, surroundings)?))).collect();
        let outside: Option<Vec<Reference>> = outside
            .into_iter()
            .map(|(from, function, test, stored)| {
                let function = match function {
                    Some(number) => Some(self.function(number)?),
                    None => None,
                };
                self.reference(&stored, Reference { function, test, ..unknown(file, from) })
            })
            .collect();
        Some(FileResults { bodies: bodies?, outside: outside?, open })
    }

    fn body(&self, stored: StoredBody, file: FileId, surroundings: &[Surroundings]) -> Option<Inferred> {
        let id = self.function(stored.function)?;
        let function = surroundings.get(id.0 as usize)?;
        let fits = function.expressions == Some(stored.types.len());
        let around = Reference { function: Some(id), test: function.test, ..unknown(file, function.module) };
        let calls: Option<Vec<CallSite>> = stored.calls.into_iter().map(|call| self.call(call, file)).collect();
        let paths: Option<Vec<(ExprId, Definition)>> =
            stored.paths.iter().map(|(at, definition)| Some((*at, self.definition(definition)?))).collect();
        let references: Option<Vec<Reference>> =
            stored.references.iter().map(|reference| self.reference(reference, around.clone())).collect();
        let body =
            ResolvedBody { parameters: self.types(&stored.parameters)?, types: self.types(&stored.types)?, calls: calls?, paths: paths? };
        fits.then_some(Inferred { body, references: references?, unresolved: stored.unresolved })
    }

    fn call(&self, stored: StoredCall, file: FileId) -> Option<CallSite> {
        let target = match stored.target {
            StoredTarget::Function(number) => Target::Function(self.function(number)?),
            StoredTarget::Trait(method, may_reach) => {
                let may_reach: Option<Vec<FunctionId>> = may_reach.into_iter().map(|number| self.function(number)).collect();
                Target::Trait { method: self.function(method)?, may_reach: may_reach?.into() }
            }
            StoredTarget::External(path, function) => {
                let function = match function {
                    Some(number) => Some(self.function(number)?),
                    None => None,
                };
                Target::External { path: self.text(path)?, function }
            }
            StoredTarget::Constructor => Target::Constructor,
            StoredTarget::Value => Target::Value,
            StoredTarget::Unresolved(why) => Target::Unresolved(why),
        };
        Some(CallSite { expression: stored.expression, kind: stored.kind, place: Place::new(file, stored.span), target })
    }

    fn reference(&self, stored: &StoredReference, around: Reference) -> Option<Reference> {
        let place = Place::new(around.place.file, stored.span);
        Some(Reference { place, to: self.definition(&stored.to)?, kind: stored.kind, ..around })
    }

    fn definition(&self, stored: &StoredDefinition) -> Option<Definition> {
        Some(match stored {
            StoredDefinition::Module(id) => Definition::Module(*id),
            StoredDefinition::Function(number) => Definition::Function(self.function(*number)?),
            StoredDefinition::Constant(number) => Definition::Constant(self.function(*number)?),
            StoredDefinition::Adt(number) => Definition::Adt(self.adt(*number)?),
            StoredDefinition::Variant(number, index) => Definition::Variant(self.adt(*number)?, *index),
            StoredDefinition::Trait(id) => Definition::Trait(*id),
            StoredDefinition::Alias(id) => Definition::Alias(*id),
            StoredDefinition::Macro(path) => Definition::Macro(self.text(*path)?),
            StoredDefinition::External(path) => Definition::External(self.text(*path)?),
            StoredDefinition::Local => Definition::Local,
            StoredDefinition::TypeParameter => Definition::TypeParameter,
            StoredDefinition::Primitive => Definition::Primitive,
        })
    }

    fn function(&self, number: u32) -> Option<FunctionId> {
        self.named.functions.get(number as usize).copied()
    }

    fn adt(&self, number: u32) -> Option<AdtId> {
        self.named.adts.get(number as usize).copied()
    }

    fn text(&self, number: u32) -> Option<Arc<str>> {
        self.texts.get(number as usize).cloned()
    }

    fn ty(&self, number: u32) -> Option<Ty> {
        self.types.get(number as usize).cloned()
    }

    fn types(&self, numbers: &[u32]) -> Option<Vec<Ty>> {
        let mut types = Vec::with_capacity(numbers.len());
        for number in numbers {
            types.push(self.ty(*number)?);
        }
        Some(types)
    }
}

/// A reference of which only the surroundings are known so far.
fn unknown(file: FileId, from: ModuleId) -> Reference {
    let place = Place::new(file, Span::default());
    Reference { from, function: None, place, to: Definition::Local, kind: ReferenceKind::Path, test: false }
}

//! Paths that mean something in another module or crate: in `use` items, headers, signatures, bodies, attributes and macro texts.

use super::def_map::*;
use super::lower_type::TypeScope;
use super::*;
use crate::facts::{Generics, Path, Type, UseKind};
use rayon::prelude::*;

/// Types nested deeper than this are not looked into.
const MAX_DEPTH: u32 = 64;

/// Names that are traits of the language itself and lead nowhere.
const MARKERS: [&str; 8] = ["Send", "Sync", "Sized", "Unpin", "Copy", "Self", "UnwindSafe", "RefUnwindSafe"];

/// Collects the references of one place.
pub(super) struct Recorder<'m, 'a> {
    map: &'m DefMap<'a>,
    file: FileId,
    from: ModuleId,
    function: Option<FunctionId>,
    test: bool,
    found: Vec<Reference>,
    open: usize,
}

impl<'m, 'a> Recorder<'m, 'a> {
    pub fn new(map: &'m DefMap<'a>, file: FileId, from: ModuleId, function: Option<FunctionId>, test: bool) -> Self {
        Self { map, file, from, function, test, found: Vec::new(), open: 0 }
    }

    pub fn finish(self) -> (Vec<Reference>, usize) {
        (self.found, self.open)
    }

    /// The path itself, without what its arguments name.
    pub fn path(&mut self, scope: ScopeId, path: &Path, namespace: Namespace, around: &TypeScope) {
        let Some(first) = path.segments.first() else { return };
        let is_parameter = |name: &str| around.generics.iter().flatten().any(|generics| generics.types.iter().any(|one| one.name == name));
        if path.qself.is_some() && path.trait_segments == 0 || (!path.global && (first.name == "Self" || is_parameter(&first.name))) {
            return;
        }
        self.resolve(scope, path, namespace, ReferenceKind::Path);
    }

    /// Every path in a type.
    pub fn types(&mut self, scope: ScopeId, ty: &Type, around: &TypeScope) {
        each_path(ty, &mut |path| self.path(scope, path, Namespace::Types, around));
    }

    fn resolve(&mut self, scope: ScopeId, path: &Path, namespace: Namespace, kind: ReferenceKind) {
        let found = if path.qself.is_some() {
            let segments = path.segments[..path.trait_segments.min(path.segments.len())].to_vec();
            let trait_path = Path { segments, global: path.global, span: path.span, ..Path::default() };
            self.map.resolve(scope, &trait_path, Namespace::Types)
        } else {
            self.map.resolve(scope, path, namespace)
        };
        match found {
            Some(found) if found.prelude => {}
            Some(found) => self.add(found.definition, path.span, kind),
            None if path.qself.is_none()
                && let Some(outside) = undeclared_item(self.map, scope, path) =>
            {
                self.add(outside, path.span, kind)
            }
            None => {
                let marker = path.single().is_some_and(|name| MARKERS.contains(&name.as_str()));
                self.open += usize::from(!marker);
            }
        }
    }

    fn add(&mut self, to: Definition, span: crate::source::Span, kind: ReferenceKind) {
        let elsewhere = match &to {
            Definition::External(_) => true,
            Definition::Macro(path) => !path.starts_with(&*self.map.modules[self.from.0 as usize].path),
            other => self.map.module_of(other).is_some_and(|module| module != self.from),
        };
        if elsewhere {
            let place = Place::new(self.file, span);
            self.found.push(Reference { from: self.from, function: self.function, place, to, kind, test: self.test });
        }
    }
}

/// Knowledge declares the part of a crate that backends use. What is not declared is still something of that crate.
fn undeclared_item(map: &DefMap, scope: ScopeId, path: &Path) -> Option<Definition> {
    (1..path.segments.len()).rev().find_map(|used| {
        let prefix = Path { segments: path.segments[..used].to_vec(), global: path.global, ..Path::default() };
        let found = map.resolve(scope, &prefix, Namespace::Types).filter(|found| found.used == used)?;
        let Definition::Module(module) = found.definition else { return None };
        let module = &map.modules[module.0 as usize];
        let rest: Vec<&str> = path.segments[used..].iter().map(|segment| segment.name.as_str()).collect();
        map.is_declared(module.krate).then(|| Definition::External(format!("{}::{}", module.path, rest.join("::")).into()))
    })
}

/// Everything outside bodies in the files that are `wanted`, one part after the other, each with its file and how many stayed open.
pub(super) fn outside_bodies(map: &DefMap, wanted: &(dyn Fn(FileId) -> bool + Sync)) -> Vec<(FileId, Vec<Reference>, usize)> {
    let mut recorders = imports(map, wanted);
    recorders.extend(headers(map, wanted));
    let own = |text: &&MacroText| wanted(text.file) && !map.is_declared(map.crate_of_scope(text.scope));
    recorders.extend(map.macro_texts.iter().filter(own).map(|text| macro_text(map, text)));
    let found = recorders.into_iter().map(|recorder| {
        let file = recorder.file;
        let (found, open) = recorder.finish();
        (file, found, open)
    });
    found.collect()
}

fn macro_text<'m, 'a>(map: &'m DefMap<'a>, text: &MacroText) -> Recorder<'m, 'a> {
    let mut recorder = Recorder::new(map, text.file, map.scope(text.scope).module, None, text.test);
    for path in text.paths {
        // Not every path in a token tree is one: what does not resolve in any namespace is left out.
        let found = [Namespace::Types, Namespace::Values, Namespace::Macros].iter().find_map(|one| map.resolve(text.scope, path, *one));
        if let Some(found) = found.filter(|found| !found.prelude) {
            recorder.add(found.definition, path.span, ReferenceKind::MacroText);
        }
    }
    recorder
}

fn imports<'m, 'a>(map: &'m DefMap<'a>, wanted: &(dyn Fn(FileId) -> bool + Sync)) -> Vec<Recorder<'m, 'a>> {
    let own = map.imports.par_iter().filter(|import| wanted(import.file) && !map.is_declared(map.crate_of_scope(import.scope)));
    own.map(|import| {
        let mut recorder = Recorder::new(map, import.file, map.scope(import.scope).module, import.function, import.test);
        let path = &import.binding.path;
        let namespaces: &[Namespace] = if import.binding.kind == UseKind::Glob { &[Namespace::Types] } else { &NAMESPACES };
        let found: Vec<Definition> = namespaces
            .iter()
            .filter_map(|one| map.resolve(import.scope, path, *one))
            .filter(|found| found.used == path.segments.len())
            .map(|found| found.definition)
            .collect();
        let mut distinct: Vec<Definition> = Vec::new();
        for definition in found {
            // An undeclared crate's item is in all namespaces as far as we know; so is a struct with its constructor.
            if !distinct.contains(&definition) {
                distinct.push(definition);
            }
        }
        if distinct.is_empty() {
            distinct.extend(undeclared_item(map, import.scope, path));
        }
        recorder.open += usize::from(distinct.is_empty());
        distinct.into_iter().for_each(|definition| recorder.add(definition, path.span, ReferenceKind::Use));
        recorder
    })
    .collect()
}

/// Signatures, fields, impl and trait headers, aliases.
fn headers<'m, 'a>(map: &'m DefMap<'a>, wanted: &(dyn Fn(FileId) -> bool + Sync)) -> Vec<Recorder<'m, 'a>> {
    let is_own = |module: ModuleId, file: FileId| wanted(file) && !map.is_declared(map.modules[module.0 as usize].krate);
    let functions = map.functions.par_iter().enumerate().filter(|(_, one)| is_own(one.module, one.file)).map(|(id, _)| signature(map, id));
    let adts = map.adts.par_iter().enumerate().filter(|(_, one)| is_own(one.module, one.place.file)).map(|(id, _)| adt(map, id));
    let impls = map.impls.par_iter().enumerate().filter(|(id, one)| is_own(one.module, map.impl_data[*id].file));
    let traits = map.traits.par_iter().enumerate().filter(|(_, one)| is_own(one.module, one.place.file)).map(|(id, _)| trait_(map, id));
    let aliases = map.aliases.par_iter().enumerate().filter(|(_, one)| is_own(one.module, map.modules[one.module.0 as usize].file));
    let types = functions.chain(adts).chain(impls.map(|(id, _)| impl_(map, id)));
    types.chain(traits).chain(aliases.map(|(id, _)| alias(map, id))).collect()
}

fn type_scope<'m, 'a>(map: &'m DefMap<'a>, scope: ScopeId, generics: [Option<&'m Generics>; 2]) -> TypeScope<'m, 'a> {
    TypeScope { map, scope, generics, self_type: super::lower_type::SelfType::None }
}

fn signature<'m, 'a>(map: &'m DefMap<'a>, id: usize) -> Recorder<'m, 'a> {
    let function = &map.functions[id];
    let data = &map.function_data[id];
    let outer = match data.owner {
        Owner::None => None,
        Owner::Impl(id) => Some(&map.impl_data[id.0 as usize].fact.generics),
        Owner::Trait(id) => Some(&map.trait_data[id.0 as usize].fact.generics),
    };
    let own = function.facts.as_ref().map(|facts| &facts.generics);
    let around = type_scope(map, data.scope, [own, outer]);
    let mut recorder = Recorder::new(map, function.file, function.module, Some(FunctionId(id as u32)), function.test);
    let Some(facts) = &function.facts else {
        data.constant.iter().for_each(|ty| recorder.types(data.scope, ty, &around));
        return recorder;
    };
    let types = facts.parameters.iter().map(|parameter| &parameter.ty).chain(&facts.returns);
    let types = types.chain(facts.receiver.iter().flat_map(|receiver| &receiver.ty));
    types.for_each(|ty| recorder.types(data.scope, ty, &around));
    generics(&mut recorder, &facts.generics, &around);
    recorder
}

fn generics(recorder: &mut Recorder, generics: &Generics, around: &TypeScope) {
    let bounds = generics.types.iter().flat_map(|one| one.bounds.iter().chain(&one.default));
    let other = generics.other_bounds.iter().flat_map(|(ty, bounds)| std::iter::once(ty).chain(bounds));
    bounds.chain(other).for_each(|ty| recorder.types(around.scope, ty, around));
}

fn adt<'m, 'a>(map: &'m DefMap<'a>, id: usize) -> Recorder<'m, 'a> {
    let adt = &map.adts[id];
    let around = type_scope(map, map.adt_data[id].scope, [Some(&adt.generics), None]);
    let test = map.modules[adt.module.0 as usize].test || map.adt_data[id].item.is_some_and(facts::Item::is_test);
    let mut recorder = Recorder::new(map, adt.place.file, adt.module, None, test);
    generics(&mut recorder, &adt.generics, &around);
    adt.variants.iter().flat_map(|variant| &variant.fields).for_each(|field| recorder.types(around.scope, &field.ty, &around));
    recorder
}

fn impl_<'m, 'a>(map: &'m DefMap<'a>, id: usize) -> Recorder<'m, 'a> {
    let data = &map.impl_data[id];
    let impl_ = &map.impls[id];
    let around = type_scope(map, data.scope, [Some(&data.fact.generics), None]);
    let test = map.modules[impl_.module.0 as usize].test || facts::is_test(&impl_.attributes);
    let mut recorder = Recorder::new(map, data.file, impl_.module, None, test);
    generics(&mut recorder, &data.fact.generics, &around);
    recorder.types(data.scope, &data.fact.self_type, &around);
    if let Some(path) = &data.fact.trait_ {
        recorder.types(data.scope, &Type::Path(path.clone()), &around);
    }
    for (_, item) in &data.types {
        if let facts::ItemKind::TypeAlias { aliased: Some(ty), .. } = &item.kind {
            recorder.types(data.scope, ty, &around);
        }
    }
    recorder
}

fn trait_<'m, 'a>(map: &'m DefMap<'a>, id: usize) -> Recorder<'m, 'a> {
    let data = &map.trait_data[id];
    let trait_ = &map.traits[id];
    let around = type_scope(map, data.scope, [Some(&data.fact.generics), None]);
    let test = map.modules[trait_.module.0 as usize].test || facts::is_test(&trait_.attributes);
    let mut recorder = Recorder::new(map, trait_.place.file, trait_.module, None, test);
    generics(&mut recorder, &data.fact.generics, &around);
    data.fact.supertraits.iter().for_each(|ty| recorder.types(data.scope, ty, &around));
    recorder
}

fn alias<'m, 'a>(map: &'m DefMap<'a>, id: usize) -> Recorder<'m, 'a> {
    let data = &map.alias_data[id];
    let alias = &map.aliases[id];
    let around = type_scope(map, data.scope, [Some(data.generics), None]);
    let module = &map.modules[alias.module.0 as usize];
    let mut recorder = Recorder::new(map, module.file, alias.module, None, module.test);
    generics(&mut recorder, data.generics, &around);
    data.aliased.iter().for_each(|ty| recorder.types(data.scope, ty, &around));
    recorder
}

/// Every path in a type, itself and those in its arguments.
pub(super) fn each_path(ty: &Type, found: &mut dyn FnMut(&Path)) {
    each_path_at(ty, found, 0);
}

fn each_path_at(ty: &Type, found: &mut dyn FnMut(&Path), depth: u32) {
    if depth > MAX_DEPTH {
        return;
    }
    match ty {
        Type::Path(path) => {
            found(path);
            path.qself.iter().for_each(|ty| each_path_at(ty, found, depth + 1));
            for segment in &path.segments {
                let bound = segment.bindings.iter().map(|(_, ty)| ty);
                segment.arguments.iter().chain(bound).for_each(|ty| each_path_at(ty, found, depth + 1));
            }
        }
        Type::Reference(ty) | Type::Slice(ty) | Type::Array(ty) => each_path_at(ty, found, depth + 1),
        Type::Tuple(types) | Type::DynTrait(types) | Type::ImplTrait(types) => {
            types.iter().for_each(|ty| each_path_at(ty, found, depth + 1));
        }
        Type::FunctionPointer { parameters, returns } => {
            parameters.iter().chain(returns.as_deref()).for_each(|ty| each_path_at(ty, found, depth + 1));
        }
        Type::Never | Type::Infer | Type::Unknown => {}
    }
}

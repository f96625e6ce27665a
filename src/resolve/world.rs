//! What inference asks of the definitions: signatures, impl headers, lookup tables by name and type.

use super::def_map::*;
use super::lower_type::*;
use super::*;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::OnceLock;

/// The outermost part of a type, by which impls are found.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Head {
    Adt(AdtId),
    Primitive(Name),
    Reference,
    Slice,
    Array,
    Tuple(usize),
    Dyn(TraitId),
    External(Arc<str>),
    Function,
}

/// `None` for what an impl for any type means: parameters, projections, opaque and unknown types.
pub(super) fn head(ty: &Ty) -> Option<Head> {
    Some(match ty {
        Ty::Adt(id, _) => Head::Adt(*id),
        Ty::Primitive(name) => Head::Primitive(name.clone()),
        Ty::Reference(_) => Head::Reference,
        Ty::Slice(_) => Head::Slice,
        Ty::Array(_) => Head::Array,
        Ty::Tuple(types) => Head::Tuple(types.len()),
        Ty::Dyn(bounds) => Head::Dyn(*bounds.first()?.trait_.as_ref().ok()?),
        Ty::External(path, _) => Head::External(path.clone()),
        Ty::FunctionPointer(..) | Ty::FunctionItem(_) | Ty::Closure(..) => Head::Function,
        _ => return None,
    })
}

/// A function's types. Parameters of what is around it appear as [`Ty::Parameter`], `Self` of a trait too.
#[derive(Debug, Default)]
pub(super) struct Signature {
    pub receiver: Option<Ty>,
    pub parameters: Vec<Ty>,
    pub returns: Ty,
    pub bounds: Bounds,
}

#[derive(Default)]
pub(super) struct ImplHeader {
    pub arguments: Arc<[Ty]>,
    pub bounds: Bounds,
    pub types: Vec<(Name, Ty)>,
}

#[derive(Default)]
pub(super) struct TraitHeader {
    pub parameters: Vec<Name>,
    pub supertraits: Vec<TraitBound>,
    pub bounds: Bounds,
}

#[derive(Default)]
pub(super) struct TraitImpls {
    pub by_head: FxHashMap<Head, Vec<ImplId>>,
    pub blanket: Vec<ImplId>,
}

/// Functions and constants by bare name: where to look, never what to take.
#[derive(Default)]
pub(super) struct Index {
    /// In inherent impls, and in impls of traits that are not declared.
    pub inherent: FxHashMap<Name, Vec<FunctionId>>,
    pub in_traits: FxHashMap<Name, Vec<FunctionId>>,
    pub inherent_constants: FxHashMap<Name, Vec<(ImplId, FunctionId)>>,
    pub trait_constants: FxHashMap<Name, Vec<(TraitId, FunctionId)>>,
    /// By trait.
    pub impls: Vec<TraitImpls>,
}

/// Items of std that the language itself knows.
#[derive(Default)]
pub(super) struct Lang {
    adts: FxHashMap<&'static str, AdtId>,
    traits: FxHashMap<&'static str, TraitId>,
    /// `Fn`, `FnMut`, `FnOnce` and the async ones.
    pub fn_traits: Vec<TraitId>,
    pub async_fn_traits: Vec<TraitId>,
}

const LANG_ADTS: [&str; 16] = [
    "std::option::Option",
    "std::result::Result",
    "std::vec::Vec",
    "std::string::String",
    "std::boxed::Box",
    "std::ops::Range",
    "std::ops::RangeFrom",
    "std::ops::RangeTo",
    "std::ops::RangeFull",
    "std::pin::Pin",
    "std::fmt::Error",
    "std::fmt::Arguments",
    "std::thread::LocalKey",
    "std::sync::Arc",
    "std::task::Poll",
    "std::rc::Rc",
];

const LANG_TRAITS: [&str; 17] = [
    "std::future::Future",
    "std::future::IntoFuture",
    "std::iter::Iterator",
    "std::iter::IntoIterator",
    "std::ops::Deref",
    "std::ops::Index",
    "std::ops::Add",
    "std::ops::Sub",
    "std::ops::Mul",
    "std::ops::Div",
    "std::ops::Rem",
    "std::ops::Neg",
    "std::ops::Not",
    "std::ops::FnOnce",
    "std::convert::From",
    "std::convert::Into",
    "std::clone::Clone",
];

impl Lang {
    fn new(map: &DefMap) -> Lang {
        let mut lang = Lang::default();
        let is_std = |module: ModuleId| Some(map.modules[module.0 as usize].krate) == map.std;
        for (id, adt) in map.adts.iter().enumerate().filter(|(_, adt)| is_std(adt.module)) {
            if let Some(path) = LANG_ADTS.iter().find(|path| **path == &*adt.path) {
                lang.adts.insert(path, AdtId(id as u32));
            }
        }
        for (id, trait_) in map.traits.iter().enumerate().filter(|(_, trait_)| is_std(trait_.module)) {
            let id = TraitId(id as u32);
            if let Some(path) = LANG_TRAITS.iter().find(|path| **path == &*trait_.path) {
                lang.traits.insert(path, id);
            }
            match &*trait_.path {
                "std::ops::Fn" | "std::ops::FnMut" | "std::ops::FnOnce" => lang.fn_traits.push(id),
                "std::ops::AsyncFn" | "std::ops::AsyncFnMut" | "std::ops::AsyncFnOnce" => {
                    lang.fn_traits.push(id);
                    lang.async_fn_traits.push(id);
                }
                _ => {}
            }
        }
        lang
    }

    pub fn adt(&self, path: &str) -> Option<AdtId> {
        self.adts.get(path).copied()
    }

    pub fn trait_(&self, path: &str) -> Option<TraitId> {
        self.traits.get(path).copied()
    }

    /// The type `path<arguments>`; unknown where std is not declared.
    pub fn ty(&self, path: &str, arguments: impl IntoIterator<Item = Ty>) -> Ty {
        self.adt(path).map_or(Ty::Unknown, |id| Ty::Adt(id, arguments.into_iter().collect()))
    }

    pub fn future_of(&self, output: Ty) -> Ty {
        let Some(future) = self.trait_("std::future::Future") else { return Ty::Unknown };
        let bound = TraitBound { trait_: Ok(future), arguments: [].into(), bindings: [("Output".into(), output)].into() };
        Ty::Opaque([bound].into())
    }
}

pub(super) struct World<'a> {
    pub map: DefMap<'a>,
    pub impls: Vec<ImplHeader>,
    pub traits: Vec<TraitHeader>,
    pub index: Index,
    pub lang: Lang,
    signatures: Vec<OnceLock<Signature>>,
    reach: Vec<OnceLock<Arc<[FunctionId]>>>,
    traits_in_scope: Vec<OnceLock<FxHashSet<TraitId>>>,
}

impl<'a> World<'a> {
    /// Lowers every header and names every method; takes the map with all its names bound.
    pub fn new(mut map: DefMap<'a>) -> World<'a> {
        lower_aliases(&mut map);
        lower_adts(&mut map);
        link_impls(&mut map);
        name_methods(&mut map);
        let traits: Vec<TraitHeader> = (0..map.traits.len()).into_par_iter().map(|id| trait_header(&map, TraitId(id as u32))).collect();
        for (trait_, header) in map.traits.iter_mut().zip(&traits) {
            trait_.supertraits = header.supertraits.iter().filter_map(|bound| bound.trait_.clone().ok()).collect();
        }
        let impls: Vec<ImplHeader> = (0..map.impls.len()).into_par_iter().map(|id| impl_header(&map, ImplId(id as u32))).collect();
        let index = index(&map);
        let lang = Lang::new(&map);
        World {
            signatures: std::iter::repeat_with(OnceLock::new).take(map.functions.len()).collect(),
            reach: std::iter::repeat_with(OnceLock::new).take(map.functions.len()).collect(),
            traits_in_scope: std::iter::repeat_with(OnceLock::new).take(map.scopes.len()).collect(),
            map,
            impls,
            traits,
            index,
            lang,
        }
    }

    /// The definitions, when all bodies are done.
    pub fn into_map(self) -> DefMap<'a> {
        let World { map, impls, traits, index, lang, signatures, reach, traits_in_scope } = self;
        // Taking all of it apart takes longer than many a room, and the process ends soon.
        std::mem::forget((impls, traits, index, lang, signatures, reach, traits_in_scope));
        map
    }

    pub fn signature(&self, id: FunctionId) -> &Signature {
        self.signatures[id.0 as usize].get_or_init(|| self.lower_signature(id))
    }

    fn lower_signature(&self, id: FunctionId) -> Signature {
        let function = self.map.function(id);
        let data = &self.map.function_data[id.0 as usize];
        let generics = function.facts.as_ref().map(|facts| &facts.generics);
        let scope = self.type_scope(id, generics);
        let Some(facts) = &function.facts else {
            let ty = data.constant.map_or(Ty::Unknown, |ty| scope.lower(ty));
            let local = self.map.thread_locals.contains(&id);
            return Signature { returns: if local { self.lang.ty("std::thread::LocalKey", [ty]) } else { ty }, ..Signature::default() };
        };
        let returns = facts.returns.as_ref().map_or_else(unit, |ty| scope.lower(ty));
        let own_self = || match &scope.self_type {
            SelfType::Type(ty, _) => (*ty).clone(),
            _ => Ty::Parameter("Self".into()),
        };
        let receiver = facts.receiver.as_ref().map(|receiver| match &receiver.ty {
            Some(ty) => scope.lower(ty),
            None if receiver.by_reference => Ty::Reference(Arc::new(own_self())),
            None => own_self(),
        });
        Signature {
            receiver,
            parameters: facts.parameters.iter().map(|parameter| scope.lower(&parameter.ty)).collect(),
            returns: if facts.is_async { self.lang.future_of(returns) } else { returns },
            bounds: scope.bounds(&facts.generics),
        }
    }

    /// Where the types of a function's signature and body are written.
    pub fn type_scope<'m>(&'m self, id: FunctionId, generics: Option<&'m facts::Generics>) -> TypeScope<'m, 'a> {
        let data = &self.map.function_data[id.0 as usize];
        let (outer, self_type) = match data.owner {
            Owner::None => (None, SelfType::None),
            Owner::Impl(id) => {
                let fact = self.map.impl_data[id.0 as usize].fact;
                (Some(&fact.generics), SelfType::Type(&self.map.impl_(id).self_type, Some(id)))
            }
            Owner::Trait(id) => (Some(&self.map.trait_data[id.0 as usize].fact.generics), SelfType::Trait(id)),
        };
        TypeScope { map: &self.map, scope: data.scope, generics: [generics, outer], self_type }
    }

    /// Implementations in the workspace that a call of this trait method may run; the default body counts where one keeps it.
    pub fn may_reach(&self, method: FunctionId) -> Arc<[FunctionId]> {
        self.reach[method.0 as usize].get_or_init(|| self.find_reach(method)).clone()
    }

    fn find_reach(&self, method: FunctionId) -> Arc<[FunctionId]> {
        let function = self.map.function(method);
        let Container::Trait(trait_) = function.container else { return [].into() };
        let mut reached = Vec::new();
        for id in &self.map.trait_(trait_).impls {
            let own = self.impl_method(*id, &function.name);
            reached.extend(own.or_else(|| function.body.is_some().then_some(method)).filter(|id| self.map.is_own(*id)));
        }
        reached.sort();
        reached.dedup();
        reached.into()
    }

    pub fn impl_method(&self, id: ImplId, name: &str) -> Option<FunctionId> {
        self.map.impl_(id).methods.iter().copied().find(|method| self.map.function(*method).name == name)
    }

    pub fn trait_method(&self, id: TraitId, name: &str) -> Option<FunctionId> {
        self.map.trait_(id).methods.iter().copied().find(|method| self.map.function(*method).name == name)
    }

    /// Whether a trait is imported or declared where `scope` is, or in the prelude.
    pub fn is_in_scope(&self, trait_: TraitId, scope: ScopeId) -> bool {
        let mut at = Some(scope);
        while let Some(id) = at {
            if self.traits_named_in(id).contains(&trait_) {
                return true;
            }
            at = self.map.scope(id).parent;
        }
        self.map.prelude.is_some_and(|prelude| self.traits_named_in(prelude).contains(&trait_))
    }

    fn traits_named_in(&self, scope: ScopeId) -> &FxHashSet<TraitId> {
        self.traits_in_scope[scope.0 as usize].get_or_init(|| {
            let bound = self.map.scope(scope).names.values().filter_map(|names| names.get(Namespace::Types));
            let named = bound.filter_map(|binding| match binding.definition {
                Definition::Trait(id) => Some(id),
                _ => None,
            });
            // `use Trait as _` binds no name.
            named.chain(self.map.unnamed_traits.get(&scope).into_iter().flatten().copied()).collect()
        })
    }
}

fn lower_adts(map: &mut DefMap) {
    let lowered: Vec<Vec<Vec<Ty>>> = (0..map.adts.len())
        .into_par_iter()
        .map(|id| {
            let adt = &map.adts[id];
            let generics = &adt.generics;
            let arguments: Arc<[Ty]> = generics.types.iter().map(|one| Ty::Parameter(one.name.clone())).collect();
            let own = Ty::Adt(AdtId(id as u32), arguments);
            let scope =
                TypeScope { map, scope: map.adt_data[id].scope, generics: [Some(generics), None], self_type: SelfType::Type(&own, None) };
            adt.variants.iter().map(|variant| variant.fields.iter().map(|field| scope.lower(&field.ty)).collect()).collect()
        })
        .collect();
    for (adt, variants) in map.adts.iter_mut().zip(lowered) {
        for (variant, types) in adt.variants.iter_mut().zip(variants) {
            variant.types = types;
        }
    }
}

/// Self type and trait of an impl.
type Link = (Ty, Option<Result<TraitId, Arc<str>>>);

/// Self types and traits of impls, and the impls of each trait.
fn link_impls(map: &mut DefMap) {
    let links: Vec<Link> = (0..map.impls.len())
        .into_par_iter()
        .map(|id| {
            let data = &map.impl_data[id];
            let scope = TypeScope { map, scope: data.scope, generics: [Some(&data.fact.generics), None], self_type: SelfType::None };
            let self_type = scope.lower(&data.fact.self_type);
            let trait_ = data.fact.trait_.as_ref().map(|path| match scope.trait_path(path) {
                Some(bound) => bound.trait_,
                None => Err(path.text().into()),
            });
            (self_type, trait_)
        })
        .collect();
    for (index, (self_type, trait_)) in links.into_iter().enumerate() {
        if let Some(Ok(id)) = trait_
            && !map.impl_data[index].fact.negative
        {
            map.traits[id.0 as usize].impls.push(ImplId(index as u32));
        }
        map.impls[index].self_type = self_type;
        map.impls[index].trait_ = trait_;
    }
}

/// Methods of impls are named after their type, which only now is known.
fn name_methods(map: &mut DefMap) {
    for index in 0..map.impls.len() {
        let impl_ = &map.impls[index];
        let module = &map.modules[impl_.module.0 as usize].path;
        let prefix: Arc<str> = match &impl_.trait_ {
            None => type_path(map, &impl_.self_type, module).into(),
            Some(trait_) => {
                let path = match trait_ {
                    Ok(id) => &*map.traits[id.0 as usize].name,
                    Err(path) => path.rsplit("::").next().unwrap_or(path),
                };
                format!("{module}::<{} as {path}>", type_name(map, &impl_.self_type)).into()
            }
        };
        let constants = map.impl_data[index].constants.iter().map(|(_, id)| *id);
        let methods: Vec<FunctionId> = impl_.methods.iter().copied().chain(constants).collect();
        for id in methods {
            let function = &mut map.functions[id.0 as usize];
            function.path = format!("{prefix}::{}", function.name).into();
        }
    }
}

fn type_path(map: &DefMap, ty: &Ty, module: &str) -> String {
    match ty {
        Ty::Adt(id, _) => map.adt(*id).path.to_string(),
        Ty::Primitive(name) => format!("std::{name}"),
        Ty::Slice(_) => "std::slice".to_string(),
        other => format!("{module}::{}", type_name(map, other)),
    }
}

/// A short name for a type, for paths of functions.
fn type_name(map: &DefMap, ty: &Ty) -> String {
    match ty {
        Ty::Adt(id, _) => map.adt(*id).name.to_string(),
        Ty::Primitive(name) | Ty::Parameter(name) => name.to_string(),
        Ty::External(path, _) => path.rsplit("::").next().unwrap_or(path).to_string(),
        Ty::Reference(inner) => format!("&{}", type_name(map, inner)),
        Ty::Slice(inner) | Ty::Array(inner) => format!("[{}]", type_name(map, inner)),
        Ty::Tuple(types) => format!("({})", types.iter().map(|ty| type_name(map, ty)).collect::<Vec<_>>().join(", ")),
        Ty::Dyn(bounds) => match bounds.first().map(|bound| &bound.trait_) {
            Some(Ok(id)) => format!("dyn {}", map.trait_(*id).name),
            Some(Err(path)) => format!("dyn {}", path.rsplit("::").next().unwrap_or(path)),
            None => "dyn".to_string(),
        },
        _ => "_".to_string(),
    }
}

fn trait_header(map: &DefMap, id: TraitId) -> TraitHeader {
    let data = &map.trait_data[id.0 as usize];
    let scope = TypeScope { map, scope: data.scope, generics: [Some(&data.fact.generics), None], self_type: SelfType::Trait(id) };
    TraitHeader {
        parameters: data.fact.generics.types.iter().map(|one| one.name.clone()).collect(),
        supertraits: data.fact.supertraits.iter().filter_map(|bound| scope.bound(bound, 0)).collect(),
        bounds: scope.bounds(&data.fact.generics),
    }
}

fn impl_header(map: &DefMap, id: ImplId) -> ImplHeader {
    let data = &map.impl_data[id.0 as usize];
    let self_type = &map.impl_(id).self_type;
    let scope =
        TypeScope { map, scope: data.scope, generics: [Some(&data.fact.generics), None], self_type: SelfType::Type(self_type, Some(id)) };
    let types = data.types.iter().filter_map(|(name, item)| match &item.kind {
        facts::ItemKind::TypeAlias { aliased: Some(ty), .. } => Some((name.clone(), scope.lower(ty))),
        _ => None,
    });
    ImplHeader {
        arguments: data.fact.trait_.as_ref().and_then(|path| scope.trait_path(path)).map_or([].into(), |bound| bound.arguments),
        bounds: scope.bounds(&data.fact.generics),
        types: types.collect(),
    }
}

fn index(map: &DefMap) -> Index {
    let mut index = Index::default();
    index.impls.resize_with(map.traits.len(), TraitImpls::default);
    for (at, impl_) in map.impls.iter().enumerate() {
        let id = ImplId(at as u32);
        if let Some(Ok(trait_)) = impl_.trait_ {
            if map.impl_data[at].fact.negative {
                continue;
            }
            let impls = &mut index.impls[trait_.0 as usize];
            match head(&impl_.self_type) {
                Some(head) => impls.by_head.entry(head).or_default().push(id),
                None => impls.blanket.push(id),
            }
        } else {
            for method in &impl_.methods {
                index.inherent.entry(map.function(*method).name.clone()).or_default().push(*method);
            }
            for (name, constant) in &map.impl_data[at].constants {
                index.inherent_constants.entry(name.clone()).or_default().push((id, *constant));
            }
        }
    }
    for (at, trait_) in map.traits.iter().enumerate() {
        for method in &trait_.methods {
            index.in_traits.entry(map.function(*method).name.clone()).or_default().push(*method);
        }
        for (name, constant) in &map.trait_data[at].constants {
            index.trait_constants.entry(name.clone()).or_default().push((TraitId(at as u32), *constant));
        }
    }
    index
}

//! Types as written become types as meant.

use super::def_map::*;
use super::*;
use crate::facts::{Generics, Path, Segment, Type};

/// Types nested deeper than this come out as unknown.
const MAX_DEPTH: u32 = 48;
/// Aliases of aliases of aliases.
const ALIAS_ROUNDS: usize = 8;

/// What `Self` and single names may mean where a type is written.
#[derive(Clone)]
pub(super) struct TypeScope<'m, 'a> {
    pub map: &'m DefMap<'a>,
    pub scope: ScopeId,
    /// Of the item itself and of what is around it.
    pub generics: [Option<&'m Generics>; 2],
    pub self_type: SelfType<'m>,
}

#[derive(Clone)]
pub(super) enum SelfType<'m> {
    None,
    Trait(TraitId),
    Type(&'m Ty, Option<ImplId>),
}

/// Bounds on type parameters and on other types.
#[derive(Clone, Debug, Default)]
pub(super) struct Bounds {
    pub parameters: Vec<(Name, Vec<TraitBound>)>,
    pub other: Vec<(Ty, Vec<TraitBound>)>,
}

impl<'m, 'a> TypeScope<'m, 'a> {
    pub fn lower(&self, ty: &Type) -> Ty {
        self.lower_at(ty, 0)
    }

    pub fn bounds(&self, generics: &Generics) -> Bounds {
        let lower_all = |bounds: &[Type]| bounds.iter().filter_map(|bound| self.bound(bound, 0)).collect::<Vec<_>>();
        Bounds {
            parameters: generics.types.iter().map(|one| (one.name.clone(), lower_all(&one.bounds))).collect(),
            other: generics.other_bounds.iter().map(|(ty, bounds)| (self.lower(ty), lower_all(bounds))).collect(),
        }
    }

    fn lower_at(&self, ty: &Type, depth: u32) -> Ty {
        if depth > MAX_DEPTH {
            return Ty::Unknown;
        }
        let inner = |ty: &Type| Arc::new(self.lower_at(ty, depth + 1));
        match ty {
            Type::Path(path) => self.path(path, depth),
            Type::Reference(ty) => Ty::Reference(inner(ty)),
            Type::Slice(ty) => Ty::Slice(inner(ty)),
            Type::Array(ty) => Ty::Array(inner(ty)),
            Type::Tuple(types) => Ty::Tuple(types.iter().map(|ty| self.lower_at(ty, depth + 1)).collect()),
            Type::FunctionPointer { parameters, returns } => Ty::FunctionPointer(
                parameters.iter().map(|ty| self.lower_at(ty, depth + 1)).collect(),
                returns.as_deref().map_or_else(|| Arc::new(unit()), inner),
            ),
            Type::DynTrait(bounds) => self.bound_list(bounds, depth).map_or(Ty::Unknown, Ty::Dyn),
            Type::ImplTrait(bounds) => self.bound_list(bounds, depth).map_or(Ty::Unknown, Ty::Opaque),
            Type::Never => Ty::Never,
            Type::Infer | Type::Unknown => Ty::Unknown,
        }
    }

    fn bound_list(&self, bounds: &[Type], depth: u32) -> Option<Arc<[TraitBound]>> {
        let bounds: Arc<[TraitBound]> = bounds.iter().filter_map(|bound| self.bound(bound, depth + 1)).collect();
        (!bounds.is_empty()).then_some(bounds)
    }

    /// A trait bound; `None` for markers and what is not a trait.
    pub fn bound(&self, bound: &Type, depth: u32) -> Option<TraitBound> {
        let Type::Path(path) = bound else { return None };
        let found = self.map.resolve(self.scope, path, Namespace::Types)?;
        let trait_ = match found.definition {
            Definition::Trait(id) => Ok(id),
            Definition::External(path) => Err(path),
            _ => return None,
        };
        Some(self.trait_bound(trait_, path.segments.last()?, depth))
    }

    fn trait_bound(&self, trait_: Result<TraitId, Arc<str>>, segment: &Segment, depth: u32) -> TraitBound {
        let mut arguments: Vec<Ty> = segment.arguments.iter().map(|ty| self.lower_at(ty, depth + 1)).collect();
        if let Ok(id) = trait_ {
            let wanted = self.map.trait_data[id.0 as usize].fact.generics.types.len();
            arguments.resize(arguments.len().max(wanted), Ty::Unknown);
        }
        let bindings = segment.bindings.iter().map(|(name, ty)| (name.clone(), self.lower_at(ty, depth + 1))).collect();
        TraitBound { trait_, arguments: arguments.into(), bindings }
    }

    /// The trait of an impl header, with its arguments.
    pub fn trait_path(&self, path: &Path) -> Option<TraitBound> {
        let found = self.map.resolve(self.scope, path, Namespace::Types)?;
        let trait_ = match found.definition {
            Definition::Trait(id) => Ok(id),
            Definition::External(path) => Err(path),
            _ => return None,
        };
        Some(self.trait_bound(trait_, path.segments.last()?, 0))
    }

    fn path(&self, path: &Path, depth: u32) -> Ty {
        if let Some(qself) = &path.qself {
            return self.qualified(qself, path, depth);
        }
        let Some(first) = path.segments.first() else { return Ty::Unknown };
        if first.name == "Self" && !path.global {
            return self.members_of_self(&path.segments[1..]);
        }
        if !path.global && self.is_parameter(&first.name) {
            return match &path.segments[1..] {
                [] => Ty::Parameter(first.name.clone()),
                [member] => self.parameter_member(&first.name, &member.name),
                _ => Ty::Unknown,
            };
        }
        let Some(found) = self.map.resolve(self.scope, path, Namespace::Types) else { return Ty::Unknown };
        if found.used < path.segments.len() {
            return Ty::Unknown;
        }
        let last = &path.segments[found.used - 1];
        self.definition(&found.definition, last, depth)
    }

    /// The type that a resolved path means, `segment` being its last.
    pub fn definition(&self, definition: &Definition, segment: &Segment, depth: u32) -> Ty {
        let arguments = || segment.arguments.iter().map(|ty| self.lower_at(ty, depth + 1)).collect::<Vec<Ty>>();
        match definition {
            Definition::Adt(id) | Definition::Variant(id, _) => self.adt(*id, arguments(), depth),
            Definition::Alias(id) => self.alias(*id, arguments(), depth),
            Definition::Trait(id) => Ty::Dyn([self.trait_bound(Ok(*id), segment, depth)].into()),
            Definition::External(path) => Ty::External(path.clone(), arguments().into()),
            Definition::Primitive => Ty::Primitive(segment.name.clone()),
            _ => Ty::Unknown,
        }
    }

    fn adt(&self, id: AdtId, mut arguments: Vec<Ty>, depth: u32) -> Ty {
        let generics = &self.map.adt(id).generics;
        if arguments.len() < generics.types.len() {
            let home = TypeScope {
                map: self.map,
                scope: self.map.adt_data[id.0 as usize].scope,
                generics: [Some(generics), None],
                self_type: SelfType::None,
            };
            fill_defaults(&home, generics, &mut arguments, depth);
        }
        Ty::Adt(id, arguments.into())
    }

    fn alias(&self, id: AliasId, mut arguments: Vec<Ty>, depth: u32) -> Ty {
        let data = &self.map.alias_data[id.0 as usize];
        let ty = &self.map.aliases[id.0 as usize].ty;
        if data.generics.types.is_empty() {
            return ty.clone();
        }
        let home = TypeScope { map: self.map, scope: data.scope, generics: [Some(data.generics), None], self_type: SelfType::None };
        fill_defaults(&home, data.generics, &mut arguments, depth);
        let substitution: Vec<(Name, Ty)> = data.generics.types.iter().map(|one| one.name.clone()).zip(arguments).collect();
        substitute(ty, &substitution)
    }

    fn is_parameter(&self, name: &str) -> bool {
        self.generics.iter().flatten().any(|generics| generics.types.iter().any(|one| one.name == name))
    }

    /// `T::Item`: of the bound on `T` whose trait has an `Item`.
    fn parameter_member(&self, parameter: &Name, member: &Name) -> Ty {
        let of = |ty: &Type| matches!(ty, Type::Path(path) if path.single() == Some(parameter));
        let bounds = self.generics.iter().flatten().flat_map(|generics| {
            let own = generics.types.iter().filter(|one| one.name == *parameter).flat_map(|one| &one.bounds);
            own.chain(generics.other_bounds.iter().filter(move |(ty, _)| of(ty)).flat_map(|(_, bounds)| bounds))
        });
        let traits = bounds.filter_map(|bound| self.trait_of(bound));
        let owner = traits.filter_map(|id| owner_of_type(self.map, id, member, 0)).next();
        let owner = owner.or_else(|| match self.self_type {
            SelfType::Trait(id) if parameter == "Self" => owner_of_type(self.map, id, member, 0),
            _ => None,
        });
        owner.map_or(Ty::Unknown, |owner| Ty::Projection(Arc::new(Ty::Parameter(parameter.clone())), owner, member.clone()))
    }

    fn trait_of(&self, bound: &Type) -> Option<TraitId> {
        let Type::Path(path) = bound else { return None };
        match self.map.resolve(self.scope, path, Namespace::Types)?.definition {
            Definition::Trait(id) => Some(id),
            _ => None,
        }
    }

    fn members_of_self(&self, rest: &[Segment]) -> Ty {
        match (&self.self_type, rest) {
            (SelfType::None, _) => Ty::Unknown,
            (SelfType::Type(ty, _), []) => (*ty).clone(),
            (SelfType::Trait(_), []) => Ty::Parameter("Self".into()),
            (SelfType::Trait(id), [member]) => match owner_of_type(self.map, *id, &member.name, 0) {
                Some(owner) => Ty::Projection(Arc::new(Ty::Parameter("Self".into())), owner, member.name.clone()),
                None => Ty::Unknown,
            },
            (SelfType::Type(ty, Some(id)), [member]) => self.impl_member(ty, *id, &member.name),
            _ => Ty::Unknown,
        }
    }

    fn impl_member(&self, self_type: &Ty, id: ImplId, member: &Name) -> Ty {
        let data = &self.map.impl_data[id.0 as usize];
        let own = data.types.iter().find(|(name, _)| name == member);
        if let Some(facts::ItemKind::TypeAlias { aliased: Some(aliased), .. }) = own.map(|(_, item)| &item.kind) {
            // `type A = Self::A` would not end.
            return if mentions_self_member(aliased, 0) { Ty::Unknown } else { self.lower_at(aliased, 1) };
        }
        let trait_ = data.fact.trait_.as_ref().and_then(|path| self.trait_path(path)).and_then(|bound| bound.trait_.ok());
        match trait_.and_then(|id| owner_of_type(self.map, id, member, 0)) {
            Some(owner) => Ty::Projection(Arc::new(self_type.clone()), owner, member.clone()),
            None => Ty::Unknown,
        }
    }

    /// `<T as Trait>::Member`.
    fn qualified(&self, qself: &Type, path: &Path, depth: u32) -> Ty {
        let ty = self.lower_at(qself, depth + 1);
        let (head, rest) = path.segments.split_at(path.trait_segments.min(path.segments.len()));
        let [member] = rest else { return Ty::Unknown };
        let trait_path = Path { segments: head.to_vec(), global: path.global, ..Path::default() };
        match self.map.resolve(self.scope, &trait_path, Namespace::Types).map(|found| found.definition) {
            Some(Definition::Trait(id)) => Ty::Projection(Arc::new(ty), id, member.name.clone()),
            _ => Ty::Unknown,
        }
    }
}

fn mentions_self_member(ty: &Type, depth: u32) -> bool {
    let deeper = |ty: &Type| mentions_self_member(ty, depth + 1);
    if depth > MAX_DEPTH {
        return true;
    }
    match ty {
        Type::Path(path) => {
            (path.segments.len() > 1 && path.segments[0].name == "Self")
                || path.qself.as_deref().is_some_and(deeper)
                || path.segments.iter().any(|one| one.arguments.iter().any(deeper) || one.bindings.iter().any(|(_, ty)| deeper(ty)))
        }
        Type::Reference(ty) | Type::Slice(ty) | Type::Array(ty) => deeper(ty),
        Type::Tuple(types) | Type::DynTrait(types) | Type::ImplTrait(types) => types.iter().any(deeper),
        Type::FunctionPointer { parameters, returns } => parameters.iter().any(deeper) || returns.as_deref().is_some_and(deeper),
        Type::Never | Type::Infer | Type::Unknown => false,
    }
}

/// Fills up with parameters' defaults, or unknowns.
fn fill_defaults(home: &TypeScope, generics: &Generics, arguments: &mut Vec<Ty>, depth: u32) {
    for parameter in generics.types.iter().skip(arguments.len()) {
        let ty = match &parameter.default {
            Some(default) if depth < MAX_DEPTH => {
                let before: Vec<(Name, Ty)> = generics.types.iter().map(|one| one.name.clone()).zip(arguments.iter().cloned()).collect();
                substitute(&home.lower_at(default, depth + 8), &before)
            }
            _ => Ty::Unknown,
        };
        arguments.push(ty);
    }
}

/// The trait among `id` and its supertraits that declares an associated type `member`.
pub(super) fn owner_of_type(map: &DefMap, id: TraitId, member: &Name, depth: u32) -> Option<TraitId> {
    let data = &map.trait_data[id.0 as usize];
    if data.types.iter().any(|(name, _)| name == member) {
        return Some(id);
    }
    if depth > 8 {
        return None;
    }
    let home = TypeScope { map, scope: data.scope, generics: [None, None], self_type: SelfType::None };
    data.fact.supertraits.iter().filter_map(|bound| home.trait_of(bound)).find_map(|id| owner_of_type(map, id, member, depth + 1))
}

pub(super) fn unit() -> Ty {
    Ty::Tuple([].into())
}

/// Gives every alias its type. Aliases of aliases take a round more each.
pub(super) fn lower_aliases(map: &mut DefMap) {
    for _ in 0..ALIAS_ROUNDS {
        let mut changed = false;
        for index in 0..map.aliases.len() {
            let data = &map.alias_data[index];
            let Some(aliased) = data.aliased else { continue };
            let scope = TypeScope { map, scope: data.scope, generics: [Some(data.generics), None], self_type: SelfType::None };
            let ty = scope.lower(aliased);
            if map.aliases[index].ty != ty {
                map.aliases[index].ty = ty;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
}

pub(super) type Substitution = [(Name, Ty)];

/// `ty` with its parameters replaced.
pub(super) fn substitute(ty: &Ty, by: &Substitution) -> Ty {
    if by.is_empty() { ty.clone() } else { map_type(ty, &mut |ty| replaced(ty, by)) }
}

fn replaced(ty: &Ty, by: &Substitution) -> Option<Ty> {
    match ty {
        Ty::Parameter(name) => by.iter().find(|(one, _)| one == name).map(|(_, ty)| ty.clone()),
        _ => None,
    }
}

/// `ty` with every part replaced for which `change` has an answer. Unchanged parts are shared.
pub(super) fn map_type(ty: &Ty, change: &mut dyn FnMut(&Ty) -> Option<Ty>) -> Ty {
    map_type_at(ty, change, 0).unwrap_or_else(|| ty.clone())
}

/// `None`: nothing changed.
fn map_type_at(ty: &Ty, change: &mut dyn FnMut(&Ty) -> Option<Ty>, depth: u32) -> Option<Ty> {
    if let Some(new) = change(ty) {
        return Some(new);
    }
    if depth > MAX_DEPTH {
        return None;
    }
    match ty {
        Ty::Adt(id, types) => Some(Ty::Adt(*id, map_list(types, change, depth)?)),
        Ty::External(path, types) => Some(Ty::External(path.clone(), map_list(types, change, depth)?)),
        Ty::Tuple(types) => Some(Ty::Tuple(map_list(types, change, depth)?)),
        Ty::Reference(inner) => Some(Ty::Reference(map_type_at(inner, change, depth + 1)?.into())),
        Ty::Slice(inner) => Some(Ty::Slice(map_type_at(inner, change, depth + 1)?.into())),
        Ty::Array(inner) => Some(Ty::Array(map_type_at(inner, change, depth + 1)?.into())),
        Ty::Dyn(bounds) => Some(Ty::Dyn(map_bounds(bounds, change, depth)?)),
        Ty::Opaque(bounds) => Some(Ty::Opaque(map_bounds(bounds, change, depth)?)),
        Ty::Projection(inner, trait_, name) => Some(Ty::Projection(map_type_at(inner, change, depth + 1)?.into(), *trait_, name.clone())),
        Ty::FunctionPointer(parameters, returns) => {
            let new_parameters = map_list(parameters, change, depth);
            let new_returns = map_type_at(returns, change, depth + 1);
            if new_parameters.is_none() && new_returns.is_none() {
                return None;
            }
            let parameters = new_parameters.unwrap_or_else(|| parameters.clone());
            Some(Ty::FunctionPointer(parameters, new_returns.map_or_else(|| returns.clone(), Arc::new)))
        }
        _ => None,
    }
}

fn map_list(types: &Arc<[Ty]>, change: &mut dyn FnMut(&Ty) -> Option<Ty>, depth: u32) -> Option<Arc<[Ty]>> {
    let mut changed: Option<Vec<Ty>> = None;
    for (index, ty) in types.iter().enumerate() {
        if let Some(new) = map_type_at(ty, change, depth + 1) {
            changed.get_or_insert_with(|| types.to_vec())[index] = new;
        }
    }
    changed.map(Arc::from)
}

fn map_bounds(bounds: &Arc<[TraitBound]>, change: &mut dyn FnMut(&Ty) -> Option<Ty>, depth: u32) -> Option<Arc<[TraitBound]>> {
    let mut any = false;
    let new = bounds
        .iter()
        .map(|bound| {
            let new = map_bound_at(bound, change, depth + 1);
            any |= new.is_some();
            new.unwrap_or_else(|| bound.clone())
        })
        .collect();
    any.then_some(new)
}

pub(super) fn map_bound(bound: &TraitBound, change: &mut dyn FnMut(&Ty) -> Option<Ty>) -> TraitBound {
    map_bound_at(bound, change, 0).unwrap_or_else(|| bound.clone())
}

pub(super) fn substitute_bound(bound: &TraitBound, by: &Substitution) -> TraitBound {
    map_bound(bound, &mut |ty| replaced(ty, by))
}

fn map_bound_at(bound: &TraitBound, change: &mut dyn FnMut(&Ty) -> Option<Ty>, depth: u32) -> Option<TraitBound> {
    let arguments = map_list(&bound.arguments, change, depth);
    let mut any = arguments.is_some();
    let bindings: Vec<(Name, Ty)> = bound
        .bindings
        .iter()
        .map(|(name, ty)| {
            let new = map_type_at(ty, change, depth + 1);
            any |= new.is_some();
            (name.clone(), new.unwrap_or_else(|| ty.clone()))
        })
        .collect();
    any.then(|| TraitBound {
        trait_: bound.trait_.clone(),
        arguments: arguments.unwrap_or_else(|| bound.arguments.clone()),
        bindings: bindings.into(),
    })
}

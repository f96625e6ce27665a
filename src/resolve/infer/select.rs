//! Which impl makes a type implement a trait, and what its associated types are.

use super::*;

/// How deep bounds of bounds are followed.
const MAX_DEPTH: u32 = 6;
/// Supertraits of supertraits.
const MAX_SUPERTRAITS: u32 = 8;

#[derive(Clone, Debug)]
pub(super) enum Selected {
    Impl(ImplId, Vec<(Name, Ty)>),
    /// Through a bound on a parameter, or `dyn` / `impl Trait`.
    Bound(TraitBound),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Holds {
    No,
    Maybe,
    Yes,
}

impl<'w> Infer<'w, '_> {
    /// The one impl (or bound) by which `ty` implements the trait; `None` where there is none or several may be meant.
    pub(super) fn select(&mut self, trait_: TraitId, ty: &Ty, arguments: &[Ty], depth: u32) -> Option<Selected> {
        if depth > MAX_DEPTH {
            return None;
        }
        let ty = self.shallow(ty);
        if let Some(bound) = self.bound_for(&ty, trait_) {
            return Some(Selected::Bound(bound));
        }
        if matches!(ty, Ty::Variable(_) | Ty::Unknown) {
            return None;
        }
        let world = self.world;
        let impls = &world.index.impls[trait_.0 as usize];
        let specific = head(&ty).and_then(|head| impls.by_head.get(&head)).map_or(&[][..], |impls| impls);
        self.only(specific, &ty, arguments, depth).unwrap_or_else(|| self.only(&impls.blanket, &ty, arguments, depth).flatten())
    }

    /// `None`: no impl matches. `Some(None)`: several do.
    fn only(&mut self, impls: &[ImplId], ty: &Ty, arguments: &[Ty], depth: u32) -> Option<Option<Selected>> {
        let mut found: Vec<(ImplId, Vec<(Name, Ty)>)> = Vec::new();
        for id in impls {
            if let Some(substitution) = self.match_impl(*id, ty, arguments)
                && self.bounds_hold(*id, &substitution, depth) != Holds::No
            {
                found.push((*id, substitution));
            }
        }
        if found.len() > 1 {
            // The same impl under several `cfg`s: the first one counts.
            let first = &self.world.map.impls[found[0].0.0 as usize];
            let same = found.iter().all(|(id, _)| {
                let other = &self.world.map.impls[id.0 as usize];
                other.self_type == first.self_type
                    && self.world.impls[id.0 as usize].arguments == self.world.impls[found[0].0.0 as usize].arguments
            });
            if !same {
                return Some(None);
            }
        }
        let (id, substitution) = found.into_iter().next()?;
        Some(Some(Selected::Impl(id, substitution)))
    }

    pub(super) fn match_impl(&mut self, id: ImplId, ty: &Ty, arguments: &[Ty]) -> Option<Vec<(Name, Ty)>> {
        let world = self.world;
        let substitution = &mut Vec::new();
        if !self.is_impl_for(id, ty, substitution) {
            return None;
        }
        let mut substitution = std::mem::take(substitution);
        let header = &world.impls[id.0 as usize];
        for (pattern, argument) in header.arguments.iter().zip(arguments) {
            if !self.matches(pattern, argument, &mut substitution, 0) {
                return None;
            }
        }
        Some(substitution)
    }

    /// An impl for a type that could not be resolved (one that a macro writes) is for no type we know.
    pub(super) fn is_impl_for(&mut self, id: ImplId, ty: &Ty, substitution: &mut Vec<(Name, Ty)>) -> bool {
        let pattern = &self.world.map.impl_(id).self_type;
        *pattern != Ty::Unknown && self.matches(pattern, ty, substitution, 0)
    }

    fn bounds_hold(&mut self, id: ImplId, substitution: &[(Name, Ty)], depth: u32) -> Holds {
        let bounds = &self.world.impls[id.0 as usize].bounds;
        let mut holds = Holds::Yes;
        for (name, bounds) in &bounds.parameters {
            let Some((_, ty)) = substitution.iter().find(|(one, _)| one == name) else { continue };
            let ty = ty.clone();
            for bound in bounds {
                let bound = substitute_bound(bound, substitution);
                holds = holds.min(self.implements(&ty, &bound, depth + 1));
                if holds == Holds::No {
                    return holds;
                }
            }
        }
        holds
    }

    pub(super) fn implements(&mut self, ty: &Ty, bound: &TraitBound, depth: u32) -> Holds {
        let ty = match self.shallow(ty) {
            // An open number implements what its default type does.
            Ty::Variable(id) if self.table.kind(id) == unify::Kind::Integer => primitive("i32"),
            Ty::Variable(id) if self.table.kind(id) == unify::Kind::Float => primitive("f64"),
            ty => ty,
        };
        if matches!(ty, Ty::Variable(_) | Ty::Unknown | Ty::Projection(..)) || depth > MAX_DEPTH {
            return match &bound.trait_ {
                Ok(id) if self.bound_for(&ty, *id).is_some() => Holds::Yes,
                _ => Holds::Maybe,
            };
        }
        let Ok(trait_) = bound.trait_ else { return Holds::Maybe };
        if self.world.lang.fn_traits.contains(&trait_) {
            return match ty {
                Ty::Closure(..) | Ty::FunctionItem(_) | Ty::FunctionPointer(..) => Holds::Yes,
                _ if self.bound_for(&ty, trait_).is_some() => Holds::Yes,
                Ty::Adt(..) | Ty::Parameter(_) | Ty::Primitive(_) | Ty::Tuple(_) | Ty::Opaque(_) => Holds::No,
                _ => Holds::Maybe,
            };
        }
        if self.bound_for(&ty, trait_).is_some() {
            return Holds::Yes;
        }
        let world = self.world;
        let impls = &world.index.impls[trait_.0 as usize];
        let specific = head(&ty).and_then(|head| impls.by_head.get(&head)).map_or(&[][..], |impls| impls);
        let mut best = Holds::No;
        for id in specific.iter().chain(&impls.blanket) {
            if let Some(substitution) = self.match_impl(*id, &ty, &bound.arguments) {
                best = best.max(self.bounds_hold(*id, &substitution, depth + 1));
            }
            if best == Holds::Yes {
                return best;
            }
        }
        // A foreign type may implement a foreign trait out of our sight.
        let foreign_trait = world.map.is_declared(world.map.modules[world.map.trait_(trait_).module.0 as usize].krate);
        if best == Holds::No && foreign_trait && matches!(ty, Ty::External(..)) { Holds::Maybe } else { best }
    }

    /// Whether `ty` is an instance of `pattern`; parameters of the pattern are bound, open variables of `ty` fit anything.
    pub(super) fn matches(&mut self, pattern: &Ty, ty: &Ty, substitution: &mut Vec<(Name, Ty)>, depth: u32) -> bool {
        if depth > 16 {
            return true;
        }
        if let Ty::Parameter(name) = pattern {
            match substitution.iter().position(|(one, _)| one == name) {
                Some(at) => {
                    let bound = substitution[at].1.clone();
                    return self.may_equal(&bound, ty, depth);
                }
                None => substitution.push((name.clone(), ty.clone())),
            }
            return true;
        }
        let ty = self.shallow(ty);
        match (pattern, &ty) {
            (_, Ty::Variable(id)) => match (self.table.kind(*id), pattern) {
                (unify::Kind::Any, _) => true,
                (unify::Kind::Integer, Ty::Primitive(name)) => unify::is_integer(name),
                (unify::Kind::Float, Ty::Primitive(name)) => name.starts_with('f'),
                _ => false,
            },
            (Ty::Unknown | Ty::Projection(..) | Ty::Opaque(_), _) | (_, Ty::Unknown | Ty::Never | Ty::Projection(..)) => true,
            (Ty::Adt(one, these), Ty::Adt(other, those)) => one == other && self.match_lists(these, those, substitution, depth),
            (Ty::External(one, these), Ty::External(other, those)) => one == other && self.match_lists(these, those, substitution, depth),
            (Ty::Tuple(these), Ty::Tuple(those)) => these.len() == those.len() && self.match_lists(these, those, substitution, depth),
            (Ty::Reference(one), Ty::Reference(other)) | (Ty::Slice(one), Ty::Slice(other)) | (Ty::Array(one), Ty::Array(other)) => {
                self.matches(one, other, substitution, depth + 1)
            }
            (Ty::Dyn(these), Ty::Dyn(those)) => these.first().map(|one| &one.trait_) == those.first().map(|one| &one.trait_),
            (Ty::FunctionPointer(these, _), Ty::FunctionPointer(those, _)) => these.len() == those.len(),
            (Ty::FunctionPointer(..), Ty::FunctionItem(_) | Ty::Closure(..)) => true,
            (pattern, ty) => pattern == ty,
        }
    }

    fn match_lists(&mut self, these: &[Ty], those: &[Ty], substitution: &mut Vec<(Name, Ty)>, depth: u32) -> bool {
        these.iter().zip(those).all(|(pattern, ty)| self.matches(pattern, ty, substitution, depth + 1))
    }

    /// Whether two types of the body can be the same.
    fn may_equal(&mut self, one: &Ty, other: &Ty, depth: u32) -> bool {
        let one = self.shallow(one);
        match one {
            Ty::Variable(_) | Ty::Unknown => true,
            // Parameters of the body itself are equal to themselves only.
            Ty::Parameter(_) => {
                let other = self.shallow(other);
                one == other || matches!(other, Ty::Variable(_) | Ty::Unknown | Ty::Projection(..))
            }
            one => self.matches(&one, other, &mut Vec::new(), depth + 1),
        }
    }

    /// Every bound known of a type: of a parameter from its owner, of `dyn` and `impl Trait` their own.
    pub(super) fn bounds_of(&mut self, ty: &Ty) -> Vec<TraitBound> {
        let mut found: Vec<TraitBound> = Vec::new();
        match ty {
            Ty::Parameter(name) => {
                for bounds in &self.bounds {
                    found.extend(bounds.parameters.iter().filter(|(one, _)| one == name).flat_map(|(_, bounds)| bounds.iter().cloned()));
                }
                if name == "Self"
                    && let SelfType::Trait(id) = self.types_in.self_type
                {
                    let arguments = self.world.traits[id.0 as usize].parameters.iter().map(|name| Ty::Parameter(name.clone())).collect();
                    found.push(TraitBound { trait_: Ok(id), arguments, bindings: [].into() });
                }
            }
            Ty::Dyn(bounds) | Ty::Opaque(bounds) => return bounds.to_vec(),
            Ty::Projection(..) => {}
            _ => return found,
        }
        for bounds in &self.bounds {
            found.extend(bounds.other.iter().filter(|(one, _)| one == ty).flat_map(|(_, bounds)| bounds.iter().cloned()));
        }
        found
    }

    fn bound_for(&mut self, ty: &Ty, trait_: TraitId) -> Option<TraitBound> {
        if !matches!(ty, Ty::Parameter(_) | Ty::Dyn(_) | Ty::Opaque(_) | Ty::Projection(..)) {
            return None;
        }
        let bounds = self.bounds_of(ty);
        bounds.iter().find_map(|bound| self.as_supertrait(bound, ty, trait_, 0))
    }

    /// `bound` itself, or the one of its supertraits that is `trait_`.
    pub(super) fn as_supertrait(&self, bound: &TraitBound, ty: &Ty, trait_: TraitId, depth: u32) -> Option<TraitBound> {
        let id = *bound.trait_.as_ref().ok()?;
        if id == trait_ {
            return Some(bound.clone());
        }
        if depth > MAX_SUPERTRAITS {
            return None;
        }
        let header = &self.world.traits[id.0 as usize];
        if header.supertraits.is_empty() {
            return None;
        }
        let mut substitution: Vec<(Name, Ty)> = header.parameters.iter().cloned().zip(bound.arguments.iter().cloned()).collect();
        substitution.push(("Self".into(), ty.clone()));
        header.supertraits.iter().find_map(|supertrait| {
            let mut found = self.as_supertrait(&substitute_bound(supertrait, &substitution), ty, trait_, depth + 1)?;
            // `dyn Sub<Item = X>` says what the supertrait's `Item` is.
            if found.bindings.is_empty() {
                found.bindings = bound.bindings.clone();
            }
            Some(found)
        })
    }

    /// `<ty as trait_>::name`, if it can be told.
    pub(super) fn normalize(&mut self, ty: &Ty, trait_: TraitId, name: &Name, depth: u32) -> Option<Ty> {
        if depth > MAX_DEPTH || self.depth > super::MAX_DEPTH + 40 {
            return None;
        }
        let ty = self.table.resolve(ty);
        if let (Ty::Closure(..) | Ty::FunctionItem(_) | Ty::FunctionPointer(..), "Output") = (&ty, name.as_str())
            && self.world.lang.fn_traits.contains(&trait_)
        {
            return self.callable(&ty).map(|callable| callable.returns);
        }
        self.depth += 8;
        let found = self.select(trait_, &ty, &[], depth);
        self.depth -= 8;
        match found? {
            Selected::Bound(bound) => bound.bindings.iter().find(|(one, _)| one == name).map(|(_, ty)| ty.clone()),
            Selected::Impl(id, substitution) => self.impl_type(id, substitution, name),
        }
    }

    fn impl_type(&mut self, id: ImplId, mut substitution: Vec<(Name, Ty)>, name: &Name) -> Option<Ty> {
        let world = self.world;
        let header = &world.impls[id.0 as usize];
        let ty = match header.types.iter().find(|(one, _)| one == name) {
            Some((_, ty)) => ty.clone(),
            None => self.default_type(id, name)?,
        };
        self.complete(id, &mut substitution);
        Some(substitute(&ty, &substitution))
    }

    /// Declared in the trait with a default.
    fn default_type(&mut self, id: ImplId, name: &Name) -> Option<Ty> {
        let trait_ = self.world.map.impl_(id).trait_.clone()?.ok()?;
        let data = &self.world.map.trait_data[trait_.0 as usize];
        let (_, item) = data.types.iter().find(|(one, _)| one == name)?;
        let facts::ItemKind::TypeAlias { aliased: Some(ty), .. } = &item.kind else { return None };
        let scope = TypeScope {
            map: &self.world.map,
            scope: data.scope,
            generics: [Some(&data.fact.generics), None],
            self_type: SelfType::Trait(trait_),
        };
        Some(scope.lower(ty))
    }

    /// Parameters that the self type does not tell are to be found through the impl's bounds.
    pub(super) fn complete(&mut self, id: ImplId, substitution: &mut Vec<(Name, Ty)>) {
        let world = self.world;
        let header = &world.impls[id.0 as usize];
        if substitution.len() >= header.bounds.parameters.len() {
            return;
        }
        for (name, _) in &header.bounds.parameters {
            if !substitution.iter().any(|(one, _)| one == name) {
                substitution.push((name.clone(), self.table.fresh()));
            }
        }
        let mut new = Vec::new();
        self.oblige(&header.bounds, substitution, &mut new);
        for obligation in new {
            self.process(&obligation);
        }
    }
}

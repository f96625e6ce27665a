//! Functions, constants and types that belong to a type: `Type::name`.

use super::method::{Picked, Via};
use super::select::Holds;
use super::*;

pub(super) enum Associated {
    Function(Picked),
    Constant(FunctionId, Ty),
}

impl Infer<'_, '_> {
    /// `ty::name`: of the type itself, by its bounds, or of the one trait it implements that has it.
    pub(super) fn find_associated(&mut self, ty: &Ty, name: &str) -> Option<Associated> {
        let ty = self.shallow(ty);
        if matches!(ty, Ty::Unknown | Ty::Variable(_)) {
            return None;
        }
        self.inherent_associated(&ty, name)
            .or_else(|| self.associated_in_bounds(&ty, name))
            .or_else(|| self.associated_in_traits(&ty, name))
    }

    fn inherent_associated(&mut self, ty: &Ty, name: &str) -> Option<Associated> {
        // What is not known yet would fit every impl.
        if matches!(ty, Ty::Projection(..)) {
            return None;
        }
        let world = self.world;
        let mut first = None;
        for &function in world.index.inherent.get(name).map_or(&[][..], |found| found) {
            let Container::Impl(id) = world.map.function(function).container else { continue };
            let mut substitution = Vec::new();
            if self.is_impl_for(id, ty, &mut substitution) {
                let found = Associated::Function(Picked { function, via: Via::Direct, substitution });
                if world.map.impl_(id).trait_.is_none() {
                    return Some(found);
                }
                first = first.or(Some(found));
            }
        }
        for &(id, constant) in world.index.inherent_constants.get(name).map_or(&[][..], |found| found) {
            let mut substitution = Vec::new();
            if self.is_impl_for(id, ty, &mut substitution) {
                return Some(Associated::Constant(constant, substitute(&world.signature(constant).returns, &substitution)));
            }
        }
        first
    }

    fn associated_in_bounds(&mut self, ty: &Ty, name: &str) -> Option<Associated> {
        let bounds = self.bounds_of(ty);
        if bounds.is_empty() {
            return None;
        }
        let world = self.world;
        for &function in world.index.in_traits.get(name).map_or(&[][..], |found| found) {
            let Container::Trait(trait_) = world.map.function(function).container else { continue };
            if let Some(bound) = bounds.iter().find_map(|bound| self.as_supertrait(bound, ty, trait_, 0)) {
                return Some(Associated::Function(self.trait_pick(function, trait_, ty.clone(), bound.arguments.to_vec())));
            }
        }
        for &(trait_, constant) in world.index.trait_constants.get(name).map_or(&[][..], |found| found) {
            if bounds.iter().any(|bound| self.as_supertrait(bound, ty, trait_, 0).is_some()) {
                return Some(self.trait_constant(constant, ty));
            }
        }
        None
    }

    fn associated_in_traits(&mut self, ty: &Ty, name: &str) -> Option<Associated> {
        let world = self.world;
        let mut found: Vec<(Holds, bool, TraitId, FunctionId)> = Vec::new();
        let functions = world.index.in_traits.get(name).map_or(&[][..], |found| found).iter();
        let functions = functions.filter_map(|&function| match world.map.function(function).container {
            Container::Trait(trait_) => Some((trait_, function)),
            _ => None,
        });
        let constants = world.index.trait_constants.get(name).map_or(&[][..], |found| found).iter().copied();
        for (trait_, function) in functions.chain(constants) {
            let parameters = world.traits[trait_.0 as usize].parameters.len();
            let bound = TraitBound { trait_: Ok(trait_), arguments: vec![Ty::Unknown; parameters].into(), bindings: [].into() };
            let holds = self.implements(ty, &bound, 0);
            let in_scope = world.is_in_scope(trait_, self.types_in.scope);
            if holds == Holds::Yes || (holds == Holds::Maybe && in_scope) {
                found.push((holds, in_scope, trait_, function));
            }
        }
        let best = found.iter().map(|one| (one.0, one.1)).max()?;
        found.retain(|one| (one.0, one.1) == best);
        let [(_, _, trait_, function)] = found.as_slice() else { return None };
        if world.map.function(*function).facts.is_none() {
            let own = self.constant_of_impl(*trait_, ty, name).unwrap_or(*function);
            return Some(self.trait_constant(own, ty));
        }
        let arguments = world.traits[trait_.0 as usize].parameters.iter().map(|_| self.table.fresh()).collect();
        Some(Associated::Function(self.trait_pick(*function, *trait_, ty.clone(), arguments)))
    }

    fn constant_of_impl(&mut self, trait_: TraitId, ty: &Ty, name: &str) -> Option<FunctionId> {
        let Some(select::Selected::Impl(id, _)) = self.select(trait_, ty, &[], 0) else { return None };
        self.world.map.impl_data[id.0 as usize].constants.iter().find(|(one, _)| one == name).map(|(_, id)| *id)
    }

    fn trait_constant(&mut self, constant: FunctionId, ty: &Ty) -> Associated {
        let constant_type = substitute(&self.world.signature(constant).returns, &[("Self".into(), ty.clone())]);
        Associated::Constant(constant, constant_type)
    }

    /// `ty::Name` as a type, of the one trait with such a type that `ty` implements.
    pub(super) fn associated_type(&mut self, ty: &Ty, name: &Name) -> Option<Ty> {
        let world = self.world;
        let bounds = self.bounds_of(ty);
        for bound in &bounds {
            if let Ok(id) = bound.trait_
                && let Some(owner) = owner_of_type(&world.map, id, name, 0)
            {
                let projection = Ty::Projection(Arc::new(ty.clone()), owner, name.clone());
                return Some(self.shallow(&projection));
            }
        }
        let wanted = head(ty)?;
        let owners = (0..world.traits.len()).filter(|id| {
            world.map.trait_data[*id].types.iter().any(|(one, _)| one == name) && world.index.impls[*id].by_head.contains_key(&wanted)
        });
        let owners: Vec<usize> = owners.collect();
        let [owner] = owners.as_slice() else { return None };
        self.normalize(ty, TraitId(*owner as u32), name, 0)
    }
}

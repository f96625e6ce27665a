//! Method lookup as the language does it: by dereferencing the receiver step by step, inherent methods before traits'.

use super::select::{Holds, Selected};
use super::*;
use crate::facts::{Attribute, AttributeArgument, Field};
use crate::resolve::lower_type::substitute;

const MAX_STEPS: usize = 10;

/// The method that a call means, and for which type.
#[derive(Clone, Debug)]
pub(super) struct Picked {
    pub function: FunctionId,
    pub via: Via,
    /// Of the impl's or trait's parameters, `Self` of a trait included.
    pub substitution: Vec<(Name, Ty)>,
}

#[derive(Clone, Debug)]
pub(super) enum Via {
    Direct,
    /// A trait's method for this type, with the trait's arguments.
    Trait(TraitId, Ty, Vec<Ty>),
}

#[derive(Debug)]
pub(super) enum NotFound {
    /// The receiver's type is open.
    Open,
    /// A method of a type that is not declared; its path.
    External(Arc<str>),
    /// A method that a declared type is not known to have.
    Undeclared(Arc<str>),
    Missing,
}

/// How a method takes its receiver.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Value,
    Reference,
    /// `self: Arc<Self>`.
    Written,
}

impl Infer<'_, '_> {
    /// What `*ty` is.
    pub(super) fn dereference(&mut self, ty: &Ty) -> Option<Ty> {
        match self.shallow(ty) {
            Ty::Reference(inner) => Some((*inner).clone()),
            Ty::Adt(id, arguments) => {
                // Most types have no `Deref`; the few that do are found by their head.
                let deref = self.world.lang.trait_("std::ops::Deref")?;
                if self.is_lang(id, "std::boxed::Box") || self.is_lang(id, "std::sync::Arc") || self.is_lang(id, "std::rc::Rc") {
                    return arguments.first().cloned();
                }
                let impls = &self.world.index.impls[deref.0 as usize];
                if !impls.by_head.contains_key(&Head::Adt(id)) {
                    return self.derived_target(id, &arguments);
                }
                self.normalize(&Ty::Adt(id, arguments), deref, &Name::new_static("Target"), 0)
            }
            ty @ (Ty::Parameter(_) | Ty::Opaque(_) | Ty::External(..)) => {
                let deref = self.world.lang.trait_("std::ops::Deref")?;
                self.normalize(&ty, deref, &Name::new_static("Target"), 0)
            }
            _ => None,
        }
    }

    /// `#[derive(Deref)]` of `derive_more` and its like: the only field, or the one that is marked.
    fn derived_target(&self, id: AdtId, arguments: &[Ty]) -> Option<Ty> {
        let adt = &self.world.map.adts[id.0 as usize];
        let derives = |attribute: &Attribute| attribute.path.last() == Some("derive") && attribute.arguments.iter().any(is_deref);
        if !adt.attributes.iter().any(derives) {
            return None;
        }
        let [variant] = adt.variants.as_slice() else { return None };
        let mark = |field: &Field| field.attributes.iter().find(|attribute| attribute.path.last() == Some("deref")).cloned();
        let at = match variant.fields.as_slice() {
            [_] => 0,
            fields => fields.iter().position(|field| mark(field).is_some())?,
        };
        // `#[deref(forward)]` goes on to what the field itself dereferences to.
        if mark(&variant.fields[at]).is_some_and(|mark| !mark.arguments.is_empty()) {
            return None;
        }
        let substitution: Vec<(Name, Ty)> = adt.generics.types.iter().map(|one| one.name.clone()).zip(arguments.iter().cloned()).collect();
        Some(substitute(variant.types.get(at)?, &substitution))
    }

    /// `ty`, `*ty`, `**ty`, ..
    fn steps(&mut self, ty: &Ty) -> Vec<Ty> {
        let mut steps = vec![self.shallow(ty)];
        while steps.len() < MAX_STEPS {
            let Some(next) = self.dereference(&steps[steps.len() - 1].clone()) else { break };
            let next = self.shallow(&next);
            if steps.contains(&next) {
                break;
            }
            steps.push(next);
        }
        // At last, an array is a slice.
        if let Some(Ty::Array(inner)) = steps.last() {
            let slice = Ty::Slice(inner.clone());
            steps.push(slice);
        }
        steps
    }

    pub(super) fn find_method(&mut self, receiver: &Ty, name: &str) -> Result<Picked, NotFound> {
        let steps = self.steps(receiver);
        let world = self.world;
        let inherent = world.index.inherent.get(name).map_or(&[][..], |found| found);
        let in_traits = world.index.in_traits.get(name).map_or(&[][..], |found| found);
        for step in &steps {
            match step {
                Ty::Unknown => return Err(NotFound::Open),
                Ty::Variable(id) if self.table.kind(*id) == unify::Kind::Any => return Err(NotFound::Open),
                Ty::Never => return Err(NotFound::Missing),
                _ => {}
            }
            if inherent.is_empty() && in_traits.is_empty() {
                continue;
            }
            let by_reference = reference(step.clone());
            for given in [step, &by_reference] {
                if let Some(picked) = self.pick_inherent(inherent, given) {
                    return Ok(picked);
                }
                if let Some(picked) = self.pick_in_bounds(in_traits, given) {
                    return Ok(picked);
                }
                if let Some(picked) = self.pick_in_traits(in_traits, given) {
                    return Ok(picked);
                }
            }
        }
        Err(self.missing(&steps, name))
    }

    fn missing(&self, steps: &[Ty], name: &str) -> NotFound {
        for step in steps {
            match step {
                Ty::External(path, _) => return NotFound::External(format!("{path}::{name}").into()),
                Ty::Adt(id, _) => {
                    let adt = self.world.map.adt(*id);
                    if self.world.map.is_declared(self.world.map.modules[adt.module.0 as usize].krate) {
                        return NotFound::Undeclared(format!("{}::{name}", adt.path).into());
                    }
                }
                Ty::Opaque(bounds) | Ty::Dyn(bounds) => {
                    if let Some(Err(path)) = bounds.first().map(|bound| &bound.trait_) {
                        return NotFound::External(format!("{path}::{name}").into());
                    }
                }
                _ => {}
            }
        }
        NotFound::Missing
    }

    fn takes(&self, function: FunctionId) -> Option<Takes> {
        let receiver = self.world.map.function(function).facts.as_ref()?.receiver.as_ref()?;
        Some(match (&receiver.ty, receiver.by_reference) {
            (Some(_), _) => Takes::Written,
            (None, true) => Takes::Reference,
            (None, false) => Takes::Value,
        })
    }

    /// `Self` for which `given` is what the method takes.
    fn self_for(&mut self, takes: Takes, given: &Ty) -> Option<Ty> {
        match (takes, given) {
            (Takes::Value, given) => Some(given.clone()),
            (Takes::Reference, Ty::Reference(inner)) => Some(self.shallow(inner)),
            _ => None,
        }
    }

    fn pick_inherent(&mut self, candidates: &[FunctionId], given: &Ty) -> Option<Picked> {
        // What is not known yet would fit every written receiver.
        let is_open = matches!(given, Ty::Projection(..));
        let world = self.world;
        let mut first = None;
        for &function in candidates {
            let Some(takes) = self.takes(function) else { continue };
            let Container::Impl(id) = world.map.function(function).container else { continue };
            let mut substitution = Vec::new();
            let fits = match takes {
                Takes::Written => {
                    let pattern = world.signature(function).receiver.as_ref().unwrap_or(&Ty::Unknown);
                    *pattern != Ty::Unknown && !is_open && self.matches(pattern, given, &mut substitution, 0)
                }
                takes => match self.self_for(takes, given) {
                    // An open integer has the methods of all integers; those of `i32` stand for them.
                    Some(ty) => self.same_head(&world.map.impl_(id).self_type, &ty) && self.is_impl_for(id, &ty, &mut substitution),
                    None => false,
                },
            };
            if fits {
                let picked = Picked { function, via: Via::Direct, substitution };
                if world.map.impl_(id).trait_.is_none() {
                    return Some(picked);
                }
                first = first.or(Some(picked));
            }
        }
        first
    }

    /// A quick no for most candidates.
    fn same_head(&self, pattern: &Ty, ty: &Ty) -> bool {
        match (pattern, ty) {
            (Ty::Adt(one, _), Ty::Adt(other, _)) => one == other,
            (Ty::Adt(..), _) => false,
            _ => true,
        }
    }

    /// Methods that the type has by its own bounds: parameters, `dyn Trait`, `impl Trait`.
    fn pick_in_bounds(&mut self, candidates: &[FunctionId], given: &Ty) -> Option<Picked> {
        let inner = match given {
            Ty::Reference(inner) => self.shallow(inner),
            other => other.clone(),
        };
        let written = self.receiver_inside(given);
        for ty in [given.clone(), inner].into_iter().chain(written) {
            if !matches!(ty, Ty::Parameter(_) | Ty::Dyn(_) | Ty::Opaque(_) | Ty::Projection(..)) {
                continue;
            }
            let bounds = self.bounds_of(&ty);
            for &function in candidates {
                let Container::Trait(trait_) = self.world.map.function(function).container else { continue };
                if self.takes(function).is_none() {
                    continue;
                }
                let found = bounds.iter().find_map(|bound| self.as_supertrait(bound, &ty, trait_, 0));
                if let Some(bound) = found {
                    return Some(self.trait_pick(function, trait_, ty, bound.arguments.to_vec()));
                }
            }
        }
        None
    }

    /// `T` of `Arc<T>`, `Box<T>`, `Pin<&mut T>`, for methods that take `self` so.
    fn receiver_inside(&mut self, given: &Ty) -> Option<Ty> {
        let Ty::Adt(_, arguments) = given else { return None };
        let inner = self.shallow(arguments.first()?);
        match inner {
            Ty::Reference(inner) => Some(self.shallow(&inner)),
            ty => Some(ty),
        }
    }

    fn pick_in_traits(&mut self, candidates: &[FunctionId], given: &Ty) -> Option<Picked> {
        let world = self.world;
        let mut found: Vec<(Holds, bool, FunctionId, TraitId, Ty)> = Vec::new();
        for &function in candidates {
            let Some(takes) = self.takes(function) else { continue };
            let Container::Trait(trait_) = world.map.function(function).container else { continue };
            let ty = match takes {
                Takes::Written => self.written_self(function, given),
                takes => self.self_for(takes, given),
            };
            let Some(ty) = ty else { continue };
            let parameters = world.traits[trait_.0 as usize].parameters.len();
            let bound = TraitBound { trait_: Ok(trait_), arguments: vec![Ty::Unknown; parameters].into(), bindings: [].into() };
            let holds = self.implements(&ty, &bound, 0);
            let in_scope = world.is_in_scope(trait_, self.types_in.scope);
            // What may be is believed only of a trait that the code names.
            if holds == Holds::Yes || (holds == Holds::Maybe && in_scope) {
                found.push((holds, in_scope, function, trait_, ty));
            }
        }
        // A sure one before a possible one, one in scope before one that is not.
        let best = found.iter().map(|one| (one.0, one.1)).max()?;
        found.retain(|one| (one.0, one.1) == best);
        let [(_, _, function, trait_, ty)] = found.as_slice() else { return None };
        let arguments = self.world.traits[trait_.0 as usize].parameters.iter().map(|_| self.table.fresh()).collect();
        Some(self.trait_pick(*function, *trait_, ty.clone(), arguments))
    }

    /// `Self` of a trait's method that takes `self: Pin<&mut Self>` and the like.
    fn written_self(&mut self, function: FunctionId, given: &Ty) -> Option<Ty> {
        let world = self.world;
        let pattern = world.signature(function).receiver.as_ref()?;
        let mut substitution = Vec::new();
        if !self.matches(pattern, given, &mut substitution, 0) {
            return None;
        }
        let (_, ty) = substitution.into_iter().find(|(name, _)| name == "Self")?;
        Some(self.shallow(&ty))
    }

    pub(super) fn trait_pick(&mut self, function: FunctionId, trait_: TraitId, ty: Ty, arguments: Vec<Ty>) -> Picked {
        let parameters = &self.world.traits[trait_.0 as usize].parameters;
        let mut substitution: Vec<(Name, Ty)> = parameters.iter().cloned().zip(arguments.iter().cloned()).collect();
        for (_, ty) in &mut substitution {
            if *ty == Ty::Unknown {
                *ty = self.table.fresh();
            }
        }
        let arguments = substitution.iter().map(|(_, ty)| ty.clone()).collect();
        substitution.push(("Self".into(), ty.clone()));
        Picked { function, via: Via::Trait(trait_, ty, arguments), substitution }
    }

    /// What a call of `picked` runs, as far as is known by now.
    pub(super) fn target(&mut self, picked: &Picked) -> Target {
        let world = self.world;
        let function = picked.function;
        let external = |id: FunctionId| Target::External { path: world.map.function(id).path.clone(), function: Some(id) };
        let Via::Trait(trait_, ty, arguments) = &picked.via else {
            return if world.map.is_own(function) { Target::Function(function) } else { external(function) };
        };
        let ty = self.shallow(ty);
        if let Some(Selected::Impl(id, _)) = self.select(*trait_, &ty, arguments, 0) {
            let name = &world.map.function(function).name;
            if let Some(method) = world.impl_method(id, name).filter(|method| world.map.is_own(*method)) {
                return Target::Function(method);
            }
            return if world.map.is_own(function) { Target::Function(function) } else { external(function) };
        }
        if !world.map.is_own(function) {
            return external(function);
        }
        Target::Trait { method: function, may_reach: world.may_reach(function) }
    }

    /// Method calls that met an open receiver: it may be known by now.
    pub(super) fn retry_pending(&mut self) {
        for pending in std::mem::take(&mut self.pending) {
            let receiver = self.shallow(&pending.receiver);
            if matches!(receiver, Ty::Variable(id) if self.table.kind(id) == unify::Kind::Any) {
                self.pending.push(pending);
                continue;
            }
            let facts::ExpressionKind::MethodCall { name, name_span, generics, arguments, .. } = &self.body[pending.expression].kind else {
                continue;
            };
            let scope = std::mem::replace(&mut self.types_in.scope, pending.scope);
            let result = self.method_call_on(pending.expression, &receiver, name, *name_span, generics, arguments, true, &Ty::Unknown);
            self.unify(&result, &pending.result);
            self.types_in.scope = scope;
        }
    }

    pub(super) fn wait_for_receiver(&mut self, expression: ExprId, receiver: Ty) -> Ty {
        let result = self.fresh();
        self.pending.push(PendingMethod { expression, receiver, result: result.clone(), scope: self.types_in.scope });
        result
    }
}

fn is_deref(argument: &AttributeArgument) -> bool {
    matches!(argument, AttributeArgument::Path(path) if path.last() == Some("Deref"))
}

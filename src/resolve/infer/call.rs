//! Calls: signatures made ready for one call, arguments against parameters, and the bounds that come with them.

use super::method::{NotFound, Picked};
use super::select::Selected;
use super::*;
use crate::facts::Expression;
use crate::source::Span;

impl<'w> Infer<'w, '_> {
    /// The function's types for this call: parameters replaced, `impl Trait` arguments and open type parameters as variables.
    pub(super) fn instantiate(&mut self, picked: &Picked, generics: &[Type]) -> Callable {
        let world = self.world;
        let function = world.map.function(picked.function);
        let signature = world.signature(picked.function);
        let mut substitution = picked.substitution.clone();
        let mut new = Vec::new();
        if let Container::Impl(id) = function.container {
            let header = &world.impls[id.0 as usize];
            for (name, _) in &header.bounds.parameters {
                if !substitution.iter().any(|(one, _)| one == name) {
                    substitution.push((name.clone(), self.table.fresh()));
                }
            }
            self.oblige(&header.bounds, &substitution, &mut new);
        }
        for (index, (name, _)) in signature.bounds.parameters.iter().enumerate() {
            let ty = match generics.get(index) {
                Some(written) => self.written(written),
                None => self.table.fresh(),
            };
            substitution.push((name.clone(), ty));
        }
        self.oblige(&signature.bounds, &substitution, &mut new);
        let parameters = signature.parameters.iter().map(|ty| self.open_parameter(&substitute(ty, &substitution), &mut new)).collect();
        let returns = substitute(&signature.returns, &substitution);
        self.obligations.append(&mut new);
        Callable { parameters, returns, is_async_closure: false }
    }

    /// `impl Trait` in an argument is a type parameter without a name.
    fn open_parameter(&mut self, ty: &Ty, new: &mut Vec<Obligation>) -> Ty {
        let table = &mut self.table;
        map_type(ty, &mut |part| match part {
            Ty::Opaque(bounds) => {
                let variable = table.fresh();
                new.extend(bounds.iter().map(|bound| Obligation::Bound(variable.clone(), bound.clone())));
                Some(variable)
            }
            _ => None,
        })
    }

    /// Bounds that can teach something once their type is known.
    pub(super) fn oblige(&mut self, bounds: &Bounds, substitution: &[(Name, Ty)], new: &mut Vec<Obligation>) {
        let teaches = |bound: &&TraitBound| !bound.arguments.is_empty() || !bound.bindings.is_empty();
        for (name, bounds) in &bounds.parameters {
            let Some((_, ty)) = substitution.iter().find(|(one, _)| one == name) else { continue };
            new.extend(bounds.iter().filter(teaches).map(|bound| Obligation::Bound(ty.clone(), substitute_bound(bound, substitution))));
        }
        for (ty, bounds) in &bounds.other {
            let ty = substitute(ty, substitution);
            new.extend(bounds.iter().filter(teaches).map(|bound| Obligation::Bound(ty.clone(), substitute_bound(bound, substitution))));
        }
    }

    /// Arguments against parameters: closures last, since the others say what they take.
    pub(super) fn arguments(&mut self, arguments: &'w [ExprId], parameters: &[Ty]) {
        let is_closure = |expression: &Expression| matches!(expression.kind, ExpressionKind::Closure { .. });
        let body = self.body;
        for closures in [false, true] {
            if closures && !arguments.iter().any(|one| is_closure(&body[*one])) {
                break;
            }
            for (index, argument) in arguments.iter().enumerate() {
                if is_closure(&body[*argument]) == closures {
                    let parameter = parameters.get(index).cloned().unwrap_or_default();
                    self.argument(*argument, &parameter);
                }
            }
            self.process_obligations();
        }
    }

    fn argument(&mut self, argument: ExprId, parameter: &Ty) {
        let ty = self.expression(argument, parameter);
        if let (Ty::FunctionItem(_), Some(callable)) = (&ty, self.mentions.get(&argument).cloned()) {
            let pointer = Ty::FunctionPointer(callable.parameters.into(), Arc::new(callable.returns));
            self.meet_bounds(parameter, &pointer);
        }
        self.coerce(&ty, parameter);
    }

    /// A function named as an argument meets the `Fn` bounds of the parameter with the types it has there.
    fn meet_bounds(&mut self, parameter: &Ty, pointer: &Ty) {
        let parameter = self.shallow(parameter);
        let Ty::Variable(_) = parameter else {
            self.unify(pointer, &parameter);
            return;
        };
        for bound in self.bounds_waiting_for(&parameter) {
            self.meet(pointer, &bound);
        }
    }

    pub(super) fn bounds_waiting_for(&mut self, variable: &Ty) -> Vec<TraitBound> {
        let waiting: Vec<(Ty, TraitBound)> = self
            .obligations
            .iter()
            .filter_map(|one| match one {
                Obligation::Bound(ty, bound) => Some((ty.clone(), bound.clone())),
                Obligation::Equal(..) => None,
            })
            .collect();
        waiting.into_iter().filter(|(ty, _)| self.table.resolve(ty) == *variable).map(|(_, bound)| bound).collect()
    }

    /// `Fn(A) -> B` wanted of something with known types.
    fn meet(&mut self, callable: &Ty, bound: &TraitBound) {
        let Ok(trait_) = bound.trait_ else { return };
        if !self.world.lang.fn_traits.contains(&trait_) {
            return;
        }
        let Some(callable) = self.callable(callable) else { return };
        if let Some(Ty::Tuple(wanted)) = bound.arguments.first() {
            for (one, other) in wanted.iter().zip(&callable.parameters) {
                self.unify(one, other);
            }
        }
        if let Some((_, wanted)) = bound.bindings.iter().find(|(name, _)| name == "Output") {
            let returns =
                if self.world.lang.async_fn_traits.contains(&trait_) { self.output_of_future(&callable.returns) } else { callable.returns };
            self.unify(&returns, wanted);
        }
    }

    /// The types of anything that can be called.
    pub(super) fn callable(&mut self, ty: &Ty) -> Option<Callable> {
        match self.shallow(ty) {
            Ty::FunctionPointer(parameters, returns) => {
                Some(Callable { parameters: parameters.to_vec(), returns: (*returns).clone(), is_async_closure: false })
            }
            Ty::Closure(_, at) => self.closures.get(&at).cloned(),
            Ty::FunctionItem(id) => {
                let picked = Picked { function: id, via: method::Via::Direct, substitution: Vec::new() };
                Some(self.instantiate(&picked, &[]))
            }
            Ty::Reference(inner) => self.callable(&inner),
            ty @ (Ty::Parameter(_) | Ty::Dyn(_) | Ty::Opaque(_)) => {
                let bounds = self.bounds_of(&ty);
                let world = self.world;
                let bound = bounds.iter().find(|bound| bound.trait_.as_ref().is_ok_and(|id| world.lang.fn_traits.contains(id)))?;
                let parameters = match bound.arguments.first() {
                    Some(Ty::Tuple(types)) => types.to_vec(),
                    _ => Vec::new(),
                };
                let returns = bound.bindings.iter().find(|(name, _)| name == "Output").map_or_else(unit, |(_, ty)| ty.clone());
                let is_async = bound.trait_.as_ref().is_ok_and(|id| world.lang.async_fn_traits.contains(id));
                let returns = if is_async { world.lang.future_of(returns) } else { returns };
                Some(Callable { parameters, returns, is_async_closure: is_async })
            }
            ty @ Ty::Adt(..) => {
                let inner = self.dereference(&ty)?;
                self.callable(&inner)
            }
            _ => None,
        }
    }

    pub(super) fn process_obligations(&mut self) {
        for _ in 0..4 {
            let waiting = std::mem::take(&mut self.obligations);
            let before = waiting.len();
            for obligation in waiting {
                if !self.process(&obligation) {
                    self.obligations.push(obligation);
                }
            }
            if self.obligations.len() == before || self.obligations.is_empty() {
                break;
            }
        }
    }

    /// Whether the obligation has taught all it can.
    pub(super) fn process(&mut self, obligation: &Obligation) -> bool {
        match obligation {
            Obligation::Equal(projection, ty) => {
                let known = self.shallow(projection);
                if matches!(known, Ty::Projection(..)) && self.has_variables(&known) {
                    return false;
                }
                self.unify(&known, ty);
                true
            }
            Obligation::Bound(ty, bound) => self.process_bound(ty, bound),
        }
    }

    fn process_bound(&mut self, ty: &Ty, bound: &TraitBound) -> bool {
        let ty = self.shallow(ty);
        if matches!(ty, Ty::Variable(_)) || (matches!(ty, Ty::Projection(..)) && self.has_variables(&ty)) {
            return false;
        }
        let Ok(trait_) = bound.trait_ else { return true };
        if self.world.lang.fn_traits.contains(&trait_) {
            self.meet(&ty, bound);
            return true;
        }
        if !bound.arguments.is_empty() {
            match self.select(trait_, &ty, &bound.arguments, 0) {
                Some(Selected::Impl(id, mut substitution)) => {
                    self.complete(id, &mut substitution);
                    for (pattern, argument) in self.world.impls[id.0 as usize].arguments.iter().zip(bound.arguments.iter()) {
                        self.unify(&substitute(pattern, &substitution), argument);
                    }
                }
                Some(Selected::Bound(found)) => {
                    for (one, other) in found.arguments.iter().zip(bound.arguments.iter()) {
                        self.unify(one, other);
                    }
                }
                None if bound.arguments.iter().any(|one| self.has_variables(one)) => {
                    return bound.bindings.is_empty() && self.hopeless(&ty);
                }
                None => {}
            }
        }
        for (name, wanted) in bound.bindings.iter() {
            let Some(owner) = owner_of_type(&self.world.map, trait_, name, 0) else { continue };
            if let Some(known) = self.normalize(&ty, owner, name, 0) {
                self.unify(&known, wanted);
            }
        }
        true
    }

    /// Waiting longer brings nothing for a type of which nothing is known.
    fn hopeless(&self, ty: &Ty) -> bool {
        matches!(ty, Ty::Unknown | Ty::External(..))
    }

    /// `receiver.name(arguments)`. `known`: the arguments have their types already.
    #[expect(clippy::too_many_arguments, reason = "the parts of one expression kind, and what is known around it")]
    pub(super) fn method_call_on(
        &mut self,
        expression: ExprId,
        receiver: &Ty,
        name: &Name,
        name_span: Span,
        generics: &'w [Type],
        arguments: &'w [ExprId],
        known: bool,
        expected: &Ty,
    ) -> Ty {
        let picked = match self.find_method(receiver, name) {
            Ok(picked) => picked,
            Err(why) => return self.no_method(expression, receiver, name_span, generics, arguments, known, why),
        };
        let callable = self.instantiate(&picked, generics);
        if let Ty::Variable(_) | Ty::Adt(..) = callable.returns {
            self.expect_return(&callable.returns, expected);
        }
        if known {
            for (argument, parameter) in arguments.iter().zip(&callable.parameters) {
                let ty = self.types[argument.0 as usize].clone();
                self.coerce(&ty, parameter);
            }
            self.process_obligations();
        } else {
            self.arguments(arguments, &callable.parameters);
        }
        self.call_picked(expression, CallKind::Method, name_span, picked);
        callable.returns
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one expression kind, and what is known around it")]
    fn no_method(
        &mut self,
        expression: ExprId,
        receiver: &Ty,
        name_span: Span,
        generics: &'w [Type],
        arguments: &'w [ExprId],
        known: bool,
        why: NotFound,
    ) -> Ty {
        if !known {
            generics.iter().for_each(|ty| drop(self.written(ty)));
            self.arguments(arguments, &[]);
        }
        let open = matches!(self.shallow(receiver), Ty::Variable(_));
        let target = match why {
            NotFound::Open if open && !known => return self.wait_for_receiver(expression, receiver.clone()),
            NotFound::Open => Target::Unresolved(Unresolved::Receiver),
            NotFound::External(path) | NotFound::Undeclared(path) => Target::External { path, function: None },
            NotFound::Missing => Target::Unresolved(Unresolved::Method),
        };
        self.call(expression, CallKind::Method, name_span, target);
        Ty::Unknown
    }

    /// What is expected of a call says what its open types are, as in `let v: Vec<u8> = Vec::new()`.
    pub(super) fn expect_return(&mut self, returns: &Ty, expected: &Ty) {
        let expected = self.shallow(expected);
        let returns = self.shallow(returns);
        if let (Ty::Adt(one, these), Ty::Adt(other, those)) = (&returns, &expected)
            && one == other
        {
            // Only what is known, and nothing that a coercion could still change.
            for (one, other) in these.iter().zip(those.iter()) {
                let other = self.shallow(other);
                if !matches!(other, Ty::Dyn(_) | Ty::Reference(_) | Ty::Slice(_)) {
                    self.unify(one, &other);
                }
            }
        }
    }

    /// `callee(arguments)`.
    pub(super) fn call_expression(&mut self, expression: ExprId, callee: ExprId, arguments: &'w [ExprId], expected: &Ty) -> Ty {
        if let ExpressionKind::Path(path) = &self.body[callee].kind {
            return self.call_path(expression, callee, path, arguments, expected);
        }
        let ty = self.expression(callee, &Ty::Unknown);
        self.call_value(expression, callee, &ty, arguments)
    }

    pub(super) fn call_value(&mut self, expression: ExprId, callee: ExprId, ty: &Ty, arguments: &'w [ExprId]) -> Ty {
        let callable = self.callable(ty);
        let parameters = callable.as_ref().map_or(&[][..], |callable| &callable.parameters);
        self.arguments(arguments, parameters);
        let span = match &self.body[callee].kind {
            ExpressionKind::Path(path) => path.segments.last().map_or(path.span, |one| one.span),
            ExpressionKind::Field { name_span, .. } => *name_span,
            _ => self.body[callee].span,
        };
        self.call(expression, CallKind::Call, span, Target::Value);
        callable.map_or(Ty::Unknown, |callable| callable.returns)
    }
}

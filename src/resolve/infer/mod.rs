//! Types and calls of one body. Goes through the expressions once, top down, with what is expected of each; what cannot be known
//! stays [`Ty::Unknown`].

mod associated;
mod call;
mod expression;
mod macros;
mod method;
mod path;
mod pattern;
mod select;
mod unify;

use super::def_map::*;
use super::lower_type::*;
use super::references::Recorder;
use super::world::*;
use super::*;
use crate::facts::{Body, ExpressionKind, Type};
use rustc_hash::FxHashMap;
use unify::Table;

/// Expressions nested deeper than this are left unknown.
const MAX_DEPTH: u32 = 300;

/// What one body gives.
pub(super) struct Inferred {
    pub body: ResolvedBody,
    pub references: Vec<Reference>,
    pub unresolved: usize,
}

pub(super) struct Infer<'w, 'a> {
    world: &'w World<'a>,
    function: FunctionId,
    body: &'w Body,
    file: FileId,
    types_in: TypeScope<'w, 'a>,
    /// Bounds of the parameters in scope: the function's and those of what is around it.
    bounds: Vec<&'w Bounds>,
    table: Table,
    types: Vec<Ty>,
    calls: Vec<CallSite>,
    paths: Vec<(ExprId, Definition)>,
    locals: Vec<(Name, Ty)>,
    /// What `return` and `?` give back to: the function, then closures and async blocks.
    returns: Vec<Ty>,
    breaks: Vec<Ty>,
    closures: FxHashMap<ExprId, Callable>,
    /// Functions named as values, with the types they have there.
    mentions: FxHashMap<ExprId, Callable>,
    obligations: Vec<Obligation>,
    pending: Vec<PendingMethod>,
    /// Calls of traits' methods for which several impls were possible, by index into `calls`.
    ambiguous: Vec<(usize, method::Picked)>,
    recorder: Recorder<'w, 'a>,
    depth: u32,
}

/// Something that can be called with these types.
#[derive(Clone, Debug)]
struct Callable {
    parameters: Vec<Ty>,
    returns: Ty,
    is_async_closure: bool,
}

/// A bound on a type that was not known yet when it was met.
#[derive(Clone, Debug)]
enum Obligation {
    Bound(Ty, TraitBound),
    /// The first is a projection.
    Equal(Ty, Ty),
}

/// A method call whose receiver was not known yet.
struct PendingMethod {
    expression: ExprId,
    receiver: Ty,
    result: Ty,
    scope: ScopeId,
}

/// Types and calls of `function`'s body.
pub(super) fn infer(world: &World, function: FunctionId) -> Option<Inferred> {
    let body = world.map.function(function).body.as_deref()?;
    let mut infer = Infer::new(world, function, body);
    infer.run();
    Some(infer.finish())
}

impl<'w, 'a> Infer<'w, 'a> {
    fn new(world: &'w World<'a>, function: FunctionId, body: &'w Body) -> Self {
        let info = world.map.function(function);
        let generics = info.facts.as_ref().map(|facts| &facts.generics);
        let types_in = world.type_scope(function, generics);
        let owner = match world.map.function_data[function.0 as usize].owner {
            Owner::None => None,
            Owner::Impl(id) => Some(&world.impls[id.0 as usize].bounds),
            Owner::Trait(id) => Some(&world.traits[id.0 as usize].bounds),
        };
        let bounds = std::iter::once(&world.signature(function).bounds).chain(owner).collect();
        Self {
            world,
            function,
            body,
            file: info.file,
            recorder: Recorder::new(&world.map, info.file, info.module, Some(function), info.test),
            types_in,
            bounds,
            table: Table::default(),
            types: vec![Ty::Unknown; body.expressions.len()],
            calls: Vec::new(),
            paths: Vec::new(),
            locals: Vec::new(),
            returns: Vec::new(),
            breaks: Vec::new(),
            closures: FxHashMap::default(),
            mentions: FxHashMap::default(),
            obligations: Vec::new(),
            pending: Vec::new(),
            ambiguous: Vec::new(),
            depth: 0,
        }
    }

    fn run(&mut self) {
        let signature = self.world.signature(self.function);
        let info = self.world.map.function(self.function);
        let mut returns = signature.returns.clone();
        if let Some(facts) = &info.facts {
            if let Some(receiver) = &signature.receiver {
                self.locals.push(("self".into(), receiver.clone()));
            }
            for (parameter, ty) in facts.parameters.iter().zip(&signature.parameters) {
                match (parameter.pattern, &parameter.name) {
                    (Some(pattern), _) => self.bind_pattern(pattern, ty),
                    (None, Some(name)) => self.locals.push((name.clone(), ty.clone())),
                    (None, None) => {}
                }
            }
            if facts.is_async {
                returns = self.output_of_future(&returns);
            }
        }
        self.returns.push(returns.clone());
        let ty = self.expression(self.body.root, &returns);
        self.coerce(&ty, &returns);
        self.settle();
    }

    fn finish(mut self) -> Inferred {
        self.default_literals();
        self.settle();
        for (index, picked) in std::mem::take(&mut self.ambiguous) {
            self.calls[index].target = self.target(&picked);
        }
        let types = std::mem::take(&mut self.types);
        let types: Vec<Ty> = types.into_iter().map(|ty| self.finished(ty)).collect();
        self.add_missing_calls();
        self.calls.sort_by_key(|call| call.expression);
        self.calls.dedup_by_key(|call| call.expression);
        self.paths.sort_by_key(|(at, _)| *at);
        self.paths.dedup_by_key(|(at, _)| *at);
        let (references, unresolved) = self.recorder.finish();
        let parameters = self.world.signature(self.function).parameters.clone();
        Inferred { body: ResolvedBody { parameters, types, calls: self.calls, paths: self.paths }, references, unresolved }
    }

    /// Every call has a site, also where inference did not come by.
    fn add_missing_calls(&mut self) {
        let mut has = vec![false; self.body.expressions.len()];
        for call in &self.calls {
            has[call.expression.0 as usize] = true;
        }
        for (index, expression) in self.body.expressions.iter().enumerate() {
            if has[index] {
                continue;
            }
            let (kind, span, why) = match &expression.kind {
                ExpressionKind::Call { callee, .. } => (CallKind::Call, self.body[*callee].span, Unresolved::Path),
                ExpressionKind::MethodCall { name_span, .. } => (CallKind::Method, *name_span, Unresolved::Receiver),
                ExpressionKind::Macro(call) => (CallKind::Macro, call.name_span, Unresolved::Path),
                _ => continue,
            };
            self.call(ExprId(index as u32), kind, span, Target::Unresolved(why));
        }
    }

    /// A call whose target may become clear only once the types around it are known.
    fn call_picked(&mut self, expression: ExprId, kind: CallKind, span: crate::source::Span, picked: method::Picked) -> Option<FunctionId> {
        let target = self.target(&picked);
        let function = match &target {
            Target::Function(id) | Target::Trait { method: id, .. } => Some(*id),
            Target::External { function, .. } => *function,
            _ => None,
        };
        if matches!(target, Target::Trait { .. }) {
            self.ambiguous.push((self.calls.len(), picked));
        }
        self.call(expression, kind, span, target);
        function
    }

    fn call(&mut self, expression: ExprId, kind: CallKind, span: crate::source::Span, target: Target) {
        self.calls.push(CallSite { expression, kind, place: Place::new(self.file, span), target });
    }

    fn fresh(&mut self) -> Ty {
        self.table.fresh()
    }

    /// A type written in the body; what it leaves open is to be inferred.
    fn written(&mut self, ty: &Type) -> Ty {
        self.recorder.types(self.types_in.scope, ty, &self.types_in);
        let ty = self.types_in.lower(ty);
        self.freshen(&ty)
    }

    /// Unknown parts become variables.
    fn freshen(&mut self, ty: &Ty) -> Ty {
        let table = &mut self.table;
        map_type(ty, &mut |ty| matches!(ty, Ty::Unknown).then(|| table.fresh()))
    }

    fn lang(&self, path: &str, arguments: impl IntoIterator<Item = Ty>) -> Ty {
        self.world.lang.ty(path, arguments)
    }

    /// The element of a std type with one of these paths.
    fn is_lang(&self, id: AdtId, path: &str) -> bool {
        self.world.lang.adt(path) == Some(id)
    }
}

fn primitive(name: &'static str) -> Ty {
    Ty::Primitive(Name::new_static(name))
}

fn reference(ty: Ty) -> Ty {
    Ty::Reference(Arc::new(ty))
}

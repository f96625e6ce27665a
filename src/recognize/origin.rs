//! Where a value comes from: what the application was started with, or who asks.

use super::Inputs;
use super::walk::Walk;
use crate::facts::{ExprId, ExpressionKind, PatternId, PatternKind, Type};
use crate::model;
use crate::resolve::{CallKind, FunctionId, Target};
use rustc_hash::FxHashSet;

/// Who calls what, to ask where the value of a parameter comes from.
pub(super) struct Callers(model::Callers<(FunctionId, ExprId)>);

/// Bindings and calls that are followed back.
const LONGEST_WAY: usize = 10;

impl Callers {
    pub fn of(inputs: &Inputs) -> Self {
        let functions = &inputs.resolved.functions;
        let callers = inputs.own_functions().filter(|id| !functions[id.0 as usize].test);
        let calls = callers.flat_map(|caller| inputs.calls(caller).iter().map(move |call| (caller, call)));
        let calls = calls.filter(|(_, call)| matches!(call.kind, CallKind::Call | CallKind::Method)).flat_map(|(caller, call)| {
            let reached = match &call.target {
                Target::Function(callee) => std::slice::from_ref(callee),
                // Whichever implementation it is, this is what it is given.
                Target::Trait { may_reach, .. } => may_reach,
                _ => &[],
            };
            reached.iter().map(move |callee| (callee.0, (caller, call.expression)))
        });
        Self(model::Callers::new(functions.len(), calls))
    }

    /// The calls of a function.
    pub fn sites(&self, function: FunctionId) -> &[(FunctionId, ExprId)] {
        self.0.of(function.0)
    }

    /// Whether a value depends on who asks: on a parameter that no caller fills from configuration or constants.
    pub fn depends_on_request(&self, walk: &Walk, at: ExprId) -> bool {
        Trail { callers: self, seen: FxHashSet::default() }.depends(walk, at, LONGEST_WAY)
    }
}

/// What was followed so far: a value that leads back to itself says nothing new.
struct Trail<'c> {
    callers: &'c Callers,
    seen: FxHashSet<(FunctionId, ExprId)>,
}

impl Trail<'_> {
    fn depends(&mut self, walk: &Walk, at: ExprId, depth: usize) -> bool {
        if depth == 0 {
            return true;
        }
        if !self.seen.insert((walk.function, at)) {
            return false;
        }
        let is_local = |inner: &ExprId| matches!(walk.kind(*inner), ExpressionKind::Path(path) if path.single().is_some());
        let locals: Vec<ExprId> = walk.body.inside(at).filter(is_local).collect();
        locals.into_iter().any(|local| match walk.bound_value(local) {
            Some(value) => self.depends(walk, value, depth - 1),
            None => self.by_parameter(walk, local, depth),
        })
    }

    fn by_parameter(&mut self, walk: &Walk, local: ExprId, depth: usize) -> bool {
        let ExpressionKind::Path(path) = walk.kind(local) else { return false };
        let (Some(name), Some(facts)) = (path.single(), walk.inputs.resolved.functions[walk.function.0 as usize].facts.as_ref()) else {
            return false;
        };
        if facts.receiver.is_some() && name == "self" {
            return self.by_callers(walk, depth, |outer, call| match outer.kind(call) {
                ExpressionKind::MethodCall { receiver, .. } => Some(*receiver),
                _ => outer.arguments(call).first().copied(),
            });
        }
        let Some(index) = facts.parameters.iter().position(|parameter| parameter.name.as_ref() == Some(name)) else {
            let held = taken_apart(walk, name);
            if !held.is_empty() {
                return held.into_iter().any(|value| self.depends(walk, value, depth - 1));
            }
            // Bound by the pattern of an extractor, which carries the request.
            return facts.parameters.iter().any(|parameter| {
                parameter.name.is_none() && binds(walk, parameter.pattern, name) && !is_of_the_application(&parameter.ty)
            });
        };
        if self.callers.sites(walk.function).is_empty() {
            // The name of its type is the last word only: a `Config` may be a tenant's own, which callers show.
            return !is_of_the_application(&facts.parameters[index].ty);
        }
        // `Type::method(value, ..)` gives the receiver as the first argument.
        let by_path = usize::from(facts.receiver.is_some());
        self.by_callers(walk, depth, |outer, call| match outer.kind(call) {
            ExpressionKind::MethodCall { .. } => outer.arguments(call).get(index).copied(),
            _ => outer.arguments(call).get(index + by_path).copied(),
        })
    }

    /// Whether what a caller gives depends on who asks; also where it cannot be seen.
    fn by_callers(&mut self, walk: &Walk, depth: usize, given: impl Fn(&Walk, ExprId) -> Option<ExprId>) -> bool {
        self.callers.sites(walk.function).iter().any(|(caller, call)| {
            let Some(outer) = Walk::new(walk.inputs, *caller) else { return true };
            given(&outer, *call).is_none_or(|value| self.depends(&outer, value, depth - 1))
        })
    }
}

/// What patterns of the body take this name out of: `let Config { url, .. } = config`, a `match`, a loop.
pub(super) fn taken_apart(walk: &Walk, name: &str) -> Vec<ExprId> {
    let lets = walk.lets().filter(|(pattern, _)| binds(walk, Some(*pattern), name)).map(|(_, value)| value);
    let others = walk.body.expressions.iter().filter_map(|expression| match &expression.kind {
        ExpressionKind::Match { scrutinee, arms } => arms.iter().any(|arm| binds(walk, Some(arm.pattern), name)).then_some(*scrutinee),
        ExpressionKind::For { pattern, iterable, .. } => binds(walk, Some(*pattern), name).then_some(*iterable),
        _ => None,
    });
    lets.chain(others).collect()
}

pub(super) fn binds(walk: &Walk, pattern: Option<PatternId>, name: &str) -> bool {
    let Some(pattern) = pattern else { return false };
    match &walk.body[pattern].kind {
        PatternKind::Binding { name: own, sub, .. } => own == name || binds(walk, *sub, name),
        PatternKind::Tuple(parts)
        | PatternKind::TupleStruct { elements: parts, .. }
        | PatternKind::Or(parts)
        | PatternKind::Slice(parts) => parts.iter().any(|part| binds(walk, Some(*part), name)),
        PatternKind::Struct { fields, .. } => fields.iter().any(|(_, part)| binds(walk, Some(*part), name)),
        PatternKind::Reference(inner) => binds(walk, Some(*inner), name),
        _ => false,
    }
}

/// Types that hold what the application was started with, not what was asked.
pub(super) fn is_of_the_application(ty: &Type) -> bool {
    const WORDS: &[&str] =
        &["Config", "Settings", "State", "Context", "Options", "Opts", "Env", "Extension", "App", "Pool", "Client", "Args", "Cli"];
    match ty {
        Type::Reference(inner) => is_of_the_application(inner),
        Type::Path(path) => path.segments.iter().next_back().is_some_and(|last| {
            last.name == "Data" || WORDS.iter().any(|word| last.name.contains(word)) || last.arguments.iter().any(is_of_the_application)
        }),
        _ => false,
    }
}

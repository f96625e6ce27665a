//! Where a value ends up: dropped with the request that made it, or kept in what outlives the request.

use super::Inputs;
use super::walk::Walk;
use crate::facts::{ExprId, ExpressionKind, Name, PatternId, PatternKind};
use crate::knowledge::TypeRole;
use crate::model::{self, Chain};
use crate::resolve::{Definition, FunctionId, Impl, Target, Ty};
use crate::source::Place;

/// The function that puts what is built at `place`, at the end of `chain`, into a static, a map, a field or a lock that others see
/// as well: built seldom and shared, however it came there.
pub(super) fn keeper(inputs: &Inputs, chain: &Chain, place: Place) -> Option<model::FunctionId> {
    let builder = FunctionId(chain.last().0);
    let mut at = expression_at(inputs, builder, place)?;
    for (hop, function) in chain.functions.iter().enumerate().rev() {
        let id = FunctionId(function.0);
        let walk = (is_known(inputs, id)).then(|| Walk::new(inputs, id)).flatten()?;
        match fate(&walk, at, DEPTH) {
            Fate::Kept => return Some(*function),
            Fate::Dropped => return None,
            Fate::Returned => {}
        }
        let (caller, call) = (chain.functions.get(hop.checked_sub(1)?)?, chain.calls.get(hop - 1)?);
        let caller = FunctionId(caller.0);
        at = is_known(inputs, caller).then(|| inputs.calls(caller).iter().find(|site| site.place == *call)).flatten()?.expression;
    }
    None
}

/// Whether what is built at `place` is still there when `function` has returned.
pub(super) fn outlives_its_function(inputs: &Inputs, function: model::FunctionId, place: Place) -> bool {
    let id = FunctionId(function.0);
    let Some(at) = expression_at(inputs, id, place) else { return false };
    Walk::new(inputs, id).is_some_and(|walk| fate(&walk, at, DEPTH) != Fate::Dropped)
}

/// How many bindings and calls a value is followed through.
const DEPTH: usize = 12;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    Dropped,
    /// Handed to the caller.
    Returned,
    Kept,
}

fn is_known(inputs: &Inputs, function: FunctionId) -> bool {
    (function.0 as usize) < inputs.resolved.functions.len()
}

fn expression_at(inputs: &Inputs, function: FunctionId, place: Place) -> Option<ExprId> {
    if !is_known(inputs, function) {
        return None;
    }
    let here = |call: &&crate::resolve::CallSite| inputs.place_of(function, call.expression) == place;
    inputs.calls(function).iter().find(here).map(|call| call.expression)
}

/// Follows a value outwards until something is done with it.
fn fate(walk: &Walk, mut at: ExprId, depth: usize) -> Fate {
    if depth == 0 {
        return Fate::Dropped;
    }
    loop {
        let Some(outer) = walk.parent(at) else { return Fate::Returned };
        match walk.kind(outer) {
            ExpressionKind::Try(_)
            | ExpressionKind::Await(_)
            | ExpressionKind::Reference { .. }
            | ExpressionKind::Dereference(_)
            | ExpressionKind::Cast { .. }
            | ExpressionKind::Field { .. }
            | ExpressionKind::Tuple(_)
            | ExpressionKind::Array(_)
            | ExpressionKind::Break(_) => {}
            ExpressionKind::Struct { .. } if gives_itself_back(walk, outer) => return Fate::Kept,
            ExpressionKind::Struct { .. } => {}
            ExpressionKind::Return(_) => return Fate::Returned,
            ExpressionKind::Block { tail, .. } if *tail == Some(at) => {}
            ExpressionKind::Block { .. } => return bound(walk, at, depth),
            ExpressionKind::If { condition, .. } if *condition != at => {}
            ExpressionKind::Match { scrutinee, .. } if *scrutinee != at => {}
            ExpressionKind::Match { arms, .. } => {
                return arms.iter().map(|arm| of_pattern(walk, arm.pattern, depth)).max().unwrap_or(Fate::Dropped);
            }
            ExpressionKind::Let { pattern, .. } => return of_pattern(walk, *pattern, depth),
            ExpressionKind::Assign { left, right, .. } if *right == at => return assigned(walk, *left, depth),
            ExpressionKind::Closure { .. } => return of_closure(walk, outer, depth),
            ExpressionKind::Macro(call) if call.path.last().is_some_and(|name| name == "vec") => {}
            ExpressionKind::Call { callee, .. } if *callee != at => match passed(walk, outer, at, depth) {
                Fate::Returned => {}
                fate => return fate,
            },
            ExpressionKind::MethodCall { receiver, name, .. } if *receiver == at => {
                if !hands_on(name) && !is_tried(walk, at, outer) {
                    return Fate::Dropped;
                }
            }
            ExpressionKind::MethodCall { receiver, name, .. } => {
                let stores = STORES.contains(&name.as_str());
                if stores && is_lasting(walk, *receiver, depth) || SHARES.contains(&name.as_str()) {
                    return Fate::Kept;
                }
                if stores && let Some(fate) = of_holder(walk, *receiver, depth) {
                    return fate;
                }
                match passed(walk, outer, at, depth) {
                    Fate::Returned => {}
                    fate => return fate,
                }
            }
            _ => return Fate::Dropped,
        }
        at = outer;
    }
}

/// Whether a type's `Drop` puts what it holds into something that it only refers to: what a pool lends goes back to the pool.
fn gives_itself_back(walk: &Walk, made: ExprId) -> bool {
    let Ty::Adt(adt, _) = walk.inputs.type_of(walk.function, made) else { return false };
    let resolved = walk.inputs.resolved;
    let of_type = |block: &&Impl| matches!(&block.self_type, Ty::Adt(own, _) if own == adt) && block.trait_.is_some();
    let methods = resolved.impls.iter().filter(of_type).flat_map(|block| &block.methods);
    let drops = methods.filter(|id| resolved.functions[id.0 as usize].name == "drop" && walk.inputs.is_own(**id));
    drops.filter_map(|id| Walk::new(walk.inputs, *id)).any(|drop| {
        drop.body.expressions.iter().any(|expression| match &expression.kind {
            ExpressionKind::MethodCall { receiver, name, arguments, .. } => {
                !arguments.is_empty() && STORES.contains(&name.as_str()) && is_lasting(&drop, *receiver, DEPTH)
            }
            _ => false,
        })
    })
}

/// Methods that put their argument into their receiver.
const STORES: &[&str] = &[
    "push",
    "push_back",
    "push_front",
    "insert",
    "put",
    "store",
    "swap",
    "set",
    "replace",
    "send_replace",
    "extend",
    "or_insert",
    "or_insert_with",
    "or_try_insert_with",
    "get_or_insert",
    "get_or_insert_with",
    "get_or_try_insert_with",
    "try_get_with",
    "get_with",
    "rcu",
];

/// Methods that hand their argument to all requests of a server that is being put together.
const SHARES: &[&str] = &["with_state", "manage", "app_data", "layer"];

/// Methods whose value still holds what they are called on.
fn hands_on(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "clone",
        "map",
        "map_err",
        "and_then",
        "unwrap",
        "unwrap_or_else",
        "expect",
        "context",
        "with_context",
        "wrap_err",
        "wrap_err_with",
        // Of error-stack.
        "attach",
        "attach_lazy",
        "attach_printable",
        "attach_printable_lazy",
        "change_context",
        "change_context_lazy",
        "ok",
        "ok_or",
        "ok_or_else",
        "into",
        "boxed",
        "build",
        "as_ref",
        "to_owned",
        "shared",
        "instrument",
        "take",
    ];
    WORDS.contains(&name)
}

/// `Storage::new(..).change_context(Error::Start)?`: what a method makes of a `Result` or `Option` before `?` concerns the error.
fn is_tried(walk: &Walk, receiver: ExprId, call: ExprId) -> bool {
    let path = walk.inputs.type_path(walk.inputs.type_of(walk.function, receiver));
    let may_fail = path.is_some_and(|path| matches!(path.rsplit("::").next(), Some("Result" | "Option")));
    may_fail && walk.parent(call).is_some_and(|outer| matches!(walk.kind(outer), ExpressionKind::Try(_)))
}

/// Of a value that is a statement's own: bound by its `let`, or dropped.
fn bound(walk: &Walk, value: ExprId, depth: usize) -> Fate {
    let pattern = walk.lets().find(|(_, bound)| *bound == value).map(|(pattern, _)| pattern);
    pattern.map_or(Fate::Dropped, |pattern| of_pattern(walk, pattern, depth))
}

/// Of what a pattern binds: the best of all its uses.
fn of_pattern(walk: &Walk, pattern: PatternId, depth: usize) -> Fate {
    let mut names = Vec::new();
    names_in(walk, pattern, &mut names, 0);
    let after = walk.body[pattern].span.start;
    let uses = (0..walk.body.expressions.len() as u32).map(ExprId).filter(|at| walk.body[*at].span.start > after);
    let uses =
        uses.filter(|at| matches!(walk.kind(*at), ExpressionKind::Path(path) if path.single().is_some_and(|name| names.contains(name))));
    uses.map(|at| fate(walk, at, depth - 1)).max().unwrap_or(Fate::Dropped)
}

fn names_in(walk: &Walk, pattern: PatternId, names: &mut Vec<Name>, depth: usize) {
    if depth > DEPTH {
        return;
    }
    match &walk.body[pattern].kind {
        PatternKind::Binding { name, sub, .. } => {
            names.push(name.clone());
            sub.iter().for_each(|sub| names_in(walk, *sub, names, depth + 1));
        }
        PatternKind::Tuple(parts)
        | PatternKind::TupleStruct { elements: parts, .. }
        | PatternKind::Or(parts)
        | PatternKind::Slice(parts) => parts.iter().for_each(|part| names_in(walk, *part, names, depth + 1)),
        PatternKind::Struct { fields, .. } => fields.iter().for_each(|(_, part)| names_in(walk, *part, names, depth + 1)),
        PatternKind::Reference(inner) => names_in(walk, *inner, names, depth + 1),
        _ => {}
    }
}

/// What is put into a local ends where that ends, and where what it is a clone of ends: `shared.clone().set(client)`.
fn of_holder(walk: &Walk, receiver: ExprId, depth: usize) -> Option<Fate> {
    let mut names: Vec<&str> = Vec::new();
    let mut at = cloned(walk, walk.peeled(receiver));
    while let ExpressionKind::Path(path) = walk.kind(at) {
        // What is not made here, or not clear from where, tells nothing.
        names.push(path.single().filter(|_| names.len() < depth)?);
        at = cloned(walk, walk.peeled(walk.bound_value(at)?));
    }
    if names.is_empty() {
        return None;
    }
    let uses = (0..walk.body.expressions.len() as u32).map(ExprId);
    let uses = uses.filter(
        |at| matches!(walk.kind(*at), ExpressionKind::Path(path) if path.single().is_some_and(|name| names.contains(&name.as_str()))),
    );
    let uses = uses.filter(|at| {
        !walk.around(*at).any(|outer| matches!(walk.kind(outer), ExpressionKind::MethodCall { receiver: own, .. } if *own == receiver))
    });
    uses.map(|at| fate(walk, at, depth - 1)).max()
}

/// What a clone is a clone of: `x` of `x.clone()`, of `Arc::clone(&x)`.
fn cloned(walk: &Walk, at: ExprId) -> ExprId {
    match walk.kind(at) {
        ExpressionKind::MethodCall { receiver, name, .. } if name == "clone" => walk.peeled(*receiver),
        ExpressionKind::Call { arguments, .. } if walk.callee_name(at) == Some("clone") && arguments.len() == 1 => {
            walk.peeled(arguments[0])
        }
        _ => at,
    }
}

/// `*CLIENT.write() = ..` keeps; `client = ..` is what becomes of `client`.
fn assigned(walk: &Walk, left: ExprId, depth: usize) -> Fate {
    if is_lasting(walk, left, depth) && !matches!(walk.kind(left), ExpressionKind::Path(path) if path.single().is_some()) {
        return Fate::Kept;
    }
    let ExpressionKind::Path(path) = walk.kind(walk.peeled(left)) else { return Fate::Dropped };
    let Some(name) = path.single() else { return Fate::Kept };
    let after = walk.body[left].span.end;
    let uses = (0..walk.body.expressions.len() as u32).map(ExprId).filter(|at| walk.body[*at].span.start > after);
    let uses = uses.filter(|at| matches!(walk.kind(*at), ExpressionKind::Path(path) if path.single() == Some(name)));
    uses.map(|at| fate(walk, at, depth - 1)).max().unwrap_or(Fate::Dropped)
}

/// What a closure makes goes where the call puts it that was given the closure.
fn of_closure(walk: &Walk, closure: ExprId, depth: usize) -> Fate {
    let Some(call) = walk.parent(closure) else { return Fate::Returned };
    match walk.kind(call) {
        ExpressionKind::MethodCall { receiver, name, .. } if *receiver != closure => {
            if STORES.contains(&name.as_str()) && is_lasting(walk, *receiver, depth) { Fate::Kept } else { fate(walk, call, depth - 1) }
        }
        // `LazyLock::new(|| Client::new())`.
        ExpressionKind::Call { callee, .. } if *callee != closure && walk.callee_name(call) == Some("new") => fate(walk, call, depth - 1),
        _ => Fate::Dropped,
    }
}

/// What the callee does with an argument. Code of others only wraps it: `Some(..)`, `Arc::new(..)`.
fn passed(walk: &Walk, call: ExprId, argument: ExprId, depth: usize) -> Fate {
    let Some(index) = walk.arguments(call).iter().position(|own| *own == argument) else { return Fate::Dropped };
    let Some(site) = walk.inputs.call_at(walk.function, call) else { return Fate::Dropped };
    let own = |id: &FunctionId| walk.inputs.is_own(*id);
    match &site.target {
        Target::Constructor => Fate::Returned,
        Target::Function(id) if own(id) => of_parameter(walk.inputs, *id, index, depth),
        Target::Trait { may_reach, .. } if may_reach.iter().any(own) => {
            may_reach.iter().filter(|id| own(id)).map(|id| of_parameter(walk.inputs, *id, index, depth)).max().unwrap_or(Fate::Dropped)
        }
        _ if matches!(walk.kind(call), ExpressionKind::Call { .. }) => {
            let wraps = walk.callee_name(call).is_some_and(|name| WRAPS.contains(&name) || name.starts_with(char::is_uppercase));
            if wraps { Fate::Returned } else { Fate::Dropped }
        }
        _ => Fate::Dropped,
    }
}

const WRAPS: &[&str] = &["new", "from", "pin", "with_client", "new_with_client", "from_pointee", "clone"];

fn of_parameter(inputs: &Inputs, function: FunctionId, index: usize, depth: usize) -> Fate {
    let resolved = &inputs.resolved.functions[function.0 as usize];
    let Some(pattern) = resolved.facts.as_ref().and_then(|facts| facts.parameters.get(index)?.pattern) else { return Fate::Dropped };
    match Walk::new(inputs, function) {
        Some(callee) if depth > 1 => of_pattern(&callee, pattern, depth - 1),
        _ => Fate::Dropped,
    }
}

/// Whether it begins with a static, with `self` or with something that the caller owns. What hangs on a request ends with it.
fn is_lasting(walk: &Walk, mut at: ExprId, depth: usize) -> bool {
    loop {
        at = walk.peeled(at);
        match walk.kind(at) {
            ExpressionKind::MethodCall { name, .. } if name.starts_with("extensions") => return false,
            ExpressionKind::MethodCall { receiver, .. } => at = *receiver,
            ExpressionKind::Field { base, .. } | ExpressionKind::Index { base, .. } => at = *base,
            ExpressionKind::Path(path) => {
                let Some(name) = path.single() else { return true };
                return match walk.inputs.definition_at(walk.function, at) {
                    None | Some(Definition::Local) => is_lasting_local(walk, at, name, depth),
                    _ => true,
                };
            }
            // A function that hands out something shared: `clients().lock()`.
            ExpressionKind::Call { .. } => return matches!(walk.inputs.type_of(walk.function, at), Ty::Reference(_)),
            _ => return false,
        }
    }
}

fn is_lasting_local(walk: &Walk, at: ExprId, name: &str, depth: usize) -> bool {
    let function = &walk.inputs.resolved.functions[walk.function.0 as usize];
    if name == "self" {
        // A builder that takes itself by value only hands itself on.
        let receiver = function.facts.as_ref().and_then(|facts| facts.receiver.as_ref());
        return receiver.is_some_and(|receiver| receiver.by_reference || receiver.ty.is_some());
    }
    // A guard or a handle of something lasting; what is made here is not.
    if let Some(value) = walk.bound_value(at) {
        return depth > 1 && is_lasting(walk, value, depth - 1);
    }
    let types = &walk.inputs.resolved.bodies[walk.function.0 as usize].parameters;
    let Some(facts) = function.facts.as_ref() else { return false };
    let index = facts.parameters.iter().position(|parameter| parameter.name.as_deref() == Some(name));
    index.and_then(|index| types.get(index)).is_some_and(|ty| is_shared(walk.inputs, function.krate, ty))
}

fn is_shared(inputs: &Inputs, krate: crate::resolve::CrateId, ty: &Ty) -> bool {
    const ROLES: [TypeRole; 3] = [TypeRole::Transparent, TypeRole::Lock, TypeRole::Extractor];
    matches!(ty, Ty::Reference(_)) || inputs.type_roles(krate, ty).iter().any(|role| ROLES.contains(role))
}

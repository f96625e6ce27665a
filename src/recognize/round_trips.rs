//! Commands that are sent to a cache server once for each element of a `for`, each waiting for its answer.
//!
//! It counts only where the command's arguments come from the element. Left out are loops over a few constants and numbers, batches
//! (`chunks`), loops that end early, pipelines, and futures that are collected first and awaited together.

use super::Inputs;
use super::walk::Walk;
use crate::facts::{BlockKind, ExprId, ExpressionKind, MacroArguments, PatternId, PatternKind};
use crate::model::{Backend, CacheOperationKind, Context, FunctionId, RepeatedCacheOperation};
use crate::resolve::{self, Definition, Target};
use crate::source::Place;
use rustc_hash::{FxHashMap, FxHashSet};

/// Call it when the operations on caches are known.
pub fn add(inputs: &Inputs, backend: &mut Backend) {
    let sent = Sent::of(backend);
    if sent.by_place.is_empty() {
        return;
    }
    let mut found = Vec::new();
    for function in inputs.own_functions().filter(|id| backend.functions[id.0 as usize].context == Context::Production) {
        if !sent.matters_to(inputs, function) {
            continue;
        }
        let Some(walk) = Walk::new(inputs, function) else { continue };
        let loops = (0..walk.body.expressions.len() as u32).map(ExprId).filter_map(|at| element_loop(&walk, at));
        found.extend(loops.filter_map(|repeated| first_command(&walk, &repeated, &sent)));
    }
    backend.repeated_cache_operations = found;
}

/// Commands that wait for an answer, by where they stand and by who sends them.
struct Sent {
    by_place: FxHashMap<Place, usize>,
    by_function: FxHashMap<FunctionId, usize>,
}

impl Sent {
    fn of(backend: &Backend) -> Self {
        let mut sent = Self { by_place: FxHashMap::default(), by_function: FxHashMap::default() };
        let simple = |kind| matches!(kind, CacheOperationKind::Read | CacheOperationKind::Write | CacheOperationKind::Remove);
        let operations = backend.cache_operations.iter().enumerate();
        for (at, one) in operations.filter(|(_, one)| one.remote && !one.pipelined && !one.spawned && simple(one.kind)) {
            sent.by_place.insert(one.place, at);
            sent.by_function.entry(one.function).or_insert(at);
        }
        sent
    }

    fn matters_to(&self, inputs: &Inputs, function: resolve::FunctionId) -> bool {
        let sends = |id: &resolve::FunctionId| self.by_function.contains_key(&super::function::id(*id));
        sends(&function) || inputs.calls(function).iter().any(|site| matches!(&site.target, Target::Function(id) if sends(id)))
    }
}

struct Loop<'a> {
    at: ExprId,
    iterable: ExprId,
    body: ExprId,
    /// Names that stand for the element or for what is made of it.
    names: FxHashSet<&'a str>,
}

fn element_loop<'a>(walk: &Walk<'a>, at: ExprId) -> Option<Loop<'a>> {
    let ExpressionKind::For { pattern, iterable, body } = walk.kind(at) else { return None };
    if is_few(walk, *iterable) || ends_early(walk, *body) {
        return None;
    }
    let mut names = FxHashSet::default();
    bound(walk, *pattern, &mut names);
    for (pattern, value) in walk.lets().filter(|(_, value)| walk.body.is_inside(*value, *body)) {
        if mentions(walk, value, &names) {
            bound(walk, pattern, &mut names);
        }
    }
    Some(Loop { at, iterable: *iterable, body: *body, names })
}

pub(super) fn bound<'a>(walk: &Walk<'a>, pattern: PatternId, into: &mut FxHashSet<&'a str>) {
    match &walk.body[pattern].kind {
        PatternKind::Binding { name, .. } => {
            into.insert(name);
        }
        PatternKind::Tuple(parts) | PatternKind::TupleStruct { elements: parts, .. } => {
            parts.iter().for_each(|part| bound(walk, *part, into))
        }
        PatternKind::Struct { fields, .. } => fields.iter().for_each(|(_, part)| bound(walk, *part, into)),
        PatternKind::Reference(inner) => bound(walk, *inner, into),
        _ => {}
    }
}

/// Numbers, arrays written out, constants, batches.
fn is_few(walk: &Walk, iterable: ExprId) -> bool {
    let value = walk.bound_value(walk.same_thing(iterable)).unwrap_or(iterable);
    let written_out = |inner: ExprId| matches!(walk.kind(inner), ExpressionKind::Macro(call) if call.path.last() == Some("vec"));
    if written_out(walk.same_thing(value)) || matches!(walk.kind(walk.same_thing(value)), ExpressionKind::Array(_)) {
        return !is_empty(walk, walk.same_thing(value));
    }
    walk.body.inside(iterable).any(|inner| match walk.kind(inner) {
        ExpressionKind::Range { .. } | ExpressionKind::Array(_) | ExpressionKind::Repeat { .. } => true,
        ExpressionKind::MethodCall { name, .. } => {
            ["chunks", "chunks_exact", "array_chunks", "windows", "take", "variants", "interval"].contains(&name.as_str())
        }
        ExpressionKind::Path(_) => matches!(walk.inputs.definition_at(walk.function, inner), Some(Definition::Constant(_))),
        _ => false,
    })
}

/// `vec![]`, which is filled later.
fn is_empty(walk: &Walk, list: ExprId) -> bool {
    match walk.kind(list) {
        ExpressionKind::Macro(call) => !matches!(&call.arguments, MacroArguments::Expressions(elements) if !elements.is_empty()),
        ExpressionKind::Array(elements) => elements.is_empty(),
        _ => false,
    }
}

/// `break`, or `return` of anything but an error.
fn ends_early(walk: &Walk, body: ExprId) -> bool {
    walk.body.inside(body).any(|inner| match walk.kind(inner) {
        ExpressionKind::Break(_) => true,
        ExpressionKind::Return(value) => value.is_none_or(|value| walk.callee_name(value) != Some("Err")),
        _ => false,
    })
}

pub(super) fn mentions(walk: &Walk, value: ExprId, names: &FxHashSet<&str>) -> bool {
    walk.body.inside(value).any(
        |inner| matches!(walk.kind(inner), ExpressionKind::Path(path) if path.single().is_some_and(|name| names.contains(name.as_str()))),
    )
}

fn first_command(walk: &Walk, repeated: &Loop, sent: &Sent) -> Option<RepeatedCacheOperation> {
    walk.body.inside(repeated.body).find_map(|at| {
        let place = walk.place(at);
        let own = sent.by_place.get(&place).map(|operation| (*operation, None));
        let (operation, through) = own.or_else(|| called(walk, at, sent))?;
        let statement = whole_command(walk, at);
        let counts = mentions(walk, statement, &repeated.names) && waits_here(walk, at, repeated.body);
        counts.then(|| RepeatedCacheOperation {
            function: super::function::id(walk.function),
            loop_place: walk.place(repeated.at),
            over: walk.text(repeated.iterable),
            inner: place,
            through,
            operation,
        })
    })
}

/// A function of the workspace that sends a command itself.
fn called(walk: &Walk, at: ExprId, sent: &Sent) -> Option<(usize, Option<FunctionId>)> {
    let call = walk.inputs.call_at(walk.function, at)?;
    let Target::Function(callee) = &call.target else { return None };
    let callee = super::function::id(*callee);
    Some((*sent.by_function.get(&callee)?, Some(callee)))
}

/// `redis::cmd("GET").arg(key).query_async(..)`: up to the end of the chain.
pub(super) fn whole_command(walk: &Walk, at: ExprId) -> ExprId {
    let mut inner = at;
    for outer in walk.around(at) {
        match walk.kind(outer) {
            ExpressionKind::MethodCall { receiver, .. } if *receiver == inner => inner = outer,
            ExpressionKind::Reference { .. } => inner = outer,
            _ => break,
        }
    }
    inner
}

/// Whether the answer is awaited before the loop goes on.
fn waits_here(walk: &Walk, at: ExprId, body: ExprId) -> bool {
    let mut awaited = false;
    for outer in walk.around(at) {
        if outer == body {
            break;
        }
        match walk.kind(outer) {
            ExpressionKind::Await(_) => awaited = true,
            ExpressionKind::Closure { .. } | ExpressionKind::Block { kind: BlockKind::Async, .. } | ExpressionKind::Macro(_) => {
                return false;
            }
            _ => {}
        }
    }
    awaited
}

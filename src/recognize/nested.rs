//! A second connection taken from a pool while one is held: enough requests at once then wait for each other for ever.
//!
//! A connection is held from the `let` that binds it to the end of its block, or until it is dropped, committed, rolled back or given
//! away. Shadowing its name does not give it back.

use super::Inputs;
use super::walk::Walk;
use crate::facts::{ExprId, ExpressionKind, PatternId, PatternKind};
use crate::knowledge::{Does, TypeRole};
use crate::model::{Backend, Chain, Evidence, NestedAcquire, Truth};
use crate::resolve::{Definition, FunctionId, Target};
use crate::source::Place;
use rustc_hash::{FxHashMap, FxHashSet};

pub fn all(inputs: &Inputs, backend: &Backend) -> Vec<NestedAcquire> {
    let mut summaries = Summaries { inputs, known: FxHashMap::default(), open: FxHashSet::default() };
    let mut found = Vec::new();
    for function in inputs.own_functions().filter(|id| !inputs.resolved.functions[id.0 as usize].test) {
        if !may_hold(inputs, function) {
            continue;
        }
        let Some(walk) = Walk::new(inputs, function) else { continue };
        for guard in guards(&walk, &mut summaries) {
            found.extend(second_ones(&walk, &guard, &mut summaries));
        }
    }
    for nested in &mut found {
        nested.function = closure_around(inputs, backend, nested.outer).unwrap_or(nested.function);
        nested.chain.functions[0] = nested.function;
        nested.route = backend.routes_to(nested.function).first().map(|(route, _)| *route);
    }
    found.sort_by_key(|nested| (nested.outer, nested.inner));
    found
}

/// The closure that handles requests and holds this place, which is a function of its own in the model.
fn closure_around(inputs: &Inputs, backend: &Backend, place: Place) -> Option<crate::model::FunctionId> {
    let first = inputs.resolved.functions.len();
    let holds = |one: &crate::model::Function| one.place.file == place.file && one.place.span.contains(place.span);
    backend.functions.iter().skip(first).position(holds).map(|at| crate::model::FunctionId((first + at) as u32))
}

/// Whether the body has values that a guard could be; most have none.
fn may_hold(inputs: &Inputs, function: FunctionId) -> bool {
    let takes = |does: &Does| matches!(does, Does::Acquire(_) | Does::Begin(_));
    let krate = inputs.resolved.functions[function.0 as usize].krate;
    inputs.calls(function).iter().any(|call| {
        inputs.does(function, call).iter().any(takes)
            || matches!(&call.target, Target::Function(id) if inputs.is_own(*id))
                && is_guard(inputs, krate, inputs.type_of(function, call.expression))
    })
}

/// A pool as one function names it: where it comes from, and the fields and accessors on the way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Pool {
    root: Root,
    path: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Root {
    Receiver,
    /// By position, the receiver not counted.
    Parameter(usize),
    /// A name bound by a parameter's pattern: `State(state)`.
    Pattern(usize, String),
    Static(FunctionId),
    /// The result of this function of the workspace.
    Result(FunctionId),
}

impl Pool {
    fn with(mut self, step: impl Into<String>) -> Self {
        self.path.push(step.into());
        self
    }
}

/// What `expression` names, if it is a pool whose origin can be told.
fn pool(walk: &Walk, expression: ExprId, depth: usize) -> Option<Pool> {
    if depth == 0 {
        return None;
    }
    let at = walk.same_thing(expression);
    match walk.kind(at) {
        ExpressionKind::Field { base, name, .. } => Some(pool(walk, *base, depth - 1)?.with(name.as_str())),
        // `ctx.pool()`: the same receiver gives the same pool.
        ExpressionKind::MethodCall { receiver, name, arguments, .. } if arguments.is_empty() => {
            Some(pool(walk, *receiver, depth - 1)?.with(format!("{name}()")))
        }
        ExpressionKind::Call { arguments, .. } if arguments.is_empty() => match &walk.inputs.call_at(walk.function, at)?.target {
            Target::Function(id) if walk.inputs.is_own(*id) => Some(Pool { root: Root::Result(*id), path: Vec::new() }),
            _ => None,
        },
        ExpressionKind::Path(path) => {
            if let Some(Definition::Constant(constant)) = walk.inputs.definition_at(walk.function, at) {
                return Some(Pool { root: Root::Static(*constant), path: Vec::new() });
            }
            if let Some(value) = walk.bound_value(at) {
                return pool(walk, value, depth - 1);
            }
            parameter(walk, path.single()?).map(|root| Pool { root, path: Vec::new() })
        }
        _ => None,
    }
}

fn parameter(walk: &Walk, name: &str) -> Option<Root> {
    if name == "self" {
        return Some(Root::Receiver);
    }
    let facts = walk.inputs.resolved.functions[walk.function.0 as usize].facts.as_ref()?;
    facts.parameters.iter().enumerate().find_map(|(at, parameter)| match &parameter.name {
        Some(own) if own == name => Some(Root::Parameter(at)),
        Some(_) => None,
        None => parameter.pattern.filter(|pattern| binds(walk, *pattern, name)).map(|_| Root::Pattern(at, name.to_string())),
    })
}

fn binds(walk: &Walk, pattern: PatternId, name: &str) -> bool {
    match &walk.body[pattern].kind {
        PatternKind::Binding { name: own, sub, .. } => own == name || sub.is_some_and(|sub| binds(walk, sub, name)),
        PatternKind::Tuple(parts) | PatternKind::TupleStruct { elements: parts, .. } => parts.iter().any(|part| binds(walk, *part, name)),
        PatternKind::Struct { fields, .. } => fields.iter().any(|(_, part)| binds(walk, *part, name)),
        PatternKind::Reference(inner) => binds(walk, *inner, name),
        _ => false,
    }
}

/// A connection or transaction that is held for a while.
struct Guard {
    /// `None` inside a `.transaction(|tx| ..)` closure.
    name: Option<String>,
    pool: Pool,
    /// As written.
    pool_text: String,
    is_transaction: bool,
    taken: ExprId,
    /// Expressions evaluated while it is held: after the first, up to the second.
    from: ExprId,
    until: ExprId,
}

fn guards(walk: &Walk, summaries: &mut Summaries) -> Vec<Guard> {
    let mut guards: Vec<Guard> = walk.lets().filter_map(|(pattern, value)| bound_guard(walk, pattern, value, summaries)).collect();
    guards.extend((0..walk.body.expressions.len() as u32).filter_map(|at| closure_guard(walk, ExprId(at))));
    guards
}

fn bound_guard(walk: &Walk, pattern: PatternId, value: ExprId, summaries: &mut Summaries) -> Option<Guard> {
    let name = guard_name(walk, pattern)?;
    let taken = taking_call(walk, value)?;
    let (pool, pool_text, is_transaction) = taken_from(walk, taken, summaries)?;
    let until = scope_end(walk, value)?;
    let mut guard = Guard { name: Some(name), pool, pool_text, is_transaction, taken, from: value, until };
    guard.until = guard.name.as_deref().and_then(|name| given_up(walk, name, guard.from, until)).unwrap_or(until);
    Some(guard)
}

/// `let mut tx`, `let Ok(tx)`, `Some(conn)`.
pub(super) fn guard_name(walk: &Walk, pattern: PatternId) -> Option<String> {
    match &walk.body[pattern].kind {
        PatternKind::Binding { name, sub: None, .. } => Some(name.to_string()),
        PatternKind::TupleStruct { elements, .. } if elements.len() == 1 => guard_name(walk, elements[0]),
        _ => None,
    }
}

/// The call inside `pool.begin().await.map_err(..)?`, where nothing else is done with what it gives.
fn taking_call(walk: &Walk, value: ExprId) -> Option<ExprId> {
    let mut at = value;
    for _ in 0..16 {
        at = walk.peeled(at);
        if takes(walk, at) {
            return Some(at);
        }
        match walk.kind(at) {
            ExpressionKind::MethodCall { receiver, name, .. } if KEEPS.contains(&name.as_str()) => at = *receiver,
            ExpressionKind::Call { .. } | ExpressionKind::MethodCall { .. } => return hands_out_guard(walk, at).then_some(at),
            _ => return None,
        }
    }
    None
}

pub(super) const KEEPS: &[&str] = &[
    "map_err",
    "unwrap",
    "expect",
    "context",
    "with_context",
    "ok_or_else",
    "ok_or",
    "unwrap_or_else",
    "wrap_err",
    "wrap_err_with",
    "instrument",
    "ok",
    "or_else",
    "inspect_err",
];

fn takes(walk: &Walk, at: ExprId) -> bool {
    walk.does(at).iter().any(|does| matches!(does, Does::Acquire(acquire) | Does::Begin(acquire) if acquire.acquires && !acquire.closure))
}

/// A function of the workspace that gives its caller a connection: `app.db_write()`.
fn hands_out_guard(walk: &Walk, at: ExprId) -> bool {
    let Some(call) = walk.inputs.call_at(walk.function, at) else { return false };
    let krate = walk.inputs.resolved.functions[walk.function.0 as usize].krate;
    let own = matches!(&call.target, Target::Function(id) if walk.inputs.is_own(*id));
    let outer = walk.around(at).take(3).take_while(|outer| {
        matches!(walk.kind(*outer), ExpressionKind::Await(_) | ExpressionKind::Try(_) | ExpressionKind::MethodCall { .. })
    });
    own && std::iter::once(at).chain(outer).any(|value| is_guard(walk.inputs, krate, walk.inputs.type_of(walk.function, value)))
}

fn is_guard(inputs: &Inputs, krate: crate::resolve::CrateId, ty: &crate::resolve::Ty) -> bool {
    let roles = inputs.type_roles(krate, ty);
    roles.contains(&TypeRole::PooledConnection) || roles.contains(&TypeRole::Transaction)
}

/// The pool that a call takes from, as written, and whether it starts a transaction.
fn taken_from(walk: &Walk, at: ExprId, summaries: &mut Summaries) -> Option<(Pool, String, bool)> {
    let begins = walk.does(at).iter().any(|does| matches!(does, Does::Begin(_)));
    if takes(walk, at) {
        let ExpressionKind::MethodCall { receiver, .. } = walk.kind(at) else { return None };
        return Some((pool(walk, *receiver, 8)?, walk.text(walk.same_thing(*receiver)), begins));
    }
    let (pool, _) = summaries.through_call(walk, at, None).into_iter().next()?;
    Some((pool, walk.text(at), begins))
}

/// `conn.transaction(|conn| ..)` on a pool: held inside the closure.
fn closure_guard(walk: &Walk, at: ExprId) -> Option<Guard> {
    let begin = walk.does(at).iter().find_map(|does| match does {
        Does::Begin(begin) if begin.acquires && begin.closure => Some(begin),
        _ => None,
    });
    begin?;
    let ExpressionKind::MethodCall { receiver, arguments, .. } = walk.kind(at) else { return None };
    let closure = arguments.iter().find(|argument| matches!(walk.kind(**argument), ExpressionKind::Closure { .. }))?;
    let first = walk.body[*closure].first;
    let from = ExprId(first.0.checked_sub(1)?);
    Some(Guard {
        name: None,
        pool: pool(walk, *receiver, 8)?,
        pool_text: walk.text(walk.same_thing(*receiver)),
        is_transaction: true,
        taken: at,
        from,
        until: *closure,
    })
}

/// The block (or the `if`) that the binding lives in.
pub(super) fn scope_end(walk: &Walk, value: ExprId) -> Option<ExprId> {
    walk.around(value).find(|outer| {
        matches!(
            walk.kind(*outer),
            ExpressionKind::Block { .. }
                | ExpressionKind::If { .. }
                | ExpressionKind::While { .. }
                | ExpressionKind::Closure { .. }
                | ExpressionKind::Match { .. }
        )
    })
}

/// Where the guard is dropped, committed, rolled back, or moved to somebody else. Given up on one path counts for all that follow:
/// better to miss a second connection than to invent one.
pub(super) fn given_up(walk: &Walk, name: &str, from: ExprId, until: ExprId) -> Option<ExprId> {
    ((from.0 + 1)..until.0).map(ExprId).find(|at| {
        let is_it = matches!(walk.kind(*at), ExpressionKind::Path(path) if path.single().is_some_and(|own| own == name));
        is_it && walk.parent(*at).is_some_and(|parent| is_moved(walk, *at, parent))
    })
}

fn is_moved(walk: &Walk, guard: ExprId, parent: ExprId) -> bool {
    match walk.kind(parent) {
        ExpressionKind::Call { callee, .. } => *callee != guard,
        ExpressionKind::MethodCall { receiver, name, .. } => *receiver != guard || ENDS.contains(&name.as_str()),
        ExpressionKind::Struct { .. } | ExpressionKind::Tuple(_) | ExpressionKind::Return(_) | ExpressionKind::Array(_) => true,
        ExpressionKind::Assign { right, .. } => *right == guard,
        ExpressionKind::Block { tail, .. } => *tail == Some(guard),
        _ => false,
    }
}

const ENDS: &[&str] = &["commit", "rollback", "close", "detach", "leak", "into_inner", "release", "finish", "save"];

/// A second connection of the same pool while `guard` is held.
fn second_ones(walk: &Walk, guard: &Guard, summaries: &mut Summaries) -> Vec<NestedAcquire> {
    let mut found = Vec::new();
    for at in ((guard.from.0 + 1)..guard.until.0).map(ExprId) {
        if walk.when(at).spawned || walk.when(at).once {
            continue;
        }
        let taken = own_acquires(walk, at).into_iter().map(|pool| (pool, Way::own(walk, at)));
        let through = summaries.through_call(walk, at, guard.name.as_deref());
        for (pool, way) in taken.chain(through) {
            if pool == guard.pool {
                found.push(nested(walk, guard, at, way));
                break;
            }
        }
    }
    found
}

fn nested(walk: &Walk, guard: &Guard, inner: ExprId, way: Way) -> NestedAcquire {
    let place = walk.place(guard.taken);
    let mut functions = vec![super::function::id(walk.function)];
    functions.extend(way.functions);
    NestedAcquire {
        function: super::function::id(walk.function),
        outer: place,
        outer_is_transaction: guard.is_transaction,
        inner: walk.place(inner),
        chain: Chain { functions, calls: way.calls },
        acquire: way.acquire,
        pool: guard.pool_text.clone(),
        same_pool: Truth::Yes(Evidence::at(place, format!("both are taken from `{}`", guard.pool_text))),
        route: None,
    }
}

/// From a function to the place where a connection is taken.
#[derive(Clone)]
struct Way {
    functions: Vec<crate::model::FunctionId>,
    calls: Vec<Place>,
    acquire: Place,
}

impl Way {
    fn own(walk: &Walk, at: ExprId) -> Self {
        Self { functions: Vec::new(), calls: Vec::new(), acquire: walk.place(at) }
    }
}

/// Pools that this very call takes a connection from: `.acquire()`, `.begin()`, a query run on `&pool`.
fn own_acquires(walk: &Walk, at: ExprId) -> Vec<Pool> {
    let mut pools = Vec::new();
    for does in walk.does(at) {
        match does {
            Does::Acquire(acquire) | Does::Begin(acquire) if acquire.acquires && !acquire.nonblocking => {
                if let ExpressionKind::MethodCall { receiver, .. } = walk.kind(at)
                    && is_pool(walk, *receiver)
                {
                    pools.extend(pool(walk, *receiver, 8));
                }
            }
            Does::Execute(execute) => {
                let executor = execute.executor.and_then(|executor| walk.arguments(at).get(executor).copied());
                if let Some(executor) = executor.filter(|executor| is_pool(walk, *executor)) {
                    pools.extend(pool(walk, executor, 8));
                }
            }
            _ => {}
        }
    }
    pools
}

pub(super) fn is_pool(walk: &Walk, value: ExprId) -> bool {
    let krate = walk.inputs.resolved.functions[walk.function.0 as usize].krate;
    [value, walk.same_thing(value)]
        .iter()
        .any(|value| walk.inputs.type_roles(krate, walk.inputs.type_of(walk.function, *value)).contains(&TypeRole::Pool))
}

/// For each function, the pools of its parameters (and statics) that it takes connections from, with the way there.
struct Summaries<'a> {
    inputs: &'a Inputs<'a>,
    known: FxHashMap<FunctionId, Vec<(Pool, Way)>>,
    open: FxHashSet<FunctionId>,
}

/// Calls between the guard and the second connection.
const LONGEST_WAY: usize = 6;

impl<'a> Summaries<'a> {
    fn of(&mut self, function: FunctionId) -> Vec<(Pool, Way)> {
        if let Some(known) = self.known.get(&function) {
            return known.clone();
        }
        if !self.open.insert(function) {
            return Vec::new();
        }
        let mut taken: Vec<(Pool, Way)> = Vec::new();
        if let Some(walk) = Walk::new(self.inputs, function) {
            for at in (0..walk.body.expressions.len() as u32).map(ExprId) {
                let is_call = matches!(walk.kind(at), ExpressionKind::Call { .. } | ExpressionKind::MethodCall { .. });
                if !is_call || walk.when(at).spawned || walk.when(at).once {
                    continue;
                }
                let own = own_acquires(&walk, at).into_iter().map(|pool| (pool, Way::own(&walk, at)));
                let through = self.through_call(&walk, at, None);
                for (pool, way) in own.chain(through) {
                    if !taken.iter().any(|(known, _)| *known == pool) {
                        taken.push((pool, way));
                    }
                }
            }
        }
        self.open.remove(&function);
        self.known.insert(function, taken.clone());
        taken
    }

    /// What the function called at `at` takes, in the words of the caller. Nothing where it is given the guard itself.
    fn through_call(&mut self, walk: &Walk, at: ExprId, guard: Option<&str>) -> Vec<(Pool, Way)> {
        let Some(call) = walk.inputs.call_at(walk.function, at) else { return Vec::new() };
        let Target::Function(callee) = &call.target else { return Vec::new() };
        if !walk.inputs.is_own(*callee) || guard.is_some_and(|guard| mentions(walk, at, guard)) {
            return Vec::new();
        }
        let (callee, place) = (*callee, call.place);
        let taken = self.of(callee);
        taken
            .into_iter()
            .filter(|(_, way)| way.calls.len() < LONGEST_WAY)
            .filter_map(|(pool, way)| {
                let pool = in_callers_words(walk, at, &pool)?;
                let functions = std::iter::once(super::function::id(callee)).chain(way.functions).collect();
                let calls = std::iter::once(place).chain(way.calls).collect();
                Some((pool, Way { functions, calls, acquire: way.acquire }))
            })
            .collect()
    }
}

fn mentions(walk: &Walk, at: ExprId, name: &str) -> bool {
    walk.body.inside(at).any(|inner| matches!(walk.kind(inner), ExpressionKind::Path(path) if path.single().is_some_and(|own| own == name)))
}

fn in_callers_words(walk: &Walk, at: ExprId, of_callee: &Pool) -> Option<Pool> {
    let given = match &of_callee.root {
        Root::Receiver => match walk.kind(at) {
            ExpressionKind::MethodCall { receiver, .. } => pool(walk, *receiver, 8)?,
            // `Type::method(value, ..)`.
            _ => pool(walk, *walk.arguments(at).first()?, 8)?,
        },
        Root::Parameter(index) => pool(walk, *walk.arguments(at).get(*index)?, 8)?,
        // Taken apart by a pattern: only extractors are, and nobody calls handlers.
        Root::Pattern(..) => return None,
        Root::Static(_) | Root::Result(_) => return Some(of_callee.clone()),
    };
    Some(of_callee.path.iter().fold(given, |pool, step| pool.with(step.as_str())))
}

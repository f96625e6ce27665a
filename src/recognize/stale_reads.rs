//! What a function has written on the primary and reads on a replica right after, directly or through calls.
//!
//! Both have to happen on one way through the body: not in two branches of which one is taken, and not where the write's branch returns.

use super::Inputs;
use super::walk::Walk;
use crate::facts::{ExprId, ExpressionKind};
use crate::model::{Backend, CallKind, Callers, Chain, FunctionId, MAX_IMPLEMENTATIONS, PoolRole, PoolUse, StaleRead};
use crate::resolve;
use crate::source::Place;
use rustc_hash::FxHashMap;

/// Call it when pools of queries are known, and before closures become functions of their own.
pub(super) fn all(inputs: &Inputs, backend: &Backend) -> Vec<StaleRead> {
    if backend.pool_uses.is_empty() {
        return Vec::new();
    }
    // A handler that is registered is named, not called.
    let few = |of: &CallKind| !matches!(of, CallKind::Mention) && !matches!(of, CallKind::MayReach { of } if *of > MAX_IMPLEMENTATIONS);
    let callers = backend.callers(|call| !call.once && !call.spawned && few(&call.kind));
    let mut writes: FxHashMap<FunctionId, Vec<(usize, Place, Chain)>> = FxHashMap::default();
    let uses = || backend.pool_uses.iter().enumerate();
    for (at, one) in uses().filter(|(_, one)| one.role == PoolRole::Primary && writes_rows(backend, one)) {
        for (function, place, chain) in ways_up(backend, &callers, one) {
            writes.entry(function).or_default().push((at, place, chain));
        }
    }
    let mut found = Vec::new();
    for (at, one) in uses().filter(|(_, one)| one.role == PoolRole::Replica && !writes_rows(backend, one)) {
        for (function, place, chain) in ways_up(backend, &callers, one) {
            let Some(walk) = writes.get(&function).and_then(|_| Walk::new(inputs, resolve::FunctionId(function.0))) else { continue };
            let mut before = writes[&function].iter().filter(|(_, written, _)| follows(&walk, *written, place));
            let stale = before.find_map(|(write, written, way)| {
                let table = common_table(backend, &backend.pool_uses[*write], one)?;
                let (way_to_write, way_to_read) = (way.clone(), chain.clone());
                Some(StaleRead { function, table, write: *write, read: at, written: *written, read_at: place, way_to_write, way_to_read })
            });
            found.extend(stale);
        }
    }
    found.sort_by_key(|one| (one.read_at, one.way_to_read.calls.len(), one.read));
    found.dedup_by_key(|one| one.read_at);
    found
}

fn writes_rows(backend: &Backend, one: &PoolUse) -> bool {
    !backend.data_accesses[one.access].writes.is_empty()
}

fn common_table(backend: &Backend, write: &PoolUse, read: &PoolUse) -> Option<String> {
    let (write, read) = (&backend.data_accesses[write.access], &backend.data_accesses[read.access]);
    write.writes.iter().find(|table| read.reads.contains(table)).cloned()
}

/// Calls above the function that names the pool.
const HIGHEST: usize = 3;

/// Each function on whose way the query runs: the place in it that leads there, and the chain.
fn ways_up(backend: &Backend, callers: &Callers<(FunctionId, Place)>, one: &PoolUse) -> Vec<(FunctionId, Place, Chain)> {
    let access = &backend.data_accesses[one.access];
    if access.spawned {
        return Vec::new();
    }
    let first = one.chain.calls.first().copied().unwrap_or(access.place);
    let mut ways = vec![(one.chain.functions[0], first, one.chain.clone())];
    let mut highest = ways.clone();
    for _ in 0..HIGHEST {
        highest =
            highest.iter().flat_map(|(function, _, chain)| callers.of(function.0).iter().filter_map(|site| above(*site, chain))).collect();
        ways.extend(highest.iter().cloned());
    }
    ways
}

/// One call further up; nothing where that goes round in a circle.
fn above((caller, place): (FunctionId, Place), chain: &Chain) -> Option<(FunctionId, Place, Chain)> {
    let functions = std::iter::once(caller).chain(chain.functions.iter().copied()).collect();
    let calls = std::iter::once(place).chain(chain.calls.iter().copied()).collect();
    (!chain.functions.contains(&caller)).then_some((caller, place, Chain { functions, calls }))
}

/// Whether what stands at `read` may run after what stands at `write`.
fn follows(walk: &Walk, write: Place, read: Place) -> bool {
    if write.span.end > read.span.start || write.file != read.file {
        return false;
    }
    let (Some(write), Some(read)) = (call_at(walk, write), call_at(walk, read)) else { return false };
    let in_other_time = |at: ExprId| walk.when(at).spawned || walk.when(at).once;
    if walk.body.is_inside(read, write) || walk.body.is_inside(write, read) || in_other_time(write) || in_other_time(read) {
        return false;
    }
    let Some(common) = walk.around(write).find(|outer| walk.body.is_inside(read, *outer)) else { return false };
    let below = |at: ExprId| std::iter::once(at).chain(walk.around(at)).take_while(move |outer| *outer != common);
    let never_returns = below(write).all(|outer| !returns(walk, outer));
    let runs_here = below(read).all(|outer| !matches!(walk.kind(outer), ExpressionKind::Closure { .. }));
    never_returns && runs_here && !are_branches(walk, common, write, read)
}

/// The call that this is the callee's name of, or the expression itself.
fn call_at(walk: &Walk, place: Place) -> Option<ExprId> {
    let ids = (0..walk.body.expressions.len() as u32).map(ExprId);
    let holds = ids.filter(|id| walk.body[*id].span.contains(place.span));
    let is_call =
        |id: &ExprId| matches!(walk.kind(*id), ExpressionKind::Call { .. } | ExpressionKind::MethodCall { .. } | ExpressionKind::Macro(_));
    holds.filter(is_call).min_by_key(|id| walk.body[*id].span.end - walk.body[*id].span.start)
}

/// A block that leaves the function at its end.
fn returns(walk: &Walk, at: ExprId) -> bool {
    let ExpressionKind::Block { statements, tail, .. } = walk.kind(at) else { return false };
    let last = tail.or_else(|| match statements.last() {
        Some(crate::facts::Statement::Expression { value, .. }) => Some(*value),
        _ => None,
    });
    last.is_some_and(|last| matches!(walk.kind(last), ExpressionKind::Return(_) | ExpressionKind::Break(_) | ExpressionKind::Continue))
}

/// One or the other runs, not both.
fn are_branches(walk: &Walk, common: ExprId, write: ExprId, read: ExprId) -> bool {
    let inside = |at: ExprId, outer: ExprId| walk.body.is_inside(at, outer);
    match walk.kind(common) {
        ExpressionKind::If { then, otherwise: Some(otherwise), .. } => inside(write, *then) && inside(read, *otherwise),
        ExpressionKind::Match { arms, .. } => {
            let arm = |at: ExprId| arms.iter().position(|arm| inside(at, arm.body));
            arm(write).is_some() && arm(read).is_some() && arm(write) != arm(read)
        }
        _ => false,
    }
}

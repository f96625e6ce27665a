//! Cache entries that are removed while the transaction that changes their rows is still open.

use super::Inputs;
use super::held::{Open, may_begin, open_transactions};
use super::walk::Walk;
use crate::facts::{ExprId, ExpressionKind};
use crate::model::{self, Backend, CacheOperationKind, Chain, Context, EarlyRemoval, Operation};
use crate::resolve::{CallSite, Target};
use crate::source::Place;

pub fn add(inputs: &Inputs, backend: &mut Backend) {
    if !backend.cache_operations.iter().any(removes) {
        return;
    }
    let mut found = Vec::new();
    for function in inputs.own_functions() {
        if backend.function(super::function::id(function)).context != Context::Production || !may_begin(inputs, function) {
            continue;
        }
        let Some(walk) = Walk::new(inputs, function) else { continue };
        for open in open_transactions(&walk) {
            found.extend(early_removal(&walk, &open, backend));
        }
    }
    found.sort_by_key(|one| (one.begun, one.inner));
    backend.early_removals = found;
}

fn removes(operation: &model::CacheOperation) -> bool {
    let kind = matches!(operation.kind, CacheOperationKind::Remove | CacheOperationKind::Flush);
    kind && !operation.spawned && !operation.pipelined
}

/// The first removal after the first row is changed. None where the same function removes something again after the end of the
/// transaction: that is done twice on purpose.
fn early_removal(walk: &Walk, open: &Open, backend: &Backend) -> Option<EarlyRemoval> {
    let own = super::function::id(walk.function);
    let calls = |from: u32, until: u32| (from..until).map(ExprId).filter(|at| is_call(walk, *at));
    let mut changed: Option<Place> = None;
    let mut found = None;
    for at in calls(open.from.0 + 1, open.until.0) {
        changed = changed.or_else(|| changes_rows(walk, at, own, backend));
        if let (Some(change), Some((chain, operation))) = (changed, removal(walk, at, own, backend)) {
            let inner = walk.place(at);
            found = Some(EarlyRemoval { function: own, begun: open.begun, change, inner, chain, operation });
            break;
        }
    }
    let found = found?;
    let again = calls(open.until.0, walk.body.expressions.len() as u32).any(|at| removal(walk, at, own, backend).is_some());
    (!again).then_some(found)
}

fn is_call(walk: &Walk, at: ExprId) -> bool {
    let when = walk.when(at);
    matches!(walk.kind(at), ExpressionKind::Call { .. } | ExpressionKind::MethodCall { .. }) && !when.spawned && !when.once
}

fn changes_rows(walk: &Walk, at: ExprId, own: model::FunctionId, backend: &Backend) -> Option<Place> {
    let place = walk.place(at);
    let writes = |access: &&model::DataAccess| matches!(access.operation, Operation::Update | Operation::Delete | Operation::Insert);
    if backend.data_access_in(own).filter(writes).any(|access| access.place == place) {
        return Some(place);
    }
    let (callee, _) = called(walk, at)?;
    reached(backend, callee).functions.iter().any(|id| backend.data_access_in(*id).any(|access| writes(&access))).then_some(place)
}

/// The removal that a call makes, itself or by what it calls; an index into the backend's cache operations.
fn removal(walk: &Walk, at: ExprId, own: model::FunctionId, backend: &Backend) -> Option<(Chain, usize)> {
    let place = walk.place(at);
    let in_function =
        |id: model::FunctionId| backend.cache_operations.iter().position(move |operation| operation.function == id && removes(operation));
    let direct = backend.cache_operations.iter().position(|one| one.function == own && one.place == place && removes(one));
    if let Some(operation) = direct {
        return Some((Chain { functions: vec![own], calls: Vec::new() }, operation));
    }
    let (callee, call) = called(walk, at)?;
    let reached = reached(backend, callee);
    let (id, operation) = reached.functions.iter().find_map(|id| Some((*id, in_function(*id)?)))?;
    let way = reached.chain_to(id);
    // What reads the cache as well looks something up, and removes what is out of date.
    let reads =
        |id: &model::FunctionId| backend.cache_operations.iter().any(|one| one.function == *id && one.kind == CacheOperationKind::Read);
    if way.functions.iter().any(reads) || way.calls.len() > LONGEST_WAY {
        return None;
    }
    let chain = Chain {
        functions: std::iter::once(own).chain(way.functions).collect(),
        calls: std::iter::once(call.place).chain(way.calls).collect(),
    };
    Some((chain, operation))
}

const LONGEST_WAY: usize = 3;

fn called<'a>(walk: &Walk<'a>, at: ExprId) -> Option<(model::FunctionId, &'a CallSite)> {
    let call = walk.inputs.call_at(walk.function, at)?;
    let Target::Function(callee) = &call.target else { return None };
    walk.inputs.is_own(*callee).then(|| (super::function::id(*callee), call))
}

fn reached(backend: &Backend, from: model::FunctionId) -> model::Reached {
    backend.reached_if(from, |call| {
        let direct = matches!(call.kind, model::CallKind::Direct | model::CallKind::MayReach { of: 1 });
        direct && !call.once && !call.spawned && !call.in_closure
    })
}

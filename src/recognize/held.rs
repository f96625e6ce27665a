//! Transactions that stay open while another system answers: its rows stay locked and its connection taken for as long as that takes.

use super::Inputs;
use super::nested::{KEEPS, given_up, guard_name, scope_end};
use super::walk::Walk;
use crate::facts::{ExprId, ExpressionKind};
use crate::knowledge::{Does, TypeRole};
use crate::model::{self, Backend, Chain, Context, Effect, EffectKind, HeldTransaction, RowLock};
use crate::resolve::{CallSite, FunctionId, Target};
use crate::source::Place;
use rustc_hash::FxHashMap;

pub fn all(inputs: &Inputs, backend: &Backend) -> Vec<HeldTransaction> {
    let mut remote = Remote { backend, known: FxHashMap::default() };
    let mut found = Vec::new();
    for function in inputs.own_functions() {
        if backend.function(super::function::id(function)).context != Context::Production || !may_begin(inputs, function) {
            continue;
        }
        let Some(walk) = Walk::new(inputs, function) else { continue };
        for open in open_transactions(&walk) {
            found.extend(first_remote(&walk, &open, &mut remote));
        }
    }
    found.sort_by_key(|one| (one.begun, one.inner));
    found
}

pub(super) fn may_begin(inputs: &Inputs, function: FunctionId) -> bool {
    let begins = |call: &CallSite| {
        inputs.does(function, call).iter().any(|does| matches!(does, Does::Begin(_)))
            || matches!(&call.target, Target::Function(id) if inputs.is_own(*id)) && hands_out_transaction(inputs, function, call)
    };
    inputs.calls(function).iter().any(begins)
}

/// A function of the workspace that begins one for its caller.
fn hands_out_transaction(inputs: &Inputs, function: FunctionId, call: &CallSite) -> bool {
    let Target::Function(callee) = &call.target else { return false };
    if !is_transaction(inputs, function, call.expression) {
        return false;
    }
    let takes_one = inputs.resolved.functions[callee.0 as usize]
        .facts
        .as_ref()
        .is_some_and(|facts| facts.parameters.iter().any(|parameter| format!("{:?}", parameter.ty).contains("Transaction")));
    !takes_one
}

fn is_transaction(inputs: &Inputs, function: FunctionId, value: ExprId) -> bool {
    let krate = inputs.resolved.functions[function.0 as usize].krate;
    inputs.type_roles(krate, inputs.type_of(function, value)).contains(&TypeRole::Transaction)
}

/// What is evaluated while a transaction is open: after `from`, before `until`.
pub(super) struct Open {
    pub begun: Place,
    pub from: ExprId,
    pub until: ExprId,
}

pub(super) fn open_transactions(walk: &Walk) -> Vec<Open> {
    let bound = walk.lets().filter_map(|(pattern, value)| {
        let name = guard_name(walk, pattern)?;
        let begun = beginning(walk, value)?;
        let until = scope_end(walk, value)?;
        let until = given_up(walk, &name, value, until).unwrap_or(until);
        Some(Open { begun: walk.place(begun), from: value, until })
    });
    let mut open: Vec<Open> = bound.collect();
    open.extend((0..walk.body.expressions.len() as u32).filter_map(|at| in_closure(walk, ExprId(at))));
    open
}

/// The call inside `pool.begin().await.map_err(..)?`.
pub(super) fn beginning(walk: &Walk, value: ExprId) -> Option<ExprId> {
    let mut at = value;
    for _ in 0..16 {
        at = walk.peeled(at);
        if walk.does(at).iter().any(|does| matches!(does, Does::Begin(begin) if !begin.closure)) {
            return Some(at);
        }
        match walk.kind(at) {
            ExpressionKind::MethodCall { receiver, name, .. } if KEEPS.contains(&name.as_str()) => at = *receiver,
            ExpressionKind::Call { .. } | ExpressionKind::MethodCall { .. } => {
                let call = walk.inputs.call_at(walk.function, at)?;
                let own = matches!(&call.target, Target::Function(id) if walk.inputs.is_own(*id));
                // What the name is bound to is the transaction, and this call gave it.
                let gives = hands_out_transaction(walk.inputs, walk.function, call) || is_transaction(walk.inputs, walk.function, value);
                let given_one =
                    walk.arguments(at).iter().any(|argument| is_transaction(walk.inputs, walk.function, walk.peeled(*argument)));
                return (own && gives && !given_one).then_some(at);
            }
            _ => return None,
        }
    }
    None
}

/// `conn.transaction(|conn| ..)`.
fn in_closure(walk: &Walk, at: ExprId) -> Option<Open> {
    walk.does(at).iter().find(|does| matches!(does, Does::Begin(begin) if begin.closure))?;
    let closure = *walk.arguments(at).iter().find(|argument| matches!(walk.kind(**argument), ExpressionKind::Closure { .. }))?;
    let from = ExprId(walk.body[closure].first.0.checked_sub(1)?);
    Some(Open { begun: walk.place(at), from, until: closure })
}

fn first_remote(walk: &Walk, open: &Open, remote: &mut Remote) -> Option<HeldTransaction> {
    let own = super::function::id(walk.function);
    for at in ((open.from.0 + 1)..open.until.0).map(ExprId) {
        let when = walk.when(at);
        let is_call = matches!(walk.kind(at), ExpressionKind::Call { .. } | ExpressionKind::MethodCall { .. });
        if !is_call || when.spawned || when.once {
            continue;
        }
        let place = walk.place(at);
        let direct = remote.backend.function(own).effects.iter().find(|effect| effect.place == place && is_remote(effect)).cloned();
        let found = match direct {
            Some(effect) => Some((Chain { functions: vec![own], calls: Vec::new() }, effect)),
            None => through_call(walk, at, own, remote),
        };
        let Some((chain, effect)) = found else { continue };
        return Some(HeldTransaction {
            function: own,
            begun: open.begun,
            inner: place,
            chain,
            kind: effect.kind,
            what: effect.what,
            remote: effect.place,
            leases: leases(walk, open, remote.backend),
        });
    }
    None
}

fn through_call(walk: &Walk, at: ExprId, own: model::FunctionId, remote: &mut Remote) -> Option<(Chain, Effect)> {
    let call = walk.inputs.call_at(walk.function, at)?;
    let Target::Function(callee) = &call.target else { return None };
    if !walk.inputs.is_own(*callee) {
        return None;
    }
    let (way, effect) = remote.nearest(super::function::id(*callee))?;
    let chain = Chain {
        functions: std::iter::once(own).chain(way.functions).collect(),
        calls: std::iter::once(call.place).chain(way.calls).collect(),
    };
    Some((chain, effect))
}

fn is_remote(effect: &Effect) -> bool {
    let kinds = [EffectKind::Http, EffectKind::Grpc, EffectKind::Smtp, EffectKind::ObjectStore, EffectKind::Queue];
    kinds.contains(&effect.kind) && !effect.spawned && !effect.once
}

/// It takes rows that others skip, so that nobody waits for them.
fn leases(walk: &Walk, open: &Open, backend: &Backend) -> bool {
    let own = super::function::id(walk.function);
    let inside = |place: Place| place.span.start >= open.begun.span.start;
    let skips = |access: &model::DataAccess| access.statement.as_ref().is_some_and(|statement| statement.row_lock == Some(RowLock::Skips));
    backend.data_access_in(own).any(|access| inside(access.place) && skips(access))
}

/// The nearest call to another system, by function.
struct Remote<'b> {
    backend: &'b Backend,
    known: FxHashMap<model::FunctionId, Option<(Chain, Effect)>>,
}

/// Calls between the transaction and the other system.
const LONGEST_WAY: usize = 5;

impl Remote<'_> {
    fn nearest(&mut self, from: model::FunctionId) -> Option<(Chain, Effect)> {
        if let Some(known) = self.known.get(&from) {
            return known.clone();
        }
        let certain = |call: &model::Call| {
            let direct = matches!(call.kind, model::CallKind::Direct | model::CallKind::MayReach { of: 1 });
            direct && !call.once && !call.spawned && !call.in_closure
        };
        let reached = self.backend.reached_if(from, certain);
        let found = reached.functions.iter().find_map(|id| {
            let effect = self.backend.function(*id).effects.iter().find(|effect| is_remote(effect))?;
            let chain = reached.chain_to(*id);
            (chain.calls.len() <= LONGEST_WAY).then(|| (chain, effect.clone()))
        });
        self.known.insert(from, found.clone());
        found
    }
}

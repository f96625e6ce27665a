//! What each worker of a server builds for itself: servers that call a closure once per worker (actix-web) get one of everything that is
//! built in it.

use super::Inputs;
use super::walk::Walk;
use crate::facts::{ExprId, ExpressionKind};
use crate::knowledge::{Does, Routing};
use crate::model::{self, Backend, Evidence, ResourceKind};
use crate::resolve::FunctionId;
use crate::source::Place;

pub fn add(inputs: &Inputs, backend: &mut Backend) {
    if !backend.resources.iter().any(|resource| resource.kind == ResourceKind::Pool) {
        return;
    }
    let factories: Vec<Factory> = inputs.own_functions().flat_map(|function| factories(inputs, function)).collect();
    for at in 0..backend.resources.len() {
        let resource = &backend.resources[at];
        if resource.kind == ResourceKind::Pool {
            let builds = factories.iter().find(|factory| builds(backend, factory, resource));
            backend.resources[at].per_worker = builds.map(|factory| factory.evidence.clone());
        }
    }
}

/// A closure that a server calls once per worker.
struct Factory {
    function: model::FunctionId,
    closure: Place,
    evidence: Evidence,
}

fn factories(inputs: &Inputs, function: FunctionId) -> Vec<Factory> {
    let serves = |does: &Does| matches!(does, Does::Routing(Routing::Serve { factory: true, .. }));
    let servers: Vec<ExprId> =
        inputs.calls(function).iter().filter(|call| inputs.does(function, call).iter().any(serves)).map(|call| call.expression).collect();
    if servers.is_empty() || inputs.resolved.functions[function.0 as usize].test {
        return Vec::new();
    }
    let Some(walk) = Walk::new(inputs, function) else { return Vec::new() };
    if has_one_worker(&walk) {
        return Vec::new();
    }
    let factory = |at: &ExprId| {
        let closure = *walk.arguments(*at).iter().find(|argument| matches!(walk.kind(**argument), ExpressionKind::Closure { .. }))?;
        let evidence = Evidence::at(walk.place(*at), "the server calls this closure once for each of its workers");
        Some(Factory { function: super::function::id(function), closure: walk.place(closure), evidence })
    };
    servers.iter().filter_map(factory).collect()
}

/// `.workers(1)`.
fn has_one_worker(walk: &Walk) -> bool {
    (0..walk.body.expressions.len() as u32)
        .map(ExprId)
        .any(|at| walk.callee_name(at) == Some("workers") && walk.arguments(at).first().is_some_and(|count| walk.text(*count) == "1"))
}

/// In the closure itself, or in a function that it calls directly.
fn builds(backend: &Backend, factory: &Factory, resource: &model::Resource) -> bool {
    let inside = |place: Place| place.file == factory.closure.file && factory.closure.span.contains(place.span);
    let is_once =
        backend.function(resource.function).effects.iter().any(|effect| effect.place == resource.place && (effect.once || effect.spawned));
    if is_once {
        return false;
    }
    let direct = |call: &model::Call| matches!(call.kind, model::CallKind::Direct) && !call.once && !call.spawned && !call.in_closure;
    inside(resource.place)
        || backend.function(factory.function).calls.iter().filter(|call| inside(call.place)).any(|call| {
            let called = matches!(call.kind, model::CallKind::Direct) && !call.once && !call.spawned;
            called && backend.reached_if(call.to, direct).functions.contains(&resource.function)
        })
}

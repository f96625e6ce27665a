//! When each resource is built: at start-up, for every request, or for every job.

use super::Inputs;
use crate::model::{Backend, Built, Chain, Context, FunctionId, ResourceKind, RouteId};
use crate::resolve::{Container, TargetKind};
use crate::source::Place;
use rustc_hash::{FxHashMap, FxHashSet};

/// Call it when routes are known and closures that handle requests are functions of their own.
pub fn add(inputs: &Inputs, backend: &mut Backend) {
    let entries = entries(backend);
    let startup = startup(inputs, backend);
    let built: Vec<Built> = (0..backend.resources.len()).map(|at| built(inputs, backend, at, &entries, &startup)).collect();
    for (resource, built) in backend.resources.iter_mut().zip(built) {
        resource.built = built;
    }
}

/// What a request runs: handlers, and the functions of its middleware.
struct Entries {
    /// Route and its way to each function, the shortest one first.
    ways: FxHashMap<FunctionId, Vec<(RouteId, Chain)>>,
    /// Functions that jobs reach.
    jobs: FxHashMap<FunctionId, Chain>,
}

fn entries(backend: &Backend) -> Entries {
    let mut ways: FxHashMap<FunctionId, Vec<(RouteId, Chain)>> = FxHashMap::default();
    let mut reached: FxHashMap<FunctionId, Vec<Chain>> = FxHashMap::default();
    let builders: FxHashSet<FunctionId> = backend.resources.iter().map(|resource| resource.function).collect();
    for (at, route) in backend.routes.iter().enumerate().filter(|(_, route)| route.context == Context::Production) {
        let Some(handler) = route.handler.function() else { continue };
        // What a request starts in a task of its own is still started once per request.
        let chains = reached.entry(handler).or_insert_with(|| {
            let reached = backend.reached_if(handler, |call| !call.once);
            reached.functions.iter().filter(|id| builders.contains(id)).map(|id| reached.chain_to(*id)).collect()
        });
        for chain in chains.iter() {
            ways.entry(chain.last()).or_default().push((RouteId(at as u32), chain.clone()));
        }
    }
    ways.values_mut().for_each(|ways| ways.sort_by_key(|(route, chain)| (chain.calls.len(), *route)));
    Entries { ways, jobs: jobs(backend, &builders) }
}

/// What consumers of queues and repeated jobs reach.
fn jobs(backend: &Backend, builders: &FxHashSet<FunctionId>) -> FxHashMap<FunctionId, Chain> {
    let consumers = backend.functions.iter().enumerate().filter(|(_, function)| function.role == crate::model::Role::Job);
    let mut jobs = FxHashMap::default();
    for (at, _) in consumers {
        let reached = backend.reached_if(FunctionId(at as u32), |call| !call.once);
        for id in reached.functions.iter().filter(|id| builders.contains(id)) {
            jobs.entry(*id).or_insert_with(|| reached.chain_to(*id));
        }
    }
    jobs
}

/// Functions that run before the first request: what `main` reaches, and initializers.
fn startup(inputs: &Inputs, backend: &Backend) -> Vec<bool> {
    let mut startup = vec![false; backend.functions.len()];
    if backend.resources.is_empty() {
        return startup;
    }
    for (at, function) in inputs.resolved.functions.iter().enumerate() {
        let krate = &inputs.resolved.crates[function.krate.0 as usize];
        let is_binary = krate.source.is_some_and(|source| inputs.graph.crates[source].kind == TargetKind::Binary);
        let is_main = is_binary && function.name == "main" && function.module == krate.root;
        if is_main || function.container == Container::Initializer && krate.source.is_some() {
            for id in backend.reached_if(FunctionId(at as u32), |_| true).functions {
                startup[id.0 as usize] = true;
            }
        }
    }
    startup
}

fn built(inputs: &Inputs, backend: &Backend, at: usize, entries: &Entries, startup: &[bool]) -> Built {
    let resource = &backend.resources[at];
    let function = backend.function(resource.function);
    let by_attribute = resource.kind == ResourceKind::Cache
        && !function.effects.iter().any(|effect| effect.place == resource.place)
        && matches!(resource.built, Built::Startup);
    if by_attribute
        || is_once(backend, resource.function, resource.place)
        || is_for_a_pool(inputs, backend, resource.function, resource.place)
    {
        return Built::Startup;
    }
    if let Some(ways) = entries.ways.get(&resource.function) {
        let kept = ways.iter().filter(|(_, chain)| !chain.functions.iter().any(|id| is_pool_code(backend, *id)));
        let mut kept = kept.peekable();
        if let Some((route, chain)) = kept.peek().map(|(route, chain)| (*route, chain.clone())) {
            return Built::PerRequest { route, chain, other_routes: kept.count() - 1 };
        }
    }
    if let Some(chain) = entries.jobs.get(&resource.function) {
        return Built::PerJob { chain: chain.clone() };
    }
    if startup[resource.function.0 as usize] {
        return Built::Startup;
    }
    Built::Unknown("neither `main` nor a handler was seen to build it".into())
}

/// Inside `OnceLock::get_or_init` and the like.
fn is_once(backend: &Backend, function: FunctionId, place: Place) -> bool {
    backend.function(function).effects.iter().any(|effect| effect.place == place && effect.once)
}

/// Pools open their connections themselves: managers, and the closures they are given.
fn is_for_a_pool(inputs: &Inputs, backend: &Backend, function: FunctionId, place: Place) -> bool {
    is_pool_code(backend, function) || is_in_setup(inputs, function, place)
}

fn is_pool_code(backend: &Backend, function: FunctionId) -> bool {
    const TRAITS: &[&str] = &["ManageConnection", "Manager", "CustomizeConnection"];
    let path = backend.function(function).trait_path.as_deref().unwrap_or_default();
    TRAITS.contains(&path.rsplit("::").next().unwrap_or(path))
}

/// `config.custom_setup = Box::new(|url| establish(url).boxed())`.
fn is_in_setup(inputs: &Inputs, function: FunctionId, place: Place) -> bool {
    use crate::facts::ExpressionKind;
    let resolved = crate::resolve::FunctionId(function.0);
    if function.0 as usize >= inputs.resolved.functions.len() {
        return false;
    }
    let Some(body) = inputs.body(resolved) else { return false };
    let names_setup = |name: &str| name == "custom_setup";
    body.expressions.iter().any(|expression| match &expression.kind {
        ExpressionKind::Assign { left, right, .. } => {
            let is_setup = matches!(&body[*left].kind, ExpressionKind::Field { name, .. } if names_setup(name));
            is_setup && body[*right].span.contains(place.span)
        }
        ExpressionKind::Struct { fields, .. } => {
            fields.iter().any(|(name, _, value)| names_setup(name) && body[*value].span.contains(place.span))
        }
        _ => false,
    })
}

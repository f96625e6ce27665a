//! When each resource is built: at start-up, for every request, or for every job.

use super::{Inputs, kept};
use crate::model::{Backend, Built, Chain, Context, EffectKind, FunctionId, ResourceKind, RouteId};
use crate::resolve::{self, AdtId, Container, TargetKind, Ty};
use crate::source::Place;
use rustc_hash::{FxHashMap, FxHashSet};

/// Call it when routes are known and closures that handle requests are functions of their own.
pub fn add(inputs: &Inputs, backend: &mut Backend) {
    let entries = entries(inputs, backend);
    let startup = startup(inputs, backend);
    let built: Vec<Built> = (0..backend.resources.len()).map(|at| built(inputs, backend, at, &entries, &startup)).collect();
    for (resource, built) in backend.resources.iter_mut().zip(built) {
        resource.built = built;
        resource.stored = kept::outlives_its_function(inputs, resource.function, resource.place);
    }
}

/// What a request runs: handlers, and the functions of its middleware.
struct Entries {
    /// Route and its way to each function, the shortest one first.
    ways: FxHashMap<FunctionId, Vec<(RouteId, Chain)>>,
    /// Functions that jobs reach.
    jobs: FxHashMap<FunctionId, Chain>,
}

fn entries(inputs: &Inputs, backend: &Backend) -> Entries {
    let guards = guards(inputs);
    let mut ways: FxHashMap<FunctionId, Vec<(RouteId, Chain)>> = FxHashMap::default();
    let mut reached: FxHashMap<FunctionId, Vec<Chain>> = FxHashMap::default();
    let builders: FxHashSet<FunctionId> = backend.resources.iter().map(|resource| resource.function).collect();
    let by_path: FxHashMap<&str, FunctionId> = middleware_functions(backend);
    for (at, route) in backend.routes.iter().enumerate().filter(|(_, route)| route.context == Context::Production) {
        let middleware = route.middleware.iter().filter(|one| !one.may).filter_map(|one| by_path.get(one.name.as_str()));
        for entry in middleware {
            for chain in reached.entry(*entry).or_insert_with(|| chains(backend, *entry, &builders)).iter() {
                ways.entry(chain.last()).or_default().push((RouteId(at as u32), chain.clone()));
            }
        }
        let Some(handler) = route.handler.function() else { continue };
        // What a request starts in a task of its own is still started once per request.
        let chains = reached.entry(handler).or_insert_with(|| {
            let mut chains = chains(backend, handler, &builders);
            for guard in guards_of(inputs, handler, &guards) {
                chains.extend(chains_through(backend, handler, guard, &builders));
            }
            chains
        });
        for chain in chains.iter() {
            ways.entry(chain.last()).or_default().push((RouteId(at as u32), chain.clone()));
        }
    }
    ways.values_mut().for_each(|ways| ways.sort_by_key(|(route, chain)| (chain.calls.len(), *route)));
    Entries { ways, jobs: jobs(backend, &builders) }
}

/// Functions of the workspace that are somewhere in a stack, by path.
fn middleware_functions(backend: &Backend) -> FxHashMap<&str, FunctionId> {
    let names: FxHashSet<&str> = backend.routes.iter().flat_map(|route| &route.middleware).map(|one| one.name.as_str()).collect();
    let functions = backend.functions.iter().enumerate().filter(|(_, function)| names.contains(function.path.as_str()));
    functions.map(|(at, function)| (function.path.as_str(), FunctionId(at as u32))).collect()
}

/// The ways from a function to those that build something.
fn chains(backend: &Backend, from: FunctionId, builders: &FxHashSet<FunctionId>) -> Vec<Chain> {
    let reached = backend.reached_if(from, |call| !call.once);
    reached.functions.iter().filter(|id| builders.contains(id)).map(|id| reached.chain_to(*id)).collect()
}

/// As [`chains`], by way of an extractor among the handler's parameters.
fn chains_through(backend: &Backend, handler: FunctionId, guard: FunctionId, builders: &FxHashSet<FunctionId>) -> Vec<Chain> {
    let place = backend.function(handler).place;
    let with_handler = |mut chain: Chain| {
        chain.functions.insert(0, handler);
        chain.calls.insert(0, place);
        chain
    };
    chains(backend, guard, builders).into_iter().map(with_handler).collect()
}

/// Extractors of the workspace: for each type, the functions that make it from a request.
fn guards(inputs: &Inputs) -> FxHashMap<AdtId, Vec<FunctionId>> {
    let mut guards: FxHashMap<AdtId, Vec<FunctionId>> = FxHashMap::default();
    for block in &inputs.resolved.impls {
        let Ty::Adt(adt, _) = &block.self_type else { continue };
        let makes = |id: &resolve::FunctionId| {
            let name = &inputs.resolved.functions[id.0 as usize].name;
            inputs.is_own(*id) && (name.starts_with("from_request") || name == "from_data")
        };
        let methods = block.methods.iter().filter(|id| block.trait_.is_some() && makes(id)).map(|id| super::function::id(*id));
        guards.entry(*adt).or_default().extend(methods);
    }
    guards
}

fn guards_of(inputs: &Inputs, handler: FunctionId, guards: &FxHashMap<AdtId, Vec<FunctionId>>) -> Vec<FunctionId> {
    let Some(body) = inputs.resolved.bodies.get(handler.0 as usize) else { return Vec::new() };
    let mut adts = Vec::new();
    body.parameters.iter().for_each(|ty| adts_in(ty, &mut adts));
    adts.iter().filter_map(|adt| guards.get(adt)).flatten().copied().collect()
}

fn adts_in(ty: &Ty, into: &mut Vec<AdtId>) {
    match ty {
        Ty::Reference(inner) => adts_in(inner, into),
        Ty::Adt(id, arguments) => {
            into.push(*id);
            arguments.iter().for_each(|argument| adts_in(argument, into));
        }
        _ => {}
    }
}

/// What one run of a job reaches: methods of the traits by which queues and clocks call it.
fn jobs(backend: &Backend, builders: &FxHashSet<FunctionId>) -> FxHashMap<FunctionId, Chain> {
    const TRAITS: &[&str] = &["AsyncRunnable", "Runnable", "BackgroundJob", "CronJob", "AsyncConsumer"];
    let is_job = |function: &crate::model::Function| {
        function.trait_path.as_deref().is_some_and(|path| TRAITS.contains(&path.rsplit("::").next().unwrap_or(path)))
    };
    let mut jobs = FxHashMap::default();
    for (at, _) in backend.functions.iter().enumerate().filter(|(_, function)| is_job(function)) {
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
        let mut keepers = Keepers { inputs, backend, library: &resource.library, place: resource.place, known: FxHashMap::default() };
        let thrown_away: Vec<&(RouteId, Chain)> = kept.filter(|(_, chain)| keepers.of(chain).is_none()).collect();
        if let Some((route, chain)) = thrown_away.first() {
            return Built::PerRequest { route: *route, chain: chain.clone(), other_routes: thrown_away.len() - 1 };
        }
        if let Some(keeper) = ways.iter().find_map(|(_, chain)| keepers.of(chain)) {
            return Built::Unknown(format!("`{}` keeps what it builds", backend.function(keeper).name));
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

/// Who keeps one resource, by way: many routes share their way.
struct Keepers<'k, 'a> {
    inputs: &'k Inputs<'a>,
    backend: &'k Backend,
    library: &'k str,
    place: Place,
    known: FxHashMap<Vec<FunctionId>, Option<FunctionId>>,
}

impl Keepers<'_, '_> {
    fn of(&mut self, chain: &Chain) -> Option<FunctionId> {
        if let Some(known) = self.known.get(&chain.functions) {
            return *known;
        }
        let found = keeper(self.inputs, self.backend, chain, self.library).or_else(|| kept::keeper(self.inputs, chain, self.place));
        self.known.insert(chain.functions.clone(), found);
        found
    }
}

/// A function on the way that looks into a cache or map and puts into it, or that belongs to a pool: what is built below it is built on a
/// miss only.
fn keeper(inputs: &Inputs, backend: &Backend, chain: &Chain, library: &str) -> Option<FunctionId> {
    chain.functions.iter().enumerate().map(|(at, id)| (at, *id)).find_map(|(at, id)| {
        let in_process = |what: &str| !CACHE_SERVERS.iter().any(|library| what.starts_with(library));
        let has = |kind| backend.function(id).effects.iter().any(|effect| effect.kind == kind && in_process(&effect.what));
        let caches = has(EffectKind::CacheRead) && has(EffectKind::CacheWrite);
        // Handlers use maps for much else.
        (caches || at > 0 && fills_a_map(inputs, id) || is_of_a_pool(inputs, id, library)).then_some(id)
    })
}

/// Libraries of caches outside of the process: they keep data, never what is built.
const CACHE_SERVERS: &[&str] = &["redis::", "fred::", "memcache::", "async_memcached::", "rustis::"];

fn fills_a_map(inputs: &Inputs, id: FunctionId) -> bool {
    const MAPS: &[&str] = &["HashMap", "BTreeMap", "DashMap", "IndexMap"];
    let id = resolve::FunctionId(id.0);
    if id.0 as usize >= inputs.resolved.functions.len() {
        return false;
    }
    let called = |names: &[&str]| {
        inputs.calls(id).iter().any(|call| {
            let path = super::knows::external_path(&call.target, inputs.resolved).unwrap_or_default();
            let mut ends = path.rsplit("::");
            let (name, owner) = (ends.next().unwrap_or_default(), ends.next().unwrap_or_default());
            names.contains(&name) && MAPS.contains(&owner)
        })
    };
    called(&["entry"]) || called(&["insert"]) && called(&["get", "get_mut", "contains_key"])
}

/// Whether it is a method of a type that keeps many of the library's things, as a pool does that somebody wrote themselves.
fn is_of_a_pool(inputs: &Inputs, id: FunctionId, library: &str) -> bool {
    let Some(function) = inputs.resolved.functions.get(id.0 as usize) else { return false };
    let Container::Impl(block) = function.container else { return false };
    let Ty::Adt(adt, _) = &inputs.resolved.impls[block.0 as usize].self_type else { return false };
    let mut fields = inputs.resolved.adts[adt.0 as usize].variants.iter().flat_map(|variant| &variant.types);
    fields.any(|field| has_many(inputs, field, library, false, DEEP))
}

/// How many types inside types are looked at.
const DEEP: usize = 8;

/// `Arc<Mutex<Vec<tokio_postgres::Client>>>`, or `LruCache<Tenant, Remote>` where `struct Remote` holds a client.
pub(super) fn has_many(inputs: &Inputs, ty: &Ty, library: &str, many: bool, depth: usize) -> bool {
    const COLLECTIONS: &[&str] = &[
        "Vec",
        "VecDeque",
        "LinkedList",
        "ArrayQueue",
        "SegQueue",
        "Receiver",
        "HashMap",
        "BTreeMap",
        "DashMap",
        "IndexMap",
        "LruCache",
        "Cache",
        "FxHashMap",
        "AHashMap",
        "SlotMap",
    ];
    let arguments = match ty {
        Ty::Adt(_, arguments) | Ty::External(_, arguments) => arguments,
        Ty::Reference(inner) if depth > 0 => return has_many(inputs, inner, library, many, depth - 1),
        _ => return false,
    };
    let path = inputs.type_path(ty).unwrap_or_default();
    if many && crate::words::first_segment(path) == library {
        return true;
    }
    let many_here = many || COLLECTIONS.contains(&path.rsplit("::").next().unwrap_or(path));
    depth > 0
        && (arguments.iter().any(|inner| has_many(inputs, inner, library, many_here, depth - 1))
            || many_here && own_fields(inputs, ty).any(|field| has_many(inputs, field, library, true, depth.min(3) - 1)))
}

/// Types of the fields of a type of the workspace.
fn own_fields<'a>(inputs: &Inputs<'a>, ty: &Ty) -> impl Iterator<Item = &'a Ty> + use<'a> {
    let variants = match ty {
        Ty::Adt(id, _) => inputs.resolved.adts[id.0 as usize].variants.as_slice(),
        _ => &[],
    };
    variants.iter().flat_map(|variant| &variant.types)
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

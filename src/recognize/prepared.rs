//! Statements that are prepared again in every turn of a loop, there or in what the loop calls, with the same text each time.
//!
//! Silent where the driver keeps prepared statements anyway, and where nothing says that the connection could keep them: a plain
//! connection has no cache, so only a `prepare` that stands in the loop itself can be moved out of it.

use super::Inputs;
use super::repeated::{Always, Loop, is_direct, is_last_round, loops};
use super::text::text_of;
use super::walk::Walk;
use crate::facts::{ExprId, ExpressionKind};
use crate::knowledge::Does;
use crate::model::{self, Backend, Chain, Context, RepeatedPrepare};
use crate::resolve::{CrateId, FunctionId, Target, Ty};
use crate::source::Place;
use rustc_hash::FxHashMap;

pub(super) fn all(inputs: &Inputs, backend: &Backend) -> Vec<RepeatedPrepare> {
    let near = Near::of(inputs, backend);
    if near.own.is_empty() {
        return Vec::new();
    }
    let served = backend.served();
    let mut found = Vec::new();
    for function in inputs.own_functions().filter(|function| near.matters_to(backend, *function)) {
        let id = super::function::id(function);
        if backend.function(id).context != Context::Production || !served.contains(id) {
            continue;
        }
        let Some(walk) = Walk::new(inputs, function) else { continue };
        for one in loops(&walk) {
            found.extend(near.in_loop(&walk, &one));
        }
    }
    found
}

/// A call that prepares a statement.
#[derive(Clone)]
struct Prepare {
    at: ExprId,
    place: Place,
    text: ExprId,
    receiver: ExprId,
    /// The method of the same connection that prepares a text once.
    cached: Option<String>,
    in_process: bool,
}

/// Where the text of a statement comes from, as one function sees it.
#[derive(Clone, Copy, PartialEq)]
enum Text {
    /// Always the same.
    Fixed,
    /// The parameter of this position.
    Given(usize),
}

/// A way from a function to a statement that it prepares whenever it is called.
#[derive(Clone)]
struct Way {
    chain: Chain,
    text: Text,
    place: Place,
    cached: String,
    in_process: bool,
}

struct Near {
    own: FxHashMap<model::FunctionId, Vec<Prepare>>,
    ways: FxHashMap<model::FunctionId, Way>,
}

/// Calls between the loop and the statement.
const LONGEST_WAY: usize = 4;

impl Near {
    fn of(inputs: &Inputs, backend: &Backend) -> Self {
        let mut near = Self { own: FxHashMap::default(), ways: FxHashMap::default() };
        for function in inputs.own_functions().filter(|function| inputs.all_does(*function).any(prepares)) {
            let Some(walk) = Walk::new(inputs, function) else { continue };
            let own = prepared_in(&walk);
            if !own.is_empty() {
                near.own.insert(super::function::id(function), own);
            }
        }
        near.spread(inputs, backend);
        near
    }

    /// Back along the calls, from the functions that prepare statements themselves.
    fn spread(&mut self, inputs: &Inputs, backend: &Backend) {
        if self.own.is_empty() {
            return;
        }
        let mut always = Always::new(inputs);
        let callers = backend.callers(is_direct);
        let mut wave: Vec<model::FunctionId> = self.own.keys().copied().collect();
        wave.sort();
        for id in &wave {
            let Some(walk) = Walk::new(inputs, FunctionId(id.0)) else { continue };
            let way = self.own[id].iter().filter(|one| always.runs(*id, one.place)).find_map(|one| own_way(&walk, *id, one));
            self.ways.extend(way.map(|way| (*id, way)));
        }
        for _ in 0..LONGEST_WAY {
            let mut next = Vec::new();
            for id in wave {
                let Some(way) = self.ways.get(&id).cloned() else { continue };
                for (caller, place) in callers.of(id.0) {
                    if self.ways.contains_key(caller) || !always.runs(*caller, *place) {
                        continue;
                    }
                    let Some(longer) = longer_way(inputs, *caller, *place, &way) else { continue };
                    self.ways.insert(*caller, longer);
                    next.push(*caller);
                }
            }
            wave = next;
        }
    }

    fn matters_to(&self, backend: &Backend, function: FunctionId) -> bool {
        let id = super::function::id(function);
        self.own.contains_key(&id) || backend.function(id).calls.iter().any(|call| self.ways.contains_key(&call.to))
    }

    fn in_loop(&self, walk: &Walk, one: &Loop) -> Vec<RepeatedPrepare> {
        let id = super::function::id(walk.function);
        let runs = |at: ExprId| {
            let when = walk.when(at);
            walk.body.is_inside(at, one.body) && !when.spawned && !when.once && !is_last_round(walk, at, one.body)
        };
        let found = |inner: Place, chain: Chain, prepared: Place, cached: Option<String>, in_process: bool| RepeatedPrepare {
            function: id,
            over: walk.text(one.iterable),
            loop_place: walk.place(one.iterable),
            inner,
            chain,
            prepared,
            cached,
            in_process,
        };
        let mut all = Vec::new();
        for own in self.own.get(&id).into_iter().flatten().filter(|own| runs(own.at)) {
            // A connection of another turn is another connection.
            let helps = own.cached.is_some() || is_outside(walk, one, own.receiver);
            if helps && stays_the_same(walk, one, own.text) {
                all.push(found(own.place, Chain { functions: vec![id], calls: Vec::new() }, own.place, own.cached.clone(), own.in_process));
            }
        }
        for call in walk.inputs.calls(walk.function).iter().filter(|call| runs(call.expression)) {
            let Target::Function(callee) = &call.target else { continue };
            let Some(way) = self.ways.get(&super::function::id(*callee)) else { continue };
            let same = match way.text {
                Text::Fixed => true,
                Text::Given(index) => given(walk, call.expression, *callee, index).is_some_and(|text| stays_the_same(walk, one, text)),
            };
            if same {
                all.push(found(call.place, before(id, call.place, &way.chain), way.place, Some(way.cached.clone()), way.in_process));
            }
        }
        all
    }
}

fn prepares(does: &Does) -> bool {
    matches!(does, Does::Query(query) if query.prepares)
}

fn prepared_in(walk: &Walk) -> Vec<Prepare> {
    (0..walk.body.expressions.len() as u32).map(ExprId).filter_map(|at| prepare(walk, at)).collect()
}

fn prepare(walk: &Walk, at: ExprId) -> Option<Prepare> {
    let ExpressionKind::MethodCall { receiver, name, .. } = walk.kind(at) else { return None };
    let does = walk.does(at).iter().find(|does| prepares(does))?;
    let Does::Query(query) = does else { return None };
    let text = *walk.arguments(at).get(query.sql?)?;
    let krate = walk.inputs.resolved.functions[walk.function.0 as usize].krate;
    let cached = statement_cache(walk.inputs, krate, walk.inputs.type_of(walk.function, *receiver));
    // Where the cache is behind the plain name there is nothing to say.
    let keeps = cached.is_some_and(|cached| cached == name.as_str());
    let in_process = is_in_process(walk, at);
    let cached = cached.map(str::to_string);
    (!keeps).then(|| Prepare { at, place: walk.place(at), text, receiver: *receiver, cached, in_process })
}

fn is_in_process(walk: &Walk, at: ExprId) -> bool {
    let call = walk.inputs.call_at(walk.function, at);
    let path = call.and_then(|call| super::knows::external_path(&call.target, walk.inputs.resolved));
    path.is_some_and(|path| super::connection_type::family(path) == "rusqlite")
}

/// Of a connection, or of what holds one: `Object<Manager>`, `MutexGuard<Connection>`.
fn statement_cache<'a>(inputs: &Inputs<'a>, krate: CrateId, ty: &'a Ty) -> Option<&'a str> {
    if let Ty::Reference(inner) = ty {
        return statement_cache(inputs, krate, inner);
    }
    let path = inputs.type_path(ty)?;
    let own = inputs.knowledge.statement_cache(path, inputs.version_of(krate, path));
    own.or_else(|| match ty {
        Ty::Adt(_, arguments) | Ty::External(_, arguments) => {
            arguments.iter().find_map(|argument| statement_cache(inputs, krate, argument))
        }
        _ => None,
    })
}

fn own_way(walk: &Walk, id: model::FunctionId, one: &Prepare) -> Option<Way> {
    let (text, cached) = (text_from(walk, one.text)?, one.cached.clone()?);
    Some(Way { chain: Chain { functions: vec![id], calls: Vec::new() }, text, place: one.place, cached, in_process: one.in_process })
}

fn longer_way(inputs: &Inputs, caller: model::FunctionId, place: Place, way: &Way) -> Option<Way> {
    let walk = Walk::new(inputs, FunctionId(caller.0))?;
    let call = inputs.calls(walk.function).iter().find(|call| call.place == place)?;
    let text = match way.text {
        Text::Fixed => Text::Fixed,
        Text::Given(index) => text_from(&walk, given(&walk, call.expression, FunctionId(way.chain.functions[0].0), index)?)?,
    };
    Some(Way { chain: before(caller, place, &way.chain), text, ..way.clone() })
}

fn before(caller: model::FunctionId, place: Place, chain: &Chain) -> Chain {
    Chain {
        functions: std::iter::once(caller).chain(chain.functions.iter().copied()).collect(),
        calls: std::iter::once(place).chain(chain.calls.iter().copied()).collect(),
    }
}

/// `None`: it is put together here, or comes from elsewhere.
fn text_from(walk: &Walk, text: ExprId) -> Option<Text> {
    if !text_of(walk, text).holes {
        return Some(Text::Fixed);
    }
    let at = walk.same_thing(text);
    if walk.bound_value(at).is_some() {
        return None;
    }
    parameter(walk, at).map(Text::Given)
}

/// The position of the parameter that a name stands for.
fn parameter(walk: &Walk, at: ExprId) -> Option<usize> {
    let ExpressionKind::Path(path) = walk.kind(at) else { return None };
    let name = path.single()?;
    let facts = walk.inputs.resolved.functions[walk.function.0 as usize].facts.as_ref()?;
    facts.parameters.iter().position(|parameter| parameter.name.as_deref() == Some(name))
}

/// What a call gives for a parameter, which is counted without `self`.
fn given(walk: &Walk, call: ExprId, callee: FunctionId, index: usize) -> Option<ExprId> {
    let by_path = match walk.kind(call) {
        ExpressionKind::MethodCall { .. } => 0,
        _ => usize::from(walk.inputs.resolved.functions[callee.0 as usize].facts.as_ref()?.receiver.is_some()),
    };
    walk.arguments(call).get(index + by_path).copied()
}

/// Whether a text is the same in every turn.
fn stays_the_same(walk: &Walk, one: &Loop, text: ExprId) -> bool {
    !text_of(walk, text).holes || is_outside(walk, one, text)
}

/// A local of before the loop, or a parameter.
fn is_outside(walk: &Walk, one: &Loop, value: ExprId) -> bool {
    let at = walk.same_thing(value);
    let ExpressionKind::Path(path) = walk.kind(at) else { return false };
    if path.single().is_some_and(|name| one.names.iter().any(|own| own == name)) {
        return false;
    }
    match walk.bound_value(at) {
        Some(value) => !walk.body.is_inside(value, one.body),
        None => path.single().is_some_and(|name| name == "self") || parameter(walk, at).is_some(),
    }
}

//! Functions that ask a cache, load what it does not have, and put that in: by themselves step by step, or by a call of the cache that
//! does all three.
//!
//! Step by step it counts only where everything is seen: the same key of the same cache is asked first and written last, in between a
//! database or another system is asked, and that only happens on a miss.

use super::Inputs;
use super::round_trips::{bound, mentions};
use super::walk::Walk;
use crate::facts::{BlockKind, ExprId, ExpressionKind, PatternId};
use crate::model::{
    self, Backend, CacheFill, CacheOperation, CacheOperationKind, Chain, Context, EffectKind, Evidence, Operation, ResourceKind, Truth,
};
use crate::resolve::{FunctionId, Target};
use crate::source::Place;
use rustc_hash::{FxHashMap, FxHashSet};

/// Call it when operations on caches, contexts and calls are known.
pub fn add(inputs: &Inputs, backend: &mut Backend) {
    let mut by_function: FxHashMap<model::FunctionId, Vec<&CacheOperation>> = FxHashMap::default();
    for operation in &backend.cache_operations {
        by_function.entry(operation.function).or_default().push(operation);
    }
    let mut found = Vec::new();
    for function in inputs.own_functions() {
        let id = super::function::id(function);
        let Some(operations) = by_function.get(&id).filter(|operations| fills_something(operations)) else { continue };
        if backend.function(id).context != Context::Production {
            continue;
        }
        let Some(walk) = Walk::new(inputs, function) else { continue };
        found.extend(Filling { walk: &walk, backend, steps: steps(&walk, operations) }.all());
    }
    backend.cache_fills = found;
}

fn fills_something(operations: &[&CacheOperation]) -> bool {
    let has = |kind| operations.iter().any(|one| one.kind == kind && !one.spawned);
    has(CacheOperationKind::Read) && has(CacheOperationKind::Write)
}

/// One call of a cache, with what it is asked to do.
struct Step<'b> {
    at: ExprId,
    operation: &'b CacheOperation,
    /// It reads, and writes what it does not find.
    does_both: bool,
}

fn steps<'b>(walk: &Walk, operations: &[&'b CacheOperation]) -> Vec<Step<'b>> {
    let wanted = |one: &&&CacheOperation| !one.spawned && matches!(one.kind, CacheOperationKind::Read | CacheOperationKind::Write);
    let mut steps = Vec::new();
    for call in walk.inputs.calls(walk.function) {
        let place = walk.place(call.expression);
        let here: Vec<&&CacheOperation> = operations.iter().filter(wanted).filter(|one| one.place == place).collect();
        if let Some(last) = here.last() {
            steps.push(Step { at: call.expression, operation: last, does_both: here.len() > 1 });
        }
    }
    steps
}

struct Filling<'w, 'b> {
    walk: &'w Walk<'w>,
    backend: &'b Backend,
    steps: Vec<Step<'b>>,
}

/// What is asked on a miss.
struct Load {
    at: ExprId,
    chain: Chain,
    kind: EffectKind,
    place: Place,
    what: String,
}

impl Filling<'_, '_> {
    fn all(&self) -> Vec<CacheFill> {
        let in_one = self.steps.iter().filter(|step| step.does_both).filter_map(|step| self.in_one_call(step));
        let writes = self.steps.iter().filter(|step| !step.does_both && step.operation.kind == CacheOperationKind::Write);
        in_one.chain(writes.filter_map(|write| self.step_by_step(write))).collect()
    }

    /// `cache.get_with(key, async { load().await })`, `cache.entry(key).or_insert_with(..)`.
    fn in_one_call(&self, step: &Step) -> Option<CacheFill> {
        let whole = super::round_trips::whole_command(self.walk, step.at);
        let named = self.walk.body.inside(whole).filter_map(|at| self.walk.bound_value(at));
        let written = std::iter::once(whole).chain(named.filter(|value| self.runs_later(*value)));
        let load = written.into_iter().find_map(|part| self.walk.body.inside(part).find_map(|at| self.load(at)))?;
        let alone = Truth::Yes(Evidence::at(step.operation.place, format!("`{}` lets one of them load", step.operation.command)));
        Some(self.fill(step, step, load, alone))
    }

    /// An async block or a closure: what is in it runs where it is used.
    fn runs_later(&self, value: ExprId) -> bool {
        matches!(self.walk.kind(value), ExpressionKind::Closure { .. } | ExpressionKind::Block { kind: BlockKind::Async, .. })
    }

    fn step_by_step(&self, write: &Step) -> Option<CacheFill> {
        let before = self.steps.iter().rev().filter(|step| step.at.0 < write.at.0);
        let read = before.into_iter().find(|step| step.operation.kind == CacheOperationKind::Read && self.is_same_entry(step, write))?;
        let between = (read.at.0 + 1..write.at.0).map(ExprId);
        let load = between.filter(|at| !self.walk.when(*at).spawned).find_map(|at| self.load(at))?;
        (self.is_on_a_miss(read.at, load.at) && self.is_on_a_miss(read.at, write.at)).then(|| {
            let alone = self.single_flight();
            self.fill(read, write, load, alone)
        })
    }

    fn fill(&self, read: &Step, write: &Step, load: Load, single_flight: Truth) -> CacheFill {
        let operation = write.operation;
        CacheFill {
            function: operation.function,
            library: operation.library.clone(),
            key: read.operation.key.clone(),
            store: operation.store.clone(),
            remote: operation.remote,
            read: read.operation.place,
            load: self.walk.place(load.at),
            write: operation.place,
            chain: load.chain,
            kind: load.kind,
            source: load.place,
            what: load.what,
            expiry: self.expiry(operation),
            single_flight,
        }
    }

    fn is_same_entry(&self, read: &Step, write: &Step) -> bool {
        let (one, other) = (read.operation, write.operation);
        if one.library != other.library || read.does_both {
            return false;
        }
        let same_store = one.remote || self.receiver(read.at).is_some_and(|store| Some(store) == self.receiver(write.at));
        let key = |step: &Step| self.walk.arguments(step.at).first().map(|key| self.walk.text(self.walk.same_thing(*key)));
        let same_key = one.key == other.key && !matches!(one.key.as_str(), "" | "{}");
        same_store && (same_key || key(read).is_some_and(|read| Some(read) == key(write)))
    }

    fn receiver(&self, at: ExprId) -> Option<String> {
        let ExpressionKind::MethodCall { receiver, .. } = self.walk.kind(at) else { return None };
        Some(self.walk.text(self.walk.same_thing(*receiver)))
    }

    /// A call that asks a database or another system for something, itself or by what it calls.
    fn load(&self, at: ExprId) -> Option<Load> {
        if !matches!(self.walk.kind(at), ExpressionKind::Call { .. } | ExpressionKind::MethodCall { .. } | ExpressionKind::Macro(_)) {
            return None;
        }
        let (own, place) = (super::function::id(self.walk.function), self.walk.place(at));
        if let Some((kind, place, what)) = self.source_of(own, |effect| effect.place == place) {
            return Some(Load { at, chain: Chain { functions: vec![own], calls: Vec::new() }, kind, place, what });
        }
        let call = self.walk.inputs.call_at(self.walk.function, at)?;
        let Target::Function(callee) = &call.target else { return None };
        if !self.walk.inputs.is_own(*callee) {
            return None;
        }
        let reached = self.backend.reached_if(super::function::id(*callee), |call| {
            let direct = matches!(call.kind, model::CallKind::Direct | model::CallKind::MayReach { of: 1 });
            direct && !call.once && !call.spawned
        });
        let (id, (kind, source, what)) = reached.functions.iter().find_map(|id| Some((*id, self.source_of(*id, |_| true)?)))?;
        let way = reached.chain_to(id);
        let chain = Chain {
            functions: std::iter::once(own).chain(way.functions).collect(),
            calls: std::iter::once(call.place).chain(way.calls).collect(),
        };
        Some(Load { at, chain, kind, place: source, what })
    }

    fn source_of(&self, id: model::FunctionId, wanted: impl Fn(&model::Effect) -> bool) -> Option<(EffectKind, Place, String)> {
        let effects = self.backend.function(id).effects.iter();
        let mut sources = effects.filter(|effect| super::cache::SOURCES.contains(&effect.kind) && !effect.spawned && wanted(effect));
        sources.find(|effect| self.reads(id, effect)).map(|effect| (effect.kind, effect.place, effect.what.clone()))
    }

    /// Whether it gives something back that may be kept: of a query it has to be known.
    fn reads(&self, id: model::FunctionId, effect: &model::Effect) -> bool {
        let mut queries = self.backend.data_access_in(id).filter(|access| access.place == effect.place);
        match effect.kind {
            EffectKind::Sql | EffectKind::Document => queries.any(|access| access.operation == Operation::Select && !access.control),
            _ => true,
        }
    }

    fn is_on_a_miss(&self, read: ExprId, at: ExprId) -> bool {
        let names = self.names_of(read);
        let is_about = |value: ExprId| value == read || self.walk.body.is_inside(read, value) || mentions(self.walk, value, &names);
        let expressions = (0..self.walk.body.expressions.len() as u32).map(ExprId);
        expressions.into_iter().any(|decision| match self.walk.kind(decision) {
            ExpressionKind::If { condition, then, otherwise } if is_about(*condition) => {
                let hit = if self.says_hit(*condition) { Some(*then) } else { *otherwise };
                let miss = if self.says_hit(*condition) { *otherwise } else { Some(*then) };
                miss.is_some_and(|miss| self.walk.body.is_inside(at, miss))
                    || hit.is_some_and(|hit| self.leaves(hit))
                        && decision.0 < at.0
                        && self.walk.body[decision].span.end <= self.walk.body[at].span.start
            }
            ExpressionKind::Match { scrutinee, arms } if is_about(*scrutinee) => arms.iter().any(|arm| {
                let hit = self.is_hit(arm.pattern);
                (!hit && self.walk.body.is_inside(at, arm.body))
                    || hit && self.leaves(arm.body) && self.walk.body[decision].span.end <= self.walk.body[at].span.start
            }),
            _ => false,
        })
    }

    /// Locals that hold what was read, or what was made of it.
    fn names_of(&self, read: ExprId) -> FxHashSet<&str> {
        let mut names = FxHashSet::default();
        for (pattern, value) in self.walk.lets() {
            if value == read || self.walk.body.is_inside(read, value) || mentions(self.walk, value, &names) {
                bound(self.walk, pattern, &mut names);
            }
        }
        names
    }

    /// `if let Some(x) = ..`, `if hit.is_some()`; anything else about it has to be a miss.
    fn says_hit(&self, condition: ExprId) -> bool {
        self.walk.body.inside(condition).chain([condition]).any(|inner| match self.walk.kind(inner) {
            ExpressionKind::Let { pattern, .. } => self.is_hit(*pattern),
            ExpressionKind::MethodCall { name, .. } => {
                matches!(name.as_str(), "is_some" | "is_ok" | "is_some_and" | "is_ok_and" | "contains_key")
            }
            _ => false,
        })
    }

    fn is_hit(&self, pattern: PatternId) -> bool {
        let span = self.walk.body[pattern].span;
        let mut text = self.walk.inputs.sources.snippet(Place::new(self.walk.file(), span)).to_string();
        text.retain(|c| !c.is_whitespace());
        (text.contains("Some(") || text.contains("Ok(")) && !text.contains("None")
    }

    fn leaves(&self, block: ExprId) -> bool {
        let inner = self.walk.body.inside(block).chain([block]);
        inner.into_iter().any(|at| matches!(self.walk.kind(at), ExpressionKind::Return(_)))
    }

    fn single_flight(&self) -> Truth {
        let own = super::function::id(self.walk.function);
        if let Some(why) = lets_one_go(self.walk) {
            return Truth::Unknown(why);
        }
        let callers = self.backend.functions.iter().enumerate().filter(|(_, function)| function.calls.iter().any(|call| call.to == own));
        for (at, function) in callers {
            let walk = Walk::new(self.walk.inputs, FunctionId(at as u32));
            if let Some(why) = walk.as_ref().and_then(lets_one_go) {
                return Truth::Unknown(format!("{why} in `{}`, which calls it", function.name));
            }
        }
        Truth::No("no lock and no shared load".into())
    }

    fn expiry(&self, operation: &CacheOperation) -> Truth {
        if operation.remote {
            let write = self.backend.cache_writes.iter().find(|write| write.place == operation.place);
            return write.map_or_else(Truth::default, |write| write.expiry.clone());
        }
        let built = self.backend.resources.iter().filter(|one| one.kind == ResourceKind::Cache && one.library == operation.library);
        let expiries: Vec<&Truth> = built.map(|one| &one.expiry).collect();
        match expiries.as_slice() {
            [] => Truth::Unknown("where it is built was not seen".into()),
            [first, rest @ ..] if rest.iter().all(|other| other.word() == first.word()) => (*first).clone(),
            _ => Truth::Unknown("caches of this library are built with an expiry and without".into()),
        }
    }
}

/// Words by which one caller goes ahead and the others wait, or are turned away.
const TURNS: &[&str] =
    &["lock", "flight", "acquire", "semaphore", "mutex", "get_or_init", "get_or_try_init", "dedup", "coalesc", "once", "nx"];

/// What in a body may let only one of several callers load: a lock, a cell that is filled once, `SET NX`.
fn lets_one_go(walk: &Walk) -> Option<String> {
    let says =
        |name: &str| TURNS.iter().any(|word| name.to_ascii_lowercase().split('_').any(|part| part == *word) || name.contains("flight"));
    walk.body.expressions.iter().enumerate().find_map(|(at, expression)| match &expression.kind {
        ExpressionKind::MethodCall { name, .. } if says(name) || TURNS.contains(&name.as_str()) => Some(format!("`{name}` is called")),
        ExpressionKind::Call { .. } => {
            let name = walk.callee_name(ExprId(at as u32)).filter(|name| says(name))?;
            Some(format!("`{name}` is called"))
        }
        ExpressionKind::Literal(crate::facts::Literal::Text { value, .. }) if value.eq_ignore_ascii_case("NX") => {
            Some("it writes with `NX`".into())
        }
        ExpressionKind::Path(path) if path.last() == Some("NX") => Some("it writes with `NX`".into()),
        _ => None,
    })
}

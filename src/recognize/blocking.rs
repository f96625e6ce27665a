//! Synchronous database and cache calls in async code: the thread that should serve other requests waits for a server or a disk.
//!
//! A call counts where the connection or pool that it uses is known to be synchronous. Code inside closures is run by whom they are
//! given to (`spawn_blocking`, `web::block`, `interact`), and code inside macros of the workspace by what they expand to: neither counts.

use super::Inputs;
use super::walk::Walk;
use crate::facts::{BlockKind, ExprId, ExpressionKind};
use crate::knowledge::{Does, TypeRole};
use crate::model::{Backend, BlockingCall, Callers, Chain, Context, FunctionId};
use crate::resolve::{self, Target, Ty};
use crate::source::Place;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

/// Call it when routes are known and closures that handle requests are functions of their own.
pub fn all(inputs: &Inputs, backend: &Backend) -> Vec<BlockingCall> {
    let names = executing_names(inputs);
    let functions: Vec<resolve::FunctionId> = inputs.own_functions().filter(|id| may_wait(inputs, *id, &names)).collect();
    let waits: Vec<Wait> = functions.par_iter().flat_map_iter(|id| waits_in(inputs, *id, &names)).collect();
    if waits.is_empty() {
        return Vec::new();
    }
    let handlers = Handlers::of(inputs, backend);
    let mut found = Found { handlers: &handlers, leads: leads(inputs, backend, &waits), by_function: FxHashMap::default() };
    found.collect(inputs, backend, &waits);
    let mut calls: Vec<BlockingCall> = found.by_function.into_values().collect();
    calls.sort_by_key(|call| call.place);
    for call in &mut calls {
        let routes = backend.routes_to(call.function);
        call.route = routes.first().map(|(route, _)| *route);
        call.other_routes = routes.len().saturating_sub(1);
    }
    calls
}

/// A call that waits, in code of its function that nobody else was handed.
struct Wait {
    function: resolve::FunctionId,
    place: Place,
    what: String,
    library: String,
    in_async: bool,
}

/// Most bodies hold nothing that could wait: look before preparing to walk.
fn may_wait(inputs: &Inputs, id: resolve::FunctionId, names: &FxHashSet<&str>) -> bool {
    let function = &inputs.resolved.functions[id.0 as usize];
    let types = &inputs.resolved.bodies[id.0 as usize].types;
    let is_named = |kind: &ExpressionKind| matches!(kind, ExpressionKind::MethodCall { name, .. } if names.contains(name.as_str()));
    let by_name = || inputs.body(id).is_some_and(|body| body.expressions.iter().any(|expression| is_named(&expression.kind)));
    let has_call = inputs.all_does(id).any(waits) || by_name();
    has_call && !function.test && types.iter().any(|ty| blocking_type(inputs, function.krate, ty, 4).is_some())
}

fn waits_in(inputs: &Inputs, function: resolve::FunctionId, names: &FxHashSet<&str>) -> Vec<Wait> {
    let Some(walk) = Walk::new(inputs, function) else { return Vec::new() };
    let calls = (0..walk.body.expressions.len() as u32).map(ExprId);
    let wait = |at: ExprId| {
        let library = library_that_waits(&walk, at, names)?;
        let in_async = region(&walk, at)?;
        let call = inputs.call_at(function, at);
        let path = call.and_then(|call| super::knows::external_path(&call.target, inputs.resolved));
        let what = path.map_or_else(|| format!("{library}: `{}`", walk.callee_name(at).unwrap_or_default()), str::to_string);
        Some(Wait { function, place: call.map_or(walk.place(at), |call| call.place), what, library, in_async })
    };
    calls.filter_map(wait).collect()
}

/// The library whose connection or pool this call uses, where it is synchronous.
fn library_that_waits(walk: &Walk, at: ExprId, names: &FxHashSet<&str>) -> Option<String> {
    let (receiver, arguments) = match walk.kind(at) {
        ExpressionKind::MethodCall { receiver, arguments, .. } => (Some(*receiver), arguments),
        ExpressionKind::Call { arguments, .. } => (None, arguments),
        _ => return None,
    };
    let call = walk.inputs.call_at(walk.function, at);
    let is_open = call.is_none_or(|call| matches!(call.target, Target::Unresolved(_) | Target::Value));
    let by_name = || is_open && receiver.is_some() && walk.callee_name(at).is_some_and(|name| names.contains(name));
    if !walk.does(at).iter().any(waits) && !by_name() {
        return None;
    }
    // Where the result is awaited, the method is the async one of the same name.
    if walk.parent(at).is_some_and(|parent| matches!(walk.kind(parent), ExpressionKind::Await(_))) {
        return None;
    }
    let krate = walk.inputs.resolved.functions[walk.function.0 as usize].krate;
    let opened = walk.does(at).iter().any(|does| matches!(does, Does::Connect(_))).then_some(at);
    let used = receiver.filter(|_| !is_open).into_iter().chain(arguments.iter().copied()).chain(opened);
    used.into_iter().find_map(|value| blocking_type(walk.inputs, krate, walk.inputs.type_of(walk.function, value), 4))
}

fn waits(does: &Does) -> bool {
    match does {
        Does::Query(query) => query.executes,
        Does::Acquire(acquire) | Does::Begin(acquire) => !acquire.nonblocking,
        Does::Execute(_) | Does::Connect(_) => true,
        Does::CacheRead | Does::CacheWrite(_) | Does::CacheRemove | Does::CacheExpire | Does::CacheWalk | Does::CacheFlush => true,
        _ => false,
    }
}

/// Methods that run diesel's queries, for calls on types that come from derives.
fn executing_names<'a>(inputs: &Inputs<'a>) -> FxHashSet<&'a str> {
    let rows = inputs.knowledge.crates.iter().filter(|block| block.name == "diesel").flat_map(|block| &block.function);
    let executing = rows.filter(|row| row.does.iter().any(|does| matches!(does, Does::Execute(_))));
    executing.flat_map(|row| &row.paths).filter_map(|path| path.rsplit("::").next()).collect()
}

/// The first segment of the path of a synchronous connection or pool, seen through references, `Arc`, `State` and `Result`.
fn blocking_type(inputs: &Inputs, krate: resolve::CrateId, ty: &Ty, depth: usize) -> Option<String> {
    match ty {
        Ty::Reference(inner) if depth > 0 => blocking_type(inputs, krate, inner, depth - 1),
        Ty::Adt(_, arguments) | Ty::External(_, arguments) => {
            let path = inputs.type_path(ty)?;
            let roles = inputs.type_roles(krate, ty);
            if roles.contains(&TypeRole::Blocking) {
                return path.split("::").next().map(str::to_string);
            }
            let through = roles.contains(&TypeRole::Transparent) || roles.contains(&TypeRole::Extractor) || path.ends_with("::Result");
            arguments.first().filter(|_| through && depth > 0).and_then(|inner| blocking_type(inputs, krate, inner, depth - 1))
        }
        _ => None,
    }
}

/// Whether the code around `at` is async; nothing where somebody else runs it, or runs it elsewhere or once.
fn region(walk: &Walk, at: ExprId) -> Option<bool> {
    let marks = walk.when(at);
    if marks.spawned || marks.once {
        return None;
    }
    for outer in walk.around(at) {
        match walk.kind(outer) {
            ExpressionKind::Closure { is_async: true, .. } | ExpressionKind::Block { kind: BlockKind::Async, .. } => return Some(true),
            ExpressionKind::Closure { .. } => return None,
            ExpressionKind::Macro(call) if !call.path.last().is_some_and(|name| IN_PLACE.contains(&name)) => return None,
            _ => {}
        }
    }
    let facts = walk.inputs.resolved.functions[walk.function.0 as usize].facts.as_ref();
    Some(facts.is_some_and(|facts| facts.is_async))
}

/// Macros that evaluate their arguments where they stand.
const IN_PLACE: &[&str] =
    &["assert", "bail", "dbg", "debug", "ensure", "error", "format", "info", "json", "matches", "println", "trace", "vec", "warn", "try"];

/// Closures that handle requests, which are functions of their own in the model.
struct Handlers(Vec<(Place, FunctionId)>);

impl Handlers {
    fn of(inputs: &Inputs, backend: &Backend) -> Self {
        let first = inputs.resolved.functions.len();
        let closures = backend.functions.iter().enumerate().skip(first);
        Self(closures.map(|(at, function)| (function.place, FunctionId(at as u32))).collect())
    }

    fn function_at(&self, function: resolve::FunctionId, place: Place) -> FunctionId {
        let holds = |closure: &&(Place, FunctionId)| closure.0.file == place.file && closure.0.span.contains(place.span);
        self.0.iter().find(holds).map_or(super::function::id(function), |(_, id)| *id)
    }
}

/// From each function that is not async and waits: the next call on its way, or where it waits itself.
#[derive(Clone)]
enum Lead {
    Waits(usize),
    Calls(resolve::FunctionId, Place),
}

/// Calls from the async function to the one that waits. Further down there is usually something that answers most calls without waiting.
const LONGEST_WAY: usize = 3;

type Leads = FxHashMap<resolve::FunctionId, Lead>;

/// Callers are followed while they are not async: what an async caller does is its own finding.
fn leads(inputs: &Inputs, backend: &Backend, waits: &[Wait]) -> Leads {
    let mut leads: Leads = FxHashMap::default();
    let mut queue = std::collections::VecDeque::new();
    for (at, wait) in waits.iter().enumerate().filter(|(_, wait)| !wait.in_async) {
        if let std::collections::hash_map::Entry::Vacant(entry) = leads.entry(wait.function) {
            entry.insert(Lead::Waits(at));
            queue.push_back((wait.function, 1));
        }
    }
    let callers = callers(inputs, backend);
    while let Some((callee, calls)) = queue.pop_front().filter(|(_, calls)| *calls < LONGEST_WAY) {
        for (caller, at, place) in callers.of(callee.0) {
            let Some(walk) = Walk::new(inputs, *caller).filter(|_| !leads.contains_key(caller)) else { continue };
            if region(&walk, *at) == Some(false) {
                leads.insert(*caller, Lead::Calls(callee, *place));
                queue.push_back((*caller, calls + 1));
            }
        }
    }
    leads
}

fn callers(inputs: &Inputs, backend: &Backend) -> Callers<(resolve::FunctionId, ExprId, Place)> {
    let in_production = |id: &resolve::FunctionId| backend.functions[id.0 as usize].context == Context::Production;
    let callers = inputs.own_functions().filter(in_production);
    let calls = callers.flat_map(|caller| calls_of(inputs, caller).map(move |(callee, at, place)| (callee.0, (caller, at, place))));
    Callers::new(inputs.resolved.functions.len(), calls)
}

/// Calls whose target is certain.
fn calls_of<'a>(inputs: &'a Inputs, caller: resolve::FunctionId) -> impl Iterator<Item = (resolve::FunctionId, ExprId, Place)> + use<'a> {
    inputs.calls(caller).iter().filter(|site| site.kind != resolve::CallKind::Mention).filter_map(|site| {
        let callee = match &site.target {
            Target::Function(id) => *id,
            Target::Trait { may_reach, .. } if may_reach.len() == 1 => may_reach[0],
            _ => return None,
        };
        inputs.is_own(callee).then_some((callee, site.expression, site.place))
    })
}

struct Found<'h> {
    handlers: &'h Handlers,
    leads: Leads,
    by_function: FxHashMap<FunctionId, BlockingCall>,
}

impl Found<'_> {
    fn collect(&mut self, inputs: &Inputs, backend: &Backend, waits: &[Wait]) {
        for (at, wait) in waits.iter().enumerate().filter(|(_, wait)| wait.in_async) {
            self.add(backend, wait.function, wait.place, Lead::Waits(at), waits);
        }
        for caller in inputs.own_functions() {
            let mut leading = calls_of(inputs, caller).filter(|(callee, ..)| self.leads.contains_key(callee)).peekable();
            if leading.peek().is_none() {
                continue;
            }
            let Some(walk) = Walk::new(inputs, caller) else { continue };
            let in_async: Vec<_> = leading.filter(|(_, at, _)| region(&walk, *at) == Some(true)).collect();
            for (callee, _, place) in in_async {
                self.add(backend, caller, place, Lead::Calls(callee, place), waits);
            }
        }
    }

    fn add(&mut self, backend: &Backend, function: resolve::FunctionId, place: Place, lead: Lead, waits: &[Wait]) {
        let own = self.handlers.function_at(function, place);
        if backend.function(own).context != Context::Production {
            return;
        }
        let others = match self.by_function.get_mut(&own) {
            Some(first) if first.place <= place => {
                first.others += 1;
                return;
            }
            Some(later) => later.others + 1,
            None => 0,
        };
        let (chain, wait) = self.chain(own, lead, waits);
        let (what, library) = (wait.what.clone(), wait.library.clone());
        let call = BlockingCall { function: own, place, chain, waits: wait.place, what, library, others, route: None, other_routes: 0 };
        self.by_function.insert(own, call);
    }

    fn chain<'w>(&self, from: FunctionId, mut lead: Lead, waits: &'w [Wait]) -> (Chain, &'w Wait) {
        let (mut functions, mut calls) = (vec![from], Vec::new());
        loop {
            match lead {
                Lead::Waits(at) => return (Chain { functions, calls }, &waits[at]),
                Lead::Calls(callee, place) => {
                    functions.push(super::function::id(callee));
                    calls.push(place);
                    lead = self.leads[&callee].clone();
                }
            }
        }
    }
}

//! Queries that run once for each element of something: in a `for`, or in the closure of an iterator, directly or through calls.
//!
//! It counts only where what the query is given comes from the element. Left out are loops over a few constants and numbers, batches
//! (`chunks`), and what ends after the first round.

use super::Inputs;
use super::walk::Walk;
use crate::facts::{ExprId, ExpressionKind, Operator, PatternId, PatternKind, Statement};
use crate::model::{Backend, Chain, Comparison, Condition, Context, DataAccess, EffectKind, Operand, Operation, RepeatedQuery};
use crate::resolve::{Definition, Target};
use crate::source::Place;
use rustc_hash::{FxHashMap, FxHashSet};

pub fn all(inputs: &Inputs, backend: &Backend) -> Vec<RepeatedQuery> {
    let queries = Queries::of(inputs, backend);
    if queries.by_function.is_empty() {
        return Vec::new();
    }
    let served = backend.served();
    let mut found = Vec::new();
    for function in inputs.own_functions() {
        let id = super::function::id(function);
        let runs = backend.function(id).context == Context::Production && served.contains(id);
        if !runs || !queries.matter_to(backend, id) {
            continue;
        }
        let Some(walk) = Walk::new(inputs, function) else { continue };
        for repeated in loops(&walk) {
            found.extend(queries_in(&walk, &repeated, backend, &queries));
        }
    }
    found
}

/// Queries by the function that runs them, and the functions from which one is reached.
struct Queries {
    by_function: FxHashMap<crate::model::FunctionId, Vec<usize>>,
    /// Functions that reach a query in a few calls, nearest query first.
    near: FxHashMap<crate::model::FunctionId, Option<Chain>>,
}

/// Calls between the loop and the query.
const LONGEST_WAY: usize = 5;

impl Queries {
    fn of(inputs: &Inputs, backend: &Backend) -> Self {
        let mut by_function: FxHashMap<crate::model::FunctionId, Vec<usize>> = FxHashMap::default();
        for (at, access) in backend.data_accesses.iter().enumerate() {
            let asks = !access.control && !access.spawned && !matches!(access.operation, Operation::Ddl | Operation::Control);
            if asks
                && !is_batch(access)
                && backend.function(access.function).effects.iter().any(|effect| effect.place == access.place && !effect.once)
            {
                by_function.entry(access.function).or_default().push(at);
            }
        }
        let mut queries = Self { by_function, near: FxHashMap::default() };
        queries.spread(inputs, backend);
        queries
    }

    /// Back along the calls, from the functions that run queries themselves.
    fn spread(&mut self, inputs: &Inputs, backend: &Backend) {
        let mut always = Always::new(inputs);
        let callers = backend.callers(is_direct);
        let runs = |id: &crate::model::FunctionId, always: &mut Always| {
            self.by_function[id].iter().any(|access| always.runs(*id, backend.data_accesses[*access].place))
        };
        let mut wave: Vec<crate::model::FunctionId> = self.by_function.keys().copied().filter(|id| !callers.of(id.0).is_empty()).collect();
        wave.retain(|id| runs(id, &mut always));
        wave.sort();
        for id in &wave {
            self.near.insert(*id, Some(Chain { functions: vec![*id], calls: Vec::new() }));
        }
        for _ in 0..LONGEST_WAY {
            let mut next = Vec::new();
            for id in wave {
                let Some(Some(chain)) = self.near.get(&id).cloned() else { continue };
                for (caller, place) in callers.of(id.0) {
                    if self.near.contains_key(caller) || callers.of(caller.0).is_empty() || !always.runs(*caller, *place) {
                        continue;
                    }
                    // What looks into a cache first does not ask the database every time.
                    let cached = backend.function(*caller).effects.iter().any(|effect| effect.kind == EffectKind::CacheRead);
                    let longer = Chain {
                        functions: std::iter::once(*caller).chain(chain.functions.iter().copied()).collect(),
                        calls: std::iter::once(*place).chain(chain.calls.iter().copied()).collect(),
                    };
                    self.near.insert(*caller, (!cached).then_some(longer));
                    next.push(*caller);
                }
            }
            wave = next;
        }
    }

    fn matter_to(&self, backend: &Backend, id: crate::model::FunctionId) -> bool {
        self.by_function.contains_key(&id) || backend.function(id).calls.iter().any(|call| self.near.contains_key(&call.to))
    }
}

/// It already asks for several at once.
fn is_batch(access: &DataAccess) -> bool {
    let given = |condition: &Condition| matches!(condition, Condition::Test(test) if test.comparison == Comparison::In && !matches!(test.other, Operand::Subquery));
    access.statement.iter().flat_map(|statement| &statement.scopes).any(|scope| scope.outermost && scope.conditions.iter().any(given))
}

/// What a function does whenever it is called: no branch around it, and no way out before it but an error.
pub(super) struct Always<'a> {
    inputs: &'a Inputs<'a>,
    known: FxHashMap<crate::model::FunctionId, FxHashSet<Place>>,
}

impl<'a> Always<'a> {
    pub(super) fn new(inputs: &'a Inputs<'a>) -> Self {
        Self { inputs, known: FxHashMap::default() }
    }

    pub(super) fn runs(&mut self, function: crate::model::FunctionId, place: Place) -> bool {
        let inputs = self.inputs;
        self.known.entry(function).or_insert_with(|| certain_places(inputs, function)).contains(&place)
    }
}

fn certain_places(inputs: &Inputs, function: crate::model::FunctionId) -> FxHashSet<Place> {
    let resolved = crate::resolve::FunctionId(function.0);
    if function.0 as usize >= inputs.resolved.functions.len() {
        return FxHashSet::default();
    }
    let Some(walk) = Walk::new(inputs, resolved) else { return FxHashSet::default() };
    let leaves = (0..walk.body.expressions.len() as u32).map(ExprId).find(|at| leaves_early(&walk, *at)).unwrap_or(walk.body.root);
    let mut places: FxHashSet<Place> = FxHashSet::default();
    for at in (0..=leaves.0).map(ExprId).filter(|at| is_certain(&walk, *at)) {
        places.insert(walk.place(at));
    }
    // Calls are known by the place of the callee's name.
    for call in inputs.calls(resolved).iter().filter(|call| call.expression <= leaves && is_certain(&walk, call.expression)) {
        places.insert(call.place);
    }
    places
}

/// `return` with anything but an error.
fn leaves_early(walk: &Walk, at: ExprId) -> bool {
    match walk.kind(at) {
        ExpressionKind::Return(Some(value)) => walk.callee_name(*value) != Some("Err"),
        ExpressionKind::Return(None) => true,
        _ => false,
    }
}

pub(super) fn is_certain(walk: &Walk, at: ExprId) -> bool {
    let mut inner = at;
    for outer in walk.around(at) {
        let certain = match walk.kind(outer) {
            ExpressionKind::If { condition, .. } | ExpressionKind::While { condition, .. } => *condition == inner,
            ExpressionKind::Match { scrutinee, .. } => *scrutinee == inner,
            ExpressionKind::For { iterable, .. } => *iterable == inner,
            ExpressionKind::Binary { operator: Operator::And | Operator::Or, right, .. } => *right != inner,
            // A closure that is run where it is given to; most of std's are run on some values only.
            ExpressionKind::MethodCall { name, .. } if matches!(walk.kind(inner), ExpressionKind::Closure { .. }) => {
                !SOMETIMES.contains(&name.as_str())
            }
            _ => true,
        };
        if !certain {
            return false;
        }
        inner = outer;
    }
    true
}

/// Methods that run their closure on some values only.
const SOMETIMES: &[&str] = &[
    "unwrap_or_else",
    "or_else",
    "map",
    "and_then",
    "then",
    "filter",
    "filter_map",
    "get_or_init",
    "get_or_try_init",
    "ok_or_else",
    "map_err",
    "for_each",
    "get_with",
    "try_get_with",
    "get_or_insert_with",
    "or_insert_with",
    "map_or",
    "map_or_else",
    "is_some_and",
    "inspect",
    "any",
    "all",
    "find",
    "find_map",
    "fold",
    "try_fold",
    "flat_map",
    "then_some",
    "unwrap_or_default",
    "optionally_get_with",
    "or_try_insert_with",
];

pub(super) fn is_direct(call: &crate::model::Call) -> bool {
    use crate::model::CallKind;
    let known = match call.kind {
        CallKind::Direct => true,
        CallKind::MayReach { of } => of <= 2,
        CallKind::Mention => false,
    };
    known && !call.once && !call.spawned
}

/// A body that runs for each element.
pub(super) struct Loop {
    pub body: ExprId,
    pub iterable: ExprId,
    pub names: Vec<String>,
    concurrent: bool,
}

pub(super) fn loops(walk: &Walk) -> Vec<Loop> {
    (0..walk.body.expressions.len() as u32).map(ExprId).filter_map(|at| one_loop(walk, at)).filter(|one| counts(walk, one)).collect()
}

fn one_loop(walk: &Walk, at: ExprId) -> Option<Loop> {
    match walk.kind(at) {
        ExpressionKind::For { pattern, iterable, body } => {
            let mut names = Vec::new();
            bound_names(walk, *pattern, &mut names);
            Some(Loop { body: *body, iterable: *iterable, names, concurrent: false })
        }
        ExpressionKind::MethodCall { receiver, name, arguments, .. } if EACH.contains(&name.as_str()) => {
            let closure = *arguments.iter().find(|argument| matches!(walk.kind(**argument), ExpressionKind::Closure { .. }))?;
            let ExpressionKind::Closure { parameters, body, .. } = walk.kind(closure) else { return None };
            if !is_iterator(walk, *receiver) {
                return None;
            }
            let mut names = Vec::new();
            parameters.iter().for_each(|(pattern, _)| bound_names(walk, *pattern, &mut names));
            Some(Loop { body: *body, iterable: *receiver, names, concurrent: name == "map" })
        }
        _ => None,
    }
}

/// Methods that run their closure for each element.
const EACH: &[&str] =
    &["map", "for_each", "then", "filter_map", "flat_map", "try_for_each", "for_each_concurrent", "try_for_each_concurrent"];

/// Whether the chain begins with something that gives elements; `Option` and `Result` have methods of the same names.
fn is_iterator(walk: &Walk, value: ExprId) -> bool {
    let mut at = walk.peeled(value);
    for _ in 0..16 {
        match walk.kind(at) {
            ExpressionKind::MethodCall { receiver, name, .. } => {
                if ["iter", "into_iter", "iter_mut", "drain", "values", "keys", "into_values", "into_keys"].contains(&name.as_str()) {
                    // `Option::iter` is nobody's loop, and not seen in practice.
                    return true;
                }
                at = walk.peeled(*receiver);
            }
            ExpressionKind::Call { .. } => return walk.callee_name(at) == Some("iter"),
            _ => return false,
        }
    }
    false
}

fn bound_names(walk: &Walk, pattern: PatternId, names: &mut Vec<String>) {
    match &walk.body[pattern].kind {
        PatternKind::Binding { name, sub, .. } => {
            names.push(name.to_string());
            sub.iter().for_each(|sub| bound_names(walk, *sub, names));
        }
        PatternKind::Tuple(parts) | PatternKind::TupleStruct { elements: parts, .. } => {
            parts.iter().for_each(|part| bound_names(walk, *part, names));
        }
        PatternKind::Struct { fields, .. } => fields.iter().for_each(|(_, part)| bound_names(walk, *part, names)),
        PatternKind::Reference(inner) => bound_names(walk, *inner, names),
        _ => {}
    }
}

/// A loop whose length grows with data, and that goes on after its first round.
fn counts(walk: &Walk, one: &Loop) -> bool {
    !is_short(walk, one.iterable, 6) && !ends_at_once(walk, one.body)
}

fn is_short(walk: &Walk, iterable: ExprId, depth: usize) -> bool {
    if depth == 0 {
        return false;
    }
    let at = walk.same_thing(iterable);
    match walk.kind(at) {
        ExpressionKind::Array(_) | ExpressionKind::Repeat { .. } | ExpressionKind::Range { .. } | ExpressionKind::Tuple(_) => true,
        ExpressionKind::Macro(call) => call.path.last() == Some("vec"),
        ExpressionKind::MethodCall { receiver, name, .. } => {
            let batches =
                ["chunks", "chunks_exact", "array_chunks", "chunk", "chunk_by", "windows", "try_chunks", "ready_chunks", "step_by"];
            batches.contains(&name.as_str()) || is_short(walk, *receiver, depth - 1)
        }
        // `Kind::iter()`, `Kind::all()`: the variants of an enum.
        ExpressionKind::Call { callee, arguments } if arguments.is_empty() => {
            matches!(walk.kind(*callee), ExpressionKind::Path(path) if path.segments.len() > 1 && matches!(path.last(), Some("iter" | "all" | "values" | "variants")))
        }
        ExpressionKind::Call { arguments, .. } if walk.callee_name(at) == Some("iter") => {
            arguments.first().is_some_and(|first| is_short(walk, *first, depth - 1))
        }
        ExpressionKind::Path(_) => match walk.inputs.definition_at(walk.function, at) {
            Some(Definition::Constant(_)) => true,
            _ => walk.bound_value(at).is_some_and(|value| is_short(walk, value, depth - 1)),
        },
        _ => false,
    }
}

/// A body that always ends the loop: tried once, or until it works.
fn ends_at_once(walk: &Walk, body: ExprId) -> bool {
    let ends = |at: ExprId| matches!(walk.kind(at), ExpressionKind::Break(_) | ExpressionKind::Return(_));
    match walk.kind(body) {
        ExpressionKind::Block { statements, tail, .. } => {
            let last = tail.or(statements.last().and_then(|statement| match statement {
                Statement::Expression { value, .. } => Some(*value),
                _ => None,
            }));
            last.is_some_and(ends)
        }
        _ => false,
    }
}

fn queries_in(walk: &Walk, repeated: &Loop, backend: &Backend, queries: &Queries) -> Vec<RepeatedQuery> {
    let own = super::function::id(walk.function);
    let names = names_from(walk, repeated);
    let mut found: Vec<RepeatedQuery> = Vec::new();
    let finding = |inner: Place, chain: Chain, access: usize| RepeatedQuery {
        function: own,
        over: walk.text(repeated.iterable),
        loop_place: walk.place(repeated.iterable),
        inner,
        chain,
        access,
        concurrent: repeated.concurrent,
    };
    let body = walk.place(repeated.body);
    for access in queries.by_function.get(&own).into_iter().flatten() {
        let place = backend.data_accesses[*access].place;
        let inside = place.file == body.file && body.span.contains(place.span);
        let Some(at) = at_place(walk, repeated.body, place).filter(|at| inside && !walk.when(*at).spawned) else { continue };
        if speaks_of(walk, around_query(walk, at, repeated.body), &names) && !is_last_round(walk, at, repeated.body) {
            found.push(finding(place, Chain { functions: vec![own], calls: Vec::new() }, *access));
        }
    }
    for call in walk.inputs.calls(walk.function) {
        let at = call.expression;
        let inside = walk.body.is_inside(at, repeated.body) && !walk.when(at).spawned && !walk.when(at).once;
        let Target::Function(callee) = &call.target else { continue };
        if !inside || !walk.inputs.is_own(*callee) || !speaks_of(walk, at, &names) || is_last_round(walk, at, repeated.body) {
            continue;
        }
        let Some(Some(way)) = queries.near.get(&super::function::id(*callee)) else { continue };
        let chain = Chain {
            functions: std::iter::once(own).chain(way.functions.iter().copied()).collect(),
            calls: std::iter::once(call.place).chain(way.calls.iter().copied()).collect(),
        };
        let Some(access) =
            queries.by_function[&chain.last()].iter().min_by_key(|access| backend.data_accesses[**access].operation != Operation::Select)
        else {
            continue;
        };
        found.push(finding(call.place, chain, *access));
    }
    found
}

/// The expression of this place.
pub(super) fn at_place(walk: &Walk, inside: ExprId, place: Place) -> Option<ExprId> {
    walk.body.inside(inside).find(|at| walk.body[*at].span == place.span)
}

/// The whole chain that the query is part of: its binds stand behind its text.
fn around_query(walk: &Walk, at: ExprId, body: ExprId) -> ExprId {
    let mut whole = at;
    for outer in walk.around(at) {
        if outer.0 >= body.0 {
            break;
        }
        match walk.kind(outer) {
            ExpressionKind::MethodCall { .. }
            | ExpressionKind::Call { .. }
            | ExpressionKind::Await(_)
            | ExpressionKind::Try(_)
            | ExpressionKind::Reference { .. } => whole = outer,
            _ => break,
        }
    }
    whole
}

/// The element's names, and those of everything that is made of it.
fn names_from(walk: &Walk, repeated: &Loop) -> FxHashSet<String> {
    let mut names: FxHashSet<String> = repeated.names.iter().cloned().collect();
    let mut lets: Vec<(PatternId, ExprId)> = walk.lets().filter(|(_, value)| walk.body.is_inside(*value, repeated.body)).collect();
    for at in walk.body.inside(repeated.body) {
        match walk.kind(at) {
            ExpressionKind::Match { scrutinee, arms } => lets.extend(arms.iter().map(|arm| (arm.pattern, *scrutinee))),
            ExpressionKind::For { pattern, iterable, .. } => lets.push((*pattern, *iterable)),
            _ => {}
        }
    }
    // Twice, for what is made of what is made of it.
    for _ in 0..2 {
        for (pattern, value) in &lets {
            if speaks_of(walk, *value, &names) {
                let mut more = Vec::new();
                bound_names(walk, *pattern, &mut more);
                names.extend(more);
            }
        }
    }
    names
}

fn speaks_of(walk: &Walk, whole: ExprId, names: &FxHashSet<String>) -> bool {
    let named =
        |at: ExprId| matches!(walk.kind(at), ExpressionKind::Path(path) if path.single().is_some_and(|name| names.contains(name.as_str())));
    walk.body.inside(whole).any(named)
}

/// `return query(x)`, `break query(x)`: it runs once.
pub(super) fn is_last_round(walk: &Walk, at: ExprId, body: ExprId) -> bool {
    let mut inner = at;
    for outer in walk.around(at).take_while(|outer| outer.0 < body.0) {
        match walk.kind(outer) {
            ExpressionKind::Return(_) | ExpressionKind::Break(_) => return true,
            // A block that ends by leaving the loop.
            ExpressionKind::Block { .. } if inner != body && ends_at_once(walk, outer) => return true,
            _ => inner = outer,
        }
    }
    false
}

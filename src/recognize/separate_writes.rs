//! Writes to several tables that one function makes on a pool, each in a transaction of its own: where a later one fails, the earlier
//! ones stay.
//!
//! It counts only what happens whenever the function is called, what gives up at the first failure, and what cannot be mended by doing it again: a row that is
//! put in, or a figure that is counted up.

use super::Inputs;
use super::repeated::{Always, at_place, is_certain, is_direct};
use super::walk::Walk;
use crate::facts::{ExprId, ExpressionKind};
use crate::model::{self, Backend, Chain, Context, DataAccess, Executor, Operation, SeparateWrite, SeparateWrites};
use crate::resolve::Target;
use rustc_hash::FxHashMap;

pub(super) fn all(inputs: &Inputs, backend: &Backend) -> Vec<SeparateWrites> {
    let writes = Writes::of(inputs, backend);
    if writes.by_function.is_empty() {
        return Vec::new();
    }
    let served = backend.served();
    let mut found = Vec::new();
    for function in inputs.own_functions() {
        let id = super::function::id(function);
        let known = backend.function(id);
        if known.context != Context::Production || !served.contains(id) || !writes.matter_to(backend, id) {
            continue;
        }
        let Some(walk) = Walk::new(inputs, function) else { continue };
        let steps = writes.in_body(&walk, backend);
        found.extend(torn(backend, &steps).map(|writes| SeparateWrites { function: id, writes }));
    }
    found
}

struct Writes {
    by_function: FxHashMap<model::FunctionId, Vec<usize>>,
    /// Functions that write once on a pool whenever they are called, and do nothing else to data.
    through: FxHashMap<model::FunctionId, usize>,
}

impl Writes {
    fn of(inputs: &Inputs, backend: &Backend) -> Self {
        let mut by_function: FxHashMap<model::FunctionId, Vec<usize>> = FxHashMap::default();
        for (at, access) in backend.data_accesses.iter().enumerate().filter(|(_, access)| is_write(access)) {
            by_function.entry(access.function).or_default().push(at);
        }
        let mut always = Always::new(inputs);
        let mut through = FxHashMap::default();
        for (id, own) in &by_function {
            if let [one] = own.as_slice()
                && backend.data_accesses[*one].executor == Executor::Pool
                && always.runs(*id, backend.data_accesses[*one].place)
            {
                through.insert(*id, *one);
            }
        }
        Self { by_function, through }
    }

    fn matter_to(&self, backend: &Backend, id: model::FunctionId) -> bool {
        self.by_function.contains_key(&id) || backend.function(id).calls.iter().any(|call| self.through.contains_key(&call.to))
    }

    /// In source order.
    fn in_body(&self, walk: &Walk, backend: &Backend) -> Vec<(ExprId, SeparateWrite)> {
        let id = super::function::id(walk.function);
        let mut steps = Vec::new();
        for access in self.by_function.get(&id).into_iter().flatten() {
            let one = &backend.data_accesses[*access];
            let Some(at) = at_place(walk, walk.body.root, one.place).filter(|_| one.executor == Executor::Pool) else { continue };
            let chain = Chain { functions: vec![id], calls: Vec::new() };
            steps.push((at, SeparateWrite { place: one.place, chain, access: *access }));
        }
        for call in walk.inputs.calls(walk.function) {
            let Target::Function(callee) = &call.target else { continue };
            let callee = super::function::id(*callee);
            let direct = backend.function(id).calls.iter().any(|own| own.place == call.place && is_direct(own));
            let Some(access) = self.through.get(&callee).filter(|_| direct && callee != id) else { continue };
            let chain = Chain { functions: vec![id, callee], calls: vec![call.place] };
            steps.push((call.expression, SeparateWrite { place: call.place, chain, access: *access }));
        }
        steps.retain(|(at, _)| {
            let when = walk.when(*at);
            !when.spawned && !when.once && is_certain(walk, *at) && gives_up(walk, *at)
        });
        steps.sort_by_key(|(at, _)| *at);
        steps
    }
}

fn is_write(access: &DataAccess) -> bool {
    matches!(access.operation, Operation::Insert | Operation::Update | Operation::Delete) && !access.control && !access.spawned
}

/// `?` behind it, or the function's own result.
fn gives_up(walk: &Walk, at: ExprId) -> bool {
    let mut inner = at;
    for outer in walk.around(at) {
        match walk.kind(outer) {
            ExpressionKind::Try(_) | ExpressionKind::Return(_) => return true,
            ExpressionKind::MethodCall { .. }
            | ExpressionKind::Call { .. }
            | ExpressionKind::Await(_)
            | ExpressionKind::Reference { .. } => {
                inner = outer;
            }
            ExpressionKind::Block { tail: Some(tail), .. } if *tail == inner => inner = outer,
            _ => return false,
        }
    }
    true
}

/// From the first that cannot be repeated on.
fn torn(backend: &Backend, steps: &[(ExprId, SeparateWrite)]) -> Option<Vec<SeparateWrite>> {
    let access = |step: &(ExprId, SeparateWrite)| &backend.data_accesses[step.1.access];
    let counts: Vec<&(ExprId, SeparateWrite)> = steps.iter().filter(|step| !is_record(access(step))).collect();
    let first = counts.iter().position(|step| adds(access(step)))?;
    let begun = access(counts[first]);
    let others = counts[first + 1..].iter().filter(|step| {
        let other = access(step);
        other.library == begun.library && other.writes != begun.writes
    });
    let others: Vec<SeparateWrite> = others.map(|step| step.1.clone()).collect();
    (!others.is_empty()).then(|| std::iter::once(counts[first].1.clone()).chain(others).collect())
}

/// Doing it twice is not the same as once.
fn adds(access: &DataAccess) -> bool {
    let text = access.text.as_deref().unwrap_or_default().to_ascii_lowercase();
    match access.operation {
        Operation::Insert => {
            !["on conflict", "on duplicate key", "insert or ", "insert ignore", "not exists"].iter().any(|word| text.contains(word))
        }
        Operation::Update => counts_up(&text),
        _ => false,
    }
}

/// `stock = stock - 1`.
fn counts_up(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.windows(4).any(|four| matches!(four, [one, "=", other, "+" | "-"] if one == other))
}

/// Tables of what happened, which nothing else rests on.
fn is_record(access: &DataAccess) -> bool {
    let words = |table: &String| {
        let table = table.to_ascii_lowercase();
        table.split(['_', '.']).any(|word| RECORDS.contains(&word.trim_end_matches('s')))
    };
    access.writes.is_empty() || access.writes.iter().all(words)
}

const RECORDS: &[&str] =
    &["audit", "log", "event", "history", "activity", "metric", "statistic", "stat", "counter", "notification", "outbox", "cache", "trace"];

//! When the parts of a body run: once, in a task of their own, or inside a closure.

use super::Inputs;
use crate::facts::{BlockKind, Body, ExprId, ExpressionKind, PatternKind, Statement};
use crate::knowledge::Does;
use crate::resolve::FunctionId;

/// Ranges of expressions of one body.
pub(super) struct Flow {
    once: Vec<Region>,
    spawned: Vec<Region>,
    closures: Vec<Region>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    pub once: bool,
    pub spawned: bool,
    pub in_closure: bool,
}

type Region = (ExprId, ExprId);

impl Flow {
    pub(super) fn new(inputs: &Inputs, function: FunctionId, body: &Body) -> Flow {
        let mut flow = Flow { once: Vec::new(), spawned: Vec::new(), closures: closures(body) };
        for site in inputs.calls(function) {
            let does = inputs.does(function, site);
            let (once, spawns) = (does.contains(&Does::RunsOnce), does.contains(&Does::Spawns));
            if !once && !spawns {
                continue;
            }
            let mut regions = Vec::new();
            Inputs::arguments(body, site.expression).iter().for_each(|argument| handed_over(body, *argument, &mut regions));
            if once {
                flow.once.extend(&regions);
            }
            if spawns {
                flow.spawned.extend(&regions);
            }
        }
        flow
    }

    pub(super) fn marks(&self, expression: ExprId) -> Marks {
        let inside = |regions: &[Region]| regions.iter().any(|(first, last)| *first <= expression && expression <= *last);
        Marks { once: inside(&self.once), spawned: inside(&self.spawned), in_closure: inside(&self.closures) }
    }
}

fn closures(body: &Body) -> Vec<Region> {
    let is_closure = |kind: &ExpressionKind| matches!(kind, ExpressionKind::Closure { .. });
    let ids = (0..body.expressions.len() as u32).map(ExprId);
    // Only what is inside: a closure itself is made where it is written.
    ids.filter(|id| is_closure(&body[*id].kind) && id.0 > 0).map(|id| (body[id].first, ExprId(id.0 - 1))).collect()
}

/// What of an argument runs later: the inside of closures and `async` blocks, a future's own function, a function by name. What is
/// computed to make them runs now.
fn handed_over(body: &Body, argument: ExprId, regions: &mut Vec<Region>) {
    let mut at = argument;
    loop {
        match &body[at].kind {
            ExpressionKind::Closure { .. } | ExpressionKind::Block { .. } | ExpressionKind::Macro(_) => {
                return regions.push((body[at].first, at));
            }
            // `Box::pin(async { .. })` hands its own arguments over.
            ExpressionKind::Call { arguments, .. } => {
                regions.push((at, at));
                let futures = arguments.iter().filter(|argument| is_code(body, **argument));
                return regions.extend(futures.map(|argument| (body[*argument].first, *argument)));
            }
            ExpressionKind::MethodCall { receiver, .. } => {
                regions.push((at, at));
                at = *receiver;
            }
            ExpressionKind::Path(path) => {
                regions.push((at, at));
                let named = path.single().and_then(|name| bound_to(body, name));
                return regions.extend(named.filter(|value| is_code(body, *value)).map(|value| (body[value].first, value)));
            }
            ExpressionKind::Reference { value, .. } => at = *value,
            _ => return,
        }
    }
}

fn is_code(body: &Body, id: ExprId) -> bool {
    matches!(body[id].kind, ExpressionKind::Closure { .. } | ExpressionKind::Block { kind: BlockKind::Async, .. })
}

/// The value of the only `let name = ..` in the body.
fn bound_to(body: &Body, name: &str) -> Option<ExprId> {
    let mut values = body.expressions.iter().filter_map(|expression| match &expression.kind {
        ExpressionKind::Block { statements, .. } => Some(statements),
        _ => None,
    });
    let mut values = values.by_ref().flatten().filter_map(|statement| match statement {
        Statement::Let { pattern, value, .. } => match &body[*pattern].kind {
            PatternKind::Binding { name: bound, .. } if bound == name => *value,
            _ => None,
        },
        _ => None,
    });
    let only = values.next()?;
    values.next().is_none().then_some(only)
}

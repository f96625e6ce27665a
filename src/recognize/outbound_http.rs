//! What the bodies themselves prove about requests: limits, credential checks, 429 answers, cache headers.

use super::flow::Flow;
use super::{Inputs, knows};
use crate::facts::{Body, ExprId, ExpressionKind, Literal, Operator};
use crate::knowledge::Does;
use crate::model::{Backend, Effect, EffectKind};
use crate::resolve::FunctionId;
use rayon::prelude::*;
use rustc_hash::FxHashSet;

pub fn add(inputs: &Inputs, backend: &mut Backend) {
    let functions: Vec<FunctionId> = inputs.own_functions().collect();
    let found: Vec<(FunctionId, Vec<Effect>)> = functions.par_iter().map(|id| (*id, effects_of(inputs, *id))).collect();
    for (id, mut effects) in found.into_iter().filter(|(_, effects)| !effects.is_empty()) {
        let all = &mut backend.functions[id.0 as usize].effects;
        all.append(&mut effects);
        all.sort_by_key(|effect| effect.place);
    }
}

fn effects_of(inputs: &Inputs, function: FunctionId) -> Vec<Effect> {
    let Some(body) = inputs.body(function) else { return Vec::new() };
    let called = inputs.calls(function).iter().filter_map(|call| {
        let kind = inputs.does(function, call).iter().find_map(|does| match does {
            Does::LimitsRate => Some(EffectKind::LimitsRate),
            Does::ChecksCredential => Some(EffectKind::ChecksCredential),
            _ => None,
        })?;
        let what = knows::external_path(&call.target, inputs.resolved).unwrap_or_default();
        Some((call.expression, kind, what.to_string()))
    });
    let mut found: Vec<(ExprId, EffectKind, String)> = called.collect();
    found.extend(answers(body));
    if found.is_empty() {
        return Vec::new();
    }
    let flow = Flow::new(inputs, function, body);
    let effect = |(at, kind, what): (ExprId, EffectKind, String)| {
        let marks = flow.marks(at);
        Effect { kind, place: inputs.place_of(function, at), what, once: marks.once, spawned: marks.spawned }
    };
    found.into_iter().map(effect).collect()
}

/// 429 answers and cache headers, by the constants that name them. What only compares or reads says nothing about the answer.
fn answers(body: &Body) -> Vec<(ExprId, EffectKind, String)> {
    let mut found = Vec::new();
    let mut read: Option<FxHashSet<ExprId>> = None;
    for (at, expression) in body.expressions.iter().enumerate() {
        let id = ExprId(at as u32);
        let Some(kind) = named(&expression.kind) else { continue };
        if !read.get_or_insert_with(|| only_read(body)).contains(&id) {
            let what = match kind {
                EffectKind::AnswersTooManyRequests => "429 Too Many Requests",
                _ => "Cache-Control",
            };
            found.push((id, kind, what.to_string()));
        }
    }
    found
}

fn named(kind: &ExpressionKind) -> Option<EffectKind> {
    let path = match kind {
        ExpressionKind::Path(path) | ExpressionKind::Struct { path, .. } => path,
        ExpressionKind::Literal(Literal::Text { value, .. }) if value.eq_ignore_ascii_case("cache-control") => {
            return Some(EffectKind::SetsCacheHeader);
        }
        _ => return None,
    };
    match path.last()? {
        "TOO_MANY_REQUESTS" | "TooManyRequests" | "ErrorTooManyRequests" => Some(EffectKind::AnswersTooManyRequests),
        "CACHE_CONTROL" | "CacheControl" => Some(EffectKind::SetsCacheHeader),
        _ => None,
    }
}

/// Operands of comparisons and keys of look-ups.
fn only_read(body: &Body) -> FxHashSet<ExprId> {
    let mut read = FxHashSet::default();
    for (at, expression) in body.expressions.iter().enumerate() {
        match &expression.kind {
            ExpressionKind::Binary { operator: Operator::Equality, left, right } => {
                read.extend(body.inside(*left).chain(body.inside(*right)));
            }
            ExpressionKind::MethodCall { name, arguments, .. } if is_look_up(name) => {
                arguments.iter().for_each(|argument| read.extend(body.inside(*argument)));
            }
            ExpressionKind::Index { index, .. } => read.extend(body.inside(*index)),
            ExpressionKind::Macro(_) => {
                let compares = matches!(&expression.kind, ExpressionKind::Macro(call) if call.path.last().is_some_and(|name| name.starts_with("assert")));
                if compares {
                    read.extend(body.inside(ExprId(at as u32)));
                }
            }
            _ => {}
        }
    }
    read
}

fn is_look_up(name: &str) -> bool {
    matches!(name, "get" | "get_all" | "get_one" | "get_mut" | "contains_key" | "contains" | "remove" | "typed_get" | "eq")
}

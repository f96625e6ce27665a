//! What middleware and guards of the workspace do, read from their code and what it calls.

use super::credential;
use super::value::{Behaviour, Layer};
use crate::facts::ExpressionKind;
use crate::knowledge::LayerRole;
use crate::model::{Backend, EffectKind};
use crate::recognize::{Inputs, function, knows};
use crate::resolve::{AdtId, FunctionId, ImplId, Ty};
use rustc_hash::FxHashMap;

/// Calls that inference looks behind.
const DEEPEST: usize = 5;
/// Methods through which a request passes.
const ENTRIES: [&str; 12] = [
    "call",
    "handle",
    "on_request",
    "on_response",
    "from_request",
    "from_request_parts",
    "authorize",
    "validate",
    "extract",
    "layer",
    "new_transform",
    "make_span",
];

pub(super) struct Behaviours<'a> {
    inputs: &'a Inputs<'a>,
    impls: FxHashMap<AdtId, Vec<ImplId>>,
    known: FxHashMap<Vec<FunctionId>, Vec<LayerRole>>,
}

impl<'a> Behaviours<'a> {
    pub fn new(inputs: &'a Inputs<'a>) -> Self {
        let mut impls: FxHashMap<AdtId, Vec<ImplId>> = FxHashMap::default();
        for (at, one) in inputs.resolved.impls.iter().enumerate() {
            if let Ty::Adt(adt, _) = &one.self_type {
                impls.entry(*adt).or_default().push(ImplId(at as u32));
            }
        }
        Self { inputs, impls, known: FxHashMap::default() }
    }

    /// Fills in what the middleware's own code tells.
    pub fn settle(&mut self, backend: &mut Backend, layer: &mut Layer) {
        let entries = match layer.behaviour.take() {
            None => return,
            Some(Behaviour::Function(id)) => vec![id],
            Some(Behaviour::Closure(parent, closure)) => {
                let closure = function::closure_function(self.inputs, backend, parent, closure);
                return self.settle_closure(backend, layer, closure);
            }
            Some(Behaviour::Type(adt)) => self.entries_of(adt, 0),
        };
        if entries.is_empty() {
            return;
        }
        layer.roles = self.roles(backend, entries);
        layer.opaque = false;
    }

    fn settle_closure(&mut self, backend: &Backend, layer: &mut Layer, closure: crate::model::FunctionId) {
        // Effects of a closure are its function's; what it reads of the request is seen in the functions it calls.
        let reached = reached(backend, closure);
        layer.roles = roles_of(self.inputs, backend, &reached, &reached);
        layer.opaque = false;
    }

    fn roles(&mut self, backend: &Backend, entries: Vec<FunctionId>) -> Vec<LayerRole> {
        if let Some(known) = self.known.get(&entries) {
            return known.clone();
        }
        let mut functions: Vec<crate::model::FunctionId> = Vec::new();
        for entry in &entries {
            for one in reached(backend, function::id(*entry)) {
                if !functions.contains(&one) {
                    functions.push(one);
                }
            }
        }
        let turning_away: Vec<_> = entries.iter().flat_map(|entry| turning_away(self.inputs, *entry)).map(function::id).collect();
        let roles = roles_of(self.inputs, backend, &functions, &turning_away);
        self.known.insert(entries, roles.clone());
        roles
    }

    /// Methods of the type that a request passes through, and of the service that it makes.
    pub fn entries_of(&self, adt: AdtId, depth: usize) -> Vec<FunctionId> {
        let mut found = Vec::new();
        for id in self.impls.get(&adt).into_iter().flatten() {
            let one = &self.inputs.resolved.impls[id.0 as usize];
            if one.trait_.is_none() {
                continue;
            }
            for method in &one.methods {
                let declared = &self.inputs.resolved.functions[method.0 as usize];
                if !ENTRIES.contains(&declared.name.as_str()) {
                    continue;
                }
                found.push(*method);
                if matches!(declared.name.as_str(), "layer" | "new_transform") && depth == 0 {
                    found.extend(
                        self.made_types(*method).into_iter().filter(|made| *made != adt).flat_map(|made| self.entries_of(made, depth + 1)),
                    );
                }
            }
        }
        found
    }

    /// Types of the workspace whose values a body makes.
    fn made_types(&self, function: FunctionId) -> Vec<AdtId> {
        let Some(body) = self.inputs.body(function) else { return Vec::new() };
        let mut made = Vec::new();
        for (at, expression) in body.expressions.iter().enumerate() {
            if !matches!(expression.kind, ExpressionKind::Struct { .. } | ExpressionKind::Call { .. }) {
                continue;
            }
            if let Ty::Adt(adt, _) = self.inputs.type_of(function, crate::facts::ExprId(at as u32))
                && self.impls.contains_key(adt)
                && !made.contains(adt)
            {
                made.push(*adt);
            }
        }
        made
    }
}

/// Functions within [`DEEPEST`] calls, in a request's own time.
pub(super) fn reached(backend: &Backend, from: crate::model::FunctionId) -> Vec<crate::model::FunctionId> {
    backend.reach(from).into_iter().filter(|chain| chain.functions.len() <= DEEPEST).map(|chain| chain.last()).collect()
}

/// The functions whose rejections end a request: the middleware's own, and those whose failure it passes on with `?`.
fn turning_away(inputs: &Inputs, entry: FunctionId) -> Vec<FunctionId> {
    let mut found = vec![entry];
    let Some(body) = inputs.body(entry) else { return found };
    for expression in &body.expressions {
        let ExpressionKind::Try(inner) = &expression.kind else { continue };
        let of = body.inside(*inner).filter_map(|id| inputs.call_at(entry, id));
        found.extend(of.filter_map(|call| match call.target {
            crate::resolve::Target::Function(id) if inputs.is_own(id) => Some(id),
            _ => None,
        }));
    }
    found
}

fn roles_of(
    inputs: &Inputs,
    backend: &Backend,
    functions: &[crate::model::FunctionId],
    turning_away: &[crate::model::FunctionId],
) -> Vec<LayerRole> {
    let mut roles = Vec::new();
    let own = |id: &crate::model::FunctionId| {
        let at = FunctionId(id.0);
        (at.0 as usize) < inputs.resolved.functions.len() && inputs.is_own(at)
    };
    let bodies: Vec<FunctionId> = functions.iter().filter(|id| own(id)).map(|id| FunctionId(id.0)).collect();
    let has = |kind: EffectKind| {
        functions.iter().any(|id| backend.function(*id).effects.iter().any(|effect| effect.kind == kind && !effect.spawned))
    };
    let reads = bodies.iter().any(|id| credential::reads(inputs, *id).is_some());
    let rejecting: Vec<FunctionId> = turning_away.iter().filter(|id| own(id)).map(|id| FunctionId(id.0)).collect();
    if reads && rejecting.iter().any(|id| credential::rejects(inputs, *id) || redirects(inputs, *id)) || has(EffectKind::ChecksCredential) {
        roles.push(LayerRole::Auth);
    } else if reads {
        roles.push(LayerRole::Identity);
    }
    if has(EffectKind::LimitsRate) || has(EffectKind::AnswersTooManyRequests) {
        roles.push(LayerRole::RateLimit);
    }
    if has(EffectKind::SetsCacheHeader) {
        roles.push(LayerRole::CacheControl);
    }
    if bodies.iter().any(|id| times_out(inputs, *id)) {
        roles.push(LayerRole::Timeout);
    }
    if roles.is_empty() {
        roles.push(LayerRole::Other);
    }
    roles
}

fn times_out(inputs: &Inputs, function: FunctionId) -> bool {
    inputs.calls(function).iter().any(|call| {
        knows::external_path(&call.target, inputs.resolved)
            .is_some_and(|path| matches!(path, "tokio::time::timeout" | "tokio::time::timeout_at" | "tokio::time::timeout::timeout"))
    })
}

fn redirects(inputs: &Inputs, function: FunctionId) -> bool {
    inputs.body(function).is_some_and(|body| {
        body.expressions.iter().any(|expression| match &expression.kind {
            ExpressionKind::Path(path) => {
                matches!(path.last(), Some("SEE_OTHER" | "FOUND" | "SeeOther" | "see_other" | "TEMPORARY_REDIRECT"))
                    || path.text().ends_with("Redirect::to")
            }
            _ => false,
        })
    })
}

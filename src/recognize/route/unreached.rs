//! What web frameworks serve here and no route that was read shows: said with every run, so that silence is never taken for health.

use super::signature;
use crate::knowledge::{Routes, TypeRole};
use crate::model::{Backend, Context, Handler};
use crate::recognize::{Inputs, function};
use crate::resolve::{Definition, DependencyTarget, FunctionId, Target};
use rustc_hash::FxHashSet;
use std::collections::BTreeSet;

/// Names given as examples.
const NAMED: usize = 3;
/// One function out of so many routes that takes a request and is reached by none of them is told; fewer are code that is no longer used.
const TOLD_FROM: usize = 20;

/// Adds notes about routes that must be missing. Needs routes.
pub(super) fn note(inputs: &Inputs, backend: &mut Backend) {
    let used = frameworks(inputs);
    let unread: Vec<String> = used.iter().filter(|(_, routes)| *routes == Routes::Unread).map(|(name, _)| format!("`{name}`")).collect();
    let unreached = unreached_handlers(inputs, backend);
    let notes = &mut backend.coverage.notes;
    if !unread.is_empty() {
        notes.push(format!("routes of {} are not read", unread.join(", ")));
    }
    if !unreached.is_empty() && unreached.len() * TOLD_FROM >= backend.routes.len() {
        let (count, examples) = (unreached.len(), unreached[..count_of(&unreached)].join("`, `"));
        let (functions, no) = if count == 1 { ("1 function takes".to_string(), "it") } else { (format!("{count} functions take"), "them") };
        notes.push(format!(
            "{functions} a request as handlers do, and no route that could be read reaches {no} (`{examples}`): routes that procedural macros or code at run time register are missing"
        ));
    } else if backend.routes.is_empty()
        && let Some((name, _)) = used.iter().find(|(_, routes)| *routes == Routes::Read)
    {
        notes.push(format!("a package depends on `{name}`, and no routes were found"));
    }
}

fn count_of(names: &[String]) -> usize {
    names.len().min(NAMED)
}

/// Web frameworks that packages depend on outside tests, by name.
fn frameworks<'a>(inputs: &Inputs<'a>) -> BTreeSet<(&'a str, Routes)> {
    let dependencies = inputs.graph.crates.iter().flat_map(|krate| &krate.dependencies).filter(|dependency| !dependency.dev);
    let names = dependencies.filter_map(|dependency| match &dependency.to {
        DependencyTarget::External { package, .. } => Some(package.as_str()),
        DependencyTarget::Workspace(_) => None,
    });
    names.filter_map(|name| Some((name, inputs.knowledge.routes_of(name)?))).collect()
}

/// Functions with extractors among their parameters that no route, call or expression names.
fn unreached_handlers(inputs: &Inputs, backend: &Backend) -> Vec<String> {
    let candidates: Vec<FunctionId> = inputs.own_functions().filter(|id| looks_like_handler(inputs, backend, *id)).collect();
    if candidates.is_empty() {
        return Vec::new();
    }
    let named = named_functions(inputs);
    let handlers: FxHashSet<crate::model::FunctionId> = backend
        .routes
        .iter()
        .filter_map(|route| match route.handler {
            Handler::Function(id) => Some(id),
            _ => None,
        })
        .collect();
    let unreached = candidates.into_iter().filter(|id| !named.contains(id) && !handlers.contains(&function::id(*id)));
    unreached.map(|id| backend.function(function::id(id)).name.clone()).collect()
}

fn looks_like_handler(inputs: &Inputs, backend: &Backend, id: FunctionId) -> bool {
    let declared = &inputs.resolved.functions[id.0 as usize];
    let drawn = backend.function(function::id(id));
    let free = declared.facts.as_ref().is_some_and(|facts| facts.receiver.is_none());
    if !free || drawn.context == Context::Test || drawn.web_adapter || drawn.trait_path.is_some() || drawn.name == "main" {
        return false;
    }
    let takes = |role: TypeRole| signature::parameters(inputs, id).iter().any(|ty| inputs.type_roles(declared.krate, ty).contains(&role));
    takes(TypeRole::Extractor)
}

fn named_functions(inputs: &Inputs) -> FxHashSet<FunctionId> {
    let mut named = FxHashSet::default();
    for id in inputs.own_functions() {
        let body = &inputs.resolved.bodies[id.0 as usize];
        named.extend(body.paths.iter().filter_map(|(_, definition)| match definition {
            Definition::Function(function) => Some(*function),
            _ => None,
        }));
        named.extend(body.calls.iter().filter_map(|call| match call.target {
            Target::Function(function) => Some(function),
            _ => None,
        }));
    }
    named
}

//! What requests share: single connections in the application's state.

use super::Inputs;
use crate::knowledge::TypeRole;
use crate::model::{Backend, Evidence, ResourceKind};
use crate::resolve::{AdtId, Container, CrateId, FunctionId, Ty};
use crate::source::Place;
use rustc_hash::FxHashSet;

/// Marks connections that sit in what all requests share.
pub(super) fn add(inputs: &Inputs, backend: &mut Backend) {
    let kept = kept_connections(inputs);
    for resource in backend.resources.iter_mut().filter(|resource| resource.kind == ResourceKind::Connection && !resource.dedicated) {
        let own = kept.iter().find(|kept| kept.library == library(&resource.type_path) || kept.library == resource.library);
        resource.shared = own.map(|kept| kept.evidence.clone());
    }
}

struct Kept {
    library: String,
    evidence: Evidence,
}

/// Connections in statics and in the fields of what extractors hand to handlers.
fn kept_connections(inputs: &Inputs) -> Vec<Kept> {
    let mut kept = Vec::new();
    for adt in state_types(inputs) {
        let definition = &inputs.resolved.adts[adt.0 as usize];
        let module = &inputs.resolved.modules[definition.module.0 as usize];
        for variant in &definition.variants {
            for (field, ty) in variant.fields.iter().zip(&variant.types) {
                let place = Place::new(module.file, field.name_span);
                let what = format!("field `{}` of `{}`, which all requests share", field.name, definition.name);
                kept.extend(kept_in(inputs, module.krate, ty, place, what));
            }
        }
    }
    for function in inputs.own_functions().filter(|id| is_static(inputs, *id)) {
        let constant = &inputs.resolved.functions[function.0 as usize];
        let Some(body) = inputs.body(function) else { continue };
        let ty = inputs.type_of(function, body.root);
        kept.extend(kept_in(inputs, constant.krate, ty, constant.place, format!("static `{}`, which all requests share", constant.name)));
    }
    for (function, ty) in extracted(inputs) {
        let place = inputs.resolved.functions[function.0 as usize].place;
        let krate = inputs.resolved.functions[function.0 as usize].krate;
        kept.extend(kept_in(inputs, krate, &ty, place, "handed to every request as state".into()));
    }
    kept
}

fn is_static(inputs: &Inputs, id: FunctionId) -> bool {
    let function = &inputs.resolved.functions[id.0 as usize];
    function.container == Container::Initializer && !function.test
}

/// A connection behind a lock. One that is shared without a lock takes many statements at a time, as `tokio_postgres::Client` does.
fn kept_in(inputs: &Inputs, krate: CrateId, ty: &Ty, place: Place, what: String) -> Option<Kept> {
    let (path, locked) = connection_in(inputs, krate, ty, 6)?;
    let lock = locked?;
    Some(Kept { library: library(&path), evidence: Evidence::at(place, format!("kept behind a `{lock}` in {what}")) })
}

/// A single connection inside wrappers, with the lock around it.
fn connection_in(inputs: &Inputs, krate: CrateId, ty: &Ty, depth: usize) -> Option<(String, Option<String>)> {
    let (arguments, path) = match ty {
        Ty::Reference(inner) if depth > 0 => return connection_in(inputs, krate, inner, depth - 1),
        Ty::Adt(_, arguments) | Ty::External(_, arguments) => (arguments, inputs.type_path(ty)?),
        _ => return None,
    };
    let roles = inputs.type_roles(krate, ty);
    if roles.contains(&TypeRole::Connection) && !roles.contains(&TypeRole::CacheClient) {
        return Some((path.to_string(), None));
    }
    let sees_through =
        [TypeRole::Lock, TypeRole::Transparent, TypeRole::Extractor].iter().any(|role| roles.contains(role)) || is_option(path);
    let (inner, locked) =
        arguments.iter().filter(|_| sees_through && depth > 0).find_map(|argument| connection_in(inputs, krate, argument, depth - 1))?;
    let own = roles.contains(&TypeRole::Lock).then(|| path.to_string());
    Some((inner, locked.or(own)))
}

fn is_option(path: &str) -> bool {
    path.ends_with("::Option")
}

fn library(path: &str) -> String {
    path.split("::").next().unwrap_or(path).to_string()
}

/// Types of the values that extractors give to handlers.
fn extracted(inputs: &Inputs) -> Vec<(FunctionId, Ty)> {
    let extractors = adts_with(inputs, TypeRole::Extractor);
    let mut found: Vec<(FunctionId, Ty)> = Vec::new();
    for id in inputs.own_functions().filter(|id| !inputs.resolved.functions[id.0 as usize].test) {
        let first = found.len();
        for ty in &inputs.resolved.bodies[id.0 as usize].parameters {
            if is_one_of(&extractors, ty) && !found[first..].iter().any(|(_, known)| known == ty) {
                found.push((id, ty.clone()));
            }
        }
    }
    found
}

/// By [`AdtId`]: whether knowledge gives the type this role.
fn adts_with(inputs: &Inputs, role: TypeRole) -> Vec<bool> {
    inputs.resolved.adts.iter().map(|adt| inputs.knowledge.type_roles(&adt.path, None).contains(&role)).collect()
}

fn is_one_of(adts: &[bool], ty: &Ty) -> bool {
    match ty {
        Ty::Adt(id, _) => adts[id.0 as usize],
        Ty::Reference(inner) => is_one_of(adts, inner),
        _ => false,
    }
}

/// Own types inside what is extracted, and in their fields.
fn state_types(inputs: &Inputs) -> Vec<AdtId> {
    let mut waiting: Vec<AdtId> = Vec::new();
    for (_, ty) in extracted(inputs) {
        own_types(inputs, &ty, &mut waiting);
    }
    let mut seen: FxHashSet<AdtId> = FxHashSet::default();
    let mut order = Vec::new();
    while let Some(adt) = waiting.pop() {
        if !seen.insert(adt) {
            continue;
        }
        order.push(adt);
        for ty in inputs.resolved.adts[adt.0 as usize].variants.iter().flat_map(|variant| &variant.types) {
            own_types(inputs, ty, &mut waiting);
        }
    }
    order.sort();
    order
}

fn own_types(inputs: &Inputs, ty: &Ty, into: &mut Vec<AdtId>) {
    match ty {
        Ty::Reference(inner) => own_types(inputs, inner, into),
        Ty::Adt(id, arguments) => {
            let module = inputs.resolved.adts[id.0 as usize].module;
            let krate = inputs.resolved.modules[module.0 as usize].krate;
            if inputs.resolved.crates[krate.0 as usize].source.is_some() {
                into.push(*id);
            }
            arguments.iter().for_each(|argument| own_types(inputs, argument, into));
        }
        Ty::External(_, arguments) => arguments.iter().for_each(|argument| own_types(inputs, argument, into)),
        _ => {}
    }
}

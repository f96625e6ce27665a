//! Web framework types in the signatures of functions: what only an HTTP server can call or make use of.

use super::Inputs;
use super::dependency::{is_web, is_web_path};
use super::ids::Ids;
use crate::facts::{Path, Type};
use crate::model::FrameworkType;
use crate::resolve::{Definition, Function, FunctionId};
use crate::source::{Place, Span};
use rayon::prelude::*;

pub(super) fn all(inputs: &Inputs, ids: &Ids) -> Vec<FrameworkType> {
    let functions: Vec<FunctionId> = inputs.own_functions().collect();
    functions.par_iter().flat_map_iter(|id| in_signature(inputs, ids, *id)).collect()
}

fn in_signature(inputs: &Inputs, ids: &Ids, id: FunctionId) -> Vec<FrameworkType> {
    let function = &inputs.resolved.functions[id.0 as usize];
    let Some(known) = ids.function(id) else { return Vec::new() };
    let returned = function.facts.as_ref().and_then(|facts| facts.returns.as_ref());
    let taken = function.facts.iter().flat_map(|facts| &facts.parameters).map(|parameter| &parameter.ty);
    let mentions = returned.into_iter().map(|ty| (ty, true)).chain(taken.map(|ty| (ty, false)));
    let found = mentions.filter_map(|(ty, in_return)| {
        let (span, type_path) = first_web_type(inputs, function, ty)?;
        Some(FrameworkType { function: known, place: Place::new(function.file, span), type_path, in_return })
    });
    found.collect()
}

fn first_web_type(inputs: &Inputs, function: &Function, ty: &Type) -> Option<(Span, String)> {
    let mut paths = Vec::new();
    collect(ty, &mut paths, 0);
    paths.into_iter().find_map(|path| {
        let meaning = inputs.meaning(function.file, path)?;
        Some((path.span, web_path(inputs, meaning)?))
    })
}

fn web_path(inputs: &Inputs, definition: &Definition) -> Option<String> {
    let resolved = inputs.resolved;
    let path = match definition {
        Definition::Adt(id) => &resolved.adts[id.0 as usize].path,
        Definition::Trait(id) => &resolved.traits[id.0 as usize].path,
        Definition::External(path) => path,
        Definition::Alias(id) => {
            let alias = &resolved.aliases[id.0 as usize];
            return (is_web_path(inputs, &alias.path) || is_web(inputs, &alias.ty, 0)).then(|| alias.path.to_string());
        }
        _ => return None,
    };
    is_web_path(inputs, path).then(|| path.to_string())
}

const DEEP: usize = 16;

/// Every path in a type, outermost first.
fn collect<'t>(ty: &'t Type, paths: &mut Vec<&'t Path>, depth: usize) {
    if depth > DEEP {
        return;
    }
    let mut inner = |types: &'t [Type]| types.iter().for_each(|ty| collect(ty, paths, depth + 1));
    match ty {
        Type::Reference(ty) | Type::Slice(ty) | Type::Array(ty) => inner(std::slice::from_ref(ty)),
        Type::Tuple(types) | Type::DynTrait(types) | Type::ImplTrait(types) => inner(types),
        Type::FunctionPointer { parameters, returns } => {
            inner(parameters);
            returns.iter().for_each(|ty| collect(ty, paths, depth + 1));
        }
        Type::Path(path) => {
            paths.push(path);
            for segment in &path.segments {
                segment.arguments.iter().for_each(|ty| collect(ty, paths, depth + 1));
                segment.bindings.iter().for_each(|(_, ty)| collect(ty, paths, depth + 1));
            }
        }
        Type::Never | Type::Infer | Type::Unknown => {}
    }
}

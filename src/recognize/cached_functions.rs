//! Functions whose results an attribute keeps: `#[cached]`.

use super::Inputs;
use crate::facts::{Attribute, AttributeArgument, Function, ItemKind, UseBinding, UseKind};
use crate::knowledge::Does;
use crate::model::{Built, Evidence, Resource, ResourceKind, Truth};
use crate::resolve::{self, FunctionId};
use crate::source::Place;
use std::collections::BTreeMap;

pub(super) fn all(inputs: &Inputs) -> Vec<Resource> {
    inputs.own_functions().filter_map(|id| cached(inputs, id)).collect()
}

fn cached(inputs: &Inputs, id: FunctionId) -> Option<Resource> {
    let function = &inputs.resolved.functions[id.0 as usize];
    let facts = function.facts.as_ref()?;
    let (attribute, path) =
        facts.attributes.iter().find_map(|attribute| Some((attribute, attribute_path(inputs, function, attribute)?)))?;
    let version = inputs.version_of(function.krate, &path);
    let keeps = inputs.knowledge.attribute(&path, version).iter().any(|does| matches!(does, Does::CacheNew(_)));
    keeps.then(|| resource(id, facts, attribute, function.file, &path))
}

fn resource(id: FunctionId, facts: &Function, attribute: &Attribute, file: crate::source::FileId, path: &str) -> Resource {
    let place = Place::new(file, attribute.span);
    let own_store = value(attribute, &["ty", "type", "create"]);
    let bound = |keys: &[&str], says: &str, absent: &str| match (value(attribute, keys), own_store) {
        (Some(set), _) => Truth::Yes(Evidence::at(place, format!("{says} `{set}`"))),
        (None, Some(store)) => Truth::Unknown(format!("the store is `{store}`")),
        (None, None) => Truth::No(format!("no {absent} is set")),
    };
    let alone = facts.parameters.is_empty() && facts.receiver.is_none();
    let capacity = if alone {
        Truth::Yes(Evidence::at(place, "the function takes no arguments, so there is one entry"))
    } else {
        bound(&["size", "max_size"], "holds at most", "size")
    };
    Resource {
        kind: ResourceKind::Cache,
        library: path.split("::").next().unwrap_or(path).to_string(),
        system: "process".into(),
        type_path: path.to_string(),
        function: super::function::id(id),
        place,
        built: Built::Startup,
        settings: BTreeMap::new(),
        limits: None,
        acquire_timeout: Truth::default(),
        capacity,
        expiry: bound(&["time", "ttl", "ttl_secs", "ttl_millis", "expires"], "expires after", "time"),
        dedicated: false,
        per_request_settings: false,
        stored: true,
        per_worker: None,
        shared: None,
    }
}

fn value<'f>(attribute: &'f Attribute, keys: &[&str]) -> Option<&'f str> {
    attribute.arguments.iter().find_map(|argument| match argument {
        AttributeArgument::KeyValue { key, value, .. } if keys.contains(&key.as_str()) => Some(value.as_str()),
        AttributeArgument::Path(path) if path.single().is_some_and(|name| keys.contains(&name.as_str())) => Some("set"),
        _ => None,
    })
}

/// The attribute's path from the root of its crate, by the `use`s of the file.
fn attribute_path(inputs: &Inputs, function: &resolve::Function, attribute: &Attribute) -> Option<String> {
    let Some(name) = attribute.path.single() else { return Some(attribute.path.text()) };
    let facts = inputs.graph.facts.get(function.file.0 as usize)?.as_ref()?;
    let mut uses: Vec<&UseBinding> = Vec::new();
    uses_in(&facts.items, &mut uses);
    uses.into_iter().find_map(|binding| match &binding.kind {
        UseKind::Named(own) if own == name => Some(binding.path.text()),
        UseKind::Glob => Some(format!("{}::{name}", binding.path.text())).filter(|path| !inputs.knowledge.attribute(path, None).is_empty()),
        UseKind::Named(_) => None,
    })
}

fn uses_in<'f>(items: &'f [crate::facts::Item], into: &mut Vec<&'f UseBinding>) {
    for item in items {
        match &item.kind {
            ItemKind::Use(bindings) => into.extend(bindings),
            ItemKind::Module { items: Some(items), .. } => uses_in(items, into),
            _ => {}
        }
    }
}

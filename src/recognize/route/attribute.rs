//! Routes that stand in attributes: `#[get("/x")]`, `#[utoipa::path(get, path = "/x")]`.

use super::effect::Call;
use super::evaluate::{Evaluator, text_of};
use super::layer::opaque_layer;
use super::text::Text;
use super::value::{HandlerValue, Layer, RouteEntry, Value};
use crate::facts::{Attribute, AttributeArgument, Item, ItemKind};
use crate::knowledge::{Does, Routing, Verb};
use crate::recognize::Inputs;
use crate::resolve::{Container, FunctionId};
use crate::source::{FileId, Place, Span};
use rustc_hash::FxHashMap;
use std::rc::Rc;

pub(super) struct Attributes<'a> {
    /// Rows by the attribute's last segment.
    rows: FxHashMap<&'a str, Vec<&'a Routing>>,
    /// Modules that put a prefix before the routes of their functions, outermost first.
    scopes: FxHashMap<FileId, Vec<(Span, Text)>>,
    /// Code in attributes, which facts put beside the function as unnamed constants.
    values: FxHashMap<Place, FunctionId>,
}

const VERBS: [&str; 9] = ["get", "post", "put", "delete", "patch", "head", "options", "trace", "connect"];

impl<'a> Attributes<'a> {
    pub fn new(inputs: &'a Inputs<'a>) -> Self {
        let mut rows: FxHashMap<&str, Vec<&Routing>> = FxHashMap::default();
        for row in inputs.knowledge.crates.iter().flat_map(|block| &block.attribute) {
            for does in &row.does {
                let Does::Routing(routing @ Routing::Attribute { .. }) = does else { continue };
                for path in &row.paths {
                    rows.entry(path.rsplit("::").next().unwrap_or(path)).or_default().push(routing);
                }
            }
        }
        Self { rows, scopes: scopes(inputs), values: values(inputs) }
    }

    fn scoped(&self, place: Place, path: Text, framework: &str) -> Text {
        let around = self.scopes.get(&place.file).into_iter().flatten().rev().filter(|(span, _)| span.contains(place.span));
        around.fold(path, |path, (_, prefix)| prefix.join(&path, framework))
    }

    fn row(&self, attribute: &Attribute, framework: &str) -> Option<&'a Routing> {
        let rows = self.rows.get(attribute.path.last()?)?;
        rows.iter().copied().find(|row| matches!(row, Routing::Attribute { framework: of, .. } if of == framework))
    }
}

impl Evaluator<'_> {
    /// What the attributes of `function` say to `framework`, which registers it.
    pub fn attribute_routes(&mut self, function: FunctionId, framework: &str) -> Vec<RouteEntry> {
        let declared = &self.inputs.resolved.functions[function.0 as usize];
        let Some(facts) = &declared.facts else { return Vec::new() };
        let attributes = self.attributes.clone();
        let mut routes = Vec::new();
        for attribute in &facts.attributes {
            let Some(routing) = attributes.row(attribute, framework) else { continue };
            let place = Place::new(declared.file, attribute.span);
            let (methods, path) = (methods(routing, attribute), self.attribute_path(place.file, routing, attribute));
            let path = attributes.scoped(place, path, framework);
            let stack = self.wraps(attribute, place);
            for method in methods {
                routes.push(RouteEntry {
                    method: method.as_str().into(),
                    path: path.clone(),
                    handler: HandlerValue::Function(function),
                    stack: stack.clone(),
                    conditional: attribute.conditional.then(|| Rc::from("cfg_attr")),
                    place,
                    framework: framework.into(),
                    function,
                    fallback: false,
                });
            }
        }
        routes
    }

    fn attribute_path(&mut self, file: FileId, routing: &Routing, attribute: &Attribute) -> Text {
        let Routing::Attribute { path, path_key, .. } = routing else { return Text::default() };
        let argument = match (path, path_key) {
            (_, Some(wanted)) => {
                attribute.arguments.iter().find(|one| matches!(one, AttributeArgument::KeyValue { key, .. } if key == wanted))
            }
            (Some(at), None) => attribute.arguments.get(*at),
            (None, None) => return Text::default(),
        };
        match argument {
            Some(AttributeArgument::Text(text, _)) => Text::literal(text),
            Some(AttributeArgument::KeyValue { value, is_string, span, .. }) => {
                let text = self.attribute_value(Place::new(file, *span)).map(|(_, value)| text_of(&value, "path"));
                match (text, is_string) {
                    (Some(text), _) if text.known().is_some() => text,
                    // Code in quotes that could not be evaluated is no path.
                    (Some(_), true) => Text::unknown(value),
                    (None, true) => Text::literal(value),
                    (_, false) => Text::unknown(value),
                }
            }
            _ => Text::unknown(path_key.as_deref().unwrap_or("path")),
        }
    }

    /// The code at this place of an attribute, and what it makes.
    fn attribute_value(&mut self, place: Place) -> Option<(FunctionId, Value)> {
        let function = *self.attributes.values.get(&place)?;
        Some((function, self.call_function(function, None, Vec::new()).0))
    }

    /// `wrap = "Middleware"` of actix-web: what the code in quotes makes, or what it is called.
    fn wraps(&mut self, attribute: &Attribute, place: Place) -> Vec<Layer> {
        let mut layers = Vec::new();
        for argument in &attribute.arguments {
            let AttributeArgument::KeyValue { key, value: words, span, .. } = argument else { continue };
            if key != "wrap" {
                continue;
            }
            let known = self.attribute_value(Place::new(place.file, *span)).and_then(|(function, value)| {
                let root = self.inputs.body(function)?.root;
                let call = Call { place, path: words, ids: &[], values: Vec::new(), function };
                Some(self.layers_of(&call, &value, Some(root)))
            });
            let mut known = known.unwrap_or_else(|| vec![opaque_layer(words, place)]);
            for layer in &mut known {
                layer.place = place;
                if layer.opaque && layer.behaviour.is_none() {
                    layer.name = words.as_str().into();
                }
            }
            layers.extend(known.into_iter().rev());
        }
        layers
    }
}

/// Unnamed constants by their place.
fn values(inputs: &Inputs) -> FxHashMap<Place, FunctionId> {
    let unnamed = inputs.own_functions().filter_map(|id| {
        let function = &inputs.resolved.functions[id.0 as usize];
        (function.container == Container::Initializer && function.name == "_").then_some((function.place, id))
    });
    unnamed.collect()
}

/// `#[actix_web::scope("/x")] mod m { .. }`: the attribute writes its path before those of the route attributes inside.
fn scopes(inputs: &Inputs) -> FxHashMap<FileId, Vec<(Span, Text)>> {
    let mut found = FxHashMap::default();
    for facts in inputs.graph.facts.iter().flatten() {
        let mut scopes = Vec::new();
        collect_scopes(inputs, facts.file, &facts.items, &mut scopes);
        if !scopes.is_empty() {
            found.insert(facts.file, scopes);
        }
    }
    found
}

fn collect_scopes(inputs: &Inputs, file: FileId, items: &[Item], into: &mut Vec<(Span, Text)>) {
    for item in items {
        let ItemKind::Module { items: Some(inner), .. } = &item.kind else { continue };
        let is_scope = |attribute: &&Attribute| {
            let path = inputs
                .resolved
                .attributes
                .get(&Place::new(file, attribute.path.span))
                .map_or(attribute.path.text(), |path| path.to_string());
            path == "actix_web::scope"
        };
        let scope = item.attributes.iter().find(is_scope).and_then(|attribute| attribute.arguments.first());
        if let Some(AttributeArgument::Text(prefix, _)) = scope {
            into.push((item.span, Text::literal(prefix)));
        }
        collect_scopes(inputs, file, inner, into);
    }
}

fn methods(routing: &Routing, attribute: &Attribute) -> Vec<String> {
    let Routing::Attribute { verb, .. } = routing else { return Vec::new() };
    let methods = match verb {
        Some(Verb::Name) => attribute.path.last().map(str::to_uppercase).into_iter().collect(),
        Some(Verb::Is(verb)) => vec![verb.clone()],
        _ => named_methods(attribute),
    };
    if methods.is_empty() { vec!["ANY".to_string()] } else { methods }
}

/// `get`, `method(get, head)`, `method = "GET"`, `GET`.
fn named_methods(attribute: &Attribute) -> Vec<String> {
    let mut methods = Vec::new();
    let mut add = |name: &str| {
        if VERBS.contains(&name.to_lowercase().as_str()) {
            methods.push(name.to_uppercase());
        }
    };
    for argument in &attribute.arguments {
        match argument {
            AttributeArgument::Path(path) => add(path.last().unwrap_or_default()),
            AttributeArgument::KeyValue { key, value, .. } if key == "method" => add(value),
            AttributeArgument::List { path, arguments } if path.last() == Some("method") => {
                for inner in arguments {
                    if let AttributeArgument::Path(path) = inner {
                        add(path.last().unwrap_or_default());
                    }
                }
            }
            _ => {}
        }
    }
    methods
}

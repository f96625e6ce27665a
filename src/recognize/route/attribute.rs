//! Routes that stand in attributes: `#[get("/x")]`, `#[utoipa::path(get, path = "/x")]`.

use super::text::Text;
use super::value::{HandlerValue, Layer, RouteEntry};
use crate::facts::{Attribute, AttributeArgument, Item, ItemKind};
use crate::knowledge::{Does, Routing, Verb};
use crate::recognize::Inputs;
use crate::resolve::FunctionId;
use crate::source::{FileId, Place, Span};
use rustc_hash::FxHashMap;
use std::rc::Rc;

pub(super) struct Attributes<'a> {
    inputs: &'a Inputs<'a>,
    /// Rows by the attribute's last segment.
    rows: FxHashMap<&'a str, Vec<&'a Routing>>,
    /// Modules that put a prefix before the routes of their functions, outermost first.
    scopes: FxHashMap<FileId, Vec<(Span, Text)>>,
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
        Self { inputs, rows, scopes: scopes(inputs) }
    }

    /// What the attributes of `function` say to `framework`, which registers it.
    pub fn routes_of(&self, function: FunctionId, framework: &str) -> Vec<RouteEntry> {
        let declared = &self.inputs.resolved.functions[function.0 as usize];
        let Some(facts) = &declared.facts else { return Vec::new() };
        let mut routes = Vec::new();
        for attribute in &facts.attributes {
            let Some(routing) = self.row(attribute, framework) else { continue };
            let place = Place::new(declared.file, attribute.span);
            let (methods, path) = read(routing, attribute);
            let path = self.scoped(place, path, framework);
            let stack = wraps(attribute, place);
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

    fn scoped(&self, place: Place, path: Text, framework: &str) -> Text {
        let around = self.scopes.get(&place.file).into_iter().flatten().rev().filter(|(span, _)| span.contains(place.span));
        around.fold(path, |path, (_, prefix)| prefix.join(&path, framework))
    }

    fn row(&self, attribute: &Attribute, framework: &str) -> Option<&'a Routing> {
        let rows = self.rows.get(attribute.path.last()?)?;
        rows.iter().copied().find(|row| matches!(row, Routing::Attribute { framework: of, .. } if of == framework))
    }
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

fn read(routing: &Routing, attribute: &Attribute) -> (Vec<String>, Text) {
    let Routing::Attribute { verb, path, path_key, .. } = routing else { return (Vec::new(), Text::default()) };
    let text = match (path, path_key) {
        (_, Some(key)) => keyed_text(attribute, key),
        (Some(at), None) => match attribute.arguments.get(*at) {
            Some(AttributeArgument::Text(text, _)) => Text::literal(text),
            _ => Text::unknown("path"),
        },
        (None, None) => Text::default(),
    };
    let methods = match verb {
        Some(Verb::Name) => attribute.path.last().map(str::to_uppercase).into_iter().collect(),
        Some(Verb::Is(verb)) => vec![verb.clone()],
        _ => named_methods(attribute),
    };
    (if methods.is_empty() { vec!["ANY".to_string()] } else { methods }, text)
}

fn keyed_text(attribute: &Attribute, wanted: &str) -> Text {
    let found = attribute.arguments.iter().find_map(|argument| match argument {
        AttributeArgument::KeyValue { key, value, is_string, .. } if key == wanted => {
            Some(if *is_string { Text::literal(value) } else { Text::unknown(value) })
        }
        _ => None,
    });
    found.unwrap_or_else(|| Text::unknown(wanted))
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

/// `wrap = "Middleware"` of actix-web: named, not evaluated.
fn wraps(attribute: &Attribute, place: Place) -> Vec<Layer> {
    let named = attribute.arguments.iter().filter_map(|argument| match argument {
        AttributeArgument::KeyValue { key, value, .. } if key == "wrap" => Some(value),
        _ => None,
    });
    named.map(|name| Layer { name: name.as_str().into(), roles: Vec::new(), place, may: false, opaque: true, behaviour: None }).collect()
}

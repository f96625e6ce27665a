//! Whether a route takes a body: by the types of its handler's parameters.

use super::Inputs;
use crate::model::{Backend, Handler, Truth};
use crate::resolve::{FunctionId, Ty};

/// Needs routes.
pub fn add(inputs: &Inputs, backend: &mut Backend) {
    for route in &mut backend.routes {
        if let Handler::Function(id) = route.handler {
            route.takes_body = takes_body(inputs, FunctionId(id.0));
        }
    }
}

/// Extractors that read only the head of a request, or nothing of it.
const HEADS: &[&str] = &[
    "Arc",
    "CookieJar",
    "ConnectInfo",
    "ConnectionInfo",
    "Cookies",
    "Data",
    "Extension",
    "HeaderMap",
    "Host",
    "HttpRequest",
    "Identity",
    "MatchedPath",
    "Method",
    "OriginalUri",
    "Parts",
    "Path",
    "PrivateCookieJar",
    "Query",
    "ReqData",
    "Session",
    "SignedCookieJar",
    "State",
    "ThinData",
    "TypedHeader",
    "Uri",
    "Version",
];

/// `No` only where every parameter is known to leave the body alone: rocket names the body in its attribute, and others may hide it in
/// extractors of their own.
fn takes_body(inputs: &Inputs, handler: FunctionId) -> Truth {
    let Some(body) = inputs.resolved.bodies.get(handler.0 as usize) else { return Truth::default() };
    let function = &inputs.resolved.functions[handler.0 as usize];
    let seen = function.facts.as_ref().is_some_and(|facts| facts.parameters.len() == body.parameters.len());
    if !seen || function.path.contains("{closure") {
        return Truth::default();
    }
    let other = body.parameters.iter().find(|ty| !inputs.type_path(ty).is_some_and(is_head));
    match other {
        None => Truth::No("no parameter of the handler reads a body".into()),
        Some(ty) => Truth::Unknown(format!("`{}` may read a body", name_of(inputs, ty))),
    }
}

fn is_head(path: &str) -> bool {
    HEADS.contains(&path.rsplit("::").next().unwrap_or(path))
}

fn name_of<'a>(inputs: &Inputs<'a>, ty: &'a Ty) -> &'a str {
    inputs.type_path(ty).unwrap_or("a parameter")
}

//! Whether a route takes a body, and a secret in it: by the types of its handler's parameters.

use super::Inputs;
use crate::model::{Backend, Evidence, Handler, Truth};
use crate::resolve::{AdtId, FunctionId, Ty};
use crate::source::Place;
use std::sync::Arc;

/// Needs routes.
pub fn add(inputs: &Inputs, backend: &mut Backend) {
    for route in &mut backend.routes {
        if let Handler::Function(id) = route.handler {
            route.takes_body = takes_body(inputs, FunctionId(id.0));
            route.takes_secret = takes_secret(inputs, FunctionId(id.0));
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

/// `No` only where all that a body is read into are types of the workspace without such a field.
fn takes_secret(inputs: &Inputs, handler: FunctionId) -> Truth {
    let Some(body) = inputs.resolved.bodies.get(handler.0 as usize) else { return Truth::default() };
    let read = body.parameters.iter().filter(|ty| !inputs.type_path(ty).is_some_and(is_head));
    let mut fields = Fields::default();
    read.for_each(|ty| fields.of_extractor(inputs, ty));
    // A request has one body: beside one that is known, other extractors read something else.
    let unknown = fields.unknown.or(fields.unknown_extractor.filter(|_| fields.seen == 0));
    match (fields.secret, unknown) {
        (Some(evidence), _) => Truth::Yes(evidence),
        (None, Some(why)) => Truth::Unknown(why),
        (None, None) if fields.seen == 0 => Truth::default(),
        (None, None) => Truth::No(format!("none of its {} fields is a password, code or token", fields.seen)),
    }
}

/// What is in the types that bodies are read into.
#[derive(Default)]
struct Fields {
    secret: Option<Evidence>,
    unknown: Option<String>,
    unknown_extractor: Option<String>,
    seen: usize,
}

/// How many types inside types are looked at.
const DEEP: usize = 4;

impl Fields {
    /// `Json<Login>`: what is inside. A type that reads the request itself may read anything.
    fn of_extractor(&mut self, inputs: &Inputs, ty: &Ty) {
        let arguments = match ty {
            Ty::External(_, arguments) => arguments,
            Ty::Adt(id, arguments) if !is_of_the_workspace(inputs, *id) => arguments,
            Ty::Adt(_, arguments) if !arguments.is_empty() => arguments,
            Ty::Reference(inner) => return self.of_extractor(inputs, inner),
            _ => &Arc::default(),
        };
        if arguments.is_empty() {
            let why = || format!("what `{}` reads is not known", name_of(inputs, ty));
            self.unknown_extractor.get_or_insert_with(why);
        }
        arguments.iter().for_each(|inner| self.of_body(inputs, inner, DEEP));
    }

    fn of_body(&mut self, inputs: &Inputs, ty: &Ty, depth: usize) {
        let Ty::Adt(id, _) = ty else { return self.is_unknown(inputs, ty) };
        if !is_of_the_workspace(inputs, *id) {
            return self.is_unknown(inputs, ty);
        }
        self.of_fields(inputs, *id, depth);
    }

    fn of_fields(&mut self, inputs: &Inputs, id: AdtId, depth: usize) {
        let adt = &inputs.resolved.adts[id.0 as usize];
        let file = inputs.resolved.modules[adt.module.0 as usize].file;
        for (field, ty) in adt.variants.iter().flat_map(|variant| variant.fields.iter().zip(&variant.types)) {
            self.seen += 1;
            if is_secret(&field.name) {
                let what = format!("field `{}` of `{}`", field.name, adt.name);
                self.secret.get_or_insert(Evidence::at(Place::new(file, field.name_span), what));
            }
            let inner = adts_in(ty);
            inner
                .into_iter()
                .filter(|id| depth > 0 && is_of_the_workspace(inputs, *id))
                .for_each(|id| self.of_fields(inputs, id, depth - 1));
        }
    }

    fn is_unknown(&mut self, inputs: &Inputs, ty: &Ty) {
        self.unknown.get_or_insert_with(|| format!("what `{}` holds is not known", name_of(inputs, ty)));
    }
}

fn is_secret(field: &str) -> bool {
    const PARTS: &[&str] = &["password", "passwd", "passphrase", "secret", "otp", "token", "credential", "assertion", "signature", "proof"];
    const WHOLE: &[&str] = &["pass", "pwd", "code", "pin", "key", "hash", "answer", "mfa", "grant_type"];
    let name = field.to_ascii_lowercase();
    let is_code = name.ends_with("_code") && !["country_code", "language_code", "zip_code", "postal_code"].contains(&name.as_str());
    is_code
        || PARTS.iter().any(|part| name.contains(part))
        || WHOLE.contains(&name.as_str())
        || name.ends_with("_key")
        || name.ends_with("_hash")
}

fn adts_in(ty: &Ty) -> Vec<AdtId> {
    match ty {
        Ty::Adt(id, arguments) => std::iter::once(*id).chain(arguments.iter().flat_map(adts_in)).collect(),
        Ty::External(_, arguments) => arguments.iter().flat_map(adts_in).collect(),
        Ty::Reference(inner) => adts_in(inner),
        _ => Vec::new(),
    }
}

fn is_of_the_workspace(inputs: &Inputs, id: AdtId) -> bool {
    let module = inputs.resolved.adts[id.0 as usize].module;
    inputs.resolved.crates[inputs.resolved.modules[module.0 as usize].krate.0 as usize].source.is_some()
}

#[cfg(test)]
mod tests {
    use crate::model::Truth;
    use crate::testing::inspect;

    /// Of a `POST` whose handler takes `parameters`.
    fn secret(parameters: &str) -> Truth {
        let code = format!(
            "use axum::{{Router, Json, routing::post, extract::State}};
             struct Session; struct Signup {{ details: Details }} struct Details {{ email: String }}
             struct Login {{ user: User }} struct User {{ name: String, password: String }}
             async fn answer({parameters}) {{}}
             #[tokio::main]
             async fn main() {{
                 let app: Router = Router::new().route(\"/login\", post(answer));
                 axum::serve(tokio::net::TcpListener::bind(\"x\").await.unwrap(), app).await.unwrap();
             }}"
        );
        inspect(&[("src/main.rs", &code)]).routes[0].takes_secret.clone()
    }

    #[test]
    fn secrets_are_fields_of_what_the_body_is_read_into() {
        assert!(secret("Json(login): Json<Login>").is_yes());
        assert!(secret("session: Session, Json(body): Json<Signup>").is_no());
    }

    #[test]
    fn what_cannot_be_looked_into_is_unknown() {
        for parameters in ["session: Session", "Json(body): Json<serde_json::Value>", "body: String"] {
            assert!(secret(parameters).is_unknown(), "{parameters}");
        }
    }
}

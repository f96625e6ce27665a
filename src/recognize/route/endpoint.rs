//! Endpoints: verbs, and the handlers that answer them.

use super::effect::Call;
use super::evaluate::Evaluator;
use super::layer::opaque_layer;
use super::value::{Answer, Endpoint, HandlerValue, Layer, Router, Value};
use crate::facts::ExprId;
use crate::knowledge::Verb;
use crate::resolve::FunctionId;
use std::rc::Rc;

impl Evaluator<'_> {
    pub(super) fn answer(&mut self, call: &Call, endpoint: &mut Endpoint, methods: &[String], handler: Option<usize>, service: bool) {
        let (handler, stack) = match handler.and_then(|at| call.values.get(at).map(|value| (at, value))) {
            Some((at, value)) => {
                let (handler, stack) = self.handler(call, value, at, service);
                (Some(handler), stack)
            }
            None => (None, Vec::new()),
        };
        for method in methods {
            endpoint.verbs.push(Answer { method: method.as_str().into(), handler: handler.clone(), stack: stack.clone() });
        }
    }

    /// A handler, and middleware that came with it, innermost first.
    pub(super) fn handler(&self, call: &Call, value: &Value, at: usize, service: bool) -> (HandlerValue, Vec<Layer>) {
        match value {
            Value::Function(function) => (HandlerValue::Function(*function), Vec::new()),
            Value::Closure(closure) => (HandlerValue::Closure(closure.function, closure.expression), Vec::new()),
            Value::Service(service) => (HandlerValue::Service(service.name.clone(), service.roles.clone()), Vec::new()),
            Value::Endpoint(endpoint) => match endpoint.verbs.first() {
                Some(answer) => {
                    (answer.handler.clone().unwrap_or_else(|| HandlerValue::Unknown("no handler is set".into())), answer.stack.clone())
                }
                None => (HandlerValue::Unknown("no handler is set".into()), Vec::new()),
            },
            Value::Call(unread) => {
                let mut handlers =
                    unread.arguments.iter().filter(|value| matches!(value, Value::Function(_) | Value::Closure(_) | Value::Endpoint(_)));
                match (handlers.next(), handlers.next()) {
                    (Some(only), None) => {
                        let (handler, mut stack) = self.handler(call, only, at, service);
                        stack.push(opaque_layer(&unread.name, unread.place));
                        (handler, stack)
                    }
                    _ if call.ids.get(at).is_some_and(|id| self.is_response(call.function, *id)) => {
                        (HandlerValue::Service(unread.name.clone(), Vec::new()), Vec::new())
                    }
                    _ => (HandlerValue::Unknown(format!("`{}` is not known", unread.name)), Vec::new()),
                }
            }
            // A function of another crate: nothing of ours handles the request.
            Value::External(path) => (HandlerValue::Service(path.to_string(), Vec::new()), Vec::new()),
            _ => {
                let words = call.ids.get(at).map_or_else(String::new, |id| self.words(call.function, *id));
                if service || matches!(value, Value::Text(_)) || call.ids.get(at).is_some_and(|id| self.is_response(call.function, *id)) {
                    return (HandlerValue::Service(words, Vec::new()), Vec::new());
                }
                (HandlerValue::Unknown(format!("`{words}` is not known")), Vec::new())
            }
        }
    }

    /// axum answers with what was made before it served: `get(Json(release))`.
    fn is_response(&self, function: FunctionId, id: ExprId) -> bool {
        const RESPONSES: &[&str] =
            &["axum::Json", "axum::response::Html", "axum::response::Redirect", "http::StatusCode", "std::string::String"];
        self.inputs.type_path(self.inputs.type_of(function, id)).is_some_and(|path| RESPONSES.contains(&path))
    }

    pub(super) fn set_handler(
        &mut self,
        call: &Call,
        receiver: Option<Value>,
        handler: usize,
        verb: Option<&Verb>,
        service: bool,
    ) -> Value {
        let mut endpoint = match receiver {
            Some(Value::Endpoint(endpoint)) => (*endpoint).clone(),
            _ => Endpoint::default(),
        };
        match verb {
            Some(verb) => self.answer(call, &mut endpoint, &methods(verb, call), Some(handler), service),
            None => {
                let Some(value) = call.values.get(handler) else { return Value::Endpoint(Rc::new(endpoint)) };
                let (made, stack) = self.handler(call, value, handler, service);
                if endpoint.verbs.is_empty() {
                    endpoint.verbs.push(Answer { method: "ANY".into(), handler: None, stack: Vec::new() });
                }
                for answer in &mut endpoint.verbs {
                    answer.handler = Some(made.clone());
                    answer.stack.splice(0..0, stack.iter().cloned());
                }
            }
        }
        Value::Endpoint(Rc::new(endpoint))
    }
}

pub(super) fn methods(verb: &Verb, call: &Call) -> Vec<String> {
    match verb {
        Verb::Any => vec!["ANY".to_string()],
        Verb::Is(verb) => vec![verb.clone()],
        Verb::Name => {
            let name = call.path.rsplit("::").next().unwrap_or_default();
            let name = name.trim_start_matches("typed_").trim_end_matches("_with").trim_end_matches("_service");
            vec![name.to_uppercase()]
        }
        Verb::Argument(at) => {
            let mut found = Vec::new();
            if let Some(value) = call.values.get(*at) {
                collect_methods(value, &mut found);
            }
            if found.is_empty() { vec!["ANY".to_string()] } else { found }
        }
    }
}

/// `Method::GET`, `MethodFilter::GET.or(MethodFilter::POST)`.
pub(super) fn collect_methods(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::External(path) => {
            found.extend(path.rsplit("::").next().filter(|name| name.chars().all(|one| one.is_ascii_uppercase())).map(str::to_string))
        }
        Value::Call(unread) => unread.arguments.iter().for_each(|value| collect_methods(value, found)),
        _ => {}
    }
}

pub(super) fn with_methods(endpoint: &Endpoint, methods: &[String]) -> Endpoint {
    let mut made = Endpoint::default();
    for answer in &endpoint.verbs {
        for method in methods {
            made.verbs.push(Answer { method: method.as_str().into(), ..answer.clone() });
        }
    }
    made
}

/// `guard::Post()` on a resource or route that answers every verb.
pub(super) fn guarded(receiver: Option<Value>, guard: Option<&Value>) -> Value {
    let verb = match guard {
        Some(Value::Opaque(reason)) => ["Get", "Post", "Put", "Delete", "Patch", "Head", "Options"]
            .iter()
            .find(|verb| reason.trim_matches('`').ends_with(&format!("guard::{verb}")))
            .map(|verb| verb.to_uppercase()),
        _ => None,
    };
    match (receiver, verb) {
        (Some(Value::Router(router)), Some(verb)) => Value::Router(Rc::new(Router { guard: Some(verb), ..Rc::unwrap_or_clone(router) })),
        (Some(Value::Endpoint(endpoint)), Some(verb)) => Value::Endpoint(Rc::new(with_methods(&endpoint, &[verb]))),
        (receiver, _) => receiver.unwrap_or(Value::Nothing),
    }
}

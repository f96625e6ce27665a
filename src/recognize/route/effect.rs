//! What a call does to the values of router composition, by the rows of knowledge.

use super::endpoint::{guarded, methods, with_methods};
use super::evaluate::{Evaluator, Frame, Served, text_of};
use super::layer::{known_layer, opaque_layer};
use super::text::Text;
use super::value::{Endpoint, Layer, Router, Service, Value};
use crate::facts::{Body, ExprId, ExpressionKind};
use crate::knowledge::Routing;
use crate::model::Evidence;
use crate::resolve::FunctionId;
use crate::source::Place;
use std::rc::Rc;

impl<'a> Evaluator<'a> {
    /// Carries out one row.
    #[expect(clippy::too_many_arguments, reason = "the parts of one call")]
    pub(super) fn apply(
        &mut self,
        frame: &mut Frame,
        body: &Body,
        id: ExprId,
        path: &str,
        routing: &'a Routing,
        receiver: Option<Value>,
        ids: &[ExprId],
        values: Vec<Value>,
    ) -> Value {
        let mut receiver = receiver;
        let (mut ids, mut values) = (ids, values);
        // `Router::route(router, ..)`: the first argument is the receiver.
        if receiver.is_none()
            && needs_receiver(routing)
            && !values.is_empty()
            && matches!(values[0], Value::Router(_) | Value::Endpoint(_) | Value::Stack(_))
        {
            receiver = Some(values.remove(0));
            ids = &ids[1..];
        }
        let call = Call { place: self.call_place(frame, body, id), path, ids, values, function: frame.function };
        match routing {
            Routing::New { framework, is, prefix } => {
                let is = is.as_deref().unwrap_or_else(|| owner(path));
                let mut router = Router::new(is, framework);
                if let Some(prefix) = prefix {
                    router.prefixes = self.texts(&call, *prefix);
                }
                Value::Router(Rc::new(router))
            }
            Routing::Endpoint { verb, handler, service } => {
                let mut endpoint = Endpoint::default();
                self.answer(&call, &mut endpoint, &methods(verb, &call), *handler, *service);
                Value::Endpoint(Rc::new(endpoint))
            }
            Routing::Handler { handler, verb, service } => self.set_handler(&call, receiver, *handler, verb.as_ref(), *service),
            Routing::Method { verb } => match receiver {
                Some(Value::Endpoint(endpoint)) => Value::Endpoint(Rc::new(with_methods(&endpoint, &methods(verb, &call)))),
                other => other.unwrap_or(Value::Nothing),
            },
            Routing::Route { path: at, handler, verb, service } => {
                if let (Some(Value::Endpoint(_)), Some(_)) = (&receiver, verb) {
                    return self.set_handler(&call, receiver, *handler, verb.as_ref(), *service);
                }
                let mut router = self.router(&call, receiver);
                let path = at.map_or_else(Text::default, |at| self.text(&call, at));
                let methods = verb.as_ref().map(|verb| methods(verb, &call));
                self.add_route(&call, &mut router, path, *handler, methods.as_deref(), *service, false);
                Value::Router(Rc::new(router))
            }
            Routing::TypedRoute { handler, verb } => {
                let mut router = self.router(&call, receiver);
                let path = self.typed_path(call.values.get(*handler));
                self.add_route(&call, &mut router, path, *handler, Some(&methods(verb, &call)), false, false);
                Value::Router(Rc::new(router))
            }
            Routing::Fallback { handler, service } => {
                let mut router = self.router(&call, receiver);
                let any = (!matches!(call.values.get(*handler), Some(Value::Endpoint(_)))).then(|| vec!["ANY".to_string()]);
                self.add_route(&call, &mut router, Text::literal("/{fallback}"), *handler, any.as_deref(), *service, true);
                Value::Router(Rc::new(router))
            }
            Routing::RoutesOf { argument } => {
                let mut router = self.router(&call, receiver);
                self.merge(&call, &mut router, *argument, None);
                Value::Router(Rc::new(router))
            }
            Routing::Nest { path: at, router: inner } => {
                let prefix = self.text(&call, *at);
                let mut router = self.router(&call, receiver);
                self.merge(&call, &mut router, *inner, Some(prefix));
                Value::Router(Rc::new(router))
            }
            Routing::Merge { router: inner } => match (receiver, call.values.get(*inner)) {
                (Some(Value::Endpoint(one)), Some(Value::Endpoint(other))) => {
                    let mut endpoint = (*one).clone();
                    endpoint.verbs.extend(other.verbs.iter().cloned());
                    Value::Endpoint(Rc::new(endpoint))
                }
                (receiver, _) => {
                    let mut router = self.router(&call, receiver);
                    self.merge(&call, &mut router, *inner, None);
                    Value::Router(Rc::new(router))
                }
            },
            Routing::Layer { layer, covers, skips_fallback } => {
                let layers = self.layers(&call, *layer);
                self.put_around(&call, receiver, layers, *covers, *skips_fallback)
            }
            Routing::Configure { callback } => {
                let mut router = self.router(&call, receiver);
                self.configure(&call, &mut router, *callback);
                Value::Router(Rc::new(router))
            }
            Routing::Prefix { path: at } => {
                let mut router = self.router(&call, receiver);
                router = Router { routes: router.finished(), prefixes: vec![self.text(&call, *at)], pending: Vec::new(), ..router };
                Value::Router(Rc::new(router))
            }
            Routing::Guard => guarded(receiver, call.values.first()),
            Routing::Identity => receiver.or_else(|| call.values.first().cloned()).unwrap_or(Value::Nothing),
            Routing::Split => Value::Tuple(Rc::new(vec![receiver.unwrap_or(Value::Nothing), Value::opaque("a part of the router")])),
            // Without a role it only adapts the router to a server.
            Routing::Wrap { router: at, roles } => {
                let layers = if roles.is_empty() { Vec::new() } else { vec![known_layer(path, roles, call.place)] };
                self.wrap(&call, *at, layers)
            }
            Routing::Apply { router: at } => {
                let layers = match receiver {
                    Some(value) => self.layers_of(&call, &value, None),
                    None => Vec::new(),
                };
                self.wrap(&call, *at, layers)
            }
            Routing::Stack => Value::Stack(Rc::new(Vec::new())),
            Routing::Push { layer, roles, callee, may, header } => {
                let mut stack = match receiver {
                    Some(Value::Stack(stack)) => (*stack).clone(),
                    Some(value @ Value::Layer(_)) => self.layers_of(&call, &value, None),
                    _ => vec![opaque_layer("a stack that is not known", call.place)],
                };
                let pushed = match (layer, callee) {
                    (Some(at), _) => self.layers(&call, *at),
                    (None, Some(at)) => vec![self.behaving(&call, *at)],
                    (None, None) => vec![self.with_header(&call, known_layer(path, roles, call.place), *header)],
                };
                stack.extend(pushed.into_iter().map(|one| Layer { may: one.may || *may, ..one }));
                Value::Stack(Rc::new(stack))
            }
            Routing::Middleware { .. } => self.middleware(&call, routing, id),
            Routing::Sets { header } => match receiver {
                Some(Value::Layer(layer)) => Value::Layer(Rc::new(self.with_header(&call, (*layer).clone(), Some(*header)))),
                other => other.unwrap_or(Value::Nothing),
            },
            Routing::Service { prefix, roles } => {
                let prefix = prefix.map(|at| self.text(&call, at));
                Value::Service(Rc::new(Service { name: owner(path).to_string(), prefix, roles: roles.clone() }))
            }
            Routing::Serve { framework, router, factory } => {
                let value = router.map_or(receiver, |at| call.values.get(at).cloned());
                self.serve(&call, framework, value, *factory);
                Value::opaque("a server")
            }
            Routing::List { .. } | Routing::MountPairs { .. } | Routing::Attribute { .. } => Value::opaque("a list of routes"),
        }
    }

    /// The method's name, or the path that is called.
    pub(super) fn call_place(&self, frame: &Frame, body: &Body, id: ExprId) -> Place {
        match &body[id].kind {
            ExpressionKind::MethodCall { name_span, .. } => {
                Place::new(self.inputs.resolved.functions[frame.function.0 as usize].file, *name_span)
            }
            ExpressionKind::Call { callee, .. } => self.inputs.place_of(frame.function, *callee),
            _ => self.inputs.place_of(frame.function, id),
        }
    }

    /// The receiver as a router; one that is not known starts empty and says so.
    pub(super) fn router(&self, call: &Call, receiver: Option<Value>) -> Router {
        match receiver {
            Some(Value::Router(router)) => Rc::unwrap_or_clone(router),
            Some(value) => {
                let mut router = match value.only_router() {
                    Some(router) => (*router).clone(),
                    None => self.fresh_router(call),
                };
                let reason = match value {
                    Value::Opaque(reason) => reason.to_string(),
                    Value::Call(unread) => format!("`{}`", unread.name),
                    _ => "something that is no router".to_string(),
                };
                router.unknown.push(Evidence::at(call.place, format!("this router starts from {reason}, which is not known")));
                router
            }
            None => self.fresh_router(call),
        }
    }

    pub(super) fn fresh_router(&self, call: &Call) -> Router {
        match self.relevant.empty_router(owner(call.path)) {
            Some(Value::Router(router)) => (*router).clone(),
            _ => Router::new(owner(call.path), "axum"),
        }
    }

    pub(super) fn text(&self, call: &Call, at: usize) -> Text {
        let what = call.ids.get(at).map_or_else(|| "path".to_string(), |id| self.words(call.function, *id));
        call.values.get(at).map_or_else(|| Text::unknown(&what), |value| text_of(value, &what))
    }

    /// One text, or each of a list.
    pub(super) fn texts(&self, call: &Call, at: usize) -> Vec<Text> {
        match call.values.get(at) {
            Some(Value::List(values) | Value::Tuple(values)) => values.iter().map(|value| text_of(value, "path")).collect(),
            _ => vec![self.text(call, at)],
        }
    }

    pub(super) fn serve(&mut self, call: &Call, framework: &str, value: Option<Value>, factory: bool) {
        let value = match value {
            Some(Value::Closure(closure)) if factory => self.call_closure(&closure, Vec::new()).0,
            Some(Value::Function(function)) if factory => self.call_function(function, None, Vec::new()).0,
            Some(value) => value,
            None => return,
        };
        let Some(router) = value.only_router() else { return };
        let mut router = (*router).clone();
        if let Value::Call(unread) = &value {
            let what = format!("`{}` around the router is not known", unread.name);
            router.unknown.push(Evidence::at(unread.place, what));
        }
        self.served.push(Served { framework: framework.to_string(), place: call.place, function: call.function, router: Rc::new(router) });
    }
}

/// One call being carried out.
pub(super) struct Call<'c> {
    pub place: Place,
    pub path: &'c str,
    pub ids: &'c [ExprId],
    pub values: Vec<Value>,
    pub function: FunctionId,
}

/// Everything before the last segment.
pub(super) fn owner(path: &str) -> &str {
    path.rsplit_once("::").map_or(path, |(owner, _)| owner)
}

fn needs_receiver(routing: &Routing) -> bool {
    matches!(
        routing,
        Routing::Route { .. }
            | Routing::Nest { .. }
            | Routing::Merge { .. }
            | Routing::Layer { .. }
            | Routing::Handler { .. }
            | Routing::Fallback { .. }
            | Routing::Push { .. }
    )
}

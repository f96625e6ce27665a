//! Routes that come to a router: one by one, from other routers, from callbacks.

use super::effect::Call;
use super::evaluate::Evaluator;
use super::layer::opaque_layer;
use super::text::Text;
use super::value::{HandlerValue, Layer, RouteEntry, Router, Value};
use crate::knowledge::LayerRole;
use crate::model::Evidence;
use std::rc::Rc;

impl Evaluator<'_> {
    #[expect(clippy::too_many_arguments, reason = "the parts of one route")]
    pub(super) fn add_route(
        &mut self,
        call: &Call,
        router: &mut Router,
        path: Text,
        handler: usize,
        methods: Option<&[String]>,
        service: bool,
        fallback: bool,
    ) {
        let Some(value) = call.values.get(handler) else { return };
        if let (Value::Router(inner), None) = (value, methods) {
            // Routers as services: old axum's `route("/x", router)` and `route_service`.
            let mut nested = (**inner).clone();
            nested.prefixes = nested.prefixes.iter().map(|inner| path.join(inner, &router.framework)).collect();
            if nested.prefixes.is_empty() {
                nested.prefixes.push(path);
            }
            router.routes.extend(nested.finished());
            return;
        }
        let framework: Rc<str> = router.framework.clone();
        let mut add = |method: Rc<str>, handler: HandlerValue, stack: Vec<Layer>| {
            let function = call.function;
            let (path, framework) = (path.clone(), framework.clone());
            router.routes.push(RouteEntry {
                method,
                path,
                handler,
                stack,
                conditional: None,
                place: call.place,
                framework,
                function,
                fallback,
            });
        };
        match (value, methods) {
            (Value::Endpoint(endpoint), None) => {
                for answer in &endpoint.verbs {
                    let handler = answer.handler.clone().unwrap_or_else(|| HandlerValue::Unknown("no handler is set".into()));
                    add(answer.method.clone(), handler, answer.stack.clone());
                }
            }
            (Value::Call(unread), None) => {
                let endpoints: Vec<_> = unread
                    .arguments
                    .iter()
                    .filter_map(|one| if let Value::Endpoint(endpoint) = one { Some(endpoint.clone()) } else { None })
                    .collect();
                match endpoints.as_slice() {
                    [only] => {
                        for answer in &only.verbs {
                            let handler = answer.handler.clone().unwrap_or_else(|| HandlerValue::Unknown("no handler is set".into()));
                            let mut stack = answer.stack.clone();
                            stack.push(opaque_layer(&unread.name, unread.place));
                            add(answer.method.clone(), handler, stack);
                        }
                    }
                    _ => {
                        let (handler, stack) = self.handler(call, value, handler, service);
                        add("ANY".into(), handler, stack);
                    }
                }
            }
            (value, methods) => {
                let (handler, stack) = self.handler(call, value, handler, service);
                for method in methods.unwrap_or(&["ANY".to_string()]) {
                    add(method.as_str().into(), handler.clone(), stack.clone());
                }
            }
        }
    }

    /// axum-extra: the path stands at the type of the handler's first parameter.
    pub(super) fn typed_path(&self, handler: Option<&Value>) -> Text {
        let Some(Value::Function(function)) = handler else { return Text::unknown("typed path") };
        let found = super::signature::parameter_adts(self.inputs, *function).into_iter().find_map(|adt| {
            let attributes = &self.inputs.resolved.adts[adt.0 as usize].attributes;
            let attribute = attributes.iter().find(|attribute| attribute.path.last() == Some("typed_path"))?;
            match attribute.arguments.first() {
                Some(crate::facts::AttributeArgument::Text(text, _)) => Some(Text::literal(text)),
                _ => None,
            }
        });
        found.unwrap_or_else(|| Text::unknown("typed path"))
    }

    pub(super) fn merge(&mut self, call: &Call, router: &mut Router, at: usize, prefix: Option<Text>) {
        let Some(value) = call.values.get(at).cloned() else { return };
        let words = call.ids.get(at).map_or_else(String::new, |id| self.words(call.function, *id));
        self.merge_value(call, router, &value, prefix.as_ref(), &words);
    }

    pub(super) fn merge_value(&mut self, call: &Call, router: &mut Router, value: &Value, prefix: Option<&Text>, words: &str) {
        let framework = router.framework.clone();
        let under = |path: &Text| prefix.map_or_else(|| path.clone(), |prefix| prefix.join(path, &framework));
        match value {
            Value::Router(inner) => {
                let routes = inner.finished().into_iter().map(|route| RouteEntry { path: under(&route.path), ..route });
                router.routes.extend(routes);
                router.unknown.extend(inner.unknown.iter().cloned());
            }
            Value::Tuple(values) | Value::List(values) => {
                values.iter().for_each(|value| self.merge_value(call, router, value, prefix, words));
            }
            Value::Function(function) => {
                let routes = self.attribute_routes(*function, &framework);
                if routes.is_empty() {
                    let path = prefix.cloned().unwrap_or_else(|| Text::unknown("path"));
                    router.routes.push(self.entry(call, path, HandlerValue::Function(*function), &framework));
                }
                router.routes.extend(routes.into_iter().map(|route| RouteEntry { path: under(&route.path), ..route }));
            }
            Value::Service(service) => {
                let own = service.prefix.clone().unwrap_or_default();
                let mut path = under(&own);
                if service.roles.contains(&LayerRole::StaticFiles) {
                    path = path.join(&Text::literal("/{path}"), &framework);
                }
                router.routes.push(self.entry(call, path, HandlerValue::Service(service.name.clone(), service.roles.clone()), &framework));
            }
            Value::Endpoint(endpoint) => {
                let path = prefix.cloned().unwrap_or_default();
                for answer in &endpoint.verbs {
                    let handler = answer.handler.clone().unwrap_or_else(|| HandlerValue::Unknown("no handler is set".into()));
                    let entry = self.entry(call, path.clone(), handler, &framework);
                    router.routes.push(RouteEntry { method: answer.method.clone(), stack: answer.stack.clone(), ..entry });
                }
            }
            Value::Closure(closure) => {
                let path = prefix.cloned().unwrap_or_default();
                router.routes.push(self.entry(call, path, HandlerValue::Closure(closure.function, closure.expression), &framework));
            }
            Value::Nothing | Value::Never | Value::Failure => {}
            Value::Call(_) if value.only_router().is_some() => {
                let inner = value.only_router().expect("just seen");
                self.merge_value(call, router, &Value::Router(inner), prefix, words);
                router.unknown.push(Evidence::at(call.place, format!("`{words}` may add routes or middleware")));
            }
            _ => {
                let below = prefix.map(|prefix| format!(" under {}", prefix.path(&framework))).unwrap_or_default();
                router.unknown.push(Evidence::at(call.place, format!("the routes of `{words}`{below} are not known")));
            }
        }
    }

    pub(super) fn entry(&self, call: &Call, path: Text, handler: HandlerValue, framework: &Rc<str>) -> RouteEntry {
        RouteEntry {
            method: "ANY".into(),
            path,
            handler,
            stack: Vec::new(),
            conditional: None,
            place: call.place,
            framework: framework.clone(),
            function: call.function,
            fallback: false,
        }
    }

    pub(super) fn configure(&mut self, call: &Call, router: &mut Router, at: usize) {
        let fresh = self
            .relevant
            .empty_router_named("ServiceConfig")
            .unwrap_or_else(|| Value::Router(Rc::new(Router::new("config", &router.framework))));
        let after = match call.values.get(at) {
            Some(Value::Function(function)) => self.call_function(*function, None, vec![fresh]).1,
            Some(Value::Closure(closure)) => self.call_closure(&closure.clone(), vec![fresh]).1,
            _ => Vec::new(),
        };
        match after.into_iter().find(|value| matches!(value, Value::Router(_))) {
            Some(configured) => self.merge_value(call, router, &configured, None, ""),
            None => {
                let words = call.ids.get(at).map_or_else(String::new, |id| self.words(call.function, *id));
                router.unknown.push(Evidence::at(call.place, format!("what `{words}` registers is not known")));
            }
        }
    }
}

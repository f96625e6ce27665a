//! Calls of methods: by knowledge, by the value of the receiver, and what the standard library does to lists, texts and wrappers.

use super::constant::known_text;
use super::evaluate::{Evaluator, Frame, Served, routing_of, text_of};
use super::text::Text;
use super::value::{Router, Value, join};
use crate::facts::{Body, ExprId};
use crate::knowledge::Routing;
use crate::model::Evidence;
use crate::recognize::knows::external_path;
use crate::resolve::{FunctionId, Target, Ty};
use std::rc::Rc;

/// Methods that give back their receiver, in another wrapping.
const TRANSPARENT_METHODS: [&str; 40] = [
    "clone",
    "unwrap",
    "expect",
    "into",
    "as_ref",
    "as_str",
    "to_string",
    "to_owned",
    "to_vec",
    "into_iter",
    "iter",
    "iter_mut",
    "collect",
    "boxed",
    "ok",
    "ok_or",
    "ok_or_else",
    "map_err",
    "context",
    "with_context",
    "as_mut",
    "borrow",
    "borrow_mut",
    "deref",
    "cloned",
    "copied",
    "unwrap_or_default",
    "by_ref",
    "into_boxed_str",
    "into_inner",
    "get_ref",
    "as_deref",
    "await_",
    "leak",
    "take",
    "into_string",
    "wrap_err",
    "wrap_err_with",
    "instrument",
    "then_some_",
];

/// Methods of `tower::Service` and `ServiceExt` that send a request through a router.
const CALLS: [&str; 2] = ["call", "oneshot"];

/// Methods of the same that leave what is routed as it is.
const ADAPTS: [&str; 8] =
    ["ready", "ready_oneshot", "poll_ready", "map_request", "map_response", "map_result", "map_future", "boxed_clone"];

impl<'a> Evaluator<'a> {
    pub(super) fn method_call(
        &mut self,
        frame: &mut Frame,
        body: &Body,
        id: ExprId,
        receiver: ExprId,
        name: &str,
        arguments: &[ExprId],
    ) -> Value {
        let held = self.expression(frame, body, receiver);
        let values = self.all(frame, body, arguments);
        if let Some((path, routing)) = self.routing_of_method(frame, id, &held, name) {
            let made = self.apply(frame, body, id, &path, routing, Some(held), arguments, values);
            // Builders by reference change the variable they are called on: `config.service(..)` as a statement.
            if let Value::Router(router) = &made
                && self.is_by_reference(&router.is)
            {
                self.write(frame, body, receiver, made.clone());
            }
            return made;
        }
        match self.inputs.call_at(frame.function, id).map(|call| call.target.clone()) {
            Some(Target::Function(function)) if self.is_own(function) => {
                return self.enter(frame, body, id, function, Some((receiver, held)), arguments, values);
            }
            Some(Target::Trait { may_reach, .. }) if self.is_composed_by(&may_reach) => {
                return self.enter_each(frame, body, id, &may_reach, Some((receiver, held)), arguments, values);
            }
            _ => {}
        }
        if let Some(function) = self.own_method(&held, name) {
            return self.enter(frame, body, id, function, Some((receiver, held)), arguments, values);
        }
        self.common_method(frame, body, id, receiver, name, held, values)
    }

    /// A router that is called for each request serves, whoever listens. In tests it is tried, which says nothing of what is around it.
    fn answers(&mut self, frame: &Frame, id: ExprId, router: Rc<Router>) {
        if !self.inputs.resolved.functions[frame.function.0 as usize].test {
            let place = self.inputs.place_of(frame.function, id);
            self.served.push(Served { framework: router.framework.to_string(), place, function: frame.function, router });
        }
    }

    /// Whether the methods of this router type take it by reference.
    pub(super) fn is_by_reference(&self, is: &str) -> bool {
        is.rsplit("::").next().is_some_and(|name| name.ends_with("Config"))
    }

    /// The row for a method: by what resolve says, else by what the receiver's value is.
    pub(super) fn routing_of_method(&self, frame: &Frame, id: ExprId, held: &Value, name: &str) -> Option<(String, &'a Routing)> {
        if let Some(site) = self.inputs.call_at(frame.function, id)
            && let Some(routing) = routing_of(self.inputs.does(frame.function, site))
        {
            return Some((external_path(&site.target, self.inputs.resolved)?.to_string(), routing));
        }
        let extensions = &self.relevant.extension_types;
        // A router of one type may have become one of another on the way (`split_for_parts`, `finish_api`).
        let own: Vec<&str> = match held {
            Value::Router(router) => self.relevant.router_types_like(&router.is, &router.framework),
            _ => Vec::new(),
        };
        let owners: Box<dyn Iterator<Item = &str>> = match held {
            Value::Router(_) => Box::new(own.into_iter().chain(extensions.iter().copied())),
            Value::Endpoint(_) | Value::Function(_) | Value::Closure(_) => Box::new(self.relevant.endpoint_types.iter().copied()),
            Value::Stack(_) => Box::new(self.relevant.stack_types.iter().copied()),
            Value::Layer(layer) => {
                let paths = [format!("{}::{name}", layer.name), format!("tower::Layer::{name}")];
                let known = paths.into_iter().find_map(|path| self.routing_at(frame.function, &path).map(|routing| (path, routing)));
                return known.filter(|(_, routing)| !matches!(routing, Routing::Middleware { .. }));
            }
            _ => return None,
        };
        owners
            .map(|owner| format!("{owner}::{name}"))
            .find_map(|path| self.routing_at(frame.function, &path).map(|routing| (path, routing)))
    }

    /// A method that only one impl of the workspace can mean: of an extension trait on routers, or of the value's own type.
    pub(super) fn own_method(&self, held: &Value, name: &str) -> Option<FunctionId> {
        let fits = |ty: &Ty| match (held, ty) {
            (Value::Router(router), ty) => self.inputs.type_path(ty) == Some(&*router.is),
            (Value::Instance(adt) | Value::Struct(Some(adt), _) | Value::Variant(adt, ..), Ty::Adt(of, _)) => adt == of,
            _ => false,
        };
        let mut found = self.inputs.resolved.impls.iter().filter(|one| fits(&one.self_type)).flat_map(|one| &one.methods).filter(|id| {
            let function = &self.inputs.resolved.functions[id.0 as usize];
            function.name == name && self.is_own(**id)
        });
        let only = found.next().copied();
        found.next().is_none().then_some(only).flatten()
    }

    /// Methods of the standard library, by what they do to lists, texts and wrappers.
    #[expect(clippy::too_many_arguments, reason = "the parts of one call")]
    pub(super) fn common_method(
        &mut self,
        frame: &mut Frame,
        body: &Body,
        id: ExprId,
        receiver: ExprId,
        name: &str,
        held: Value,
        mut values: Vec<Value>,
    ) -> Value {
        if let Some(made) =
            known_text(&held, name, &values).or_else(|| self.optional_layer(frame, body, id, receiver, name, &held, &values))
        {
            return made;
        }
        match (&held, name) {
            (Value::Router(_) | Value::List(_), "append" | "extend" | "push" | "extend_from_slice") if values.len() == 1 => {
                let grown = appended(held, values.remove(0), name == "push");
                self.write(frame, body, receiver, grown);
                return Value::Nothing;
            }
            (Value::Router(_) | Value::List(_), "chain") if values.len() == 1 => return appended(held, values.remove(0), false),
            (Value::List(elements), "concat" | "join") => {
                if elements.iter().any(|element| matches!(element, Value::Text(_))) {
                    let between = values.first().map(|value| text_of(value, "separator")).unwrap_or_default();
                    return Value::Text(joined(elements, &between));
                }
                return elements.iter().cloned().fold(Value::List(Rc::new(Vec::new())), |list, element| appended(list, element, false));
            }
            (Value::List(elements), "fold") if values.len() == 2 => {
                if let Value::Closure(closure) = &values[1] {
                    let start = values[0].clone();
                    return elements.iter().cloned().fold(start, |state, element| self.call_closure(closure, vec![state, element]).0);
                }
            }
            (Value::List(elements), "map" | "flat_map" | "for_each") => {
                if let Some(Value::Closure(closure)) = values.first() {
                    let made = elements.iter().map(|element| self.call_closure(closure, vec![element.clone()]).0);
                    return Value::List(Rc::new(made.collect()));
                }
            }
            (Value::List(_), "flatten" | "rev" | "enumerate") => return held,
            (Value::Nothing, "unwrap_or" | "unwrap_or_else" | "or") | (Value::Opaque(_), "unwrap_or" | "unwrap_or_else") => {
                return self.unread(frame, id, name.to_string(), values);
            }
            (_, "unwrap_or" | "unwrap_or_else" | "or" | "or_else") => return held,
            (Value::Opaque(_) | Value::Nothing | Value::Instance(_), "then" | "then_some" | "map") if values.iter().any(Value::matters) => {
                return match self.unread(frame, id, name.to_string(), values) {
                    Value::Call(unread) if unread.arguments.len() == 1 => {
                        join(unread.arguments[0].clone(), Value::Nothing, &Rc::from(self.words(frame.function, receiver)))
                    }
                    other => other,
                };
            }
            (_, "map" | "and_then" | "tap" | "pipe" | "inspect") if values.len() == 1 && held.matters() => {
                if let Some(Value::Closure(closure)) = values.first() {
                    return self.call_closure(closure, vec![held]).0;
                }
                if let Some(Value::Function(function)) = values.first() {
                    return self.call_function(*function, None, vec![held]).0;
                }
            }
            _ => {}
        }
        if TRANSPARENT_METHODS.contains(&name) {
            return match held {
                Value::Opaque(_) => self.by_type(frame, id).unwrap_or(held),
                held => held,
            };
        }
        match held {
            Value::Router(_) if ADAPTS.contains(&name) => held,
            Value::Router(router) if CALLS.contains(&name) => {
                self.answers(frame, id, router);
                Value::opaque("a response")
            }
            // What configures a middleware, or finishes its builder, leaves it what it is.
            Value::Layer(_) | Value::Service(_) => held,
            Value::Router(router) => {
                let mut router = (*router).clone();
                let what = format!("`{name}` is not known: it may add routes or middleware");
                router.unknown.push(Evidence::at(self.inputs.place_of(frame.function, id), what));
                Value::Router(Rc::new(router))
            }
            held => {
                let mut all = vec![held];
                all.extend(values);
                self.typed_or_unread(frame, id, name.to_string(), all)
            }
        }
    }
}

impl Evaluator<'_> {
    /// `data.map(Extension)`, `limit.map(RequestBodyLimitLayer::new)`: a layer that is there or not.
    #[expect(clippy::too_many_arguments, reason = "the parts of one call")]
    fn optional_layer(
        &mut self,
        frame: &mut Frame,
        body: &Body,
        id: ExprId,
        receiver: ExprId,
        name: &str,
        held: &Value,
        values: &[Value],
    ) -> Option<Value> {
        let made = match values {
            [layer @ Value::Layer(_)] if name == "map" => layer.clone(),
            [Value::External(path)] if name == "map" => {
                let routing = self.routing_at(frame.function, path)?;
                self.apply(frame, body, id, path, routing, None, &[], vec![held.clone()])
            }
            _ => return None,
        };
        Some(join(made, Value::Nothing, &Rc::from(self.words(frame.function, receiver))))
    }
}

pub(super) fn appended(list: Value, added: Value, as_one: bool) -> Value {
    match (list, added) {
        (Value::Router(router), Value::Router(more)) => {
            let mut router = Rc::unwrap_or_clone(router);
            router.routes.extend(more.finished());
            router.unknown.extend(more.unknown.iter().cloned());
            Value::Router(Rc::new(router))
        }
        (Value::List(list), Value::List(more)) if !as_one => Value::List(Rc::new(list.iter().chain(more.iter()).cloned().collect())),
        (Value::List(list), added) => Value::List(Rc::new(list.iter().cloned().chain([added]).collect())),
        (Value::Router(router), Value::List(more)) if more.iter().all(|one| matches!(one, Value::Router(_))) => {
            more.iter().cloned().fold(Value::Router(router), |list, one| appended(list, one, false))
        }
        (Value::Router(router), added) => Value::List(Rc::new(vec![Value::Router(router), added])),
        (list, _) => list,
    }
}

pub(super) fn joined(elements: &[Value], between: &Text) -> Text {
    let mut text = Text::default();
    for (at, element) in elements.iter().enumerate() {
        if at > 0 {
            text.push(between);
        }
        text.push(&text_of(element, "part"));
    }
    text
}

//! Middleware as values: what it is, what it does, and what it is put around.

use super::effect::Call;
use super::evaluate::Evaluator;
use super::value::{Answer, Behaviour, Endpoint, Layer, Value};
use crate::facts::ExprId;
use crate::knowledge::{Covers, LayerRole, Routing, TypeRole};
use crate::resolve::{AdtId, FunctionId, Ty};
use crate::source::Place;
use std::rc::Rc;

impl Evaluator<'_> {
    pub(super) fn layer_by_type(&self, function: FunctionId, ty: &Ty, path: &str, place: Place) -> Option<Layer> {
        let krate = self.inputs.resolved.functions[function.0 as usize].krate;
        if self.inputs.type_roles(krate, ty).contains(&TypeRole::Limiter) {
            return Some(known_layer(path, &[LayerRole::RateLimit], place));
        }
        let constructors = ["", "::new", "::default", "::builder"].map(|constructor| format!("{path}{constructor}"));
        constructors.iter().find_map(|path| match self.routing_at(function, path) {
            Some(Routing::Middleware { roles, callee: None, inner: None, extractor: false, .. }) => Some(known_layer(path, roles, place)),
            _ => None,
        })
    }

    pub(super) fn layers(&mut self, call: &Call, at: usize) -> Vec<Layer> {
        let value = call.values.get(at).cloned().unwrap_or(Value::Nothing);
        self.layers_of(call, &value, call.ids.get(at).copied())
    }

    /// Middleware in a value, outermost first.
    pub(super) fn layers_of(&self, call: &Call, value: &Value, id: Option<ExprId>) -> Vec<Layer> {
        match value {
            Value::Layer(layer) => vec![(**layer).clone()],
            Value::Stack(stack) => (**stack).clone(),
            Value::Nothing => Vec::new(),
            Value::Tuple(values) | Value::List(values) => values.iter().flat_map(|value| self.layers_of(call, value, id)).collect(),
            Value::Function(function) => {
                let name = self.inputs.resolved.functions[function.0 as usize].path.clone();
                vec![Layer { behaviour: Some(Behaviour::Function(*function)), ..opaque_layer(&name, call.place) }]
            }
            Value::Closure(closure) => {
                let behaviour = Some(Behaviour::Closure(closure.function, closure.expression));
                vec![Layer { behaviour, ..opaque_layer("a closure", call.place) }]
            }
            Value::Instance(adt) | Value::Struct(Some(adt), _) | Value::Variant(adt, ..) => vec![self.own_layer(*adt, call.place)],
            Value::Call(unread) => {
                let inner: Vec<&Value> =
                    unread.arguments.iter().filter(|one| matches!(one, Value::Layer(_) | Value::Stack(_) | Value::Instance(_))).collect();
                match inner.as_slice() {
                    [only] => self.layers_of(call, only, id),
                    _ => vec![self.layer_of_expression(call, id, &unread.name)],
                }
            }
            Value::External(path) => vec![self.layer_of_expression(call, id, path)],
            _ => vec![self.layer_of_expression(call, id, "")],
        }
    }

    pub(super) fn own_layer(&self, adt: AdtId, place: Place) -> Layer {
        let path = self.inputs.resolved.adts[adt.0 as usize].path.clone();
        Layer { behaviour: Some(Behaviour::Type(adt)), ..opaque_layer(&path, place) }
    }

    /// Nothing evaluated: the type of the expression may still tell.
    pub(super) fn layer_of_expression(&self, call: &Call, id: Option<ExprId>, name: &str) -> Layer {
        let Some(id) = id else { return opaque_layer(name, call.place) };
        let ty = self.inputs.type_of(call.function, id);
        if let Ty::Adt(adt, _) = seen_through(ty)
            && self.is_own_adt(*adt)
        {
            return self.own_layer(*adt, call.place);
        }
        // `Option<Layer>` is a layer that is there or not.
        if let (Some("std::option::Option"), Ty::Adt(_, held)) = (self.inputs.type_path(ty), seen_through(ty))
            && let Some(Ty::Adt(adt, _)) = held.first().map(seen_through)
            && self.is_own_adt(*adt)
        {
            return Layer { may: true, ..self.own_layer(*adt, call.place) };
        }
        let path = self.inputs.type_path(ty);
        if let Some(known) = path.and_then(|path| self.layer_by_type(call.function, ty, path, call.place)) {
            return known;
        }
        let words = self.words(call.function, id);
        let name = if name.is_empty() { path.unwrap_or(&words) } else { name };
        opaque_layer(name, call.place)
    }

    pub(super) fn behaving(&self, call: &Call, at: usize) -> Layer {
        let value = call.values.get(at).cloned().unwrap_or(Value::Nothing);
        let layer = self.layers_of(call, &value, call.ids.get(at).copied()).into_iter().next();
        let layer = layer.unwrap_or_else(|| opaque_layer(call.path, call.place));
        Layer { place: call.place, ..layer }
    }

    pub(super) fn middleware(&mut self, call: &Call, routing: &Routing, id: ExprId) -> Value {
        let Routing::Middleware { roles, callee, extractor, may, inner, header } = routing else { return Value::Nothing };
        if let Some(at) = callee {
            return Value::Layer(Rc::new(self.behaving(call, *at)));
        }
        if *extractor {
            let adt = match self.inputs.type_of(call.function, id) {
                Ty::Adt(_, arguments) => arguments.iter().find_map(|argument| match argument {
                    Ty::Adt(adt, _) if self.is_own_adt(*adt) => Some(*adt),
                    _ => None,
                }),
                _ => None,
            };
            return Value::Layer(Rc::new(adt.map_or_else(|| opaque_layer(call.path, call.place), |adt| self.own_layer(adt, call.place))));
        }
        let mut stack = Vec::new();
        if !roles.is_empty() {
            stack.push(self.with_header(call, known_layer(call.path, roles, call.place), *header));
        }
        if let Some(at) = inner {
            stack.extend(self.layers(call, *at));
        }
        stack.iter_mut().for_each(|layer| layer.may |= *may);
        match stack.len() {
            1 => Value::Layer(Rc::new(stack.remove(0))),
            _ => Value::Stack(Rc::new(stack)),
        }
    }

    pub(super) fn with_header(&self, call: &Call, mut layer: Layer, header: Option<usize>) -> Layer {
        if let Some(at) = header
            && call.values.get(at).is_some_and(is_cache_control)
            && !layer.roles.contains(&LayerRole::CacheControl)
        {
            layer.roles.push(LayerRole::CacheControl);
        }
        layer
    }

    pub(super) fn put_around(
        &mut self,
        call: &Call,
        receiver: Option<Value>,
        layers: Vec<Layer>,
        covers: Covers,
        skips_fallback: bool,
    ) -> Value {
        let inward = layers.iter().rev();
        match receiver {
            Some(Value::Endpoint(endpoint)) => {
                let mut endpoint = (*endpoint).clone();
                endpoint.verbs.iter_mut().for_each(|answer| answer.stack.extend(inward.clone().cloned()));
                Value::Endpoint(Rc::new(endpoint))
            }
            Some(value @ (Value::Function(_) | Value::Closure(_))) => {
                let (handler, _) = self.handler(call, &value, 0, false);
                let stack = inward.cloned().collect();
                let answer = Answer { method: "ANY".into(), handler: Some(handler), stack };
                Value::Endpoint(Rc::new(Endpoint { verbs: vec![answer] }))
            }
            receiver => {
                let mut router = self.router(call, receiver);
                match covers {
                    Covers::All => router.pending.extend(inward.cloned()),
                    _ => {
                        for route in router.routes.iter_mut().filter(|route| !(skips_fallback && route.fallback)) {
                            route.stack.extend(inward.clone().cloned());
                        }
                    }
                }
                Value::Router(Rc::new(router))
            }
        }
    }

    /// Middleware around a finished router, endpoint or service.
    pub(super) fn wrap(&mut self, call: &Call, at: usize, layers: Vec<Layer>) -> Value {
        match call.values.get(at).cloned() {
            Some(value @ (Value::Endpoint(_) | Value::Function(_) | Value::Closure(_))) => {
                self.put_around(call, Some(value), layers, Covers::Inner, false)
            }
            Some(value) if value.only_router().is_some() => self.put_around(call, Some(value), layers, Covers::All, false),
            Some(value) => value,
            None => Value::Nothing,
        }
    }
}

pub(super) fn known_layer(name: &str, roles: &[LayerRole], place: Place) -> Layer {
    Layer { name: type_of_constructor(name).into(), roles: roles.to_vec(), place, may: false, opaque: false, behaviour: None }
}

/// `tower_http::cors::CorsLayer` for `tower_http::cors::CorsLayer::permissive`.
pub(super) fn type_of_constructor(path: &str) -> &str {
    let is_type = |owner: &&str| {
        owner.rsplit("::").next().is_some_and(|name| name.starts_with(char::is_uppercase) && !name.starts_with("ServiceBuilder"))
    };
    match path.rsplit_once("::") {
        Some((owner, method)) if method.starts_with(char::is_lowercase) => Some(owner).filter(is_type).unwrap_or(path),
        _ => path,
    }
}

pub(super) fn opaque_layer(name: &str, place: Place) -> Layer {
    Layer { name: name.into(), roles: Vec::new(), place, may: false, opaque: true, behaviour: None }
}

pub(super) fn is_cache_control(value: &Value) -> bool {
    match value {
        Value::External(path) => path.ends_with("::CACHE_CONTROL") || path.ends_with("::CacheControl"),
        Value::Text(text) => text.known().is_some_and(|text| text.eq_ignore_ascii_case("cache-control")),
        Value::Tuple(values) => values.first().is_some_and(is_cache_control),
        Value::Call(unread) => unread.name.contains("CacheControl") || unread.arguments.first().is_some_and(is_cache_control),
        Value::Opaque(reason) => reason.contains("CacheControl"),
        _ => false,
    }
}

pub(super) fn seen_through(ty: &Ty) -> &Ty {
    match ty {
        Ty::Reference(inner) => seen_through(inner),
        ty => ty,
    }
}

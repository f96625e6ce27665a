//! What an expression of router composition can be.

use super::text::Text;
use crate::facts::{ExprId, Name};
use crate::knowledge::LayerRole;
use crate::model::Evidence;
use crate::resolve::{AdtId, FunctionId};
use crate::source::Place;
use std::rc::Rc;

#[derive(Clone, Debug)]
pub(super) enum Value {
    /// Nothing is known; the reason in words.
    Opaque(Rc<str>),
    /// The code after it does not run: `return`, `panic!`.
    Never,
    /// `Err(..)`: as a result it says nothing about the router.
    Failure,
    /// `None`, `()`.
    Nothing,
    Text(Text),
    Router(Rc<Router>),
    Endpoint(Rc<Endpoint>),
    Layer(Rc<Layer>),
    /// Outermost first.
    Stack(Rc<Vec<Layer>>),
    Service(Rc<Service>),
    Function(FunctionId),
    /// Something of another crate, by canonical path.
    External(Rc<str>),
    Closure(Rc<Closure>),
    Tuple(Rc<Vec<Value>>),
    List(Rc<Vec<Value>>),
    Struct(Option<AdtId>, Rc<Vec<(Name, Value)>>),
    /// A value of a type of the workspace.
    Instance(AdtId),
    /// A variant of an enum of the workspace, by its position, with its fields.
    Variant(AdtId, u32, Rc<Vec<Value>>),
    /// What a call we cannot look into makes of these.
    Call(Rc<Unread>),
}

#[derive(Clone, Debug)]
pub(super) struct Router {
    /// Canonical type; methods are looked up on it.
    pub is: Rc<str>,
    pub framework: Rc<str>,
    /// Prefixes of all routes; empty for none.
    pub prefixes: Vec<Text>,
    pub routes: Vec<RouteEntry>,
    /// Middleware that covers every route wherever it is added, innermost first.
    pub pending: Vec<Layer>,
    /// The verb that a guard asks for.
    pub guard: Option<String>,
    /// Parts that could not be evaluated.
    pub unknown: Vec<Evidence>,
}

#[derive(Clone, Debug)]
pub(super) struct RouteEntry {
    pub method: Rc<str>,
    pub path: Text,
    pub handler: HandlerValue,
    /// Innermost first.
    pub stack: Vec<Layer>,
    pub conditional: Option<Rc<str>>,
    pub place: Place,
    pub framework: Rc<str>,
    /// The function whose code registers it.
    pub function: FunctionId,
    pub fallback: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum HandlerValue {
    Function(FunctionId),
    Closure(FunctionId, ExprId),
    Service(String, Vec<LayerRole>),
    Unknown(String),
}

/// Verbs with their handlers: axum's `MethodRouter`, actix' `Route`.
#[derive(Clone, Debug, Default)]
pub(super) struct Endpoint {
    pub verbs: Vec<Answer>,
}

#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub method: Rc<str>,
    pub handler: Option<HandlerValue>,
    /// Innermost first.
    pub stack: Vec<Layer>,
}

#[derive(Clone, Debug)]
pub(super) struct Layer {
    pub name: Rc<str>,
    pub roles: Vec<LayerRole>,
    pub place: Place,
    pub may: bool,
    pub opaque: bool,
    /// Code that tells what it does.
    pub behaviour: Option<Behaviour>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Behaviour {
    Function(FunctionId),
    Closure(FunctionId, ExprId),
    Type(AdtId),
}

/// Answers everything below a path by itself.
#[derive(Clone, Debug)]
pub(super) struct Service {
    pub name: String,
    pub prefix: Option<Text>,
    pub roles: Vec<LayerRole>,
}

#[derive(Debug)]
pub(super) struct Closure {
    pub function: FunctionId,
    pub expression: ExprId,
    pub captured: Vec<(Name, Value)>,
}

#[derive(Debug)]
pub(super) struct Unread {
    pub name: String,
    pub place: Place,
    pub arguments: Vec<Value>,
}

impl Value {
    pub fn opaque(reason: impl AsRef<str>) -> Value {
        Value::Opaque(Rc::from(reason.as_ref()))
    }

    pub fn text(text: &str) -> Value {
        Value::Text(Text::literal(text))
    }

    /// Whether routing can depend on it: only such values make a second evaluation worth its time.
    pub fn matters(&self) -> bool {
        match self {
            Value::Opaque(_) | Value::Never | Value::Failure | Value::Nothing | Value::External(_) | Value::Instance(_) => false,
            Value::Tuple(values) | Value::List(values) => values.iter().any(Value::matters),
            Value::Struct(_, fields) => fields.iter().any(|(_, value)| value.matters()),
            Value::Call(unread) => unread.arguments.iter().any(Value::matters),
            _ => true,
        }
    }

    /// Routers in it, also inside structures and unread calls.
    pub fn routers(&self) -> Vec<Rc<Router>> {
        let mut found = Vec::new();
        self.collect_routers(&mut found);
        found
    }

    fn collect_routers(&self, found: &mut Vec<Rc<Router>>) {
        match self {
            Value::Router(router) => found.push(router.clone()),
            Value::Tuple(values) | Value::List(values) | Value::Variant(_, _, values) => {
                values.iter().for_each(|value| value.collect_routers(found));
            }
            Value::Struct(_, fields) => fields.iter().for_each(|(_, value)| value.collect_routers(found)),
            Value::Call(unread) => unread.arguments.iter().for_each(|value| value.collect_routers(found)),
            _ => {}
        }
    }

    /// The one router in it.
    pub fn only_router(&self) -> Option<Rc<Router>> {
        let mut routers = self.routers();
        (routers.len() == 1).then(|| routers.remove(0))
    }
}

impl Router {
    pub fn new(is: &str, framework: &str) -> Router {
        Router {
            is: is.into(),
            framework: framework.into(),
            prefixes: Vec::new(),
            routes: Vec::new(),
            pending: Vec::new(),
            guard: None,
            unknown: Vec::new(),
        }
    }

    /// Its routes with prefixes, guards and middleware that covers all of them.
    pub fn finished(&self) -> Vec<RouteEntry> {
        let mut finished = Vec::with_capacity(self.routes.len());
        for route in &self.routes {
            let mut route = route.clone();
            if let (Some(verb), "ANY") = (&self.guard, &*route.method) {
                route.method = verb.as_str().into();
            }
            route.stack.extend(self.pending.iter().cloned());
            if self.prefixes.is_empty() {
                finished.push(route);
                continue;
            }
            for prefix in &self.prefixes {
                finished.push(RouteEntry { path: prefix.join(&route.path, &self.framework), ..route.clone() });
            }
        }
        finished
    }
}

impl RouteEntry {
    pub fn is_same(&self, other: &RouteEntry) -> bool {
        self.place == other.place && self.method == other.method && self.path == other.path && self.handler == other.handler
    }
}

impl Layer {
    pub fn is_same(&self, other: &Layer) -> bool {
        self.place == other.place && self.name == other.name
    }
}

/// What a value is after code that ran in only one of two ways.
pub(super) fn join(one: Value, other: Value, why: &Rc<str>) -> Value {
    match (one, other) {
        (Value::Never | Value::Failure, value) | (value, Value::Never | Value::Failure) => value,
        (Value::Nothing, Value::Nothing) => Value::Nothing,
        (Value::Router(one), Value::Router(other)) if Rc::ptr_eq(&one, &other) => Value::Router(one),
        (Value::Router(one), Value::Router(other)) => Value::Router(Rc::new(join_routers(&one, &other, why))),
        (Value::Router(router), _) | (_, Value::Router(router)) => Value::Router(Rc::new(only_sometimes(&router, why))),
        (Value::Endpoint(one), Value::Endpoint(other)) if Rc::ptr_eq(&one, &other) => Value::Endpoint(one),
        (Value::Endpoint(one), Value::Endpoint(other)) => {
            let mut joined = (*one).clone();
            joined.verbs.extend(other.verbs.iter().filter(|verb| !one.verbs.iter().any(|known| known.method == verb.method)).cloned());
            Value::Endpoint(Rc::new(joined))
        }
        (Value::Layer(one), Value::Layer(other)) if one.is_same(&other) => Value::Layer(one),
        (Value::Stack(one), Value::Stack(other)) if Rc::ptr_eq(&one, &other) => Value::Stack(one),
        (one @ (Value::Layer(_) | Value::Stack(_)), other) | (one, other @ (Value::Layer(_) | Value::Stack(_))) => join_stacks(one, other),
        (Value::Text(one), Value::Text(other)) if one == other => Value::Text(one),
        (Value::Function(one), Value::Function(other)) if one == other => Value::Function(one),
        (Value::Instance(one), Value::Instance(other)) if one == other => Value::Instance(one),
        (Value::Variant(one, at, fields), Value::Variant(other, there, others)) if one == other => {
            if at == there && fields.is_empty() && others.is_empty() { Value::Variant(one, at, fields) } else { Value::Instance(one) }
        }
        (Value::Instance(one), Value::Nothing) | (Value::Nothing, Value::Instance(one)) => Value::Instance(one),
        (Value::External(one), Value::External(other)) if one == other => Value::External(one),
        (Value::Closure(one), Value::Closure(other)) if Rc::ptr_eq(&one, &other) => Value::Closure(one),
        (Value::Tuple(one), Value::Tuple(other)) if one.len() == other.len() => {
            let values = one.iter().cloned().zip(other.iter().cloned()).map(|(one, other)| join(one, other, why));
            Value::Tuple(Rc::new(values.collect()))
        }
        (Value::List(one), Value::List(other)) if Rc::ptr_eq(&one, &other) => Value::List(one),
        (Value::List(one), Value::List(other)) => join_lists(&one, &other, why),
        (Value::Struct(adt, one), Value::Struct(_, other)) if one.len() == other.len() => {
            let fields = one.iter().cloned().zip(other.iter().cloned());
            Value::Struct(adt, Rc::new(fields.map(|((name, one), (_, other))| (name, join(one, other, why))).collect()))
        }
        (Value::Call(one), Value::Call(other)) if Rc::ptr_eq(&one, &other) => Value::Call(one),
        (Value::Opaque(reason), _) | (_, Value::Opaque(reason)) => Value::Opaque(reason),
        _ => Value::Opaque(why.clone()),
    }
}

fn join_lists(one: &[Value], other: &[Value], why: &Rc<str>) -> Value {
    let shared = one.len().min(other.len());
    let both = one[..shared].iter().cloned().zip(other[..shared].iter().cloned()).map(|(one, other)| join(one, other, why));
    let rest = one[shared..].iter().chain(&other[shared..]).cloned().map(|value| join(value, Value::Nothing, why));
    Value::List(Rc::new(both.chain(rest).collect()))
}

fn only_sometimes(router: &Router, why: &Rc<str>) -> Router {
    let mut router = router.clone();
    for route in &mut router.routes {
        route.conditional.get_or_insert_with(|| why.clone());
    }
    router
}

fn join_routers(one: &Router, other: &Router, why: &Rc<str>) -> Router {
    if one.prefixes != other.prefixes {
        let flat = |router: &Router| Router { routes: router.finished(), prefixes: Vec::new(), pending: Vec::new(), ..router.clone() };
        let (one, other) = (flat(one), flat(other));
        return join_routers(&one, &other, why);
    }
    let mut joined = Router { routes: Vec::new(), pending: join_layers(&one.pending, &other.pending), ..one.clone() };
    let mut left: Vec<Option<&RouteEntry>> = other.routes.iter().map(Some).collect();
    for route in &one.routes {
        // Both sides mostly agree and in the same order, so the first one left is nearly always the match.
        let same = left.iter_mut().find(|candidate| candidate.is_some_and(|candidate| candidate.is_same(route)));
        joined.routes.push(match same.and_then(Option::take) {
            Some(twin) => RouteEntry {
                stack: join_layers(&route.stack, &twin.stack),
                conditional: route.conditional.clone().or_else(|| twin.conditional.clone()),
                ..route.clone()
            },
            None => RouteEntry { conditional: route.conditional.clone().or_else(|| Some(why.clone())), ..route.clone() },
        });
    }
    for route in left.into_iter().flatten() {
        joined.routes.push(RouteEntry { conditional: route.conditional.clone().or_else(|| Some(why.clone())), ..route.clone() });
    }
    joined.unknown.extend(other.unknown.iter().filter(|evidence| !one.unknown.contains(evidence)).cloned());
    joined
}

/// Middleware of both, in order; what only one has is there only sometimes.
fn join_layers(one: &[Layer], other: &[Layer]) -> Vec<Layer> {
    let (mut joined, mut rest) = (Vec::with_capacity(one.len()), other);
    for layer in one {
        match rest.iter().position(|candidate| candidate.is_same(layer)) {
            Some(at) => {
                joined.extend(rest[..at].iter().map(sometimes));
                joined.push(Layer { may: layer.may || rest[at].may, ..layer.clone() });
                rest = &rest[at + 1..];
            }
            None => joined.push(sometimes(layer)),
        }
    }
    joined.extend(rest.iter().map(sometimes));
    joined
}

fn sometimes(layer: &Layer) -> Layer {
    Layer { may: true, ..layer.clone() }
}

fn join_stacks(one: Value, other: Value) -> Value {
    let layers = |value: &Value| match value {
        Value::Layer(layer) => Some(vec![(**layer).clone()]),
        Value::Stack(stack) => Some((**stack).clone()),
        Value::Nothing => Some(Vec::new()),
        _ => None,
    };
    let place = |value: &Value| match value {
        Value::Layer(layer) => Some(layer.place),
        Value::Stack(stack) => stack.first().map(|layer| layer.place),
        _ => None,
    };
    let known = match (layers(&one), layers(&other)) {
        (Some(one), Some(other)) => join_layers(&one, &other),
        (Some(known), None) | (None, Some(known)) => {
            let mut known: Vec<Layer> = known.iter().map(sometimes).collect();
            if let Some(place) = place(&one).or_else(|| place(&other)) {
                let name = "a middleware that is not known".into();
                known.push(Layer { name, roles: Vec::new(), place, may: true, opaque: true, behaviour: None });
            }
            known
        }
        (None, None) => Vec::new(),
    };
    Value::Stack(Rc::new(known))
}

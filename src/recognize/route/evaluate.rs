//! Abstract interpretation of the code that puts routers together: expressions, statements, branches, calls.

use super::attribute::Attributes;
use super::layer::known_layer;
use super::relevant::Relevant;
use super::text::Text;
use super::value::{Closure, Router, Unread, Value, join};
use crate::facts::{self, Body, ExprId, ExpressionKind, Literal, Name};
use crate::knowledge::{Does, Routing};
use crate::model::Evidence;
use crate::recognize::Inputs;
use crate::resolve::{AdtId, Container, Definition, FunctionId, Target, Ty};
use crate::source::Place;
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// Calls inside calls inside calls: deeper composition is said to be unknown.
const DEEPEST: usize = 20;
/// Expressions evaluated per run: composition code is small, and what is not must not stall a check.
const MOST_STEPS: usize = 3_000_000;
pub(super) struct Evaluator<'a> {
    pub inputs: &'a Inputs<'a>,
    pub relevant: Relevant<'a>,
    pub attributes: Rc<Attributes<'a>>,
    pub served: Vec<Served>,
    /// Routers that functions make or hold when they end.
    pub seen: Vec<Held>,
    /// Calls that took a router out of sight, by the functions that were running.
    pub given: FxHashMap<FunctionId, Evidence>,
    evaluated: rustc_hash::FxHashSet<FunctionId>,
    memory: FxHashMap<FunctionId, Value>,
    stack: Vec<FunctionId>,
    steps: usize,
}

/// A router that something serves.
pub(super) struct Served {
    pub framework: String,
    pub place: Place,
    pub function: FunctionId,
    pub router: Rc<Router>,
}

/// A router that a function holds.
pub(super) struct Held {
    pub function: FunctionId,
    pub router: Rc<Router>,
    /// The function was given no routes, and neither returns a router nor leaves one behind a reference: nobody else can put anything around it.
    pub kept: bool,
}

/// Locals of the code being evaluated, innermost scope last.
pub(super) struct Frame {
    pub function: FunctionId,
    pub locals: Vec<(Name, Value)>,
    pub returns: Vec<Value>,
}

impl<'a> Evaluator<'a> {
    pub fn new(inputs: &'a Inputs<'a>) -> Self {
        Self {
            inputs,
            relevant: Relevant::new(inputs),
            attributes: Rc::new(Attributes::new(inputs)),
            served: Vec::new(),
            seen: Vec::new(),
            given: FxHashMap::default(),
            evaluated: Default::default(),
            memory: FxHashMap::default(),
            stack: Vec::new(),
            steps: 0,
        }
    }

    /// Evaluates everything that composes routers, entries first.
    pub fn run(&mut self) {
        for function in self.relevant.roots() {
            self.evaluate_alone(function);
        }
        // What no entry was seen to call is composed on its own.
        for function in self.relevant.composers() {
            if !self.evaluated.contains(&function) {
                self.evaluate_alone(function);
            }
        }
    }

    pub fn ran_out(&self) -> bool {
        self.steps >= MOST_STEPS
    }

    fn evaluate_alone(&mut self, function: FunctionId) {
        let value = self.call_function(function, None, Vec::new()).0;
        self.launch(function, &value);
        self.remember_routers(function, &value);
    }

    /// `#[launch] fn rocket() -> _`: the attribute serves what the function returns.
    fn launch(&mut self, function: FunctionId, value: &Value) {
        let declared = &self.inputs.resolved.functions[function.0 as usize];
        let attributes = declared.facts.iter().flat_map(|facts| &facts.attributes);
        let mut launches =
            attributes.filter(|attribute| attribute.path.last() == Some("launch") || attribute.path.text() == "shuttle_runtime::main");
        if let (Some(attribute), Some(router)) = (launches.next(), value.only_router()) {
            let place = Place::new(declared.file, attribute.span);
            self.served.push(Served { framework: router.framework.to_string(), place, function, router });
        }
    }

    pub(super) fn remember_routers(&mut self, function: FunctionId, value: &Value) {
        for router in value.routers().into_iter().filter(|router| !router.routes.is_empty()) {
            self.seen.push(Held { function, router, kept: false });
        }
    }

    /// Value of the call, and the last values of receiver and parameters (for what is passed by reference).
    pub fn call_function(&mut self, id: FunctionId, receiver: Option<Value>, arguments: Vec<Value>) -> (Value, Vec<Value>) {
        let function = &self.inputs.resolved.functions[id.0 as usize];
        let Some(body) = function.body.as_deref() else { return (Value::opaque("a function without body"), Vec::new()) };
        if self.stack.len() >= DEEPEST || self.stack.contains(&id) {
            return (Value::opaque(format!("`{}` calls itself or is too deep", function.name)), Vec::new());
        }
        let given = receiver.iter().chain(&arguments);
        let plain = given.clone().all(|value| !value.matters());
        // What the caller passes may be a clone, and the original go on to somebody who wraps it.
        let keeps = given.clone().all(|value| value.routers().iter().all(|router| router.routes.is_empty()));
        if let (true, Some(value)) = (plain, self.memory.get(&id)) {
            return (value.clone(), Vec::new());
        }
        self.evaluated.insert(id);
        self.stack.push(id);
        let seen_before = self.seen.len();
        let mut frame = Frame { function: id, locals: Vec::new(), returns: Vec::new() };
        let slots = self.bind_parameters(&mut frame, body, receiver, arguments);
        let value = self.expression(&mut frame, body, body.root);
        let why: Rc<str> = "one of several ways out of the function".into();
        let returns = std::mem::take(&mut frame.returns);
        let value = returns.into_iter().fold(value, |value, returned| join(returned, value, &why));
        self.stack.pop();
        let last: Vec<Value> = slots.iter().map(|slot| slot.map_or(Value::Nothing, |slot| frame.locals[slot].1.clone())).collect();
        for (_, held) in &frame.locals {
            self.remember_routers(id, held);
        }
        if keeps && value.routers().is_empty() && !self.leaves_router(id, &last) {
            let own = self.seen[seen_before..].iter_mut().filter(|held| held.function == id);
            own.for_each(|held| held.kept = true);
        }
        if plain {
            self.memory.insert(id, value.clone());
        }
        (value, last)
    }

    /// Whether the last values of receiver and parameters hold a router that the caller sees through a reference.
    fn leaves_router(&self, id: FunctionId, last: &[Value]) -> bool {
        let Some(facts) = &self.inputs.resolved.functions[id.0 as usize].facts else { return false };
        let receiver = facts.receiver.iter().map(|receiver| receiver.by_reference);
        let parameters = facts.parameters.iter().map(|parameter| matches!(parameter.ty, facts::Type::Reference(_)));
        receiver.chain(parameters).zip(last).any(|(by_reference, value)| by_reference && !value.routers().is_empty())
    }

    /// Slots of receiver (if any) and parameters.
    fn bind_parameters(&mut self, frame: &mut Frame, body: &Body, receiver: Option<Value>, arguments: Vec<Value>) -> Vec<Option<usize>> {
        let function = &self.inputs.resolved.functions[frame.function.0 as usize];
        let Some(facts) = &function.facts else { return Vec::new() };
        let mut slots = Vec::new();
        if facts.receiver.is_some() {
            slots.push(Some(frame.locals.len()));
            frame.locals.push(("self".into(), receiver.unwrap_or_else(|| self.own_instance(frame.function))));
        }
        let mut arguments = arguments.into_iter();
        for parameter in &facts.parameters {
            let value = arguments.next().unwrap_or_else(|| self.unknown_parameter(frame.function, parameter));
            let before = frame.locals.len();
            match parameter.pattern {
                Some(pattern) => self.bind(frame, body, pattern, value),
                None => frame.locals.push((parameter.name.clone().unwrap_or_default(), value)),
            }
            slots.push((frame.locals.len() == before + 1).then_some(before));
        }
        slots
    }

    fn own_instance(&self, function: FunctionId) -> Value {
        match self.inputs.resolved.functions[function.0 as usize].container {
            Container::Impl(id) => match &self.inputs.resolved.impls[id.0 as usize].self_type {
                Ty::Adt(adt, _) if self.is_own_adt(*adt) => Value::Instance(*adt),
                ty => {
                    self.inputs.type_path(ty).and_then(|path| self.relevant.empty_router(path)).unwrap_or_else(|| Value::opaque("`self`"))
                }
            },
            _ => Value::opaque("`self`"),
        }
    }

    /// A parameter that nobody passed: where it can only be a router to add to, an empty one shows what is added.
    fn unknown_parameter(&self, function: FunctionId, parameter: &facts::Parameter) -> Value {
        let empty = self.relevant.empty_router_of(function, &parameter.ty);
        let name = parameter.name.as_deref().unwrap_or("_");
        empty.unwrap_or_else(|| Value::opaque(format!("parameter `{name}`")))
    }

    pub fn is_own_adt(&self, adt: AdtId) -> bool {
        let module = self.inputs.resolved.adts[adt.0 as usize].module;
        let krate = self.inputs.resolved.modules[module.0 as usize].krate;
        self.inputs.resolved.crates[krate.0 as usize].source.is_some()
    }

    pub fn call_closure(&mut self, closure: &Closure, arguments: Vec<Value>) -> (Value, Vec<Value>) {
        let Some(body) = self.inputs.body(closure.function) else { return (Value::opaque("a closure"), Vec::new()) };
        let ExpressionKind::Closure { parameters, body: root, .. } = &body[closure.expression].kind else {
            return (Value::opaque("a closure"), Vec::new());
        };
        if self.stack.len() >= DEEPEST {
            return (Value::opaque("composition is too deep"), Vec::new());
        }
        self.stack.push(closure.function);
        let mut frame = Frame { function: closure.function, locals: closure.captured.clone(), returns: Vec::new() };
        let mut slots = Vec::new();
        let mut arguments = arguments.into_iter();
        for (pattern, ty) in parameters {
            let written = ty.as_ref().and_then(|ty| self.relevant.empty_router_of(closure.function, ty));
            let value = arguments.next().or(written).unwrap_or_else(|| Value::opaque("an argument of a closure"));
            let before = frame.locals.len();
            self.bind(&mut frame, body, *pattern, value);
            slots.push((frame.locals.len() == before + 1).then_some(before));
        }
        let value = self.expression(&mut frame, body, *root);
        let why: Rc<str> = "one of several ways out of the closure".into();
        let returns = std::mem::take(&mut frame.returns);
        let value = returns.into_iter().fold(value, |value, returned| join(returned, value, &why));
        self.stack.pop();
        let last = slots.iter().map(|slot| slot.map_or(Value::Nothing, |slot| frame.locals[slot].1.clone())).collect();
        (value, last)
    }

    pub fn expression(&mut self, frame: &mut Frame, body: &Body, id: ExprId) -> Value {
        self.steps += 1;
        if self.steps >= MOST_STEPS {
            return Value::opaque("there is too much code to evaluate");
        }
        match &body[id].kind {
            ExpressionKind::Path(path) => self.path(frame, id, path),
            ExpressionKind::Literal(Literal::Text { value, .. }) => Value::text(value),
            ExpressionKind::Literal(Literal::Integer { value: Some(value), .. }) => Value::text(&value.to_string()),
            ExpressionKind::Literal(Literal::Char(value)) => Value::text(&value.to_string()),
            ExpressionKind::Literal(_) => Value::Nothing,
            ExpressionKind::Call { callee, arguments } => self.call(frame, body, id, *callee, arguments),
            ExpressionKind::MethodCall { receiver, name, arguments, .. } => self.method_call(frame, body, id, *receiver, name, arguments),
            ExpressionKind::Field { base, name, .. } => self.field(frame, body, *base, name),
            ExpressionKind::Unary(inner) | ExpressionKind::Cast { value: inner, .. } => {
                self.expression(frame, body, *inner);
                Value::opaque("a computed value")
            }
            ExpressionKind::Dereference(inner)
            | ExpressionKind::Try(inner)
            | ExpressionKind::Await(inner)
            | ExpressionKind::Reference { value: inner, .. } => self.expression(frame, body, *inner),
            ExpressionKind::Binary { left, right, operator } => {
                let (left, right) = (self.expression(frame, body, *left), self.expression(frame, body, *right));
                if let Some(computed) = super::constant::computed(*operator, &left, &right) {
                    return computed;
                }
                match (operator, left, right) {
                    (facts::Operator::Add, Value::Text(mut left), right) => {
                        left.push(&text_of(&right, "part"));
                        Value::Text(left)
                    }
                    _ => Value::opaque("a computed value"),
                }
            }
            ExpressionKind::Assign { left, right, .. } => {
                let value = self.expression(frame, body, *right);
                self.write(frame, body, *left, value);
                Value::Nothing
            }
            ExpressionKind::Block { kind, statements, tail } => self.block(frame, body, *kind, statements, *tail),
            ExpressionKind::If { condition, then, otherwise } => self.branch(frame, body, *condition, *then, *otherwise),
            ExpressionKind::Let { pattern, value } => {
                let value = self.expression(frame, body, *value);
                self.bind(frame, body, *pattern, value);
                Value::Nothing
            }
            ExpressionKind::Match { scrutinee, arms } => self.choice(frame, body, *scrutinee, arms),
            ExpressionKind::Loop { body: inner } => self.repeat(frame, body, id, None, *inner),
            ExpressionKind::While { condition, body: inner } => self.repeat(frame, body, id, Some(*condition), *inner),
            ExpressionKind::For { pattern, iterable, body: inner } => self.each(frame, body, *pattern, *iterable, *inner),
            ExpressionKind::Closure { .. } => {
                Value::Closure(Rc::new(Closure { function: frame.function, expression: id, captured: frame.locals.clone() }))
            }
            ExpressionKind::Struct { fields, rest, .. } => self.structure(frame, body, id, fields, *rest),
            ExpressionKind::Tuple(elements) if elements.is_empty() => Value::Nothing,
            ExpressionKind::Tuple(elements) => Value::Tuple(Rc::new(self.all(frame, body, elements))),
            ExpressionKind::Array(elements) => Value::List(Rc::new(self.all(frame, body, elements))),
            ExpressionKind::Return(value) => {
                let value = value.map_or(Value::Nothing, |value| self.expression(frame, body, value));
                frame.returns.push(value);
                Value::Never
            }
            ExpressionKind::Break(value) => {
                if let Some(value) = value {
                    self.expression(frame, body, *value);
                }
                Value::Nothing
            }
            ExpressionKind::Macro(call) => self.macro_call(frame, body, id, call),
            ExpressionKind::Index { base, index } => self.element(frame, body, *base, *index),
            _ => Value::opaque("a computed value"),
        }
    }

    pub fn all(&mut self, frame: &mut Frame, body: &Body, ids: &[ExprId]) -> Vec<Value> {
        ids.iter().map(|id| self.expression(frame, body, *id)).collect()
    }

    pub(super) fn structure(
        &mut self,
        frame: &mut Frame,
        body: &Body,
        id: ExprId,
        fields: &[(Name, crate::source::Span, ExprId)],
        rest: Option<ExprId>,
    ) -> Value {
        let values: Vec<(Name, Value)> =
            fields.iter().map(|(name, _, value)| (name.clone(), self.expression(frame, body, *value))).collect();
        if let Some(rest) = rest {
            self.expression(frame, body, rest);
        }
        let ty = self.inputs.type_of(frame.function, id);
        if let Some(path) = self.inputs.type_path(ty)
            && let Some(routing) = self.routing_at(frame.function, path)
        {
            return self.apply(frame, body, id, path, routing, None, &[], Vec::new());
        }
        match ty {
            Ty::Adt(adt, _) if self.is_own_adt(*adt) => Value::Struct(Some(*adt), Rc::new(values)),
            _ => Value::Struct(None, Rc::new(values)),
        }
    }

    /// Routing of the row for this path, in the version that the function's crate depends on.
    pub fn routing_at(&self, function: FunctionId, path: &str) -> Option<&'a Routing> {
        let krate = self.inputs.resolved.functions[function.0 as usize].krate;
        routing_of(self.inputs.knowledge.function(path, self.inputs.version_of(krate, path)))
    }

    pub(super) fn field(&mut self, frame: &mut Frame, body: &Body, base: ExprId, name: &Name) -> Value {
        match self.expression(frame, body, base) {
            Value::Struct(_, fields) => {
                let field = fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone());
                field.unwrap_or_else(|| Value::opaque(format!("field `{name}`")))
            }
            Value::Tuple(values) => {
                let at = name.parse::<usize>().ok().and_then(|at| values.get(at).cloned());
                at.unwrap_or_else(|| Value::opaque("a field"))
            }
            Value::Layer(layer) => Value::Layer(layer),
            _ => Value::opaque(format!("field `{name}`")),
        }
    }

    pub(super) fn path(&mut self, frame: &Frame, id: ExprId, path: &facts::Path) -> Value {
        if let Some(name) = path.single()
            && let Some(slot) = lookup(frame, name)
        {
            return frame.locals[slot].1.clone();
        }
        if path.last() == Some("None") {
            return Value::Nothing;
        }
        match self.inputs.definition_at(frame.function, id) {
            Some(Definition::Function(function)) => self.function_value(*function),
            Some(Definition::Constant(function)) => {
                let constant = &self.inputs.resolved.functions[function.0 as usize];
                // What knowledge declares stands for its name: its value is made up.
                let own = self.inputs.resolved.crates[constant.krate.0 as usize].source.is_some();
                match self.inputs.body(*function).filter(|_| own) {
                    Some(_) => self.call_function(*function, None, Vec::new()).0,
                    None => Value::External(Rc::from(&*constant.path)),
                }
            }
            Some(Definition::Adt(adt)) => self.unit_value(frame, id, *adt),
            Some(Definition::Variant(adt, at)) if self.is_own_adt(*adt) => Value::Variant(*adt, *at, Rc::default()),
            Some(Definition::Variant(adt, at)) => {
                let adt = &self.inputs.resolved.adts[adt.0 as usize];
                let variant = adt.variants.get(*at as usize).map_or("", |variant| &variant.name);
                Value::External(format!("{}::{variant}", adt.path).into())
            }
            Some(Definition::External(external)) => self.external_value(frame, id, &external.clone()),
            _ => match self.inputs.call_at(frame.function, id).map(|call| &call.target) {
                Some(Target::Function(function)) => self.function_value(*function),
                Some(Target::External { path, .. }) => self.external_value(frame, id, &path.clone()),
                _ => Value::opaque(format!("`{}`", path.text())),
            },
        }
    }

    pub(super) fn function_value(&self, function: FunctionId) -> Value {
        let declared = &self.inputs.resolved.functions[function.0 as usize];
        if self.inputs.resolved.crates[declared.krate.0 as usize].source.is_some() {
            return Value::Function(function);
        }
        Value::External(Rc::from(&*declared.path))
    }

    /// A unit struct as a value: `Compress`.
    pub(super) fn unit_value(&mut self, frame: &Frame, id: ExprId, adt: AdtId) -> Value {
        if self.is_own_adt(adt) {
            return Value::Instance(adt);
        }
        let path = self.inputs.resolved.adts[adt.0 as usize].path.clone();
        self.external_value(frame, id, &path)
    }

    pub(super) fn external_value(&mut self, frame: &Frame, id: ExprId, path: &str) -> Value {
        if let Some(Routing::Middleware { roles, callee: None, inner: None, .. }) = self.routing_at(frame.function, path) {
            let place = self.inputs.place_of(frame.function, id);
            return Value::Layer(Rc::new(known_layer(path, roles, place)));
        }
        Value::External(path.into())
    }

    /// A few words of the code, for conditions.
    pub fn words(&self, function: FunctionId, id: ExprId) -> String {
        let text = self.inputs.sources.snippet(self.inputs.place_of(function, id));
        let short: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
        match short.char_indices().nth(60) {
            Some((at, _)) => format!("{}..", &short[..at]),
            None => short,
        }
    }

    /// What something we cannot look into makes of these values. Closures in it are run once, for what they serve.
    pub fn unread(&mut self, frame: &Frame, id: ExprId, name: String, values: Vec<Value>) -> Value {
        let mut arguments = Vec::with_capacity(values.len());
        for value in values {
            match value {
                Value::Closure(closure) if self.closure_matters(&closure) => {
                    let made = self.call_closure(&closure, Vec::new()).0;
                    arguments.push(made);
                }
                value => arguments.push(value),
            }
        }
        if !self.inputs.knowledge.carries(&name) && arguments.iter().any(|value| !value.routers().is_empty()) {
            let what = format!("`{name}` takes the router: middleware that it puts around is not known");
            let evidence = Evidence::at(self.inputs.place_of(frame.function, id), what);
            for running in &self.stack {
                self.given.entry(*running).or_insert_with(|| evidence.clone());
            }
        }
        match arguments.iter().any(Value::matters) {
            true => Value::Call(Rc::new(Unread { name, place: self.inputs.place_of(frame.function, id), arguments })),
            false => Value::opaque(format!("`{name}`")),
        }
    }

    fn closure_matters(&self, closure: &Closure) -> bool {
        self.inputs.body(closure.function).is_some_and(|body| self.relevant.inside(closure.function, body, closure.expression))
    }

    /// Whether evaluating its body tells something.
    pub fn worth_inlining(&self, function: FunctionId) -> bool {
        self.relevant.function(function) || self.relevant.gives_text(function)
    }
}

pub(super) fn routing_of(does: &[Does]) -> Option<&Routing> {
    does.iter().find_map(|one| match one {
        Does::Routing(routing) => Some(routing),
        _ => None,
    })
}

pub(super) fn lookup(frame: &Frame, name: &str) -> Option<usize> {
    frame.locals.iter().rposition(|(local, _)| local == name)
}

pub(super) fn text_of(value: &Value, what: &str) -> Text {
    match value {
        Value::Text(text) => text.clone(),
        Value::Opaque(reason) if what == "part" && reason.starts_with('`') => Text::unknown(reason.trim_matches('`')),
        _ => Text::unknown(what),
    }
}

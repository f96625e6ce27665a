//! Abstract interpretation of the code that puts routers together: expressions, statements, branches, calls.

use super::attribute::Attributes;
use super::relevant::Relevant;
use super::text::Text;
use super::value::{Closure, Router, Unread, Value, join};
use crate::facts::{self, BlockKind, Body, ExprId, ExpressionKind, Literal, MacroArguments, Name, PatternId, PatternKind, Statement};
use crate::knowledge::{Does, Routing};
use crate::recognize::Inputs;
use crate::resolve::{AdtId, Container, Definition, FunctionId, Target, Ty};
use crate::source::Place;
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// Calls inside calls inside calls: deeper composition is said to be unknown.
const DEEPEST: usize = 20;
/// Expressions evaluated per run: composition code is small, and what is not must not stall a check.
const MOST_STEPS: usize = 3_000_000;
/// Elements of a literal list that a loop is unrolled for.
const LONGEST_LIST: usize = 400;

pub(super) struct Evaluator<'a> {
    pub inputs: &'a Inputs<'a>,
    pub relevant: Relevant<'a>,
    pub attributes: Attributes<'a>,
    pub served: Vec<Served>,
    /// Routers that functions make or hold when they end, by function.
    pub seen: Vec<(FunctionId, Rc<Router>)>,
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

/// Locals of the code being evaluated, innermost scope last.
pub(super) struct Frame {
    pub function: FunctionId,
    pub locals: Vec<(Name, Value)>,
    returns: Vec<Value>,
}

impl<'a> Evaluator<'a> {
    pub fn new(inputs: &'a Inputs<'a>) -> Self {
        Self {
            inputs,
            relevant: Relevant::new(inputs),
            attributes: Attributes::new(inputs),
            served: Vec::new(),
            seen: Vec::new(),
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

    fn remember_routers(&mut self, function: FunctionId, value: &Value) {
        for router in value.routers().into_iter().filter(|router| !router.routes.is_empty()) {
            self.seen.push((function, router));
        }
    }

    /// Value of the call, and the last values of receiver and parameters (for what is passed by reference).
    pub fn call_function(&mut self, id: FunctionId, receiver: Option<Value>, arguments: Vec<Value>) -> (Value, Vec<Value>) {
        let function = &self.inputs.resolved.functions[id.0 as usize];
        let Some(body) = function.body.as_deref() else { return (Value::opaque("a function without body"), Vec::new()) };
        if self.stack.len() >= DEEPEST || self.stack.contains(&id) {
            return (Value::opaque(format!("`{}` calls itself or is too deep", function.name)), Vec::new());
        }
        let plain = receiver.iter().chain(&arguments).all(|value| !value.matters());
        if let (true, Some(value)) = (plain, self.memory.get(&id)) {
            return (value.clone(), Vec::new());
        }
        self.evaluated.insert(id);
        self.stack.push(id);
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
        if plain {
            self.memory.insert(id, value.clone());
        }
        (value, last)
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
            let value = arguments.next().unwrap_or_else(|| self.unknown_parameter(parameter));
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
    fn unknown_parameter(&self, parameter: &facts::Parameter) -> Value {
        let written = written_type(&parameter.ty);
        let empty = written.and_then(|name| self.relevant.empty_router_named(name));
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
            let written = ty.as_ref().and_then(written_type).and_then(|name| self.relevant.empty_router_named(name));
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
            ExpressionKind::Index { base, .. } => {
                self.expression(frame, body, *base);
                Value::opaque("an element")
            }
            _ => Value::opaque("a computed value"),
        }
    }

    pub fn all(&mut self, frame: &mut Frame, body: &Body, ids: &[ExprId]) -> Vec<Value> {
        ids.iter().map(|id| self.expression(frame, body, *id)).collect()
    }

    fn block(&mut self, frame: &mut Frame, body: &Body, kind: BlockKind, statements: &[Statement], tail: Option<ExprId>) -> Value {
        let scope = frame.locals.len();
        // A `return` inside `async { .. }` leaves the block only.
        let outer = matches!(kind, BlockKind::Async).then(|| std::mem::take(&mut frame.returns));
        let mut value = self.statements(frame, body, statements, tail);
        if let Some(outer) = outer {
            let why: Rc<str> = "one of several ways out of the block".into();
            let returns = std::mem::replace(&mut frame.returns, outer);
            value = returns.into_iter().fold(value, |value, returned| join(returned, value, &why));
        }
        if frame.locals.len() > scope {
            for at in scope..frame.locals.len() {
                let held = frame.locals[at].1.clone();
                self.remember_routers(frame.function, &held);
            }
            frame.locals.truncate(scope);
        }
        value
    }

    fn statements(&mut self, frame: &mut Frame, body: &Body, statements: &[Statement], tail: Option<ExprId>) -> Value {
        for statement in statements {
            let value = match statement {
                Statement::Let { pattern, value, cfg, .. } => self.let_statement(frame, body, *pattern, *value, cfg.as_deref()),
                Statement::Expression { value, cfg, .. } => self.expression_statement(frame, body, *value, cfg.as_deref()),
                Statement::Item(_) => Value::Nothing,
            };
            if matches!(value, Value::Never) {
                return Value::Never;
            }
        }
        tail.map_or(Value::Nothing, |tail| self.expression(frame, body, tail))
    }

    fn let_statement(&mut self, frame: &mut Frame, body: &Body, pattern: PatternId, value: Option<ExprId>, cfg: Option<&str>) -> Value {
        if cfg.is_some_and(is_test_cfg) {
            return Value::Nothing;
        }
        let value = value.map_or_else(|| Value::opaque("a variable set later"), |value| self.expression(frame, body, value));
        if matches!(value, Value::Never) {
            return Value::Never;
        }
        let value = match (cfg, &body.patterns[pattern.0 as usize].kind) {
            (Some(cfg), PatternKind::Binding { name, .. }) => match lookup(frame, name) {
                Some(slot) => join(value, frame.locals[slot].1.clone(), &Rc::from(format!("cfg({cfg})"))),
                None => value,
            },
            _ => value,
        };
        self.bind(frame, body, pattern, value);
        Value::Nothing
    }

    fn expression_statement(&mut self, frame: &mut Frame, body: &Body, value: ExprId, cfg: Option<&str>) -> Value {
        let Some(cfg) = cfg else { return self.expression(frame, body, value) };
        if is_test_cfg(cfg) {
            return Value::Nothing;
        }
        let before = frame.locals.clone();
        let made = self.expression(frame, body, value);
        let why = Rc::from(format!("cfg({cfg})"));
        let locals = std::mem::take(&mut frame.locals);
        frame.locals = match made {
            Value::Never => before,
            _ => join_locals(locals, before, &why),
        };
        Value::Nothing
    }

    fn branch(&mut self, frame: &mut Frame, body: &Body, condition: ExprId, then: ExprId, otherwise: Option<ExprId>) -> Value {
        let whole_matters = self.relevant.inside(frame.function, body, then)
            || otherwise.is_some_and(|otherwise| self.relevant.inside(frame.function, body, otherwise));
        if !whole_matters && !may_be_text(body, then) {
            self.expression(frame, body, condition);
            return self.skipped(body, then, otherwise);
        }
        let scope = frame.locals.len();
        let before = frame.locals.clone();
        self.expression(frame, body, condition);
        let one = self.expression(frame, body, then);
        frame.locals.truncate(scope);
        let after = std::mem::replace(&mut frame.locals, before);
        let other = otherwise.map_or(Value::Nothing, |otherwise| self.expression(frame, body, otherwise));
        let why: Rc<str> = format!("if {}", self.words(frame.function, condition)).into();
        self.meet(frame, vec![(one, after)], other, &why)
    }

    /// A branch without routing: all that counts is whether it ends the function.
    fn skipped(&mut self, body: &Body, then: ExprId, otherwise: Option<ExprId>) -> Value {
        let ends = |id: ExprId| match &body[id].kind {
            ExpressionKind::Block { statements, tail, .. } => {
                let last = tail.or_else(|| match statements.last() {
                    Some(Statement::Expression { value, .. }) => Some(*value),
                    _ => None,
                });
                last.is_some_and(|last| matches!(body[last].kind, ExpressionKind::Return(_)))
            }
            _ => false,
        };
        match otherwise {
            Some(otherwise) if ends(then) && ends(otherwise) => Value::Never,
            _ => Value::opaque("a computed value"),
        }
    }

    /// Joins finished ways with the one just evaluated, whose locals are the frame's.
    fn meet(&mut self, frame: &mut Frame, ways: Vec<(Value, Vec<(Name, Value)>)>, last: Value, why: &Rc<str>) -> Value {
        let mut value = last;
        let mut locals = (!matches!(value, Value::Never)).then(|| std::mem::take(&mut frame.locals));
        for (other, after) in ways {
            if matches!(other, Value::Never) {
                continue;
            }
            locals = Some(match locals {
                None => after,
                Some(locals) => join_locals(after, locals, why),
            });
            value = join(other, value, why);
        }
        if let Some(locals) = locals {
            frame.locals = locals;
        }
        value
    }

    fn choice(&mut self, frame: &mut Frame, body: &Body, scrutinee: ExprId, arms: &[facts::Arm]) -> Value {
        let of = self.expression(frame, body, scrutinee);
        let matters = arms.iter().any(|arm| self.relevant.inside(frame.function, body, arm.body) || may_be_text(body, arm.body));
        if !matters {
            return Value::opaque("a computed value");
        }
        let why: Rc<str> = format!("match {}", self.words(frame.function, scrutinee)).into();
        let scope = frame.locals.len();
        let before = frame.locals.clone();
        let mut ways = Vec::new();
        for arm in arms {
            frame.locals = before.clone();
            let fails =
                matches!(&body.patterns[arm.pattern.0 as usize].kind, PatternKind::TupleStruct { path, .. } if path.last() == Some("Err"));
            let bound = if fails { Value::opaque("an error") } else { of.clone() };
            self.bind(frame, body, arm.pattern, bound);
            if let Some(guard) = arm.guard {
                self.expression(frame, body, guard);
            }
            let value = self.expression(frame, body, arm.body);
            frame.locals.truncate(scope);
            ways.push((value, std::mem::take(&mut frame.locals)));
        }
        frame.locals = before;
        let Some((last, locals)) = ways.pop() else { return Value::Nothing };
        if !matches!(last, Value::Never) {
            frame.locals = locals;
        }
        let value = self.meet(frame, ways, last, &why);
        if matches!(value, Value::Never) { Value::Never } else { value }
    }

    fn repeat(&mut self, frame: &mut Frame, body: &Body, whole: ExprId, condition: Option<ExprId>, inner: ExprId) -> Value {
        if !self.relevant.inside(frame.function, body, whole) {
            return Value::opaque("a loop");
        }
        let scope = frame.locals.len();
        let before = frame.locals.clone();
        if let Some(condition) = condition {
            self.expression(frame, body, condition);
        }
        self.expression(frame, body, inner);
        frame.locals.truncate(scope);
        let after = std::mem::take(&mut frame.locals);
        frame.locals = join_locals(after, before, &Rc::from("in a loop"));
        Value::opaque("a loop")
    }

    fn each(&mut self, frame: &mut Frame, body: &Body, pattern: PatternId, iterable: ExprId, inner: ExprId) -> Value {
        let over = self.expression(frame, body, iterable);
        if !self.relevant.inside(frame.function, body, inner) {
            return Value::Nothing;
        }
        let scope = frame.locals.len();
        if let Value::List(elements) = &over
            && elements.len() <= LONGEST_LIST
        {
            for element in elements.iter() {
                self.bind(frame, body, pattern, element.clone());
                self.expression(frame, body, inner);
                frame.locals.truncate(scope);
            }
            return Value::Nothing;
        }
        let before = frame.locals.clone();
        self.bind(frame, body, pattern, Value::opaque("an element of a list known at run time"));
        self.expression(frame, body, inner);
        frame.locals.truncate(scope);
        let after = std::mem::take(&mut frame.locals);
        frame.locals = join_locals(after, before, &Rc::from("for each element of a list known at run time"));
        Value::Nothing
    }

    fn structure(
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

    fn field(&mut self, frame: &mut Frame, body: &Body, base: ExprId, name: &Name) -> Value {
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

    fn path(&mut self, frame: &Frame, id: ExprId, path: &facts::Path) -> Value {
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

    fn function_value(&self, function: FunctionId) -> Value {
        let declared = &self.inputs.resolved.functions[function.0 as usize];
        if self.inputs.resolved.crates[declared.krate.0 as usize].source.is_some() {
            return Value::Function(function);
        }
        Value::External(Rc::from(&*declared.path))
    }

    /// A unit struct as a value: `Compress`.
    fn unit_value(&mut self, frame: &Frame, id: ExprId, adt: AdtId) -> Value {
        if self.is_own_adt(adt) {
            return Value::Instance(adt);
        }
        let path = self.inputs.resolved.adts[adt.0 as usize].path.clone();
        self.external_value(frame, id, &path)
    }

    fn external_value(&mut self, frame: &Frame, id: ExprId, path: &str) -> Value {
        if let Some(Routing::Middleware { roles, callee: None, inner: None, .. }) = self.routing_at(frame.function, path) {
            let place = self.inputs.place_of(frame.function, id);
            return Value::Layer(Rc::new(super::effect::known_layer(path, roles, place)));
        }
        Value::External(path.into())
    }

    /// Writes to the local at the root of a place or of a chain of builder calls.
    pub fn write(&mut self, frame: &mut Frame, body: &Body, place: ExprId, value: Value) {
        match &body[place].kind {
            ExpressionKind::Path(path) => {
                if let Some(slot) = path.single().and_then(|name| lookup(frame, name)) {
                    frame.locals[slot].1 = value;
                }
            }
            ExpressionKind::Reference { value: inner, .. }
            | ExpressionKind::Dereference(inner)
            | ExpressionKind::Try(inner)
            | ExpressionKind::Await(inner) => self.write(frame, body, *inner, value),
            ExpressionKind::MethodCall { receiver, name, .. } if name != "clone" => self.write(frame, body, *receiver, value),
            ExpressionKind::Field { base, name, .. } => self.write_field(frame, body, *base, name, value),
            _ => {}
        }
    }

    fn write_field(&mut self, frame: &mut Frame, body: &Body, base: ExprId, name: &Name, value: Value) {
        let ExpressionKind::Path(path) = &body[base].kind else { return };
        let Some(slot) = path.single().and_then(|name| lookup(frame, name)) else { return };
        let (adt, mut fields) = match &frame.locals[slot].1 {
            Value::Struct(adt, fields) => (*adt, (**fields).clone()),
            Value::Instance(adt) => (Some(*adt), Vec::new()),
            _ => return,
        };
        match fields.iter_mut().find(|(field, _)| field == name) {
            Some((_, held)) => *held = value,
            None => fields.push((name.clone(), value)),
        }
        frame.locals[slot].1 = Value::Struct(adt, Rc::new(fields));
    }

    pub fn bind(&mut self, frame: &mut Frame, body: &Body, pattern: PatternId, value: Value) {
        match &body.patterns[pattern.0 as usize].kind {
            PatternKind::Binding { name, sub, .. } => {
                frame.locals.push((name.clone(), value.clone()));
                if let Some(sub) = sub {
                    self.bind(frame, body, *sub, value);
                }
            }
            PatternKind::Tuple(elements) | PatternKind::Slice(elements) => self.bind_elements(frame, body, elements, value),
            PatternKind::TupleStruct { elements, .. } => match elements.as_slice() {
                [only] => self.bind(frame, body, *only, single_field(value)),
                _ => self.bind_elements(frame, body, elements, value),
            },
            PatternKind::Struct { fields, .. } => {
                for (name, pattern) in fields {
                    let field = match &value {
                        Value::Struct(_, held) => held.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone()),
                        _ => None,
                    };
                    self.bind(frame, body, *pattern, field.unwrap_or_else(|| Value::opaque(format!("field `{name}`"))));
                }
            }
            PatternKind::Reference(inner) => self.bind(frame, body, *inner, value),
            PatternKind::Or(ways) => {
                if let Some(first) = ways.first() {
                    self.bind(frame, body, *first, value);
                }
            }
            _ => {}
        }
    }

    fn bind_elements(&mut self, frame: &mut Frame, body: &Body, elements: &[PatternId], value: Value) {
        let values = match &value {
            Value::Tuple(values) | Value::List(values) => values.clone(),
            _ => Rc::new(Vec::new()),
        };
        for (at, element) in elements.iter().enumerate() {
            let one = values.get(at).cloned().unwrap_or_else(|| Value::opaque("a part of a tuple"));
            self.bind(frame, body, *element, one);
        }
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

    fn macro_call(&mut self, frame: &mut Frame, body: &Body, id: ExprId, call: &facts::MacroCall) -> Value {
        let name = call.path.last().unwrap_or_default();
        if let Some(listed) = self.route_list(frame, body, id, call) {
            return listed;
        }
        if let Some(site) = self.inputs.call_at(frame.function, id)
            && let Some(routing) = routing_of(self.inputs.does(frame.function, site))
        {
            let path = crate::recognize::knows::external_path(&site.target, self.inputs.resolved).unwrap_or(name).to_string();
            return self.apply(frame, body, id, &path, routing, None, &[], Vec::new());
        }
        match &call.arguments {
            MacroArguments::Expressions(arguments) => match name {
                "format" | "concat" | "format_args" => self.format(frame, body, arguments, name),
                "vec" => Value::List(Rc::new(arguments.iter().map(|(_, id)| self.expression(frame, body, *id)).collect())),
                "panic" | "unreachable" | "todo" | "unimplemented" | "bail" => Value::Never,
                _ => {
                    let values: Vec<Value> = arguments.iter().map(|(_, id)| self.expression(frame, body, *id)).collect();
                    match name {
                        "join" | "try_join" => Value::Tuple(Rc::new(values)),
                        _ => self.unread(frame, id, format!("{name}!"), values),
                    }
                }
            },
            MacroArguments::Arms(arms) => {
                for arm in arms {
                    self.expression(frame, body, arm.future);
                    if let Some(handler) = arm.handler {
                        self.expression(frame, body, handler);
                    }
                }
                Value::opaque("a select")
            }
            MacroArguments::Block(block) => self.expression(frame, body, *block),
            MacroArguments::Matches { .. } => Value::opaque("a condition"),
            MacroArguments::Unread => Value::opaque(format!("macro `{name}!`")),
        }
    }

    /// `routes![a, b]`: the functions named, with what their attributes say.
    fn route_list(&mut self, frame: &mut Frame, body: &Body, id: ExprId, call: &facts::MacroCall) -> Option<Value> {
        let known = self.inputs.call_at(frame.function, id).and_then(|site| routing_of(self.inputs.does(frame.function, site)));
        let name = call.path.last().unwrap_or_default();
        let framework = match known {
            Some(Routing::List { framework }) => framework.clone(),
            Some(_) => return None,
            // `#[macro_use] extern crate rocket` brings macros that no `use` names.
            None if name == "routes" || name.starts_with("openapi_get_routes") => "rocket".to_string(),
            None => return None,
        };
        let MacroArguments::Expressions(arguments) = &call.arguments else {
            return known.map(|_| Value::opaque(format!("macro `{name}!`")));
        };
        let mut router = Router::new("routes", &framework);
        for (_, argument) in arguments {
            match self.expression(frame, body, *argument) {
                Value::Function(function) => router.routes.extend(self.attributes.routes_of(function, &framework)),
                Value::External(_) | Value::Text(_) | Value::Nothing => {}
                _ => {
                    let what = format!("`{}` in `{name}!`", self.words(frame.function, *argument));
                    router.unknown.push(crate::model::Evidence::at(self.inputs.place_of(frame.function, *argument), what));
                }
            }
        }
        if known.is_none() && router.routes.is_empty() {
            return None;
        }
        let value = Value::Router(Rc::new(router));
        if name.ends_with("_spec") {
            return Some(Value::Tuple(Rc::new(vec![value, Value::opaque("a specification")])));
        }
        Some(value)
    }

    fn format(&mut self, frame: &mut Frame, body: &Body, arguments: &[(Option<Name>, ExprId)], name: &str) -> Value {
        let values: Vec<(Option<Name>, ExprId, Value)> =
            arguments.iter().map(|(key, id)| (key.clone(), *id, self.expression(frame, body, *id))).collect();
        if name == "concat" {
            let mut text = Text::default();
            values.iter().for_each(|(_, id, value)| text.push(&text_of(value, &self.words(frame.function, *id))));
            return Value::Text(text);
        }
        let Some((_, _, Value::Text(pattern))) = values.first() else { return Value::opaque("a formatted text") };
        let Some(pattern) = pattern.known() else { return Value::opaque("a formatted text") };
        let mut text = Text::default();
        let mut positional = values[1..].iter().filter(|(key, ..)| key.is_none());
        for piece in super::format::pieces(pattern) {
            match piece {
                super::format::Piece::Literal(literal) => text.push_literal(&literal),
                super::format::Piece::Next => match positional.next() {
                    Some((_, id, value)) => text.push(&text_of(value, &self.words(frame.function, *id))),
                    None => text.push(&Text::unknown("part")),
                },
                super::format::Piece::Named(name) => {
                    let named = values[1..].iter().find(|(key, id, _)| {
                        key.as_ref().is_some_and(|key| *key == name)
                            || matches!(&body[*id].kind, ExpressionKind::Path(path) if path.single().is_some_and(|one| *one == name))
                    });
                    let value =
                        named.map(|(.., value)| value.clone()).or_else(|| lookup(frame, &name).map(|slot| frame.locals[slot].1.clone()));
                    text.push(&value.map_or_else(|| Text::unknown(&name), |value| text_of(&value, &name)));
                }
            }
        }
        Value::Text(text)
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

fn join_locals(one: Vec<(Name, Value)>, other: Vec<(Name, Value)>, why: &Rc<str>) -> Vec<(Name, Value)> {
    one.into_iter().zip(other).map(|((name, one), (_, other))| (name, join(one, other, why))).collect()
}

fn single_field(value: Value) -> Value {
    match &value {
        Value::Struct(_, fields) if fields.len() == 1 => fields[0].1.clone(),
        _ => value,
    }
}

/// Last segment of a type as written, seen through references.
fn written_type(ty: &facts::Type) -> Option<&str> {
    match ty {
        facts::Type::Reference(inner) => written_type(inner),
        facts::Type::Path(path) => path.last(),
        _ => None,
    }
}

fn is_test_cfg(cfg: &str) -> bool {
    cfg.trim() == "test"
}

/// `if` and `match` whose ways are plain texts: paths chosen by configuration.
fn may_be_text(body: &Body, id: ExprId) -> bool {
    match &body[id].kind {
        ExpressionKind::Literal(Literal::Text { .. }) => true,
        ExpressionKind::Block { statements, tail: Some(tail), .. } if statements.is_empty() => may_be_text(body, *tail),
        _ => false,
    }
}

//! Calls of functions: of the workspace, of what knowledge names, and of what neither knows.

use super::evaluate::{Evaluator, Frame, lookup, routing_of};
use super::layer::seen_through;
use super::value::{Unread, Value, join};
use crate::facts::{self, Body, ExprId, ExpressionKind};
use crate::knowledge::Routing;
use crate::recognize::knows::external_path;
use crate::resolve::{Container, Definition, FunctionId, Target, Ty};
use std::rc::Rc;

/// Implementations of a trait's method that are tried one after the other.
const MOST_IMPLEMENTATIONS: usize = 6;

/// Calls that give back what they are given, in another wrapping.
const TRANSPARENT: [&str; 20] = [
    "Some",
    "Ok",
    "Box::new",
    "Arc::new",
    "Rc::new",
    "Box::pin",
    "Data::new",
    "Cow::from",
    "Cow::Borrowed",
    "String::from",
    "Into::into",
    "From::from",
    "PathBuf::from",
    "Mutex::new",
    "OnceCell::new",
    "LazyLock::new",
    "Lazy::new",
    "once",
    "Wrapping",
    "Extension::from",
];

impl<'a> Evaluator<'a> {
    pub(super) fn call(&mut self, frame: &mut Frame, body: &Body, id: ExprId, callee: ExprId, arguments: &[ExprId]) -> Value {
        if let ExpressionKind::Path(path) = &body[callee].kind
            && let Some(name) = path.single()
            && let Some(slot) = lookup(frame, name)
        {
            let held = frame.locals[slot].1.clone();
            let values = self.all(frame, body, arguments);
            return match held {
                Value::Closure(closure) => self.call_closure(&closure, values).0,
                Value::Function(function) => self.inline(frame, body, function, None, arguments, values),
                _ => self.unread(frame, id, name.to_string(), values),
            };
        }
        let name = match &body[callee].kind {
            ExpressionKind::Path(path) => path.text(),
            _ => self.words(frame.function, callee),
        };
        let values = self.all(frame, body, arguments);
        if ends_with_path(&name, "Err") {
            return Value::Failure;
        }
        if is_exit(&name) {
            return Value::Never;
        }
        if let Some((path, routing)) = self.routing_of_call(frame, body, id, callee) {
            return self.apply(frame, body, id, &path, routing, None, arguments, values);
        }
        match self.inputs.call_at(frame.function, id).map(|call| call.target.clone()) {
            Some(Target::Function(function)) if self.is_own(function) => {
                return self.enter(frame, body, id, function, None, arguments, values);
            }
            Some(Target::Trait { may_reach, .. }) if self.is_composed_by(&may_reach) => {
                return self.enter_each(frame, body, id, &may_reach, None, arguments, values);
            }
            _ => {}
        }
        if values.len() == 1 && TRANSPARENT.iter().any(|known| ends_with_path(&name, known)) {
            let only = values.into_iter().next().expect("there is one argument");
            return match only {
                // A lazy value is what its closure makes.
                Value::Closure(closure) if name.contains("Lazy") => self.call_closure(&closure, Vec::new()).0,
                only => only,
            };
        }
        match name.as_str() {
            "Vec::new" | "vec::Vec::new" | "Vec::with_capacity" | "Vec::default" => return Value::List(Rc::new(Vec::new())),
            "String::new" => return Value::text(""),
            _ => {}
        }
        if let Some(made) = self.constructed(frame, id, callee, &values) {
            return made;
        }
        self.typed_or_unread(frame, id, name, values)
    }

    pub(super) fn is_own(&self, function: FunctionId) -> bool {
        let krate = self.inputs.resolved.functions[function.0 as usize].krate;
        self.inputs.resolved.crates[krate.0 as usize].source.is_some()
    }

    /// Tuple structs of the workspace keep their fields.
    pub(super) fn constructed(&self, frame: &Frame, id: ExprId, callee: ExprId, values: &[Value]) -> Option<Value> {
        let adt = match self.inputs.definition_at(frame.function, callee) {
            Some(Definition::Variant(adt, at)) if self.is_own_adt(*adt) => {
                return Some(Value::Variant(*adt, *at, Rc::new(values.to_vec())));
            }
            Some(Definition::Adt(adt)) => *adt,
            _ => match (self.inputs.call_at(frame.function, id).map(|call| &call.target), self.inputs.type_of(frame.function, id)) {
                (Some(Target::Constructor), Ty::Adt(adt, _)) => *adt,
                _ => return None,
            },
        };
        let fields = values.iter().enumerate().map(|(at, value)| (at.to_string().into(), value.clone()));
        self.is_own_adt(adt).then(|| Value::Struct(Some(adt), Rc::new(fields.collect())))
    }

    pub(super) fn routing_of_call(&self, frame: &Frame, body: &Body, id: ExprId, callee: ExprId) -> Option<(String, &'a Routing)> {
        let site = self.inputs.call_at(frame.function, id);
        if let Some(site) = site
            && let Some(routing) = routing_of(self.inputs.does(frame.function, site))
        {
            return Some((external_path(&site.target, self.inputs.resolved)?.to_string(), routing));
        }
        // Constructors of foreign tuple structs, and functions named through their type: `Extension(x)`, `Logger::default()`.
        let path = match self.inputs.definition_at(frame.function, callee) {
            Some(Definition::Adt(adt)) => self.inputs.resolved.adts[adt.0 as usize].path.to_string(),
            Some(Definition::External(path)) => path.to_string(),
            Some(Definition::Function(function)) => self.inputs.resolved.functions[function.0 as usize].path.to_string(),
            _ => self.default_of(frame, body, id, callee)?,
        };
        self.routing_at(frame.function, &path).map(|routing| (path, routing))
    }

    /// `X::default()` resolves to the trait's method; what it makes is in the type.
    pub(super) fn default_of(&self, frame: &Frame, body: &Body, id: ExprId, callee: ExprId) -> Option<String> {
        let ExpressionKind::Path(path) = &body[callee].kind else { return None };
        let method = path.last()?;
        let ty = self.inputs.type_path(self.inputs.type_of(frame.function, id))?;
        Some(format!("{ty}::{method}"))
    }

    /// A call of a function of the workspace.
    #[expect(clippy::too_many_arguments, reason = "the parts of one call")]
    pub(super) fn enter(
        &mut self,
        frame: &mut Frame,
        body: &Body,
        id: ExprId,
        function: FunctionId,
        receiver: Option<(ExprId, Value)>,
        ids: &[ExprId],
        values: Vec<Value>,
    ) -> Value {
        let passes = values.iter().any(|value| matches!(value, Value::Router(_) | Value::Endpoint(_) | Value::Stack(_)))
            || receiver.as_ref().is_some_and(|(_, value)| matches!(value, Value::Router(_) | Value::Endpoint(_) | Value::Stack(_)));
        if passes || self.worth_inlining(function) || self.makes_texts(function, self.inputs.type_of(frame.function, id)) {
            let made = self.inline(frame, body, function, receiver, ids, values);
            return match made {
                // An unreadable body still has a declared type.
                Value::Opaque(_) | Value::Call(_) => match self.by_type(frame, id) {
                    Some(typed) if !matches!(made, Value::Call(_)) => typed,
                    _ => made,
                },
                made => made,
            };
        }
        let name = self.inputs.resolved.functions[function.0 as usize].name.to_string();
        let handlers = values.into_iter().filter(|value| matches!(value, Value::Function(_) | Value::Closure(_))).collect();
        match self.by_type(frame, id).or_else(|| self.own_return_type(function)) {
            Some(typed) => typed,
            None => self.unread_without_running(frame, id, name, handlers),
        }
    }

    /// Whether a call of a trait's method is read through what it may reach: the only one there is, or few of which one composes routers.
    pub(super) fn is_composed_by(&self, may_reach: &[FunctionId]) -> bool {
        match may_reach {
            [only] => self.is_own(*only),
            _ => {
                may_reach.len() <= MOST_IMPLEMENTATIONS
                    && may_reach.iter().all(|function| self.is_own(*function))
                    && may_reach.iter().any(|function| self.relevant.function(*function))
            }
        }
    }

    /// A call that reaches one of several implementations: what each of them adds is there only sometimes.
    #[expect(clippy::too_many_arguments, reason = "the parts of one call")]
    pub(super) fn enter_each(
        &mut self,
        frame: &mut Frame,
        body: &Body,
        id: ExprId,
        may_reach: &[FunctionId],
        receiver: Option<(ExprId, Value)>,
        ids: &[ExprId],
        values: Vec<Value>,
    ) -> Value {
        let [others @ .., last] = may_reach else { return Value::opaque("a method without implementation") };
        let before = frame.locals.clone();
        let mut ways = Vec::new();
        for function in others {
            let value = self.enter(frame, body, id, *function, receiver.clone(), ids, values.clone());
            ways.push((value, std::mem::replace(&mut frame.locals, before.clone())));
        }
        let value = self.enter(frame, body, id, *last, receiver, ids, values);
        let why: Rc<str> = "one of several implementations".into();
        ways.into_iter().fold(value, |value, (other, locals)| {
            for (local, (_, there)) in frame.locals.iter_mut().zip(locals) {
                let here = std::mem::replace(&mut local.1, Value::Nothing);
                local.1 = join(here, there, &why);
            }
            join(value, other, &why)
        })
    }

    pub(super) fn unread_without_running(&mut self, frame: &Frame, id: ExprId, name: String, arguments: Vec<Value>) -> Value {
        match arguments.is_empty() {
            true => Value::opaque(format!("`{name}`")),
            false => Value::Call(Rc::new(Unread { name, place: self.inputs.place_of(frame.function, id), arguments })),
        }
    }

    /// `fn new() -> Self`, `-> Result<Self, E>`: a value of the type that the impl is for.
    pub(super) fn own_return_type(&self, function: FunctionId) -> Option<Value> {
        let declared = &self.inputs.resolved.functions[function.0 as usize];
        let returns = declared.facts.as_ref()?.returns.as_ref()?;
        let Container::Impl(id) = declared.container else { return None };
        match &self.inputs.resolved.impls[id.0 as usize].self_type {
            Ty::Adt(adt, _) if self.is_own_adt(*adt) && names_self(returns, &self.inputs.resolved.adts[adt.0 as usize].name) => {
                Some(Value::Instance(*adt))
            }
            _ => None,
        }
    }

    /// A middleware or a value of the workspace, told by the type of the expression alone.
    pub(super) fn by_type(&self, frame: &Frame, id: ExprId) -> Option<Value> {
        let ty = self.inputs.type_of(frame.function, id);
        if let Ty::Adt(adt, _) = seen_through(ty)
            && self.is_own_adt(*adt)
        {
            return Some(Value::Instance(*adt));
        }
        let path = self.inputs.type_path(ty)?;
        self.layer_by_type(frame.function, ty, path, self.inputs.place_of(frame.function, id)).map(|layer| Value::Layer(Rc::new(layer)))
    }

    pub(super) fn typed_or_unread(&mut self, frame: &mut Frame, id: ExprId, name: String, values: Vec<Value>) -> Value {
        if !values.iter().any(Value::matters)
            && let Some(typed) = self.by_type(frame, id)
        {
            return typed;
        }
        let name = match self.inputs.call_at(frame.function, id).and_then(|call| external_path(&call.target, self.inputs.resolved)) {
            Some(path) => path.to_string(),
            None => name,
        };
        self.unread(frame, id, name, values)
    }

    /// Evaluates the body of `function` with these arguments and writes back what it changes through references.
    pub(super) fn inline(
        &mut self,
        frame: &mut Frame,
        body: &Body,
        function: FunctionId,
        receiver: Option<(ExprId, Value)>,
        ids: &[ExprId],
        mut values: Vec<Value>,
    ) -> Value {
        let facts = self.inputs.resolved.functions[function.0 as usize].facts.clone();
        let Some(facts) = facts else { return Value::opaque("an initializer") };
        let mut ids: Vec<Option<ExprId>> = ids.iter().copied().map(Some).collect();
        let mut receiver = receiver;
        // `Type::method(x, ..)`: the first argument is the receiver.
        if facts.receiver.is_some() && receiver.is_none() && !values.is_empty() && values.len() == facts.parameters.len() + 1 {
            receiver = ids.remove(0).map(|id| (id, values.remove(0)));
        }
        let (place, held) = receiver.map_or((None, None), |(id, value)| (Some(id), Some(value)));
        let has_receiver = facts.receiver.is_some();
        let (value, last) = self.call_function(function, held, values);
        let mut last = last.into_iter();
        if has_receiver
            && let (Some(place), Some(after)) = (place, last.next())
            && facts.receiver.as_ref().is_some_and(|receiver| receiver.by_reference)
            && after.matters()
        {
            self.write(frame, body, place, after);
        }
        for ((parameter, id), after) in facts.parameters.iter().zip(ids).zip(last) {
            let by_reference = matches!(parameter.ty, crate::facts::Type::Reference(_));
            if let (true, Some(id), Value::Router(_) | Value::List(_) | Value::Struct(..)) = (by_reference, id, &after) {
                self.write(frame, body, id, after);
            }
        }
        value
    }
}

/// `Self` or the type by its name, also as what `Result`, `Option` and smart pointers hold.
fn names_self(ty: &facts::Type, name: &str) -> bool {
    let facts::Type::Path(path) = ty else { return false };
    match path.last() {
        Some("Self") => true,
        Some("Result" | "Option" | "Box" | "Arc") => {
            let last = path.segments.iter().next_back();
            last.and_then(|last| last.arguments.first()).is_some_and(|inner| names_self(inner, name))
        }
        last => last == Some(name),
    }
}

pub(super) fn ends_with_path(path: &str, end: &str) -> bool {
    path.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with("::"))
}

pub(super) fn is_exit(name: &str) -> bool {
    ends_with_path(name, "process::exit") || ends_with_path(name, "process::abort")
}

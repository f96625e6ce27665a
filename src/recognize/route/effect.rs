//! What a call does to the values of router composition, by the rows of knowledge.

use super::evaluate::{Evaluator, Frame, Served, routing_of, text_of};
use super::text::Text;
use super::value::{Answer, Behaviour, Endpoint, HandlerValue, Layer, RouteEntry, Router, Service, Value};
use crate::facts::{Body, ExprId, ExpressionKind};
use crate::knowledge::{Covers, LayerRole, Routing, TypeRole, Verb};
use crate::model::Evidence;
use crate::recognize::knows::external_path;
use crate::resolve::{AdtId, Container, Definition, FunctionId, Target, Ty};
use crate::source::Place;
use std::rc::Rc;

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

impl<'a> Evaluator<'a> {
    pub(super) fn call(&mut self, frame: &mut Frame, body: &Body, id: ExprId, callee: ExprId, arguments: &[ExprId]) -> Value {
        if let ExpressionKind::Path(path) = &body[callee].kind
            && let Some(name) = path.single()
            && let Some(slot) = super::evaluate::lookup(frame, name)
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
            Some(Target::Trait { may_reach, .. }) if may_reach.len() == 1 => {
                return self.enter(frame, body, id, may_reach[0], None, arguments, values);
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

    fn is_own(&self, function: FunctionId) -> bool {
        let krate = self.inputs.resolved.functions[function.0 as usize].krate;
        self.inputs.resolved.crates[krate.0 as usize].source.is_some()
    }

    /// Tuple structs of the workspace keep their fields.
    fn constructed(&self, frame: &Frame, id: ExprId, callee: ExprId, values: &[Value]) -> Option<Value> {
        let adt = match self.inputs.definition_at(frame.function, callee) {
            Some(Definition::Adt(adt)) => *adt,
            _ => match (self.inputs.call_at(frame.function, id).map(|call| &call.target), self.inputs.type_of(frame.function, id)) {
                (Some(Target::Constructor), Ty::Adt(adt, _)) => *adt,
                _ => return None,
            },
        };
        let fields = values.iter().enumerate().map(|(at, value)| (at.to_string().into(), value.clone()));
        self.is_own_adt(adt).then(|| Value::Struct(Some(adt), Rc::new(fields.collect())))
    }

    fn routing_of_call(&self, frame: &Frame, body: &Body, id: ExprId, callee: ExprId) -> Option<(String, &'a Routing)> {
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
    fn default_of(&self, frame: &Frame, body: &Body, id: ExprId, callee: ExprId) -> Option<String> {
        let ExpressionKind::Path(path) = &body[callee].kind else { return None };
        let method = path.last()?;
        let ty = self.inputs.type_path(self.inputs.type_of(frame.function, id))?;
        Some(format!("{ty}::{method}"))
    }

    /// A call of a function of the workspace.
    #[expect(clippy::too_many_arguments, reason = "the parts of one call")]
    fn enter(
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
        if self.worth_inlining(function) || passes {
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

    fn unread_without_running(&mut self, frame: &Frame, id: ExprId, name: String, arguments: Vec<Value>) -> Value {
        match arguments.is_empty() {
            true => Value::opaque(format!("`{name}`")),
            false => Value::Call(Rc::new(super::value::Unread { name, place: self.inputs.place_of(frame.function, id), arguments })),
        }
    }

    /// `fn new() -> Self`: a value of the type that the impl is for.
    fn own_return_type(&self, function: FunctionId) -> Option<Value> {
        let declared = &self.inputs.resolved.functions[function.0 as usize];
        let returns = declared.facts.as_ref()?.returns.as_ref()?;
        let crate::facts::Type::Path(path) = returns else { return None };
        let Container::Impl(id) = declared.container else { return None };
        match &self.inputs.resolved.impls[id.0 as usize].self_type {
            Ty::Adt(adt, _) if path.last() == Some("Self") && self.is_own_adt(*adt) => Some(Value::Instance(*adt)),
            _ => None,
        }
    }

    /// A middleware or a value of the workspace, told by the type of the expression alone.
    fn by_type(&self, frame: &Frame, id: ExprId) -> Option<Value> {
        let ty = self.inputs.type_of(frame.function, id);
        if let Ty::Adt(adt, _) = seen_through(ty)
            && self.is_own_adt(*adt)
        {
            return Some(Value::Instance(*adt));
        }
        let path = self.inputs.type_path(ty)?;
        self.layer_by_type(frame.function, ty, path, self.inputs.place_of(frame.function, id)).map(|layer| Value::Layer(Rc::new(layer)))
    }

    fn layer_by_type(&self, function: FunctionId, ty: &Ty, path: &str, place: Place) -> Option<Layer> {
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

    fn typed_or_unread(&mut self, frame: &mut Frame, id: ExprId, name: String, values: Vec<Value>) -> Value {
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
    fn inline(
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
            Some(Target::Trait { may_reach, .. }) if may_reach.len() == 1 => {
                return self.enter(frame, body, id, may_reach[0], Some((receiver, held)), arguments, values);
            }
            _ => {}
        }
        if let Some(function) = self.own_method(&held, name) {
            return self.enter(frame, body, id, function, Some((receiver, held)), arguments, values);
        }
        self.common_method(frame, body, id, receiver, name, held, values)
    }

    /// Whether the methods of this router type take it by reference.
    fn is_by_reference(&self, is: &str) -> bool {
        is.rsplit("::").next().is_some_and(|name| name.ends_with("Config"))
    }

    /// The row for a method: by what resolve says, else by what the receiver's value is.
    fn routing_of_method(&self, frame: &Frame, id: ExprId, held: &Value, name: &str) -> Option<(String, &'a Routing)> {
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
    fn own_method(&self, held: &Value, name: &str) -> Option<FunctionId> {
        let fits = |ty: &Ty| match (held, ty) {
            (Value::Router(router), ty) => self.inputs.type_path(ty) == Some(&*router.is),
            (Value::Instance(adt) | Value::Struct(Some(adt), _), Ty::Adt(of, _)) => adt == of,
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
    fn common_method(
        &mut self,
        frame: &mut Frame,
        body: &Body,
        id: ExprId,
        receiver: ExprId,
        name: &str,
        held: Value,
        mut values: Vec<Value>,
    ) -> Value {
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
            (Value::Text(text), "trim_end_matches" | "trim_matches" | "trim") if text.known().is_some() => {
                let known = text.known().unwrap_or_default();
                let slash = matches!(values.first(), None | Some(Value::Nothing));
                return Value::text(if slash { known.trim_end_matches('/') } else { known });
            }
            (Value::Nothing, "unwrap_or" | "unwrap_or_else" | "or") | (Value::Opaque(_), "unwrap_or" | "unwrap_or_else") => {
                return self.unread(frame, id, name.to_string(), values);
            }
            (_, "unwrap_or" | "unwrap_or_else" | "or" | "or_else") => return held,
            (Value::Opaque(_) | Value::Nothing, "then" | "then_some" | "map") if values.iter().any(Value::matters) => {
                return match self.unread(frame, id, name.to_string(), values) {
                    Value::Call(unread) if unread.arguments.len() == 1 => {
                        super::value::join(unread.arguments[0].clone(), Value::Nothing, &Rc::from(self.words(frame.function, receiver)))
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
            Routing::List { .. } | Routing::Attribute { .. } => Value::opaque("a list of routes"),
        }
    }

    /// The method's name, or the path that is called.
    fn call_place(&self, frame: &Frame, body: &Body, id: ExprId) -> Place {
        match &body[id].kind {
            ExpressionKind::MethodCall { name_span, .. } => {
                Place::new(self.inputs.resolved.functions[frame.function.0 as usize].file, *name_span)
            }
            ExpressionKind::Call { callee, .. } => self.inputs.place_of(frame.function, *callee),
            _ => self.inputs.place_of(frame.function, id),
        }
    }

    /// The receiver as a router; one that is not known starts empty and says so.
    fn router(&self, call: &Call, receiver: Option<Value>) -> Router {
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

    fn fresh_router(&self, call: &Call) -> Router {
        match self.relevant.empty_router(owner(call.path)) {
            Some(Value::Router(router)) => (*router).clone(),
            _ => Router::new(owner(call.path), "axum"),
        }
    }

    fn text(&self, call: &Call, at: usize) -> Text {
        let what = call.ids.get(at).map_or_else(|| "path".to_string(), |id| self.words(call.function, *id));
        call.values.get(at).map_or_else(|| Text::unknown(&what), |value| text_of(value, &what))
    }

    /// One text, or each of a list.
    fn texts(&self, call: &Call, at: usize) -> Vec<Text> {
        match call.values.get(at) {
            Some(Value::List(values) | Value::Tuple(values)) => values.iter().map(|value| text_of(value, "path")).collect(),
            _ => vec![self.text(call, at)],
        }
    }

    fn answer(&mut self, call: &Call, endpoint: &mut Endpoint, methods: &[String], handler: Option<usize>, service: bool) {
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
    fn handler(&self, call: &Call, value: &Value, at: usize, service: bool) -> (HandlerValue, Vec<Layer>) {
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
                    _ => (HandlerValue::Unknown(format!("`{}` is not known", unread.name)), Vec::new()),
                }
            }
            // A function of another crate: nothing of ours handles the request.
            Value::External(path) => (HandlerValue::Service(path.to_string(), Vec::new()), Vec::new()),
            _ => {
                let words = call.ids.get(at).map_or_else(String::new, |id| self.words(call.function, *id));
                if service {
                    return (HandlerValue::Service(words, Vec::new()), Vec::new());
                }
                (HandlerValue::Unknown(format!("`{words}` is not known")), Vec::new())
            }
        }
    }

    fn set_handler(&mut self, call: &Call, receiver: Option<Value>, handler: usize, verb: Option<&Verb>, service: bool) -> Value {
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

    #[expect(clippy::too_many_arguments, reason = "the parts of one route")]
    fn add_route(
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
    fn typed_path(&self, handler: Option<&Value>) -> Text {
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

    fn merge(&mut self, call: &Call, router: &mut Router, at: usize, prefix: Option<Text>) {
        let Some(value) = call.values.get(at).cloned() else { return };
        let words = call.ids.get(at).map_or_else(String::new, |id| self.words(call.function, *id));
        self.merge_value(call, router, &value, prefix.as_ref(), &words);
    }

    fn merge_value(&mut self, call: &Call, router: &mut Router, value: &Value, prefix: Option<&Text>, words: &str) {
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
                let routes = self.attributes.routes_of(*function, &framework);
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

    fn entry(&self, call: &Call, path: Text, handler: HandlerValue, framework: &Rc<str>) -> RouteEntry {
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

    fn configure(&mut self, call: &Call, router: &mut Router, at: usize) {
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

    fn layers(&mut self, call: &Call, at: usize) -> Vec<Layer> {
        let value = call.values.get(at).cloned().unwrap_or(Value::Nothing);
        self.layers_of(call, &value, call.ids.get(at).copied())
    }

    /// Middleware in a value, outermost first.
    fn layers_of(&self, call: &Call, value: &Value, id: Option<ExprId>) -> Vec<Layer> {
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
            Value::Instance(adt) | Value::Struct(Some(adt), _) => vec![self.own_layer(*adt, call.place)],
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

    fn own_layer(&self, adt: AdtId, place: Place) -> Layer {
        let path = self.inputs.resolved.adts[adt.0 as usize].path.clone();
        Layer { behaviour: Some(Behaviour::Type(adt)), ..opaque_layer(&path, place) }
    }

    /// Nothing evaluated: the type of the expression may still tell.
    fn layer_of_expression(&self, call: &Call, id: Option<ExprId>, name: &str) -> Layer {
        let Some(id) = id else { return opaque_layer(name, call.place) };
        let ty = self.inputs.type_of(call.function, id);
        if let Ty::Adt(adt, _) = seen_through(ty)
            && self.is_own_adt(*adt)
        {
            return self.own_layer(*adt, call.place);
        }
        let path = self.inputs.type_path(ty);
        if let Some(known) = path.and_then(|path| self.layer_by_type(call.function, ty, path, call.place)) {
            return known;
        }
        let words = self.words(call.function, id);
        let name = if name.is_empty() { path.unwrap_or(&words) } else { name };
        opaque_layer(name, call.place)
    }

    fn behaving(&self, call: &Call, at: usize) -> Layer {
        let value = call.values.get(at).cloned().unwrap_or(Value::Nothing);
        let layer = self.layers_of(call, &value, call.ids.get(at).copied()).into_iter().next();
        let layer = layer.unwrap_or_else(|| opaque_layer(call.path, call.place));
        Layer { place: call.place, ..layer }
    }

    fn middleware(&mut self, call: &Call, routing: &Routing, id: ExprId) -> Value {
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

    fn with_header(&self, call: &Call, mut layer: Layer, header: Option<usize>) -> Layer {
        if let Some(at) = header
            && call.values.get(at).is_some_and(is_cache_control)
            && !layer.roles.contains(&LayerRole::CacheControl)
        {
            layer.roles.push(LayerRole::CacheControl);
        }
        layer
    }

    fn put_around(&mut self, call: &Call, receiver: Option<Value>, layers: Vec<Layer>, covers: Covers, skips_fallback: bool) -> Value {
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
    fn wrap(&mut self, call: &Call, at: usize, layers: Vec<Layer>) -> Value {
        match call.values.get(at).cloned() {
            Some(value @ (Value::Endpoint(_) | Value::Function(_) | Value::Closure(_))) => {
                self.put_around(call, Some(value), layers, Covers::Inner, false)
            }
            Some(value) if value.only_router().is_some() => self.put_around(call, Some(value), layers, Covers::All, false),
            Some(value) => value,
            None => Value::Nothing,
        }
    }

    fn serve(&mut self, call: &Call, framework: &str, value: Option<Value>, factory: bool) {
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
struct Call<'c> {
    place: Place,
    path: &'c str,
    ids: &'c [ExprId],
    values: Vec<Value>,
    function: FunctionId,
}

pub(super) fn known_layer(name: &str, roles: &[LayerRole], place: Place) -> Layer {
    Layer { name: type_of_constructor(name).into(), roles: roles.to_vec(), place, may: false, opaque: false, behaviour: None }
}

/// `tower_http::cors::CorsLayer` for `tower_http::cors::CorsLayer::permissive`.
fn type_of_constructor(path: &str) -> &str {
    let is_type = |owner: &&str| {
        owner.rsplit("::").next().is_some_and(|name| name.starts_with(char::is_uppercase) && !name.starts_with("ServiceBuilder"))
    };
    match path.rsplit_once("::") {
        Some((owner, method)) if method.starts_with(char::is_lowercase) => Some(owner).filter(is_type).unwrap_or(path),
        _ => path,
    }
}

fn opaque_layer(name: &str, place: Place) -> Layer {
    Layer { name: name.into(), roles: Vec::new(), place, may: false, opaque: true, behaviour: None }
}

/// Everything before the last segment.
fn owner(path: &str) -> &str {
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

fn methods(verb: &Verb, call: &Call) -> Vec<String> {
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
fn collect_methods(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::External(path) => {
            found.extend(path.rsplit("::").next().filter(|name| name.chars().all(|one| one.is_ascii_uppercase())).map(str::to_string))
        }
        Value::Call(unread) => unread.arguments.iter().for_each(|value| collect_methods(value, found)),
        _ => {}
    }
}

fn with_methods(endpoint: &Endpoint, methods: &[String]) -> Endpoint {
    let mut made = Endpoint::default();
    for answer in &endpoint.verbs {
        for method in methods {
            made.verbs.push(Answer { method: method.as_str().into(), ..answer.clone() });
        }
    }
    made
}

/// `guard::Post()` on a resource or route that answers every verb.
fn guarded(receiver: Option<Value>, guard: Option<&Value>) -> Value {
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

fn appended(list: Value, added: Value, as_one: bool) -> Value {
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

fn joined(elements: &[Value], between: &Text) -> Text {
    let mut text = Text::default();
    for (at, element) in elements.iter().enumerate() {
        if at > 0 {
            text.push(between);
        }
        text.push(&text_of(element, "part"));
    }
    text
}

fn is_cache_control(value: &Value) -> bool {
    match value {
        Value::External(path) => path.ends_with("::CACHE_CONTROL") || path.ends_with("::CacheControl"),
        Value::Text(text) => text.known().is_some_and(|text| text.eq_ignore_ascii_case("cache-control")),
        Value::Tuple(values) => values.first().is_some_and(is_cache_control),
        Value::Call(unread) => unread.name.contains("CacheControl") || unread.arguments.first().is_some_and(is_cache_control),
        Value::Opaque(reason) => reason.contains("CacheControl"),
        _ => false,
    }
}

fn seen_through(ty: &Ty) -> &Ty {
    match ty {
        Ty::Reference(inner) => seen_through(inner),
        ty => ty,
    }
}

fn ends_with_path(path: &str, end: &str) -> bool {
    path.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with("::"))
}

fn is_exit(name: &str) -> bool {
    ends_with_path(name, "process::exit") || ends_with_path(name, "process::abort")
}

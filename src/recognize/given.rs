//! Values that a request gives, without anything on the way that bounds them.

use super::Inputs;
use super::origin::{Callers, binds, is_of_the_application, taken_apart};
use super::walk::Walk;
use crate::facts::{Attribute, ExprId, ExpressionKind, Literal, Operator, Type};
use crate::model::{self, Chain};
use crate::resolve::{Target, Ty};
use rustc_hash::FxHashSet;

/// A value that a handler takes from a request, and the way from there to where it is used.
pub(super) struct Given {
    /// As the handler's side writes it: `params.offset`.
    pub text: String,
    pub place: crate::source::Place,
    pub chain: Chain,
}

/// Where a value comes from.
enum Came {
    Fixed,
    /// Compared with something, validated, or cut.
    Bounded,
    Unknown,
    Request(Given),
}

pub(super) struct Requests<'c> {
    callers: Callers,
    handlers: &'c FxHashSet<model::FunctionId>,
    /// Only values that are handed on as they came, and of parameters that hold nothing but the request's.
    as_they_came: bool,
}

/// Bindings and calls that are followed back.
const LONGEST_WAY: usize = 14;

impl<'c> Requests<'c> {
    pub fn of(inputs: &Inputs, handlers: &'c FxHashSet<model::FunctionId>) -> Self {
        Self { callers: Callers::of(inputs), handlers, as_they_came: false }
    }

    /// The same for texts, where whatever makes another value of one may have quoted or checked it.
    pub fn of_texts(inputs: &Inputs, handlers: &'c FxHashSet<model::FunctionId>) -> Self {
        Self { as_they_came: true, ..Self::of(inputs, handlers) }
    }

    /// What a request gives as this value, where nothing that can be seen bounds it.
    pub fn unbounded(&self, walk: &Walk, at: ExprId) -> Option<Given> {
        match self.came(walk, at, None, LONGEST_WAY) {
            Came::Request(given) => Some(given),
            _ => None,
        }
    }

    /// `field`: only that field of the value is meant.
    fn came(&self, walk: &Walk, at: ExprId, field: Option<&str>, depth: usize) -> Came {
        let at = walk.peeled(at);
        let Some(depth) = depth.checked_sub(1) else { return Came::Unknown };
        let makes_another = matches!(
            walk.kind(at),
            ExpressionKind::Unary(_)
                | ExpressionKind::Cast { .. }
                | ExpressionKind::Binary { .. }
                | ExpressionKind::If { .. }
                | ExpressionKind::Match { .. }
        );
        let is_other = field.is_none() && !is_text(walk.inputs, walk.inputs.type_of(walk.function, at));
        if self.as_they_came && (makes_another || is_other) {
            return Came::Unknown;
        }
        let all = |parts: &[ExprId]| together(parts.iter().map(|part| self.came(walk, *part, None, depth)));
        match walk.kind(at) {
            ExpressionKind::Literal(_) => Came::Fixed,
            ExpressionKind::Unary(inner) | ExpressionKind::Cast { value: inner, .. } => self.came(walk, *inner, field, depth),
            ExpressionKind::Binary { operator: Operator::Remainder, .. } => Came::Bounded,
            ExpressionKind::Binary { left, right, .. } => all(&[*left, *right]),
            ExpressionKind::Block { tail: Some(tail), .. } => self.came(walk, *tail, field, depth),
            ExpressionKind::If { condition, then, otherwise } => {
                if walk.body.inside(*condition).any(|inside| is_order(walk, inside)) {
                    return Came::Bounded;
                }
                together(std::iter::once(then).chain(otherwise).map(|branch| self.came(walk, *branch, field, depth)))
            }
            ExpressionKind::Match { arms, .. } => {
                if arms.iter().any(|arm| arm.guard.is_some()) {
                    return Came::Bounded;
                }
                together(arms.iter().map(|arm| self.came(walk, arm.body, field, depth)))
            }
            ExpressionKind::Field { base, name, .. } => self.in_words_of(walk, at, self.came(walk, *base, Some(name), depth)),
            ExpressionKind::Struct { fields, .. } => match fields.iter().find(|(name, ..)| Some(name.as_str()) == field) {
                Some((.., value)) => self.came(walk, *value, None, depth),
                None => Came::Unknown,
            },
            ExpressionKind::MethodCall { receiver, name, arguments, .. } => {
                self.of_method(walk, at, *receiver, name, arguments, field, depth)
            }
            ExpressionKind::Call { arguments, .. } => self.of_call(walk, at, arguments, depth),
            ExpressionKind::Path(path) => match path.single() {
                Some(name) => self.of_local(walk, at, name, field, depth),
                None => Came::Fixed,
            },
            _ => Came::Unknown,
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one method call")]
    fn of_method(
        &self,
        walk: &Walk,
        at: ExprId,
        receiver: ExprId,
        name: &str,
        arguments: &[ExprId],
        field: Option<&str>,
        depth: usize,
    ) -> Came {
        if self.as_they_came {
            return match SAME_TEXT.contains(&name) {
                true => self.in_words_of(walk, at, self.came(walk, receiver, field, depth)),
                false => Came::Unknown,
            };
        }
        if BOUNDS.contains(&name) || arguments.iter().any(|argument| walk.body.inside(*argument).any(|inside| bounds(walk, inside))) {
            return Came::Bounded;
        }
        if HANDS_ON.contains(&name) {
            let plain = arguments.iter().filter(|argument| !matches!(walk.kind(**argument), ExpressionKind::Closure { .. }));
            let others = plain.map(|argument| self.came(walk, *argument, None, depth));
            return together(std::iter::once(self.came(walk, receiver, field, depth)).chain(others));
        }
        // `pagination.offset()`: worked out from what it is called on.
        match (arguments, self.only_works_out(walk, at)) {
            ([], Some(true)) => self.in_words_of(walk, at, self.came(walk, receiver, None, depth)),
            ([], Some(false)) => Came::Bounded,
            _ => Came::Unknown,
        }
    }

    fn of_call(&self, walk: &Walk, at: ExprId, arguments: &[ExprId], depth: usize) -> Came {
        let name = walk.callee_name(at).unwrap_or_default();
        if self.as_they_came {
            return match arguments {
                [only] if matches!(name, "Some" | "Ok" | "from") => self.came(walk, *only, None, depth),
                _ => Came::Unknown,
            };
        }
        if BOUNDS.contains(&name) {
            return Came::Bounded;
        }
        let parts = || together(arguments.iter().map(|argument| self.came(walk, *argument, None, depth)));
        match self.only_works_out(walk, at) {
            Some(true) => parts(),
            Some(false) => Came::Bounded,
            None if WRAPPERS.contains(&name) => parts(),
            None => Came::Unknown,
        }
    }

    /// Whether a function of the workspace only reckons: it bounds nothing, and calls nothing that might. `None` for others.
    fn only_works_out(&self, walk: &Walk, at: ExprId) -> Option<bool> {
        let call = walk.inputs.call_at(walk.function, at)?;
        let Target::Function(callee) = &call.target else { return None };
        if !walk.inputs.is_own(*callee) {
            return None;
        }
        let Some(inner) = Walk::new(walk.inputs, *callee) else { return Some(false) };
        let own = |call: &crate::resolve::CallSite| !matches!(&call.target, Target::Function(id) if walk.inputs.is_own(*id));
        let bounded = inner.body.inside(inner.body.root).any(|inside| bounds(&inner, inside));
        Some(!bounded && walk.inputs.calls(*callee).iter().all(own))
    }

    fn of_local(&self, walk: &Walk, at: ExprId, name: &str, field: Option<&str>, depth: usize) -> Came {
        if is_bounded_here(walk, field.unwrap_or(name)) || is_bounded_here(walk, name) {
            return Came::Bounded;
        }
        if let Some(value) = walk.bound_value(at) {
            return match walk.unchanged_value(at) == value || field.is_some() {
                true => self.came(walk, value, field, depth),
                false => Came::Unknown,
            };
        }
        let Some(facts) = walk.inputs.resolved.functions[walk.function.0 as usize].facts.as_ref() else { return Came::Unknown };
        if facts.receiver.is_some() && name == "self" {
            return self.by_callers(walk, field, depth, |outer, call| match outer.kind(call) {
                ExpressionKind::MethodCall { receiver, .. } => Some(*receiver),
                _ => outer.arguments(call).first().copied(),
            });
        }
        let by_name = facts.parameters.iter().position(|parameter| parameter.name.as_deref() == Some(name));
        let by_pattern = || facts.parameters.iter().position(|parameter| parameter.name.is_none() && binds(walk, parameter.pattern, name));
        if by_name.is_none() {
            let held = taken_apart(walk, name);
            if !held.is_empty() {
                return together(held.into_iter().map(|value| self.came(walk, value, field.or(Some(name)), depth)));
            }
        }
        let Some(index) = by_name.or_else(by_pattern) else { return Came::Unknown };
        let function = super::function::id(walk.function);
        if self.handlers.contains(&function) {
            let parameter = &facts.parameters[index];
            if self.as_they_came && !carries_request(&parameter.ty) && !is_plain_text(&parameter.ty) {
                return Came::Unknown;
            }
            let whole = parameter.name.is_none() && field.is_none();
            let field = if whole { Some(name) } else { field };
            if !carries_request(&parameter.ty) && is_of_the_application(&parameter.ty)
                || field.is_some_and(|field| is_bounded_by_type(walk, index, field))
            {
                return Came::Bounded;
            }
            let chain = Chain { functions: vec![function], calls: Vec::new() };
            return Came::Request(Given { text: walk.text(at), place: walk.place(at), chain });
        }
        if by_name.is_none() {
            return Came::Unknown;
        }
        let by_path = usize::from(facts.receiver.is_some());
        self.by_callers(walk, field, depth, |outer, call| match outer.kind(call) {
            ExpressionKind::MethodCall { .. } => outer.arguments(call).get(index).copied(),
            _ => outer.arguments(call).get(index + by_path).copied(),
        })
    }

    /// The first caller that hands a request's value on decides.
    fn by_callers(&self, walk: &Walk, field: Option<&str>, depth: usize, given: impl Fn(&Walk, ExprId) -> Option<ExprId>) -> Came {
        let mut last = Came::Unknown;
        for (caller, call) in self.callers.sites(walk.function) {
            let Some(outer) = Walk::new(walk.inputs, *caller) else { continue };
            let when = outer.when(*call);
            let Some(value) = given(&outer, *call).filter(|_| !when.spawned && !when.once) else { continue };
            match self.came(&outer, value, field, depth) {
                Came::Request(mut given) => {
                    given.chain.functions.push(super::function::id(walk.function));
                    given.chain.calls.push(called_at(&outer, *call));
                    return Came::Request(given);
                }
                other => last = other,
            }
        }
        last
    }

    /// In the handler the whole expression tells more than the local that it begins with.
    fn in_words_of(&self, walk: &Walk, at: ExprId, came: Came) -> Came {
        match came {
            Came::Request(given) if given.chain.functions.as_slice() == [super::function::id(walk.function)] => {
                Came::Request(Given { text: walk.text(at), place: walk.place(at), ..given })
            }
            other => other,
        }
    }
}

/// `Query<ListOptions>`, `Option<Json<Filter>>`, `Request<ListRequest>`.
fn carries_request(ty: &Type) -> bool {
    match ty {
        Type::Reference(inner) => carries_request(inner),
        Type::Path(path) => path.segments.iter().next_back().is_some_and(|last| {
            matches!(last.name.as_str(), "Query" | "Json" | "Form" | "Path" | "Request" | "QsQuery")
                || last.arguments.iter().any(carries_request)
        }),
        _ => false,
    }
}

/// `String`, `&str`: what rocket takes of a path.
fn is_plain_text(ty: &Type) -> bool {
    match ty {
        Type::Reference(inner) => is_plain_text(inner),
        Type::Path(path) => match path.last() {
            Some("String" | "str") => true,
            Some("Option") => path.segments.iter().next_back().is_some_and(|last| last.arguments.iter().any(is_plain_text)),
            _ => false,
        },
        _ => false,
    }
}

/// `String`, `&str`, `Option<String>`: a number or an `enum` that is made a text of holds what it can hold.
pub(super) fn is_text(inputs: &Inputs, ty: &Ty) -> bool {
    match ty {
        Ty::Reference(inner) => is_text(inputs, inner),
        Ty::Primitive(name) => name == "str",
        Ty::Adt(_, arguments) | Ty::External(_, arguments) => match inputs.type_path(ty).and_then(|path| path.rsplit("::").next()) {
            Some("String" | "Cow") => true,
            Some("Option" | "Result" | "Box" | "Arc") => arguments.first().is_some_and(|inner| is_text(inputs, inner)),
            _ => false,
        },
        _ => false,
    }
}

fn called_at(walk: &Walk, call: ExprId) -> crate::source::Place {
    walk.inputs.call_at(walk.function, call).map_or_else(|| walk.place(call), |site| site.place)
}

/// What bounds one part bounds the whole; what is not known says nothing of the others.
fn together(parts: impl Iterator<Item = Came>) -> Came {
    let rank = |came: &Came| match came {
        Came::Fixed => 0,
        Came::Unknown => 1,
        Came::Request(_) => 2,
        Came::Bounded => 3,
    };
    parts.reduce(|one, other| if rank(&other) > rank(&one) { other } else { one }).unwrap_or(Came::Unknown)
}

/// Cut, compared or checked.
fn bounds(walk: &Walk, at: ExprId) -> bool {
    is_order(walk, at) || walk.callee_name(at).is_some_and(|name| BOUNDS.contains(&name))
}

/// `page > 100`; a comparison with nought or one leaves the other end open.
fn is_order(walk: &Walk, at: ExprId) -> bool {
    let ExpressionKind::Binary { operator: Operator::Order, left, right } = walk.kind(at) else { return false };
    let is_low = |side: &ExprId| matches!(walk.kind(*side), ExpressionKind::Literal(Literal::Integer { value: Some(0 | 1), .. }));
    !is_low(left) && !is_low(right)
}

/// Whether this body compares something of this name, or has it checked.
fn is_bounded_here(walk: &Walk, name: &str) -> bool {
    let names = |at: ExprId| {
        walk.body.inside(at).any(|inside| match walk.kind(inside) {
            ExpressionKind::Path(path) => path.single().is_some_and(|own| own == name),
            ExpressionKind::Field { name: own, .. } => own == name,
            _ => false,
        })
    };
    (0..walk.body.expressions.len() as u32).map(ExprId).any(|at| {
        let is_checked = || walk.callee_name(at).is_some_and(|callee| callee.contains("valid") || callee.contains("check"));
        match walk.kind(at) {
            ExpressionKind::Binary { .. } => is_order(walk, at) && names(at),
            ExpressionKind::MethodCall { name: method, arguments, .. } if method == "contains" || method == "matches" => {
                arguments.iter().any(|argument| names(*argument))
            }
            ExpressionKind::MethodCall { .. } | ExpressionKind::Call { .. } => is_checked() && names(at),
            _ => false,
        }
    })
}

/// `#[validate(range(max = 100))]`, `page: u8`: a field of what the parameter holds.
fn is_bounded_by_type(walk: &Walk, parameter: usize, field: &str) -> bool {
    let body = walk.inputs.resolved.bodies.get(walk.function.0 as usize);
    let Some(ty) = body.and_then(|body| body.parameters.get(parameter)) else { return false };
    let checks = |attribute: &Attribute| !matches!(attribute.path.last(), Some("serde" | "doc" | "schema" | "param" | "field" | "allow"));
    adts(ty, 4).into_iter().any(|adt| {
        let adt = &walk.inputs.resolved.adts[adt.0 as usize];
        let fields = adt.variants.iter().flat_map(|variant| variant.fields.iter().zip(&variant.types));
        let mut own = fields.filter(|(own, _)| own.name == field);
        own.any(|(own, ty)| own.attributes.iter().any(checks) || is_small(ty))
    })
}

/// `u8`, `Option<u8>`.
fn is_small(ty: &Ty) -> bool {
    match ty {
        Ty::Primitive(name) => matches!(name.as_str(), "u8" | "i8"),
        Ty::External(_, arguments) => arguments.iter().any(is_small),
        Ty::Adt(_, arguments) => arguments.iter().any(is_small),
        _ => false,
    }
}

fn adts(ty: &Ty, depth: usize) -> Vec<crate::resolve::AdtId> {
    match ty {
        Ty::Reference(inner) if depth > 0 => adts(inner, depth - 1),
        Ty::Adt(id, arguments) => {
            let inner = arguments.iter().filter(|_| depth > 0).flat_map(|argument| adts(argument, depth - 1));
            std::iter::once(*id).chain(inner).collect()
        }
        Ty::External(_, arguments) if depth > 0 => arguments.iter().flat_map(|argument| adts(argument, depth - 1)).collect(),
        _ => Vec::new(),
    }
}

const BOUNDS: &[&str] = &["min", "clamp", "rem_euclid", "cap"];

/// Methods whose value is as large as what they are called on and given.
const HANDS_ON: &[&str] = &[
    "abs",
    "and_then",
    "as_deref",
    "as_ref",
    "checked_add",
    "checked_mul",
    "checked_sub",
    "clone",
    "cloned",
    "copied",
    "expect",
    "filter",
    "get",
    "get_ref",
    "into",
    "into_inner",
    "map",
    "map_err",
    "max",
    "ok",
    "ok_or",
    "ok_or_else",
    "parse",
    "saturating_add",
    "saturating_mul",
    "saturating_sub",
    "to_owned",
    "try_into",
    "unwrap",
    "unwrap_or",
    "unwrap_or_default",
    "unwrap_or_else",
    "wrapping_mul",
    "wrapping_sub",
];

/// Methods whose value is the same text.
const SAME_TEXT: &[&str] = &[
    "as_deref",
    "as_ref",
    "as_str",
    "borrow",
    "clone",
    "cloned",
    "deref",
    "expect",
    "into",
    "into_inner",
    "ok_or",
    "ok_or_else",
    "to_owned",
    "to_string",
    "trim",
    "unwrap",
    "unwrap_or",
    "unwrap_or_default",
    "unwrap_or_else",
];

const WRAPPERS: &[&str] = &["Some", "Ok", "from", "try_from", "new", "max"];

//! Values that are known before the program runs: tables of paths in structs and enums, and what is done to texts.

use super::evaluate::{Evaluator, Frame};
use super::value::Value;
use crate::facts::{Arm, Body, ExprId, ExpressionKind, Literal, Operator, PatternId, PatternKind};
use crate::resolve::{AdtKind, FunctionId, Ty};

/// Expressions in a function that fills a table of texts.
const LONGEST: usize = 2_000;
/// Structs inside structs of a table.
const DEEPEST: usize = 6;

impl Evaluator<'_> {
    /// Whether `function` fills a table of texts: a struct of the workspace that holds nothing else.
    pub(super) fn makes_texts(&self, function: FunctionId, made: &Ty) -> bool {
        self.inputs.body(function).is_some_and(|body| body.expressions.len() < LONGEST) && self.holds_texts(made, DEEPEST)
    }

    fn holds_texts(&self, ty: &Ty, depth: usize) -> bool {
        let Ty::Adt(id, _) = ty else { return false };
        let adt = &self.inputs.resolved.adts[id.0 as usize];
        if depth == 0 || adt.kind != AdtKind::Struct || !self.is_own_adt(*id) {
            return false;
        }
        // A type that a macro writes has no fields that are known.
        let Some(types) = adt.variants.first().map(|only| &only.types) else { return false };
        !types.is_empty() && types.iter().all(|ty| self.is_text(ty) || self.holds_texts(ty, depth - 1))
    }

    fn is_text(&self, ty: &Ty) -> bool {
        match ty {
            Ty::Reference(inner) => self.is_text(inner),
            Ty::Primitive(_) => true,
            ty => matches!(self.inputs.type_path(ty), Some("std::string::String" | "std::borrow::Cow")),
        }
    }

    /// The arms that a value can take: one where it is known, all where nothing is.
    pub(super) fn possible<'b>(&self, body: &Body, value: &Value, arms: &'b [Arm]) -> Vec<&'b Arm> {
        let mut possible = Vec::with_capacity(arms.len());
        for arm in arms {
            let fits = self.fits(body, arm.pattern, value);
            if fits != Some(false) {
                possible.push(arm);
            }
            if fits == Some(true) && arm.guard.is_none() && !arm.conditional {
                break;
            }
        }
        possible
    }

    /// Whether the pattern matches, where that is known.
    fn fits(&self, body: &Body, pattern: PatternId, value: &Value) -> Option<bool> {
        match (&body[pattern].kind, value) {
            (PatternKind::Wild, _) => Some(true),
            (PatternKind::Reference(inner), value) => self.fits(body, *inner, value),
            (PatternKind::Or(ways), value) => {
                let ways: Vec<Option<bool>> = ways.iter().map(|way| self.fits(body, *way, value)).collect();
                if ways.contains(&Some(true)) { Some(true) } else { ways.iter().all(|way| *way == Some(false)).then_some(false) }
            }
            (PatternKind::Path(path), Value::Variant(..)) => self.is_variant(value, path.last()?),
            (PatternKind::Struct { path, .. }, Value::Variant(..)) => self.is_variant(value, path.last()?).filter(|is| !is),
            (PatternKind::TupleStruct { path, elements }, Value::Variant(_, _, fields)) => {
                if !self.is_variant(value, path.last()?)? {
                    return Some(false);
                }
                let plain = |element: &PatternId| {
                    matches!(body[*element].kind, PatternKind::Wild | PatternKind::Rest | PatternKind::Binding { sub: None, .. })
                };
                let known = elements.len() == fields.len();
                let inner = elements.iter().zip(fields.iter()).map(|(element, field)| self.fits(body, *element, field));
                let inner: Vec<Option<bool>> = if known { inner.collect() } else { Vec::new() };
                match inner.contains(&Some(false)) {
                    true => Some(false),
                    false => elements.iter().all(plain).then_some(true),
                }
            }
            // After `use Enum::*` a variant looks like a variable.
            (PatternKind::Binding { name, sub: None, .. }, Value::Variant(adt, ..)) => {
                let variants = &self.inputs.resolved.adts[adt.0 as usize].variants;
                if variants.iter().any(|variant| variant.name == *name) { self.is_variant(value, name) } else { Some(true) }
            }
            (PatternKind::Value(values), Value::Text(text)) => {
                let (Some(known), [only]) = (text.known(), values.as_slice()) else { return None };
                match &body[*only].kind {
                    ExpressionKind::Literal(Literal::Text { value, .. }) => Some(value == known),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn is_variant(&self, value: &Value, name: &str) -> Option<bool> {
        let Value::Variant(adt, at, _) = value else { return None };
        Some(self.inputs.resolved.adts[adt.0 as usize].variants.get(*at as usize)?.name == name)
    }

    /// `text[1..]`, `list[0]`.
    pub(super) fn element(&mut self, frame: &mut Frame, body: &Body, base: ExprId, index: ExprId) -> Value {
        let held = self.expression(frame, body, base);
        let unknown = || Value::opaque("an element");
        if let ExpressionKind::Range { from, to } = &body[index].kind {
            let Value::Text(text) = &held else { return unknown() };
            let mut end = |at: &Option<ExprId>, otherwise: usize| match at {
                Some(at) => number(&self.expression(frame, body, *at)),
                None => Some(otherwise),
            };
            let Some(known) = text.known() else { return unknown() };
            let slice = end(from, 0).zip(end(to, known.len())).and_then(|(from, to)| known.get(from..to));
            return slice.map_or_else(unknown, Value::text);
        }
        let at = number(&self.expression(frame, body, index));
        match (&held, at) {
            (Value::List(elements) | Value::Tuple(elements), Some(at)) => elements.get(at).cloned().unwrap_or_else(unknown),
            _ => unknown(),
        }
    }
}

fn number(value: &Value) -> Option<usize> {
    match value {
        Value::Text(text) => text.known()?.parse().ok(),
        _ => None,
    }
}

/// Arithmetic of known numbers.
pub(super) fn computed(operator: Operator, left: &Value, right: &Value) -> Option<Value> {
    let (left, right) = (number(left)?, number(right)?);
    let result = match operator {
        Operator::Add => left.checked_add(right),
        Operator::Subtract => left.checked_sub(right),
        Operator::Multiply => left.checked_mul(right),
        _ => None,
    };
    result.map(|result| Value::text(&result.to_string()))
}

/// What the methods of `str` make of a known text.
pub(super) fn known_text(held: &Value, method: &str, arguments: &[Value]) -> Option<Value> {
    let text = match held {
        Value::Text(text) => text.known()?,
        Value::List(elements) if method == "len" => return Some(Value::text(&elements.len().to_string())),
        _ => return None,
    };
    let arguments: Option<Vec<&str>> = arguments
        .iter()
        .map(|argument| match argument {
            Value::Text(text) => text.known(),
            _ => None,
        })
        .collect();
    let made = match (method, arguments?.as_slice()) {
        ("len", []) => text.len().to_string(),
        ("trim", []) => text.trim().to_string(),
        ("to_lowercase" | "to_ascii_lowercase", []) => text.to_lowercase(),
        ("to_uppercase" | "to_ascii_uppercase", []) => text.to_uppercase(),
        ("trim_start_matches", [part]) => text.trim_start_matches(part).to_string(),
        ("trim_end_matches", [part]) => text.trim_end_matches(part).to_string(),
        ("trim_matches", [part]) => text.trim_start_matches(part).trim_end_matches(part).to_string(),
        ("replace", [from, to]) => text.replace(from, to),
        ("strip_prefix", [part]) => return Some(text.strip_prefix(part).map_or(Value::Nothing, Value::text)),
        ("strip_suffix", [part]) => return Some(text.strip_suffix(part).map_or(Value::Nothing, Value::text)),
        _ => return None,
    };
    Some(Value::text(&made))
}

//! Names and places: patterns that bind values, assignments that change them.

use super::evaluate::{Evaluator, Frame, lookup};
use super::value::Value;
use crate::facts::{Body, ExprId, ExpressionKind, Name, PatternId, PatternKind};
use std::rc::Rc;

impl Evaluator<'_> {
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

    pub(super) fn write_field(&mut self, frame: &mut Frame, body: &Body, base: ExprId, name: &Name, value: Value) {
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

    pub(super) fn bind_elements(&mut self, frame: &mut Frame, body: &Body, elements: &[PatternId], value: Value) {
        let values = match &value {
            Value::Tuple(values) | Value::List(values) | Value::Variant(_, _, values) => values.clone(),
            _ => Rc::new(Vec::new()),
        };
        for (at, element) in elements.iter().enumerate() {
            let one = values.get(at).cloned().unwrap_or_else(|| Value::opaque("a part of a tuple"));
            self.bind(frame, body, *element, one);
        }
    }
}

pub(super) fn single_field(value: Value) -> Value {
    match &value {
        Value::Struct(_, fields) if fields.len() == 1 => fields[0].1.clone(),
        Value::Variant(_, _, fields) if fields.len() == 1 => fields[0].clone(),
        _ => value,
    }
}

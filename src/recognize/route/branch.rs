//! Ways that code can take: blocks, branches, loops, and what is true where they meet again.

use super::evaluate::{Evaluator, Frame, lookup};
use super::value::{Value, join};
use crate::facts::{self, BlockKind, Body, ExprId, ExpressionKind, Literal, Name, PatternId, PatternKind, Statement};
use std::rc::Rc;

/// Elements of a literal list that a loop is unrolled for.
const LONGEST_LIST: usize = 400;

impl Evaluator<'_> {
    pub(super) fn block(
        &mut self,
        frame: &mut Frame,
        body: &Body,
        kind: BlockKind,
        statements: &[Statement],
        tail: Option<ExprId>,
    ) -> Value {
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

    pub(super) fn statements(&mut self, frame: &mut Frame, body: &Body, statements: &[Statement], tail: Option<ExprId>) -> Value {
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

    pub(super) fn let_statement(
        &mut self,
        frame: &mut Frame,
        body: &Body,
        pattern: PatternId,
        value: Option<ExprId>,
        cfg: Option<&str>,
    ) -> Value {
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

    pub(super) fn expression_statement(&mut self, frame: &mut Frame, body: &Body, value: ExprId, cfg: Option<&str>) -> Value {
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

    pub(super) fn branch(&mut self, frame: &mut Frame, body: &Body, condition: ExprId, then: ExprId, otherwise: Option<ExprId>) -> Value {
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
    pub(super) fn skipped(&mut self, body: &Body, then: ExprId, otherwise: Option<ExprId>) -> Value {
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
    pub(super) fn meet(&mut self, frame: &mut Frame, ways: Vec<(Value, Vec<(Name, Value)>)>, last: Value, why: &Rc<str>) -> Value {
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

    pub(super) fn choice(&mut self, frame: &mut Frame, body: &Body, scrutinee: ExprId, arms: &[facts::Arm]) -> Value {
        let of = self.expression(frame, body, scrutinee);
        let arms = self.possible(body, &of, arms);
        let matters = matches!(of, Value::Variant(..))
            || arms.iter().any(|arm| self.relevant.inside(frame.function, body, arm.body) || may_be_text(body, arm.body));
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

    pub(super) fn repeat(&mut self, frame: &mut Frame, body: &Body, whole: ExprId, condition: Option<ExprId>, inner: ExprId) -> Value {
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

    pub(super) fn each(&mut self, frame: &mut Frame, body: &Body, pattern: PatternId, iterable: ExprId, inner: ExprId) -> Value {
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
}

pub(super) fn join_locals(one: Vec<(Name, Value)>, other: Vec<(Name, Value)>, why: &Rc<str>) -> Vec<(Name, Value)> {
    one.into_iter().zip(other).map(|((name, one), (_, other))| (name, join(one, other, why))).collect()
}

pub(super) fn is_test_cfg(cfg: &str) -> bool {
    cfg.trim() == "test"
}

/// `if` and `match` whose ways are plain texts: paths chosen by configuration.
pub(super) fn may_be_text(body: &Body, id: ExprId) -> bool {
    match &body[id].kind {
        ExpressionKind::Literal(Literal::Text { .. }) => true,
        ExpressionKind::Block { statements, tail: Some(tail), .. } if statements.is_empty() => may_be_text(body, *tail),
        _ => false,
    }
}

//! One body with its parents: how recognizers walk up, down and across expressions.

use super::Inputs;
use super::flow::{Flow, Marks};
use crate::facts::{Body, ExprId, ExpressionKind, PatternId, PatternKind, Statement};
use crate::knowledge::Does;
use crate::model::{Comparison, Offset};
use crate::resolve::{Definition, FunctionId};
use crate::source::{FileId, Place};
use std::cell::OnceCell;

pub(super) struct Walk<'a> {
    pub inputs: &'a Inputs<'a>,
    pub function: FunctionId,
    pub body: &'a Body,
    /// Made where somebody asks: in most bodies nobody does.
    parents: OnceCell<Vec<Option<ExprId>>>,
    flow: OnceCell<Flow>,
}

impl<'a> Walk<'a> {
    pub fn new(inputs: &'a Inputs<'a>, function: FunctionId) -> Option<Self> {
        let body = inputs.body(function)?;
        Some(Self { inputs, function, body, parents: OnceCell::new(), flow: OnceCell::new() })
    }

    pub fn parent(&self, expression: ExprId) -> Option<ExprId> {
        self.parents.get_or_init(|| parents(self.body)).get(expression.0 as usize).copied().flatten()
    }

    /// Every expression around `expression`, from the inside out.
    pub fn around(&self, expression: ExprId) -> impl Iterator<Item = ExprId> + use<'_, 'a> {
        std::iter::successors(self.parent(expression), |inner| self.parent(*inner))
    }

    pub fn kind(&self, expression: ExprId) -> &'a ExpressionKind {
        &self.body[expression].kind
    }

    pub fn does(&self, expression: ExprId) -> &'a [Does] {
        self.inputs.does_at(self.function, expression)
    }

    pub fn place(&self, expression: ExprId) -> Place {
        self.inputs.place_of(self.function, expression)
    }

    pub fn file(&self) -> FileId {
        self.inputs.resolved.functions[self.function.0 as usize].file
    }

    /// As written, on one line, cut where it is long.
    pub fn text(&self, expression: ExprId) -> String {
        let text = self.inputs.sources.snippet(self.place(expression)).split_whitespace().collect::<Vec<_>>().join(" ");
        if text.chars().count() <= 60 { text } else { text.chars().take(57).chain("..".chars()).collect() }
    }

    pub fn arguments(&self, expression: ExprId) -> &'a [ExprId] {
        Inputs::arguments(self.body, expression)
    }

    /// The name a call goes by: of the method, or the last segment of the callee's path.
    pub fn callee_name(&self, expression: ExprId) -> Option<&'a str> {
        match self.kind(expression) {
            ExpressionKind::MethodCall { name, .. } => Some(name),
            ExpressionKind::Call { callee, .. } => match self.kind(*callee) {
                ExpressionKind::Path(path) => path.last(),
                _ => None,
            },
            _ => None,
        }
    }

    /// What `?`, `.await`, `&` and `*` are put on.
    pub fn peeled(&self, mut expression: ExprId) -> ExprId {
        while let ExpressionKind::Try(inner)
        | ExpressionKind::Await(inner)
        | ExpressionKind::Dereference(inner)
        | ExpressionKind::Reference { value: inner, .. } = self.kind(expression)
        {
            expression = *inner;
        }
        expression
    }

    /// As [`Walk::peeled`], seen also through methods that hand on the same thing: `.clone()`, `.as_ref()`, `.unwrap()`.
    pub fn same_thing(&self, mut expression: ExprId) -> ExprId {
        loop {
            expression = self.peeled(expression);
            match self.kind(expression) {
                ExpressionKind::MethodCall { receiver, name, .. } if HANDS_ON.contains(&name.as_str()) => expression = *receiver,
                ExpressionKind::Call { arguments, .. } if arguments.len() == 1 && self.callee_name(expression) == Some("clone") => {
                    expression = arguments[0];
                }
                _ => return expression,
            }
        }
    }

    /// The `let` (or closure, or `if let`) value that a local name stands for here: the nearest one before `expression` that binds
    /// the name plainly.
    pub fn bound_value(&self, expression: ExprId) -> Option<ExprId> {
        let ExpressionKind::Path(path) = self.kind(expression) else { return None };
        let name = path.single()?;
        if !matches!(self.inputs.definition_at(self.function, expression), None | Some(Definition::Local)) {
            return None;
        }
        let before = self.body[expression].span.start;
        let mut nearest: Option<(u32, ExprId)> = None;
        for (pattern, value) in self.lets() {
            let binding = &self.body[pattern];
            let binds = matches!(&binding.kind, PatternKind::Binding { name: own, sub: None, .. } if own == name);
            // The value of `let x = f(x)` stands before its own name is bound.
            if binds && binding.span.start < before && !self.body.is_inside(expression, value) {
                let later = nearest.is_none_or(|(start, _)| start < binding.span.start);
                if later && self.is_visible(value, expression) {
                    nearest = Some((binding.span.start, value));
                }
            }
        }
        nearest.map(|(_, value)| value)
    }

    /// What a local stands for where nothing in this body gives it another value; anything else is itself.
    pub fn unchanged_value(&self, expression: ExprId) -> ExprId {
        let ExpressionKind::Path(path) = self.kind(expression) else { return expression };
        let Some(name) = path.single() else { return expression };
        let is_it = |at: ExprId| matches!(self.kind(at), ExpressionKind::Path(path) if path.single() == Some(name));
        let gives = |kind: &ExpressionKind| matches!(kind, ExpressionKind::Assign { left, .. } if is_it(*left));
        if self.body.expressions.iter().any(|expression| gives(&expression.kind)) {
            return expression;
        }
        self.bound_value(expression).unwrap_or(expression)
    }

    /// `.like(format!("%{q}%"))` of an ORM searches inside the text.
    pub fn searched(&self, method: &str, arguments: &[ExprId]) -> Option<Comparison> {
        let is_pattern = matches!(method, "like" | "ilike");
        (is_pattern && super::text::text_of(self, *arguments.first()?).text.starts_with('%')).then_some(Comparison::Within)
    }

    /// What `.offset(count)` says.
    pub fn offset(&self, count: ExprId) -> Offset {
        match self.kind(count) {
            ExpressionKind::Literal(_) => Offset::Fixed,
            _ => Offset::Given(self.text(count)),
        }
    }

    /// Whether the block around `value`'s statement is also around `expression`.
    fn is_visible(&self, value: ExprId, expression: ExprId) -> bool {
        self.around(value)
            .find(|outer| {
                matches!(self.kind(*outer), ExpressionKind::Block { .. } | ExpressionKind::If { .. } | ExpressionKind::While { .. })
            })
            .is_none_or(|scope| self.body.is_inside(expression, scope))
    }

    /// All `let PATTERN = value` of the body, `if let` included.
    pub fn lets(&self) -> impl Iterator<Item = (PatternId, ExprId)> + use<'_, 'a> {
        let lets = |expression: &'a ExpressionKind| -> Vec<(PatternId, ExprId)> {
            match expression {
                ExpressionKind::Block { statements, .. } => statements
                    .iter()
                    .filter_map(|statement| match statement {
                        Statement::Let { pattern, value: Some(value), .. } => Some((*pattern, *value)),
                        _ => None,
                    })
                    .collect(),
                ExpressionKind::Let { pattern, value } => vec![(*pattern, *value)],
                _ => Vec::new(),
            }
        };
        self.body.expressions.iter().flat_map(move |expression| lets(&expression.kind))
    }

    /// In whose time `expression` runs.
    pub fn when(&self, expression: ExprId) -> Marks {
        self.flow.get_or_init(|| Flow::new(self.inputs, self.function, self.body)).marks(expression)
    }
}

/// Methods whose value stands for their receiver.
const HANDS_ON: &[&str] = &[
    "clone",
    "as_ref",
    "as_mut",
    "borrow",
    "borrow_mut",
    "deref",
    "deref_mut",
    "to_owned",
    "unwrap",
    "expect",
    "get_ref",
    "inner",
    "context",
    "with_context",
    "map_err",
    "by_ref",
    "into",
    "lock",
    "read",
    "write",
    "ok_or_else",
    "ok_or",
    "into_inner",
    "unwrap_or_else",
    "wrap_err",
    "acquire_ref",
];

/// The parent of an expression is the first later one that covers it.
fn parents(body: &Body) -> Vec<Option<ExprId>> {
    let mut parents = vec![None; body.expressions.len()];
    let mut open: Vec<u32> = Vec::new();
    for (at, expression) in body.expressions.iter().enumerate() {
        while open.last().is_some_and(|last| *last >= expression.first.0) {
            let child = open.pop().expect("the loop's condition saw one");
            parents[child as usize] = Some(ExprId(at as u32));
        }
        open.push(at as u32);
    }
    parents
}

//! Expressions into a body's arena, children first.

use super::source_map::SourceMap;
use super::{Arm, BlockKind, Body, ExprId, Expression, ExpressionKind, Item, MacroCall, Name, Operator, Path, Pattern, PatternId};
use crate::source::Span;
use syn::{BinOp, Expr};

/// A body under construction.
pub(super) struct BodyBuilder<'m, 't> {
    pub map: &'m SourceMap<'t>,
    pub expressions: Vec<Expression>,
    pub patterns: Vec<Pattern>,
    pub items: Vec<Item>,
}

/// A lowered expression with the span it takes in the text, parentheses included.
#[derive(Clone, Copy)]
pub(super) struct Lowered {
    pub id: ExprId,
    pub span: Span,
}

impl<'m, 't> BodyBuilder<'m, 't> {
    pub fn new(map: &'m SourceMap<'t>) -> Self {
        Self { map, expressions: Vec::new(), patterns: Vec::new(), items: Vec::new() }
    }

    pub fn finish(self, root: ExprId) -> Body {
        let Self { mut expressions, mut patterns, items, .. } = self;
        expressions.shrink_to_fit();
        patterns.shrink_to_fit();
        Body { expressions, patterns, items, root }
    }

    /// The id the next pushed expression gets: taken before children are lowered, it is their parent's `first`.
    pub fn next(&self) -> ExprId {
        ExprId(self.expressions.len() as u32)
    }

    pub fn push(&mut self, first: ExprId, span: Span, kind: ExpressionKind) -> Lowered {
        let id = self.next();
        // What a rule writes around what its caller gives may end before it starts.
        let span = Span { start: span.start, end: span.end.max(span.start) };
        self.expressions.push(Expression { kind, span, first: first.min(id) });
        Lowered { id, span }
    }

    pub fn push_pattern(&mut self, kind: super::PatternKind, span: Span) -> PatternId {
        self.patterns.push(Pattern { kind, span });
        PatternId(self.patterns.len() as u32 - 1)
    }

    /// Generated code has chains of thousands of links, so what nests to the left is walked in a loop.
    pub fn expression(&mut self, expr: &Expr) -> Lowered {
        let first = self.next();
        let mut links = Vec::new();
        let mut innermost = expr;
        while let Some(inner) = leftmost(innermost) {
            links.push(innermost);
            innermost = inner;
        }
        let mut lowered = self.innermost(innermost, first);
        for link in links.into_iter().rev() {
            lowered = self.link(link, lowered, first);
        }
        lowered
    }

    pub fn id(&mut self, expr: &Expr) -> ExprId {
        self.expression(expr).id
    }

    pub fn ids<'a>(&mut self, expressions: impl IntoIterator<Item = &'a Expr>) -> Vec<ExprId> {
        expressions.into_iter().map(|expr| self.id(expr)).collect()
    }

    fn optional(&mut self, expr: Option<&Expr>) -> Option<Lowered> {
        expr.map(|expr| self.expression(expr))
    }

    /// `expr` around its leftmost child, which is lowered already.
    fn link(&mut self, expr: &Expr, inner: Lowered, first: ExprId) -> Lowered {
        match expr {
            Expr::Paren(paren) => {
                let span = self.map.span(paren.paren_token.span.join());
                Lowered { id: inner.id, span }
            }
            Expr::MethodCall(call) => self.method_call(call, inner, first),
            Expr::Call(call) => {
                let arguments = self.ids(&call.args);
                let span = self.until(inner, call.paren_token.span.close());
                self.push(first, span, ExpressionKind::Call { callee: inner.id, arguments })
            }
            Expr::Field(field) => self.field(field, inner, first),
            Expr::Index(index) => {
                let by = self.id(&index.index);
                let span = self.until(inner, index.bracket_token.span.close());
                self.push(first, span, ExpressionKind::Index { base: inner.id, index: by })
            }
            Expr::Await(wait) => {
                let span = self.until(inner, wait.await_token.span);
                self.push(first, span, ExpressionKind::Await(inner.id))
            }
            Expr::Try(attempt) => {
                let span = self.until(inner, attempt.question_token.spans[0]);
                self.push(first, span, ExpressionKind::Try(inner.id))
            }
            Expr::Binary(binary) => self.binary(binary, inner, first),
            Expr::Assign(assign) => self.assign(inner, &assign.right, false, first),
            Expr::Cast(cast) => {
                let end = self.map.end_of_type(&cast.ty).unwrap_or(inner.span.end);
                let ty = self.map.ty(&cast.ty);
                self.push(first, Span { start: inner.span.start, end }, ExpressionKind::Cast { value: inner.id, ty })
            }
            Expr::Range(range) => self.range(Some(inner), range, first),
            _ => inner,
        }
    }

    fn until(&self, inner: Lowered, last: proc_macro2::Span) -> Span {
        Span { start: inner.span.start, end: self.map.end(last) }
    }

    fn method_call(&mut self, call: &syn::ExprMethodCall, receiver: Lowered, first: ExprId) -> Lowered {
        let (name, name_span) = self.map.name(&call.method);
        let generics = call.turbofish.as_ref().map_or_else(Vec::new, |turbofish| {
            let types = turbofish.args.iter().filter_map(|argument| match argument {
                syn::GenericArgument::Type(ty) => Some(self.map.ty(ty)),
                _ => None,
            });
            types.collect()
        });
        let arguments = self.ids(&call.args);
        let span = self.until(receiver, call.paren_token.span.close());
        self.push(first, span, ExpressionKind::MethodCall { receiver: receiver.id, name, name_span, generics, arguments })
    }

    fn field(&mut self, field: &syn::ExprField, base: Lowered, first: ExprId) -> Lowered {
        let (name, name_span) = self.member(&field.member);
        let span = Span { start: base.span.start, end: name_span.end };
        self.push(first, span, ExpressionKind::Field { base: base.id, name, name_span })
    }

    pub fn member(&self, member: &syn::Member) -> (Name, Span) {
        match member {
            syn::Member::Named(ident) => self.map.name(ident),
            syn::Member::Unnamed(index) => (smol_str::format_smolstr!("{}", index.index), self.map.span(index.span)),
        }
    }

    fn binary(&mut self, binary: &syn::ExprBinary, left: Lowered, first: ExprId) -> Lowered {
        let Some(operator) = operator(&binary.op) else {
            return self.assign(left, &binary.right, true, first);
        };
        let right = self.expression(&binary.right);
        let span = Span { start: left.span.start, end: right.span.end };
        self.push(first, span, ExpressionKind::Binary { operator, left: left.id, right: right.id })
    }

    fn assign(&mut self, left: Lowered, right: &Expr, compound: bool, first: ExprId) -> Lowered {
        let right = self.expression(right);
        let span = Span { start: left.span.start, end: right.span.end };
        self.push(first, span, ExpressionKind::Assign { left: left.id, right: right.id, compound })
    }

    fn range(&mut self, from: Option<Lowered>, range: &syn::ExprRange, first: ExprId) -> Lowered {
        let to = self.optional(range.end.as_deref());
        let limits = match &range.limits {
            syn::RangeLimits::HalfOpen(token) => (token.spans[0], token.spans[1]),
            syn::RangeLimits::Closed(token) => (token.spans[0], token.spans[2]),
        };
        let start = from.map_or_else(|| self.map.start(limits.0), |from| from.span.start);
        let end = to.map_or_else(|| self.map.end(limits.1), |to| to.span.end);
        self.push(first, Span { start, end }, ExpressionKind::Range { from: from.map(|from| from.id), to: to.map(|to| to.id) })
    }

    /// An expression that does not begin with another one.
    fn innermost(&mut self, expr: &Expr, first: ExprId) -> Lowered {
        match expr {
            Expr::Path(path) => {
                let path = self.map.qualified_path(path.qself.as_ref(), &path.path);
                self.push_path(path)
            }
            Expr::Lit(literal) => self.literal(&literal.lit),
            Expr::Macro(call) => self.macro_call(&call.mac),
            Expr::Reference(reference) => self.prefix(reference.and_token.spans[0], &reference.expr, first, |value| {
                ExpressionKind::Reference { value, mutable: reference.mutability.is_some() }
            }),
            Expr::RawAddr(address) => {
                let mutable = matches!(address.mutability, syn::PointerMutability::Mut(_));
                self.prefix(address.and_token.spans[0], &address.expr, first, |value| ExpressionKind::Reference { value, mutable })
            }
            Expr::Unary(unary) => self.unary(unary, first),
            Expr::Closure(closure) => self.closure(closure, first),
            Expr::Struct(literal) => self.struct_literal(literal, first),
            Expr::Tuple(tuple) => {
                let elements = self.ids(&tuple.elems);
                self.push(first, self.map.span(tuple.paren_token.span.join()), ExpressionKind::Tuple(elements))
            }
            Expr::Array(array) => {
                let elements = self.ids(&array.elems);
                self.push(first, self.map.span(array.bracket_token.span.join()), ExpressionKind::Array(elements))
            }
            Expr::Repeat(repeat) => {
                let (value, length) = (self.id(&repeat.expr), self.id(&repeat.len));
                self.push(first, self.map.span(repeat.bracket_token.span.join()), ExpressionKind::Repeat { value, length })
            }
            Expr::Range(range) => self.range(None, range, first),
            Expr::Let(binding) => self.let_condition(binding, first),
            Expr::Infer(infer) => self.push(first, self.map.span(infer.underscore_token.spans[0]), ExpressionKind::Unknown),
            Expr::Verbatim(tokens) => self.verbatim(tokens, first),
            _ => self.control_flow(expr, first),
        }
    }

    fn control_flow(&mut self, expr: &Expr, first: ExprId) -> Lowered {
        match expr {
            Expr::Block(block) => {
                let start = block.label.as_ref().map(|label| self.map.start(label.name.apostrophe));
                self.block(&block.block, BlockKind::Plain, start)
            }
            Expr::Async(block) => self.block(&block.block, BlockKind::Async, Some(self.map.start(block.async_token.span))),
            Expr::Unsafe(block) => self.block(&block.block, BlockKind::Unsafe, Some(self.map.start(block.unsafe_token.span))),
            Expr::Const(block) => self.block(&block.block, BlockKind::Const, Some(self.map.start(block.const_token.span))),
            Expr::TryBlock(block) => self.block(&block.block, BlockKind::Plain, Some(self.map.start(block.try_token.span))),
            Expr::If(condition) => self.if_chain(condition),
            Expr::Match(matching) => self.match_(matching, first),
            Expr::Loop(repeated) => self.loop_(repeated, first),
            Expr::While(repeated) => self.while_(repeated, first),
            Expr::ForLoop(repeated) => self.for_(repeated, first),
            Expr::Return(jump) => self.jump(jump.return_token.span, jump.expr.as_deref(), None, first, ExpressionKind::Return),
            Expr::Break(jump) => self.jump(jump.break_token.span, jump.expr.as_deref(), jump.label.as_ref(), first, ExpressionKind::Break),
            Expr::Yield(jump) => self.jump(jump.yield_token.span, jump.expr.as_deref(), None, first, ExpressionKind::Yield),
            Expr::Continue(jump) => self.jump(jump.continue_token.span, None, jump.label.as_ref(), first, |_| ExpressionKind::Continue),
            _ => self.push(first, Span::default(), ExpressionKind::Unknown),
        }
    }

    pub fn push_path(&mut self, path: Path) -> Lowered {
        let span = path.span;
        self.push(self.next(), span, ExpressionKind::Path(path))
    }

    fn prefix(&mut self, token: proc_macro2::Span, value: &Expr, first: ExprId, kind: impl FnOnce(ExprId) -> ExpressionKind) -> Lowered {
        let value = self.expression(value);
        let span = Span { start: self.map.start(token), end: value.span.end };
        self.push(first, span, kind(value.id))
    }

    fn unary(&mut self, unary: &syn::ExprUnary, first: ExprId) -> Lowered {
        match &unary.op {
            syn::UnOp::Deref(token) => self.prefix(token.spans[0], &unary.expr, first, ExpressionKind::Dereference),
            syn::UnOp::Not(token) => self.prefix(token.spans[0], &unary.expr, first, ExpressionKind::Unary),
            syn::UnOp::Neg(token) => self.prefix(token.spans[0], &unary.expr, first, ExpressionKind::Unary),
            _ => {
                let value = self.expression(&unary.expr);
                self.push(first, value.span, ExpressionKind::Unary(value.id))
            }
        }
    }

    fn verbatim(&mut self, tokens: &proc_macro2::TokenStream, first: ExprId) -> Lowered {
        let tokens: Vec<_> = tokens.clone().into_iter().collect();
        self.push(first, self.map.span_of(&tokens), ExpressionKind::Unknown)
    }

    fn closure(&mut self, closure: &syn::ExprClosure, first: ExprId) -> Lowered {
        let start = [
            closure.lifetimes.as_ref().map(|binder| binder.for_token.span),
            closure.constness.as_ref().map(|token| token.span),
            closure.asyncness.as_ref().map(|token| token.span),
            closure.capture.as_ref().map(|token| token.span),
        ];
        let start = start.into_iter().flatten().next().unwrap_or(closure.inputs_begin.spans[0]);
        let parameters = closure.inputs.iter().map(|input| self.closure_parameter(input)).collect();
        let returns = self.map.return_type(&closure.output);
        let body = self.expression(&closure.body);
        let span = Span { start: self.map.start(start), end: body.span.end };
        let kind = ExpressionKind::Closure {
            parameters,
            returns,
            body: body.id,
            is_async: closure.asyncness.is_some(),
            is_move: closure.capture.is_some(),
        };
        self.push(first, span, kind)
    }

    fn closure_parameter(&mut self, input: &syn::Pat) -> (PatternId, Option<super::Type>) {
        match input {
            syn::Pat::Type(typed) => (self.pattern(&typed.pat), Some(self.map.ty(&typed.ty))),
            _ => (self.pattern(input), None),
        }
    }

    fn struct_literal(&mut self, literal: &syn::ExprStruct, first: ExprId) -> Lowered {
        let path = self.map.qualified_path(literal.qself.as_ref(), &literal.path);
        let mut fields = Vec::with_capacity(literal.fields.len());
        for field in &literal.fields {
            let (name, span) = self.member(&field.member);
            fields.push((name, span, self.id(&field.expr)));
        }
        let rest = self.optional(literal.rest.as_deref()).map(|rest| rest.id);
        let span = Span { start: path.span.start, end: self.map.end(literal.brace_token.span.close()) };
        self.push(first, span, ExpressionKind::Struct { path, fields, rest })
    }

    fn let_condition(&mut self, binding: &syn::ExprLet, first: ExprId) -> Lowered {
        let pattern = self.pattern(&binding.pat);
        let value = self.expression(&binding.expr);
        let span = Span { start: self.map.start(binding.let_token.span), end: value.span.end };
        self.push(first, span, ExpressionKind::Let { pattern, value: value.id })
    }

    /// `else if` chains nest to the right and may be long, so they are built from their end.
    fn if_chain(&mut self, condition: &syn::ExprIf) -> Lowered {
        let mut links = Vec::new();
        let mut current = condition;
        let mut otherwise = loop {
            let first = self.next();
            let start = self.map.start(current.if_token.span);
            let condition = self.id(&current.cond);
            let then = self.block(&current.then_branch, BlockKind::Plain, None);
            links.push((first, start, condition, then));
            match current.else_branch.as_ref().map(|(_, branch)| &**branch) {
                Some(Expr::If(next)) => current = next,
                Some(last) => break Some(self.expression(last)),
                None => break None,
            }
        };
        while let Some((first, start, condition, then)) = links.pop() {
            let end = otherwise.map_or(then.span.end, |otherwise| otherwise.span.end);
            let kind = ExpressionKind::If { condition, then: then.id, otherwise: otherwise.map(|otherwise| otherwise.id) };
            otherwise = Some(self.push(first, Span { start, end }, kind));
        }
        otherwise.expect("the loop above collects at least one link")
    }

    fn match_(&mut self, matching: &syn::ExprMatch, first: ExprId) -> Lowered {
        let scrutinee = self.id(&matching.expr);
        let arms = matching.arms.iter().map(|arm| self.arm(arm)).collect();
        let span = Span { start: self.map.start(matching.match_token.span), end: self.map.end(matching.brace_token.span.close()) };
        self.push(first, span, ExpressionKind::Match { scrutinee, arms })
    }

    fn arm(&mut self, arm: &syn::Arm) -> Arm {
        let (pattern, guard) = self.guarded_pattern(&arm.pat);
        let body = self.id(&arm.body);
        Arm { pattern, guard, body, conditional: arm.attrs.iter().any(is_conditional) }
    }

    /// A pattern with its `if` guard.
    pub fn guarded_pattern(&mut self, pattern: &syn::Pat) -> (PatternId, Option<ExprId>) {
        match pattern {
            syn::Pat::Guard(guarded) => {
                let pattern = self.pattern(&guarded.pat);
                (pattern, Some(self.id(&guarded.guard)))
            }
            _ => (self.pattern(pattern), None),
        }
    }

    fn loop_(&mut self, repeated: &syn::ExprLoop, first: ExprId) -> Lowered {
        let body = self.block(&repeated.body, BlockKind::Plain, None);
        let span = self.labelled(repeated.label.as_ref(), repeated.loop_token.span, body);
        self.push(first, span, ExpressionKind::Loop { body: body.id })
    }

    fn while_(&mut self, repeated: &syn::ExprWhile, first: ExprId) -> Lowered {
        let condition = self.id(&repeated.cond);
        let body = self.block(&repeated.body, BlockKind::Plain, None);
        let span = self.labelled(repeated.label.as_ref(), repeated.while_token.span, body);
        self.push(first, span, ExpressionKind::While { condition, body: body.id })
    }

    fn for_(&mut self, repeated: &syn::ExprForLoop, first: ExprId) -> Lowered {
        let pattern = self.pattern(&repeated.pat);
        let iterable = self.id(&repeated.expr);
        let body = self.block(&repeated.body, BlockKind::Plain, None);
        let span = self.labelled(repeated.label.as_ref(), repeated.for_token.span, body);
        self.push(first, span, ExpressionKind::For { pattern, iterable, body: body.id })
    }

    fn labelled(&self, label: Option<&syn::Label>, keyword: proc_macro2::Span, body: Lowered) -> Span {
        let start = label.map_or(keyword, |label| label.name.apostrophe);
        Span { start: self.map.start(start), end: body.span.end }
    }

    fn jump(
        &mut self,
        keyword: proc_macro2::Span,
        value: Option<&Expr>,
        label: Option<&syn::Lifetime>,
        first: ExprId,
        kind: impl FnOnce(Option<ExprId>) -> ExpressionKind,
    ) -> Lowered {
        let value = self.optional(value);
        let end = match (value, label) {
            (Some(value), _) => value.span.end,
            (None, Some(label)) => self.map.end(label.ident.span()),
            (None, None) => self.map.end(keyword),
        };
        let span = Span { start: self.map.start(keyword), end };
        self.push(first, span, kind(value.map(|value| value.id)))
    }

    pub fn macro_call(&mut self, call: &syn::Macro) -> Lowered {
        let first = self.next();
        let path = self.map.path(&call.path);
        let name_span = path.segments.last().map_or(path.span, |segment| segment.span);
        let delimiters = call.delimiter.span();
        let inner = Span { start: self.map.end(delimiters.open()), end: self.map.start(delimiters.close()) };
        let span = Span { start: path.span.start, end: self.map.end(delimiters.close()) };
        let arguments = self.macro_arguments(call, &path);
        self.push(first, span, ExpressionKind::Macro(Box::new(MacroCall { path, name_span, inner, arguments })))
    }
}

/// The child that `expr` begins with.
fn leftmost(expr: &Expr) -> Option<&Expr> {
    match expr {
        Expr::MethodCall(call) => Some(&call.receiver),
        Expr::Call(call) => Some(&call.func),
        Expr::Field(field) => Some(&field.base),
        Expr::Index(index) => Some(&index.expr),
        Expr::Await(wait) => Some(&wait.base),
        Expr::Try(attempt) => Some(&attempt.expr),
        Expr::Binary(binary) => Some(&binary.left),
        Expr::Assign(assign) => Some(&assign.left),
        Expr::Cast(cast) => Some(&cast.expr),
        Expr::Range(range) => range.start.as_deref(),
        Expr::Paren(paren) => Some(&paren.expr),
        Expr::Group(group) => Some(&group.expr),
        _ => None,
    }
}

pub(super) fn is_conditional(attribute: &syn::Attribute) -> bool {
    attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr")
}

/// `None` for compound assignments.
fn operator(operator: &BinOp) -> Option<Operator> {
    Some(match operator {
        BinOp::Add(_) => Operator::Add,
        BinOp::Sub(_) => Operator::Subtract,
        BinOp::Mul(_) => Operator::Multiply,
        BinOp::Div(_) => Operator::Divide,
        BinOp::Rem(_) => Operator::Remainder,
        BinOp::And(_) => Operator::And,
        BinOp::Or(_) => Operator::Or,
        BinOp::BitXor(_) | BinOp::BitAnd(_) | BinOp::BitOr(_) => Operator::Bitwise,
        BinOp::Shl(_) | BinOp::Shr(_) => Operator::Shift,
        BinOp::Eq(_) | BinOp::Ne(_) => Operator::Equality,
        BinOp::Lt(_) | BinOp::Le(_) | BinOp::Ge(_) | BinOp::Gt(_) => Operator::Order,
        _ => return None,
    })
}

//! Blocks, statements, patterns and literals.

use super::lower_expression::{BodyBuilder, Lowered};
use super::{BlockKind, ExpressionKind, Literal, PatternId, PatternKind, Statement};
use crate::source::Span;
use std::sync::Arc;
use syn::{Expr, Lit, Pat, Stmt};

impl BodyBuilder<'_, '_> {
    pub fn block(&mut self, block: &syn::Block, kind: BlockKind, start: Option<u32>) -> Lowered {
        let inner = self.map.span(block.brace_token.span.join());
        let span = Span { start: start.unwrap_or(inner.start), end: inner.end };
        self.statements(&block.stmts, kind, span)
    }

    pub fn statements(&mut self, statements: &[Stmt], kind: BlockKind, span: Span) -> Lowered {
        let first = self.next();
        let mut lowered = Vec::with_capacity(statements.len());
        let mut tail = None;
        for (index, statement) in statements.iter().enumerate() {
            let is_last = index + 1 == statements.len();
            match statement {
                Stmt::Local(local) => lowered.push(self.local(local)),
                Stmt::Item(item) => self.item_statement(item, &mut lowered),
                // A semicolon on its own.
                Stmt::Expr(Expr::Verbatim(tokens), Some(_)) if tokens.is_empty() => {}
                Stmt::Expr(expr, None) if is_last => tail = Some(self.id(expr)),
                Stmt::Expr(expr, semicolon) => {
                    let cfg = self.cfg(statement_attributes(expr));
                    let value = self.id(expr);
                    lowered.push(Statement::Expression { value, semicolon: semicolon.is_some(), cfg });
                }
                Stmt::Macro(call) if is_last && call.semi_token.is_none() => tail = Some(self.macro_call(&call.mac).id),
                Stmt::Macro(call) => {
                    let cfg = self.cfg(&call.attrs);
                    let value = self.macro_call(&call.mac).id;
                    lowered.push(Statement::Expression { value, semicolon: call.semi_token.is_some(), cfg });
                }
            }
        }
        self.push(first, span, ExpressionKind::Block { kind, statements: lowered, tail })
    }

    fn item_statement(&mut self, item: &syn::Item, statements: &mut Vec<Statement>) {
        let before = self.items.len();
        self.map.item(item, &mut self.items);
        statements.extend((before..self.items.len()).map(|index| Statement::Item(index as u32)));
    }

    fn local(&mut self, local: &syn::Local) -> Statement {
        let keyword = self.map.start(local.let_token.span);
        let span = Span { start: self.map.start_with_attributes(&local.attrs, keyword), end: self.map.end(local.semi_token.spans[0]) };
        let (pattern, ty) = match &local.pat {
            Pat::Type(typed) => (self.pattern(&typed.pat), Some(self.map.ty(&typed.ty))),
            pattern => (self.pattern(pattern), None),
        };
        let value = local.init.as_ref().map(|init| self.id(&init.expr));
        let otherwise = local.init.as_ref().and_then(|init| init.diverge.as_ref()).map(|(_, expr)| self.id(expr));
        Statement::Let { pattern, ty, value, otherwise, cfg: self.cfg(&local.attrs), span }
    }

    /// What is between the parentheses of the first `#[cfg(..)]`.
    fn cfg(&self, attributes: &[syn::Attribute]) -> Option<Arc<str>> {
        attributes.iter().find_map(|attribute| match &attribute.meta {
            syn::Meta::List(list) if list.path.is_ident("cfg") => {
                let delimiters = list.delimiter.span();
                let inner = Span { start: self.map.end(delimiters.open()), end: self.map.start(delimiters.close()) };
                Some(self.map.slice(inner).into())
            }
            _ => None,
        })
    }

    pub fn pattern(&mut self, pattern: &Pat) -> PatternId {
        let (kind, span) = self.pattern_kind(pattern);
        self.push_pattern(kind, span)
    }

    fn pattern_list<'a>(&mut self, patterns: impl IntoIterator<Item = &'a Pat>) -> Vec<PatternId> {
        patterns.into_iter().map(|pattern| self.pattern(pattern)).collect()
    }

    fn pattern_kind(&mut self, pattern: &Pat) -> (PatternKind, Span) {
        match pattern {
            Pat::Ident(binding) => self.binding(binding),
            Pat::Wild(wild) => (PatternKind::Wild, self.map.span(wild.underscore_token.spans[0])),
            Pat::Rest(rest) => {
                let span = Span { start: self.map.start(rest.dot2_token.spans[0]), end: self.map.end(rest.dot2_token.spans[1]) };
                (PatternKind::Rest, span)
            }
            Pat::Tuple(tuple) => (PatternKind::Tuple(self.pattern_list(&tuple.elems)), self.map.span(tuple.paren_token.span.join())),
            Pat::Slice(slice) => (PatternKind::Slice(self.pattern_list(&slice.elems)), self.map.span(slice.bracket_token.span.join())),
            Pat::TupleStruct(shape) => self.tuple_struct_pattern(shape),
            Pat::Struct(shape) => self.struct_pattern(shape),
            Pat::Path(path) => {
                let path = self.map.qualified_path(path.qself.as_ref(), &path.path);
                let span = path.span;
                (PatternKind::Path(path), span)
            }
            Pat::Or(alternatives) => self.alternatives(alternatives),
            Pat::Reference(reference) => {
                let inner = self.pattern(&reference.pat);
                let span = Span { start: self.map.start(reference.and_token.spans[0]), end: self.pattern_end(inner) };
                (PatternKind::Reference(inner), span)
            }
            Pat::Paren(paren) => {
                let (kind, _) = self.pattern_kind(&paren.pat);
                (kind, self.map.span(paren.paren_token.span.join()))
            }
            Pat::Type(typed) => self.pattern_kind(&typed.pat),
            Pat::Guard(guarded) => self.pattern_kind(&guarded.pat),
            _ => self.value_pattern(pattern),
        }
    }

    fn pattern_end(&self, id: PatternId) -> u32 {
        self.patterns[id.0 as usize].span.end
    }

    fn binding(&mut self, binding: &syn::PatIdent) -> (PatternKind, Span) {
        let (name, name_span) = self.map.name(&binding.ident);
        let keyword = binding.by_ref.as_ref().map(|token| token.span).or(binding.mutability.as_ref().map(|token| token.span));
        let sub = binding.subpat.as_ref().map(|(_, sub)| self.pattern(sub));
        let start = keyword.map_or(name_span.start, |keyword| self.map.start(keyword));
        let end = sub.map_or(name_span.end, |sub| self.pattern_end(sub));
        (PatternKind::Binding { name, by_reference: binding.by_ref.is_some(), sub }, Span { start, end })
    }

    fn tuple_struct_pattern(&mut self, shape: &syn::PatTupleStruct) -> (PatternKind, Span) {
        let path = self.map.qualified_path(shape.qself.as_ref(), &shape.path);
        let elements = self.pattern_list(&shape.elems);
        let span = Span { start: path.span.start, end: self.map.end(shape.paren_token.span.close()) };
        (PatternKind::TupleStruct { path, elements }, span)
    }

    fn struct_pattern(&mut self, shape: &syn::PatStruct) -> (PatternKind, Span) {
        let path = self.map.qualified_path(shape.qself.as_ref(), &shape.path);
        let mut fields = Vec::with_capacity(shape.fields.len());
        for field in &shape.fields {
            let (name, _) = self.member(&field.member);
            fields.push((name, self.pattern(&field.pat)));
        }
        let span = Span { start: path.span.start, end: self.map.end(shape.brace_token.span.close()) };
        (PatternKind::Struct { path, fields }, span)
    }

    fn alternatives(&mut self, alternatives: &syn::PatOr) -> (PatternKind, Span) {
        let cases = self.pattern_list(&alternatives.cases);
        let start = cases.first().map_or(0, |first| self.patterns[first.0 as usize].span.start);
        let end = cases.last().map_or(start, |last| self.pattern_end(*last));
        (PatternKind::Or(cases), Span { start, end })
    }

    /// Literals, ranges and constant blocks, whose values are expressions; macros too.
    fn value_pattern(&mut self, pattern: &Pat) -> (PatternKind, Span) {
        let value = match pattern {
            Pat::Lit(literal) => self.literal(&literal.lit),
            Pat::Macro(call) => self.macro_call(&call.mac),
            Pat::Const(block) => self.block(&block.block, BlockKind::Const, Some(self.map.start(block.const_token.span))),
            Pat::Range(range) => return self.range_pattern(range),
            Pat::Verbatim(tokens) => {
                let tokens: Vec<_> = tokens.clone().into_iter().collect();
                return (PatternKind::Unknown, self.map.span_of(&tokens));
            }
            _ => return (PatternKind::Unknown, Span::default()),
        };
        (PatternKind::Value(vec![value.id]), value.span)
    }

    fn range_pattern(&mut self, range: &syn::PatRange) -> (PatternKind, Span) {
        let ends: Vec<Lowered> = [&range.start, &range.end].into_iter().flatten().map(|end| self.expression(end)).collect();
        let limits = match &range.limits {
            syn::RangeLimits::HalfOpen(token) => Span { start: self.map.start(token.spans[0]), end: self.map.end(token.spans[1]) },
            syn::RangeLimits::Closed(token) => Span { start: self.map.start(token.spans[0]), end: self.map.end(token.spans[2]) },
        };
        let start = ends.iter().map(|end| end.span.start).min().unwrap_or(limits.start).min(limits.start);
        let end = ends.iter().map(|end| end.span.end).max().unwrap_or(limits.end).max(limits.end);
        (PatternKind::Value(ends.iter().map(|end| end.id).collect()), Span { start, end })
    }

    pub fn literal(&mut self, literal: &Lit) -> Lowered {
        let first = self.next();
        let span = self.map.span(literal.span());
        let kind = self.literal_value(literal, span).map_or(ExpressionKind::Unknown, ExpressionKind::Literal);
        self.push(first, span, kind)
    }

    fn literal_value(&self, literal: &Lit, span: Span) -> Option<Literal> {
        Some(match literal {
            Lit::Str(text) => self.text(text, span),
            Lit::ByteStr(bytes) => Literal::Bytes(bytes.value()),
            Lit::CStr(bytes) => Literal::Bytes(bytes.value().into_bytes()),
            Lit::Byte(byte) => Literal::Integer { value: Some(byte.value().into()), suffix: "u8".into() },
            Lit::Char(character) => Literal::Char(character.value()),
            Lit::Int(integer) => Literal::Integer { value: integer.base10_parse().ok(), suffix: integer.suffix().into() },
            Lit::Float(float) => Literal::Float { text: float.base10_digits().into(), suffix: float.suffix().into() },
            Lit::Bool(value) => Literal::Bool(value.value),
            _ => return None,
        })
    }

    fn text(&self, literal: &syn::LitStr, span: Span) -> Literal {
        let source = self.map.slice(span);
        let hashes = source.strip_prefix('r').map(|rest| rest.bytes().take_while(|byte| *byte == b'#').count());
        let quote = hashes.map_or(1, |hashes| hashes + 2);
        let value_start = span.start + quote as u32;
        if let Some(inner) = source.get(quote..source.len().saturating_sub(hashes.unwrap_or(0) + 1))
            && source.ends_with(['"', '#'])
            && (hashes.is_some() || !inner.contains('\\'))
            && !inner.contains('\r')
        {
            return Literal::Text { value: inner.to_owned(), value_start, raw: true };
        }
        Literal::Text { value: literal.value(), value_start, raw: false }
    }
}

/// syn hangs the attributes of a statement on its leftmost operand.
fn statement_attributes(expr: &Expr) -> &[syn::Attribute] {
    let mut expr = expr;
    loop {
        expr = match expr {
            Expr::Assign(assign) => &assign.left,
            Expr::Binary(binary) => &binary.left,
            Expr::Cast(cast) => &cast.expr,
            _ => return attributes_of(expr),
        }
    }
}

macro_rules! attributes_of_variants {
    ($expr:expr, $($variant:ident)*) => {
        match $expr {
            $(Expr::$variant(inner) => &inner.attrs,)*
            _ => &[],
        }
    };
}

fn attributes_of(expr: &Expr) -> &[syn::Attribute] {
    attributes_of_variants!(expr, Array Async Await Block Break Call Closure Const Continue Field ForLoop Group If Index Infer Let Lit Loop
        Macro Match MethodCall Paren Path Range RawAddr Reference Repeat Return Struct Try TryBlock Tuple Unary Unsafe While Yield)
}

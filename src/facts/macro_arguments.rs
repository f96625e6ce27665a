//! What is inside of macro calls, read as code where it is code. Mostly by attempt: names matter only where the grammar is special.

use super::expand;
use super::lower_expression::{BodyBuilder, Lowered};
use super::{BlockKind, ExprId, ExpressionKind, MacroArguments, Name, Path, SelectArm};
use crate::source::Span;
use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseBuffer, ParseStream};
use syn::{Expr, Ident, Pat, Stmt, Token, token};

/// Macros whose first text names variables in braces.
const FORMATTING: &[&str] = &[
    "anyhow",
    "assert",
    "assert_eq",
    "assert_ne",
    "bail",
    "debug",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "debug_span",
    "ensure",
    "eprint",
    "eprintln",
    "error",
    "error_span",
    "event",
    "eyre",
    "format",
    "format_args",
    "format_err",
    "info",
    "info_span",
    "log",
    "panic",
    "print",
    "println",
    "span",
    "todo",
    "trace",
    "trace_span",
    "unimplemented",
    "unreachable",
    "warn",
    "warn_span",
    "write",
    "writeln",
];
const SELECTING: &[&str] = &["select", "select_biased"];
const MATCHING: &[&str] = &["assert_matches", "assert_not_matches", "debug_assert_matches", "matches"];
/// Their arguments are statements even when a single expression is all there is.
const BLOCKS: &[&str] = &["stream", "try_stream"];
/// Their tokens become code elsewhere.
const QUOTING: &[&str] = &["parse_quote", "parse_quote_spanned", "quote", "quote_spanned"];

/// One argument as parsed, before it is lowered.
struct Argument {
    name: Option<Name>,
    value: Value,
}

enum Value {
    Expression(Expr),
    Type(syn::Type),
}

/// Arguments in any of the shapes that are told apart before lowering.
enum Shape {
    Expressions(Vec<Argument>),
    Arms(Vec<ParsedArm>),
    Matches(Box<(Expr, Pat, Option<Expr>)>),
    Statements(Vec<Stmt>),
    Unread,
}

struct ParsedArm {
    pattern: Option<Pat>,
    /// `else`, `default` and `complete` wait for nothing.
    future: Option<Expr>,
    guard: Option<Expr>,
    handler: Expr,
}

impl BodyBuilder<'_, '_> {
    pub fn macro_arguments(&mut self, call: &syn::Macro, path: &Path) -> MacroArguments {
        let name = path.last().unwrap_or_default();
        if let Some(block) = self.expanded(name, call) {
            return MacroArguments::Block(block);
        }
        let is_block = matches!(call.delimiter, syn::MacroDelimiter::Brace(_));
        let shape = call.parse_body_with(|input: ParseStream| {
            let shape = shape(name, is_block, input);
            // What an attempt left behind must not turn its result into an error.
            input.parse::<TokenStream>()?;
            Ok(shape)
        });
        match shape.unwrap_or(Shape::Unread) {
            Shape::Expressions(arguments) => self.listed(name, arguments),
            Shape::Arms(arms) => MacroArguments::Arms(arms.into_iter().map(|arm| self.select_arm(&arm, call)).collect()),
            Shape::Matches(parts) => {
                let (value, pattern, guard) = *parts;
                let value = self.id(&value);
                let pattern = self.pattern(&pattern);
                MacroArguments::Matches { value, pattern, guard: guard.map(|guard| self.id(&guard)) }
            }
            Shape::Statements(statements) => {
                let delimiters = call.delimiter.span();
                let span = Span { start: self.map.start(delimiters.open()), end: self.map.end(delimiters.close()) };
                MacroArguments::Block(self.statements(&statements, BlockKind::Plain, span).id)
            }
            Shape::Unread => MacroArguments::Unread,
        }
    }

    /// What a rule of the same file makes of the call, where that is an expression.
    fn expanded(&mut self, name: &str, call: &syn::Macro) -> Option<ExprId> {
        if !self.map.rules.contains_key(name) {
            return None;
        }
        let depth = self.map.expanding.get();
        if depth >= expand::DEEPEST || [FORMATTING, SELECTING, MATCHING, BLOCKS, QUOTING].iter().any(|known| known.contains(&name)) {
            return None;
        }
        let expression = expand::expression(self.map, call)?;
        self.map.expanding.set(depth + 1);
        let block = self.id(&expression);
        self.map.expanding.set(depth);
        Some(block)
    }

    fn listed(&mut self, macro_name: &str, arguments: Vec<Argument>) -> MacroArguments {
        let mut lowered = Vec::with_capacity(arguments.len());
        for argument in &arguments {
            let value = match &argument.value {
                Value::Expression(expr) => self.expression(expr),
                Value::Type(ty) => self.type_argument(ty),
            };
            lowered.push((argument.name.clone(), value.id));
        }
        if FORMATTING.contains(&macro_name) {
            self.inline_captures(&arguments, &mut lowered);
        }
        MacroArguments::Expressions(lowered)
    }

    fn type_argument(&mut self, ty: &syn::Type) -> Lowered {
        match self.map.ty(ty) {
            super::Type::Path(path) => self.push_path(path),
            _ => {
                let end = self.map.end_of_type(ty).unwrap_or(0);
                self.push(self.next(), Span { start: end, end }, ExpressionKind::Unknown)
            }
        }
    }

    /// The variables that the first text names in braces, but for those that are named arguments.
    fn inline_captures(&mut self, arguments: &[Argument], lowered: &mut Vec<(Option<Name>, ExprId)>) {
        let Some(span) = arguments.iter().find_map(|argument| self.format_text(argument)) else { return };
        for (name, span) in captures(self.map.slice(span), span.start) {
            if lowered.iter().any(|(given, _)| given.as_ref() == Some(&name)) {
                continue;
            }
            let segment = super::Segment { name, span, arguments: Vec::new(), bindings: Vec::new() };
            let path = Path { segments: vec![segment], span, ..Path::default() };
            let id = self.push_path(path).id;
            lowered.push((None, id));
        }
    }

    /// Where the literal is, quotes included.
    fn format_text(&self, argument: &Argument) -> Option<Span> {
        match &argument.value {
            Value::Expression(Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. })) if argument.name.is_none() => {
                Some(self.map.span(text.span()))
            }
            _ => None,
        }
    }

    fn select_arm(&mut self, arm: &ParsedArm, call: &syn::Macro) -> SelectArm {
        let pattern = arm.pattern.as_ref().map(|pattern| self.pattern(pattern));
        let future = match &arm.future {
            Some(future) => self.id(future),
            None => {
                let at = self.map.start(call.delimiter.span().open());
                self.push(self.next(), Span { start: at, end: at }, ExpressionKind::Tuple(Vec::new())).id
            }
        };
        let guard = arm.guard.as_ref().map(|guard| self.id(guard));
        SelectArm { pattern, future, guard, handler: Some(self.id(&arm.handler)) }
    }
}

fn shape(name: &str, is_block: bool, input: ParseStream) -> Shape {
    let special = match name {
        _ if SELECTING.contains(&name) => attempt(input, select_arms).map(Shape::Arms),
        _ if MATCHING.contains(&name) => attempt(input, matching),
        _ if BLOCKS.contains(&name) => attempt(input, statements).map(Shape::Statements),
        _ => None,
    };
    let expressions = || attempt(input, |input| list(input, argument)).map(Shape::Expressions);
    let block = || attempt(input, statements).map(Shape::Statements);
    special
        .or_else(|| if is_block { block().map(simplified).or_else(expressions) } else { expressions().or_else(block) })
        .or_else(|| attempt(input, json).map(Shape::Expressions))
        .or_else(|| attempt(input, branches).map(Shape::Statements))
        .or_else(|| attempt(input, statics).map(Shape::Statements))
        .or_else(|| if QUOTING.contains(&name) { None } else { attempt(input, blocks).map(Shape::Statements) })
        .unwrap_or(Shape::Unread)
}

/// `vec! { a }` holds an expression and no statements.
fn simplified(shape: Shape) -> Shape {
    match shape {
        Shape::Statements(statements) if statements.iter().all(|statement| matches!(statement, Stmt::Expr(_, None))) => {
            let values = statements.into_iter().filter_map(|statement| match statement {
                Stmt::Expr(expr, None) => Some(Argument { name: None, value: Value::Expression(expr) }),
                _ => None,
            });
            Shape::Expressions(values.collect())
        }
        other => other,
    }
}

/// `parse` must take all of the input; otherwise the input is left untouched.
fn attempt<T>(input: ParseStream, parse: impl FnOnce(&ParseBuffer) -> syn::Result<T>) -> Option<T> {
    let fork = input.fork();
    let parsed = parse(&fork).ok()?;
    if !fork.is_empty() {
        return None;
    }
    input.advance_to(&fork);
    Some(parsed)
}

fn statements(input: &ParseBuffer) -> syn::Result<Vec<Stmt>> {
    let statements = syn::Block::parse_within(input)?;
    if are_declarations(&statements) { Err(input.error("no statements")) } else { Ok(statements) }
}

/// `mock!` and others take functions without bodies.
fn are_declarations(statements: &[Stmt]) -> bool {
    statements.iter().any(|statement| matches!(statement, Stmt::Item(syn::Item::Verbatim(_))))
}

/// Separated by `,` or `;`, each perhaps `key => value`.
fn list(input: &ParseBuffer, one: fn(&ParseBuffer, &mut Vec<Argument>) -> syn::Result<()>) -> syn::Result<Vec<Argument>> {
    let mut arguments = Vec::new();
    while !input.is_empty() {
        one(input, &mut arguments)?;
        if input.is_empty() {
            break;
        }
        if input.peek(Token![;]) {
            input.parse::<Token![;]>()?;
        } else {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(arguments)
}

fn argument(input: &ParseBuffer, into: &mut Vec<Argument>) -> syn::Result<()> {
    let name = argument_name(input)?;
    // Tracing's `%display` and `?debug`, insta's `@"text"`.
    if input.peek(Token![%]) {
        input.parse::<Token![%]>()?;
    } else if input.peek(Token![?]) {
        input.parse::<Token![?]>()?;
    } else if input.peek(Token![@]) {
        input.parse::<Token![@]>()?;
    }
    let fork = input.fork();
    if let Ok(value) = fork.parse::<Expr>()
        && at_end_of_argument(&fork)
    {
        input.advance_to(&fork);
        into.push(Argument { name, value: Value::Expression(value) });
        return pair(input, into);
    }
    let fork = input.fork();
    // As a slice type, syn takes `[a, {..}]` at first and complains about the rest only when all is parsed.
    if !fork.peek(token::Bracket)
        && let Ok(value) = fork.parse::<syn::Type>()
        && at_end_of_argument(&fork)
    {
        input.advance_to(&fork);
        into.push(Argument { name, value: Value::Type(value) });
        return Ok(());
    }
    let fork = input.fork();
    let mut values = Vec::new();
    if json_value(name, &fork, &mut values).is_ok() && at_end_of_argument(&fork) {
        input.advance_to(&fork);
        into.extend(values);
        return Ok(());
    }
    // Tracing's `{ field = value, .. }` before the message.
    let inner;
    syn::braced!(inner in input);
    into.extend(list(&inner, argument)?);
    Ok(())
}

fn pair(input: &ParseBuffer, into: &mut Vec<Argument>) -> syn::Result<()> {
    if input.peek(Token![=>]) {
        input.parse::<Token![=>]>()?;
        into.push(Argument { name: None, value: Value::Expression(input.parse()?) });
    }
    Ok(())
}

/// `static ref NAME: Type = value;` of `lazy_static!` in a body: the values.
fn statics(input: &ParseBuffer) -> syn::Result<Vec<Stmt>> {
    let statics = super::item_macros::lazy_statics(input)?;
    Ok(statics.into_iter().filter_map(|one| Some(Stmt::Expr(one.value?, one.semicolon))).collect())
}

/// Of a grammar that is not known: the groups in braces that hold statements.
fn blocks(input: &ParseBuffer) -> syn::Result<Vec<Stmt>> {
    let mut blocks = Vec::new();
    while !input.is_empty() {
        let fork = input.fork();
        if input.peek(token::Brace)
            && let Ok(block) = fork.parse::<syn::Block>()
            && !are_declarations(&block.stmts)
        {
            input.advance_to(&fork);
            let block = syn::ExprBlock { attrs: Vec::new(), label: None, block };
            blocks.push(Stmt::Expr(Expr::Block(block), Some(Default::default())));
        } else {
            input.parse::<TokenTree>()?;
        }
    }
    if blocks.is_empty() { Err(input.error("no block")) } else { Ok(blocks) }
}

fn at_end_of_argument(input: &ParseBuffer) -> bool {
    input.is_empty() || input.peek(Token![,]) || input.peek(Token![;]) || input.peek(Token![=>])
}

/// `name =`, `a.b.c =`, `"text" =`, `name:` or `"text":`.
fn argument_name(input: &ParseBuffer) -> syn::Result<Option<Name>> {
    let fork = input.fork();
    let name = if fork.peek(syn::LitStr) {
        fork.parse::<syn::LitStr>()?.value()
    } else if fork.peek(Ident::peek_any) {
        dotted_name(&fork)?
    } else {
        return Ok(None);
    };
    let assigns = fork.peek(Token![=]) && !fork.peek(Token![==]) && !fork.peek(Token![=>]);
    let labels = fork.peek(Token![:]) && !fork.peek(Token![::]);
    if assigns {
        fork.parse::<Token![=]>()?;
    } else if labels {
        fork.parse::<Token![:]>()?;
    } else {
        return Ok(None);
    }
    input.advance_to(&fork);
    Ok(Some(name.into()))
}

fn dotted_name(input: &ParseBuffer) -> syn::Result<String> {
    let mut name = input.call(Ident::parse_any)?.unraw().to_string();
    while input.peek(Token![.]) && input.peek2(Ident::peek_any) {
        input.parse::<Token![.]>()?;
        name.push('.');
        name.push_str(&input.call(Ident::parse_any)?.unraw().to_string());
    }
    Ok(name)
}

/// `{"key": value, "other": {..}}` and `[..]` of such: the values, objects flattened.
fn json(input: &ParseBuffer) -> syn::Result<Vec<Argument>> {
    let mut values = Vec::new();
    json_value(None, input, &mut values)?;
    while input.peek(Token![,]) {
        input.parse::<Token![,]>()?;
        if !input.is_empty() {
            json_value(None, input, &mut values)?;
        }
    }
    Ok(values)
}

fn json_value(name: Option<Name>, input: &ParseBuffer, into: &mut Vec<Argument>) -> syn::Result<()> {
    let fork = input.fork();
    if let Ok(value) = fork.parse::<Expr>()
        && (at_end_of_argument(&fork) || fork.peek(Token![:]))
    {
        input.advance_to(&fork);
        into.push(Argument { name, value: Value::Expression(value) });
        return Ok(());
    }
    let inner;
    if input.peek(token::Bracket) {
        syn::bracketed!(inner in input);
        return json_elements(&inner, into);
    }
    syn::braced!(inner in input);
    while !inner.is_empty() {
        let key = json_key(&inner, into)?;
        inner.parse::<Token![:]>()?;
        json_value(key, &inner, into)?;
        if !inner.is_empty() {
            inner.parse::<Token![,]>()?;
        }
    }
    Ok(())
}

fn json_elements(input: &ParseBuffer, into: &mut Vec<Argument>) -> syn::Result<()> {
    while !input.is_empty() {
        json_value(None, input, into)?;
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(())
}

/// A text, or an expression (in parentheses, mostly) that is kept as a value of its own.
fn json_key(input: &ParseBuffer, into: &mut Vec<Argument>) -> syn::Result<Option<Name>> {
    if input.peek(syn::LitStr) && input.peek2(Token![:]) {
        return Ok(Some(input.parse::<syn::LitStr>()?.value().into()));
    }
    if input.peek(Ident::peek_any) && input.peek2(Token![:]) && !input.peek2(Token![::]) {
        return Ok(Some(input.call(Ident::parse_any)?.unraw().to_string().into()));
    }
    into.push(Argument { name: None, value: Value::Expression(input.parse()?) });
    Ok(None)
}

fn matching(input: &ParseBuffer) -> syn::Result<Shape> {
    let value = input.parse()?;
    input.parse::<Token![,]>()?;
    let pattern = Pat::parse_multi_with_leading_vert(input)?;
    let guard = match input.parse::<Option<Token![if]>>()? {
        Some(_) => Some(input.parse()?),
        None => None,
    };
    // `assert_matches!` takes a message after the pattern.
    if input.peek(Token![,]) {
        while !input.is_empty() {
            input.parse::<TokenTree>()?;
        }
    }
    Ok(Shape::Matches(Box::new((value, pattern, guard))))
}

fn select_arms(input: &ParseBuffer) -> syn::Result<Vec<ParsedArm>> {
    if input.peek(Ident) && input.peek2(Token![;]) {
        // `biased;`
        input.parse::<Ident>()?;
        input.parse::<Token![;]>()?;
    }
    let mut arms = Vec::new();
    while !input.is_empty() {
        input.call(syn::Attribute::parse_outer)?;
        arms.push(select_arm(input)?);
        input.parse::<Option<Token![,]>>()?;
    }
    Ok(arms)
}

fn select_arm(input: &ParseBuffer) -> syn::Result<ParsedArm> {
    let (pattern, future) = if input.peek(Ident::peek_any) && input.peek2(Token![=>]) {
        input.call(Ident::parse_any)?;
        (None, None)
    } else {
        let (pattern, future) = awaited(input)?;
        (pattern, Some(future))
    };
    let guard = if input.peek(Token![,]) && input.peek2(Token![if]) {
        input.parse::<Token![,]>()?;
        input.parse::<Token![if]>()?;
        Some(input.parse()?)
    } else {
        None
    };
    input.parse::<Token![=>]>()?;
    let handler = Expr::parse_with_earlier_boundary_rule(input)?;
    Ok(ParsedArm { pattern, future, guard, handler })
}

/// `pattern = future`, or crossbeam's `recv(channel) -> pattern`, or a bare future.
fn awaited(input: &ParseBuffer) -> syn::Result<(Option<Pat>, Expr)> {
    let fork = input.fork();
    if let Ok(pattern) = Pat::parse_multi_with_leading_vert(&fork)
        && fork.peek(Token![=])
        && !fork.peek(Token![=>])
    {
        fork.parse::<Token![=]>()?;
        input.advance_to(&fork);
        return Ok((Some(pattern), input.parse()?));
    }
    let future = input.parse()?;
    if input.parse::<Option<Token![->]>>()?.is_some() {
        return Ok((Some(Pat::parse_single(input)?), future));
    }
    Ok((None, future))
}

/// `cfg_if!`'s `if #[cfg(..)] { .. } else { .. }`: the statements of every branch, each as a block.
fn branches(input: &ParseBuffer) -> syn::Result<Vec<Stmt>> {
    let mut blocks = Vec::new();
    loop {
        if input.parse::<Option<Token![if]>>()?.is_some() {
            input.call(syn::Attribute::parse_outer)?;
        }
        let block = input.parse()?;
        let empty = syn::ExprBlock { attrs: Vec::new(), label: None, block };
        blocks.push(Stmt::Expr(Expr::Block(empty), Some(Default::default())));
        if input.parse::<Option<Token![else]>>()?.is_none() {
            return Ok(blocks);
        }
    }
}

/// Names in the braces of a format string, from its source text with quotes; `start` is where that lies.
fn captures(source: &str, start: u32) -> Vec<(Name, Span)> {
    let mut found = Vec::new();
    let is_raw = source.starts_with('r');
    let bytes = source.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if !is_raw => at += escape_length(&bytes[at..]),
            b'{' if bytes.get(at + 1) == Some(&b'{') => at += 2,
            b'{' => {
                let end = bytes[at..].iter().position(|byte| *byte == b'}').map_or(bytes.len(), |length| at + length);
                placeholder(source, at + 1, end, start, &mut found);
                at = end + 1;
            }
            _ => at += 1,
        }
    }
    found
}

/// `\u{..}` has braces of its own.
fn escape_length(bytes: &[u8]) -> usize {
    if !bytes.starts_with(b"\\u{") {
        return 2;
    }
    bytes.iter().position(|byte| *byte == b'}').map_or(bytes.len(), |end| end + 1)
}

/// `name`, `name:spec`, and `width$`, `.precision$` in the spec.
fn placeholder(source: &str, from: usize, to: usize, start: u32, found: &mut Vec<(Name, Span)>) {
    let Some(inside) = source.get(from..to) else { return };
    let name_end = inside.find(':').unwrap_or(inside.len());
    let mut note = |at: usize, name: &str| {
        let trimmed = name.trim();
        if is_identifier(trimmed) {
            let begin = start + (from + at + (name.len() - name.trim_start().len())) as u32;
            found.push((trimmed.into(), Span { start: begin, end: begin + trimmed.len() as u32 }));
        }
    };
    note(0, &inside[..name_end]);
    let spec = &inside[name_end..];
    for (dollar, _) in spec.match_indices('$') {
        let before = &spec[..dollar];
        let name_start = before
            .rfind(|c: char| !(c.is_alphanumeric() || c == '_'))
            .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
        note(name_end + name_start, &before[name_start..]);
    }
}

fn is_identifier(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && text != "_"
        && characters.all(|c| c.is_alphanumeric() || c == '_')
}

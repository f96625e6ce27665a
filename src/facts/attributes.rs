//! Attributes and their arguments, read from token trees: they follow no one grammar.

use super::source_map::SourceMap;
use super::{Attribute, AttributeArgument, Path, Segment};
use crate::source::Span;
use proc_macro2::{Delimiter, TokenStream, TokenTree};

impl SourceMap<'_> {
    /// Doc comments are left out; what `cfg_attr` would add is added.
    pub fn attributes<'a>(&self, attributes: impl IntoIterator<Item = &'a syn::Attribute>) -> Vec<Attribute> {
        let mut lowered = Vec::new();
        for attribute in attributes {
            self.attribute(attribute, &mut lowered);
        }
        lowered
    }

    /// Start of the first attribute, doc comments counted, or else `start`.
    pub fn start_with_attributes(&self, attributes: &[syn::Attribute], start: u32) -> u32 {
        attributes.first().map_or(start, |attribute| self.start(attribute.pound_token.spans[0]).min(start))
    }

    fn attribute(&self, attribute: &syn::Attribute, into: &mut Vec<Attribute>) {
        let start = self.start(attribute.pound_token.spans[0]);
        if self.is_doc_comment(attribute, start) {
            return;
        }
        let end = self.end(attribute.bracket_token.span.close());
        let span = Span { start, end };
        let (text, arguments) = match &attribute.meta {
            syn::Meta::Path(_) => (Span::default(), Vec::new()),
            syn::Meta::List(list) => {
                let delimiters = list.delimiter.span();
                let inner = Span { start: self.end(delimiters.open()), end: self.start(delimiters.close()) };
                (inner, self.arguments(list.tokens.clone()))
            }
            syn::Meta::NameValue(pair) => {
                let inner = Span { start: self.end(pair.eq_token.spans[0]), end: end.saturating_sub(1) };
                (inner, vec![self.name_value(&pair.value, inner)])
            }
        };
        let path = self.path(attribute.path());
        let added = match &attribute.meta {
            syn::Meta::List(list) if attribute.path().is_ident("cfg_attr") => self.added(list.tokens.clone()),
            _ => Vec::new(),
        };
        into.push(Attribute { path, span, text: self.slice(text).trim().into(), arguments, conditional: false });
        into.extend(added);
    }

    fn is_doc_comment(&self, attribute: &syn::Attribute, start: u32) -> bool {
        // Two bytes: a slice that ends within a character would be empty.
        matches!(attribute.meta, syn::Meta::NameValue(_)) && self.slice(Span { start, end: start + 1 }) == "/"
    }

    fn name_value(&self, value: &syn::Expr, inner: Span) -> AttributeArgument {
        match value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => AttributeArgument::Text(text.value(), self.span(text.span())),
            _ => AttributeArgument::Other(self.slice(inner).trim().to_owned(), inner),
        }
    }

    /// The attributes that `cfg_attr(predicate, a, b(..))` adds.
    fn added(&self, tokens: TokenStream) -> Vec<Attribute> {
        let mut lowered = Vec::new();
        for piece in pieces(tokens).into_iter().skip(1) {
            let Some((path, rest)) = self.leading_path(&piece) else { continue };
            let span = self.span_of(&piece);
            let (text, arguments) = match rest {
                [TokenTree::Group(group)] => (self.inside(group), self.arguments(group.stream())),
                [TokenTree::Punct(equal), value @ ..] if equal.as_char() == '=' && !value.is_empty() => {
                    (self.span_of(value), vec![self.argument(value)])
                }
                _ => (Span::default(), Vec::new()),
            };
            let nested = match rest {
                [TokenTree::Group(group)] if path.last() == Some("cfg_attr") => self.added(group.stream()),
                _ => Vec::new(),
            };
            lowered.push(Attribute { path, span, text: self.slice(text).into(), arguments, conditional: true });
            lowered.extend(nested);
        }
        lowered
    }

    fn arguments(&self, tokens: TokenStream) -> Vec<AttributeArgument> {
        pieces(tokens).iter().filter(|piece| !piece.is_empty()).map(|piece| self.argument(piece)).collect()
    }

    fn argument(&self, piece: &[TokenTree]) -> AttributeArgument {
        if let [TokenTree::Literal(literal)] = piece
            && let Some(text) = text_of(literal)
        {
            return AttributeArgument::Text(text, self.span(literal.span()));
        }
        match self.leading_path(piece) {
            Some((path, [])) => AttributeArgument::Path(path),
            Some((path, [TokenTree::Group(group)])) => AttributeArgument::List { path, arguments: self.arguments(group.stream()) },
            Some((path, [TokenTree::Punct(equal), value @ ..])) if equal.as_char() == '=' && !value.is_empty() => {
                self.key_value(&path, value)
            }
            _ => {
                let span = self.span_of(piece);
                AttributeArgument::Other(self.slice(span).to_owned(), span)
            }
        }
    }

    fn key_value(&self, path: &Path, value: &[TokenTree]) -> AttributeArgument {
        let span = self.span_of(value);
        let text = match value {
            [TokenTree::Literal(literal)] => text_of(literal),
            _ => None,
        };
        let is_string = text.is_some();
        AttributeArgument::KeyValue { key: path.text().into(), value: text.unwrap_or_else(|| self.slice(span).to_owned()), is_string, span }
    }

    /// `a::b` at the start of `piece`, and what follows it.
    fn leading_path<'p>(&self, piece: &'p [TokenTree]) -> Option<(Path, &'p [TokenTree])> {
        let mut path = Path::default();
        let mut rest = piece;
        if let [TokenTree::Punct(a), TokenTree::Punct(b), after @ ..] = rest
            && a.as_char() == ':'
            && b.as_char() == ':'
        {
            path.global = true;
            rest = after;
        }
        loop {
            let [TokenTree::Ident(ident), after @ ..] = rest else { return None };
            let (name, span) = self.name(ident);
            path.segments.push(Segment { name, span, arguments: Vec::new(), bindings: Vec::new() });
            rest = after;
            match rest {
                [TokenTree::Punct(a), TokenTree::Punct(b), after @ ..] if a.as_char() == ':' && b.as_char() == ':' => rest = after,
                _ => break,
            }
        }
        let first = self.start(piece.first()?.span());
        path.span = Span { start: first, end: path.segments.last()?.span.end };
        Some((path, rest))
    }

    fn inside(&self, group: &proc_macro2::Group) -> Span {
        Span { start: self.end(group.span_open()), end: self.start(group.span_close()) }
    }

    pub fn span_of(&self, tokens: &[TokenTree]) -> Span {
        match (tokens.first(), tokens.last()) {
            (Some(first), Some(last)) => Span { start: self.start(first.span()), end: self.end(last.span()) },
            _ => Span::default(),
        }
    }
}

/// Split at top-level commas; commas in generic arguments split too, which leaves `Other` pieces and harms nothing.
fn pieces(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let mut pieces = vec![Vec::new()];
    for token in tokens {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == ',' => pieces.push(Vec::new()),
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => push(&mut pieces, group.stream()),
            _ => push(&mut pieces, [token]),
        }
    }
    pieces
}

fn push(pieces: &mut [Vec<TokenTree>], tokens: impl IntoIterator<Item = TokenTree>) {
    if let Some(last) = pieces.last_mut() {
        last.extend(tokens);
    }
}

fn text_of(literal: &proc_macro2::Literal) -> Option<String> {
    match syn::Lit::new(literal.clone()) {
        syn::Lit::Str(text) => Some(text.value()),
        _ => None,
    }
}

//! Expressions in the attributes of functions (`path = ROUTES.login`, `wrap = "guard()"`), as unnamed constants beside the function: resolve
//! reads them like any other initializer, and who reads the attribute finds them by their place.

use super::lower_expression::BodyBuilder;
use super::source_map::SourceMap;
use super::{Item, ItemKind, Name, Type, Visibility};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::sync::Arc;
use syn::Expr;

/// Keys whose values say where a route is and what is around it.
const KEYS: [&str; 2] = ["path", "wrap"];

impl SourceMap<'_> {
    pub fn attribute_values(&self, attributes: &[syn::Attribute], into: &mut Vec<Item>) {
        for attribute in attributes {
            let syn::Meta::List(list) = &attribute.meta else { continue };
            for (key, value) in values(list.tokens.clone()) {
                into.extend(self.attribute_value(&key, &value));
            }
        }
    }

    fn attribute_value(&self, key: &str, tokens: &[TokenTree]) -> Option<Item> {
        let value = match tokens {
            [TokenTree::Literal(literal)] => self.quoted(key, literal)?,
            _ => syn::parse2(tokens.iter().cloned().collect()).ok()?,
        };
        let span = self.span_of(tokens);
        let mut builder = BodyBuilder::new(self);
        let root = builder.id(&value);
        let body = Some(Arc::new(builder.finish(root)));
        let kind = ItemKind::Constant { ty: Type::Infer, is_static: false, value: body };
        Some(Item { name: Name::new_static("_"), name_span: span, span, visibility: Visibility::Private, attributes: Vec::new(), kind })
    }

    /// Code in quotes. What may as well be a path of a URL is none.
    fn quoted(&self, key: &str, literal: &proc_macro2::Literal) -> Option<Expr> {
        let syn::Lit::Str(text) = syn::Lit::new(literal.clone()) else { return None };
        // Names are read from the text at their place, where here the quote stands.
        if !self.slice(self.span(literal.span())).starts_with('"') || text.value().starts_with('/') {
            return None;
        }
        let value: Expr = text.parse().ok()?;
        let is_code = match &value {
            Expr::Field(_) | Expr::MethodCall(_) | Expr::Call(_) | Expr::Macro(_) | Expr::Index(_) | Expr::Reference(_) => true,
            Expr::Path(path) => key != "path" || path.path.segments.len() > 1 || text.value().chars().all(|one| !one.is_lowercase()),
            _ => false,
        };
        is_code.then_some(value)
    }
}

/// `key = value` pieces whose key is one of [`KEYS`] and whose value is more than a literal path.
fn values(tokens: TokenStream) -> Vec<(String, Vec<TokenTree>)> {
    let mut found = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(first) = tokens.next() {
        let mut piece = Vec::new();
        let key = KEYS.iter().find(|key| matches!(&first, TokenTree::Ident(name) if name == *key));
        let equal = matches!(tokens.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == '=');
        let is_end = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
        if is_end(&first) {
            continue;
        }
        while let Some(token) = tokens.next_if(|token| !is_end(token)) {
            match token {
                TokenTree::Group(group) if group.delimiter() == Delimiter::None => piece.extend(group.stream()),
                token => piece.push(token),
            }
        }
        if let (Some(key), true) = (key, equal) {
            piece.remove(0);
            found.push((key.to_string(), piece));
        }
    }
    found
}

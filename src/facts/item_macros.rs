//! Macros in item position, and `macro_rules!` definitions.

use super::generated;
use super::source_map::SourceMap;
use super::{Item, ItemKind, MacroArm, Name, Path, Segment, Visibility};
use crate::source::Span;
use proc_macro2::{TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::{Ident, Token};

/// Kept as text only: what looks like an item in them is none.
const TEXT_ONLY: &[&str] = &["include", "table", "allow_tables_to_appear_in_same_query", "joinable"];

impl SourceMap<'_> {
    pub fn item_macro_call(&self, call: &syn::Macro) -> ItemKind {
        let path = self.path(&call.path);
        let delimiters = call.delimiter.span();
        let inner = Span { start: self.end(delimiters.open()), end: self.start(delimiters.close()) };
        let name = path.last().unwrap_or_default();
        let items = match name {
            "table" => generated::table(self.slice(inner), inner),
            "paste" => self.pasted_items(call),
            name if TEXT_ONLY.contains(&name) => Vec::new(),
            _ => self.items_inside(call),
        };
        ItemKind::MacroCall { path, text: self.slice(inner).into(), inner, items }
    }

    fn items_inside(&self, call: &syn::Macro) -> Vec<Item> {
        let parsed =
            call.parse_body_with(plain_items).or_else(|_| call.parse_body_with(branches)).or_else(|_| call.parse_body_with(selected));
        match parsed {
            Ok(items) => self.items(&items.into_iter().filter(is_understood).collect::<Vec<_>>()),
            Err(_) => call.parse_body_with(lazy_statics).map_or_else(|_| Vec::new(), |statics| self.lazy_items(&statics)),
        }
    }

    fn pasted_items(&self, call: &syn::Macro) -> Vec<Item> {
        let parsed = plain_items.parse2(super::paste::pasted(call.tokens.clone(), 0));
        parsed.map_or_else(|_| Vec::new(), |items| self.items(&items.into_iter().filter(is_understood).collect::<Vec<_>>()))
    }

    fn lazy_items(&self, statics: &[LazyStatic]) -> Vec<Item> {
        statics.iter().map(|one| self.lazy_item(one)).collect()
    }

    fn lazy_item(&self, one: &LazyStatic) -> Item {
        let (name, name_span) = self.name(&one.name);
        let keyword = self.start(one.keyword.span);
        let start = match &one.visibility {
            syn::Visibility::Public(token) => self.start(token.span),
            syn::Visibility::Restricted(restricted) => self.start(restricted.pub_token.span),
            syn::Visibility::Inherited => keyword,
        };
        let visibility = match &one.visibility {
            syn::Visibility::Public(_) => Visibility::Public,
            syn::Visibility::Restricted(_) => Visibility::Restricted,
            syn::Visibility::Inherited => Visibility::Private,
        };
        let end = one.semicolon.as_ref().map_or(name_span.end, |semicolon| self.end(semicolon.spans[0]));
        let span = Span { start: self.start_with_attributes(&one.attributes, start), end };
        let kind = self.constant_kind(&one.ty, true, one.value.as_ref());
        Item { name, name_span, span, visibility, attributes: self.attributes(&one.attributes), kind }
    }

    pub fn macro_rules(&self, call: &syn::Macro, exported: bool) -> ItemKind {
        let mut arms = Vec::new();
        let mut paths = Vec::new();
        let mut groups = call.tokens.clone().into_iter().filter_map(|token| match token {
            TokenTree::Group(group) => Some(group),
            _ => None,
        });
        while let (Some(matcher), Some(transcriber)) = (groups.next(), groups.next()) {
            self.paths_in(transcriber.stream(), &mut paths);
            arms.push(MacroArm { matcher: self.group_text(&matcher).into(), transcriber: self.group_text(&transcriber).into() });
        }
        ItemKind::MacroRules { arms, paths, exported }
    }

    fn group_text(&self, group: &proc_macro2::Group) -> &str {
        self.slice(Span { start: self.end(group.span_open()), end: self.start(group.span_close()) })
    }

    /// Every `a::b` in the tokens, with `$crate` as one segment.
    fn paths_in(&self, tokens: TokenStream, into: &mut Vec<Path>) {
        let mut path = Path::default();
        let mut colons = 0;
        let mut dollar = None;
        for token in tokens {
            match &token {
                TokenTree::Punct(punct) if punct.as_char() == ':' => {
                    colons += 1;
                    dollar = None;
                    continue;
                }
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        finish_path(&mut path, into);
                    }
                    self.extend_path(&mut path, ident, dollar.take());
                }
                TokenTree::Group(group) => {
                    finish_path(&mut path, into);
                    self.paths_in(group.stream(), into);
                }
                other => {
                    finish_path(&mut path, into);
                    dollar = matches!(other, TokenTree::Punct(punct) if punct.as_char() == '$').then(|| self.start(other.span()));
                    colons = 0;
                    continue;
                }
            }
            colons = 0;
            dollar = None;
        }
        finish_path(&mut path, into);
    }

    fn extend_path(&self, path: &mut Path, ident: &Ident, dollar: Option<u32>) {
        let (mut name, mut span) = self.name(ident);
        if let Some(start) = dollar {
            if name != "crate" {
                // A macro variable: what it stands for is unknown, so the path ends before it.
                return;
            }
            name = Name::new("$crate");
            span.start = start;
        }
        if path.segments.is_empty() {
            path.span = span;
        }
        path.span.end = span.end;
        path.segments.push(Segment { name, span, arguments: Vec::new(), bindings: Vec::new() });
    }
}

/// Macros may take what only looks like an item, such as a function without a body.
fn is_understood(item: &syn::Item) -> bool {
    !matches!(item, syn::Item::Verbatim(_))
}

fn finish_path(path: &mut Path, into: &mut Vec<Path>) {
    let path = std::mem::take(path);
    if path.segments.len() > 1 {
        into.push(path);
    }
}

fn plain_items(input: ParseStream) -> syn::Result<Vec<syn::Item>> {
    let mut items = Vec::new();
    // Some macros take the `cfg` of all that follows as an inner attribute.
    input.call(syn::Attribute::parse_inner)?;
    while !input.is_empty() {
        items.push(input.parse()?);
    }
    Ok(items)
}

/// `cfg_if!`: the items of every branch, for each may be the one that is built.
fn branches(input: ParseStream) -> syn::Result<Vec<syn::Item>> {
    let mut items = Vec::new();
    loop {
        if input.parse::<Option<Token![if]>>()?.is_some() {
            input.call(syn::Attribute::parse_outer)?;
        }
        let inner;
        syn::braced!(inner in input);
        items.extend(plain_items(&inner)?);
        if input.parse::<Option<Token![else]>>()?.is_none() {
            return if input.is_empty() { Ok(items) } else { Err(input.error("expected `else`")) };
        }
    }
}

/// `cfg_select!`: `predicate => { items }`, again of every branch.
fn selected(input: ParseStream) -> syn::Result<Vec<syn::Item>> {
    let mut items = Vec::new();
    while !input.is_empty() {
        while !input.peek(Token![=>]) {
            input.parse::<TokenTree>()?;
        }
        input.parse::<Token![=>]>()?;
        let inner;
        syn::braced!(inner in input);
        items.extend(plain_items(&inner)?);
    }
    Ok(items)
}

/// `static ref NAME: Type = value;` of `lazy_static!`, and `static NAME: Type` without a value or a final semicolon.
pub(super) struct LazyStatic {
    attributes: Vec<syn::Attribute>,
    visibility: syn::Visibility,
    keyword: Token![static],
    name: Ident,
    ty: syn::Type,
    pub value: Option<syn::Expr>,
    pub semicolon: Option<Token![;]>,
}

pub(super) fn lazy_statics(input: ParseStream) -> syn::Result<Vec<LazyStatic>> {
    let mut statics = Vec::new();
    while !input.is_empty() {
        statics.push(lazy_static(input)?);
    }
    Ok(statics)
}

fn lazy_static(input: ParseStream) -> syn::Result<LazyStatic> {
    let attributes = input.call(syn::Attribute::parse_outer)?;
    let visibility = input.parse()?;
    let keyword = input.parse()?;
    input.parse::<Option<Token![ref]>>()?;
    let name = input.parse()?;
    input.parse::<Token![:]>()?;
    let ty = input.parse()?;
    let value = match input.parse::<Option<Token![=]>>()? {
        Some(_) => {
            input.parse::<Option<Token![const]>>()?;
            Some(input.parse()?)
        }
        None => None,
    };
    let semicolon = if input.is_empty() { None } else { Some(input.parse()?) };
    Ok(LazyStatic { attributes, visibility, keyword, name, ty, value, semicolon })
}

//! Files that syn rejects: split into items, each parsed alone, so that one bad item does not lose the others.

use super::lexer::{TokenKind, code_tokens};
use super::source_map::SourceMap;
use super::{Attribute, Item, Problem};
use crate::source::{FileId, Span};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::parse::Parser;

#[derive(Default)]
pub(super) struct Recovered {
    pub items: Vec<Item>,
    pub attributes: Vec<Attribute>,
    pub problems: Vec<Problem>,
}

/// The readable items of `text[base..]`.
pub(super) fn recover(file: FileId, text: &str, base: usize) -> Recovered {
    let map = SourceMap::new(file, &text[base..], base);
    let mut recovered = Recovered::default();
    match map.text.parse::<TokenStream>() {
        Ok(tokens) => {
            by_tokens(&map, tokens, &mut recovered);
            recovered.problems = map.into_problems();
        }
        Err(_) => by_text(file, text, base, &mut recovered),
    }
    recovered
}

fn by_tokens(map: &SourceMap<'_>, tokens: TokenStream, recovered: &mut Recovered) {
    for piece in pieces(tokens) {
        if let Ok(attributes) = syn::Attribute::parse_inner.parse2(piece.iter().cloned().collect())
            && !attributes.is_empty()
        {
            recovered.attributes.extend(map.attributes(&attributes));
            continue;
        }
        if let Some(item) = parse_item(map, piece) {
            map.item(&item, &mut recovered.items);
        }
    }
}

/// Token trees up to a `;` or to braces that end an item.
fn pieces(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let mut pieces = Vec::new();
    let mut piece: Vec<TokenTree> = Vec::new();
    for token in tokens {
        let ends = match &token {
            TokenTree::Punct(punct) => punct.as_char() == ';',
            TokenTree::Group(group) => match group.delimiter() {
                Delimiter::Brace => !ends_with_semicolon(&piece),
                Delimiter::Bracket => is_inner_attribute(&piece),
                _ => false,
            },
            _ => false,
        };
        // The `;` after `macro! { .. };` is no item.
        let is_stray = ends && piece.is_empty() && matches!(token, TokenTree::Punct(_));
        if !is_stray {
            piece.push(token);
        }
        if ends && !piece.is_empty() {
            pieces.push(std::mem::take(&mut piece));
        }
    }
    if !piece.is_empty() {
        pieces.push(piece);
    }
    pieces
}

fn is_inner_attribute(piece: &[TokenTree]) -> bool {
    matches!(piece, [TokenTree::Punct(pound), TokenTree::Punct(bang)] if pound.as_char() == '#' && bang.as_char() == '!')
}

/// `const X: T = Value { .. };` goes on after its braces, `const fn` does not.
fn ends_with_semicolon(piece: &[TokenTree]) -> bool {
    let mut words = piece.iter().filter_map(|token| match token {
        TokenTree::Ident(ident) => Some(ident.to_string()),
        _ => None,
    });
    let first = words.find(|word| !matches!(word.as_str(), "pub" | "crate" | "default" | "r#pub"));
    match first.as_deref() {
        Some("use" | "static" | "type") => true,
        Some("const") => !matches!(words.next().as_deref(), Some("fn" | "async" | "unsafe" | "extern")),
        _ => false,
    }
}

fn parse_item(map: &SourceMap<'_>, piece: Vec<TokenTree>) -> Option<syn::Item> {
    let error = match syn::parse2::<syn::Item>(piece.iter().cloned().collect()) {
        Ok(item) => return Some(item),
        Err(error) => error,
    };
    let item = without_contents(&piece);
    if item.is_none() {
        let span = map.span(error.span());
        let span = if span.end == 0 { map.span_of(&piece) } else { span };
        map.problem(span, left_out(&error));
    }
    item.map(|(item, contents)| with_readable_contents(map, item, contents))
}

fn left_out(error: &syn::Error) -> String {
    let error = error.to_string();
    // The list of what could have begun an item is long and helps nobody.
    let reason = error.split_once(" one of:").map_or(error.as_str(), |_| "no item begins like this");
    format!("this item is left out, it does not parse: {reason}")
}

/// A module, impl or trait with its braces emptied, and what was in them.
fn without_contents(piece: &[TokenTree]) -> Option<(syn::Item, TokenStream)> {
    let (TokenTree::Group(group), header) = piece.split_last()? else { return None };
    if group.delimiter() != Delimiter::Brace {
        return None;
    }
    let mut empty = Group::new(Delimiter::Brace, TokenStream::new());
    empty.set_span(group.span());
    let tokens = header.iter().cloned().chain([TokenTree::Group(empty)]).collect();
    match syn::parse2::<syn::Item>(tokens).ok()? {
        item @ (syn::Item::Mod(_) | syn::Item::Impl(_) | syn::Item::Trait(_)) => Some((item, group.stream())),
        _ => None,
    }
}

fn with_readable_contents(map: &SourceMap<'_>, mut item: syn::Item, contents: TokenStream) -> syn::Item {
    for piece in pieces(contents) {
        match &mut item {
            syn::Item::Mod(module) => {
                let parsed = parse_item(map, piece);
                if let Some((_, items)) = &mut module.content {
                    items.extend(parsed);
                }
            }
            syn::Item::Impl(block) => block.items.extend(parse_member(map, piece)),
            syn::Item::Trait(declaration) => declaration.items.extend(parse_member(map, piece)),
            _ => {}
        }
    }
    item
}

fn parse_member<T: syn::parse::Parse>(map: &SourceMap<'_>, piece: Vec<TokenTree>) -> Option<T> {
    let span = map.span_of(&piece);
    match syn::parse2::<T>(piece.into_iter().collect()) {
        Ok(member) => Some(member),
        Err(error) => {
            map.problem(span, left_out(&error));
            None
        }
    }
}

/// Where not even tokens can be made, the text is cut after each item's last brace or semicolon.
fn by_text(file: FileId, text: &str, base: usize, recovered: &mut Recovered) {
    for chunk in chunks(text, base) {
        proc_macro2::extra::invalidate_current_thread_spans();
        let map = SourceMap::new(file, &text[chunk.start as usize..chunk.end as usize], chunk.start as usize);
        match map.text.parse::<TokenStream>() {
            Ok(tokens) => by_tokens(&map, tokens, recovered),
            Err(_) => map.problem(chunk, "this part of the file is left out, it is no sequence of Rust tokens"),
        }
        recovered.problems.extend(map.into_problems());
    }
}

fn chunks(text: &str, base: usize) -> Vec<Span> {
    let mut chunks = Vec::new();
    let mut depth = 0_usize;
    let mut start = base;
    for token in code_tokens(text, base) {
        let at_line_start = text.as_bytes()[..token.start].last().is_none_or(|byte| *byte == b'\n');
        let ends = match token.kind {
            TokenKind::Open(_) => {
                depth += 1;
                false
            }
            // A brace in the first column ends an item, whatever is missing or left over before it.
            TokenKind::Close(b'}') if at_line_start => true,
            TokenKind::Close(byte) => {
                depth = depth.saturating_sub(1);
                depth == 0 && byte == b'}'
            }
            TokenKind::Punctuation(b';') => depth == 0,
            _ => false,
        };
        if ends {
            depth = 0;
            chunks.push(Span::new(start, token.end));
            start = token.end;
        }
    }
    if !text[start..].trim().is_empty() {
        chunks.push(Span::new(start, text.len()));
    }
    chunks
}

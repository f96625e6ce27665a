//! `macro_rules!` of the same file, expanded by substitution. Tokens keep their places: what a rule writes is told at the rule, what the
//! caller gives at the call.

use super::source_map::SourceMap;
use proc_macro2::{Delimiter, Group, Ident, Punct, TokenStream, TokenTree};
use std::collections::BTreeMap;
use std::rc::Rc;
use syn::Token;
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Parser};

/// Rules that call rules: deeper than this stays unread.
pub(super) const DEEPEST: usize = 4;
/// Tokens written per file: rules that double their input must not fill the memory.
const MOST_TOKENS: usize = 20_000;
/// Lists inside lists of a rule.
const DEEPEST_LIST: usize = 16;

/// Matchers with their transcribers.
pub(super) type Arms = Vec<(TokenStream, TokenStream)>;
/// Rules by name.
pub(super) type Rules = BTreeMap<String, Arms>;
type Bindings = BTreeMap<String, Bound>;

#[derive(Clone)]
enum Bound {
    One(TokenStream),
    Many(Rc<Vec<Bindings>>),
}

/// Definitions among these items and in their inline modules. The last one of a name counts.
pub(super) fn collect(items: &[syn::Item], into: &mut Rules) {
    for item in items {
        match item {
            syn::Item::Macro(call) if call.mac.path.is_ident("macro_rules") => {
                if let Some(name) = &call.ident {
                    into.insert(super::source_map::name_of(name).to_string(), arms(call.mac.tokens.clone()));
                }
            }
            syn::Item::Mod(module) => module.content.iter().for_each(|(_, items)| collect(items, into)),
            _ => {}
        }
    }
}

fn arms(tokens: TokenStream) -> Arms {
    let mut groups = tokens.into_iter().filter_map(|token| match token {
        TokenTree::Group(group) => Some(group.stream()),
        _ => None,
    });
    let mut arms = Vec::new();
    while let (Some(matcher), Some(transcriber)) = (groups.next(), groups.next()) {
        arms.push((matcher, transcriber));
    }
    arms
}

/// The one expression that the call stands for.
pub(super) fn expression(map: &SourceMap, call: &syn::Macro) -> Option<syn::Expr> {
    let arms = map.rules.get(&super::source_map::name_of(call.path.get_ident()?).to_string())?;
    let mut left = MOST_TOKENS.checked_sub(map.expanded.get())?;
    let (bindings, transcriber) = arm_for(arms, &call.tokens)?;
    let written = transcribe(transcriber.clone(), &bindings, &mut left, 0, "crate");
    // What could not be written costs too: a rule that grows without end would be tried again and again.
    map.expanded.set(if written.is_some() { MOST_TOKENS - left } else { map.expanded.get() + MOST_TOKENS / 8 });
    let written = written?;
    syn::parse2(written).ok()
}

/// What the first arm that takes `given` writes; `left` tokens may still be written. `own_crate` stands for `$crate`.
pub(super) fn items(arms: &Arms, given: TokenStream, own_crate: &str, left: &mut usize) -> Option<TokenStream> {
    let (bindings, transcriber) = arm_for(arms, &given)?;
    transcribe(transcriber.clone(), &bindings, left, 0, own_crate)
}

fn arm_for<'r>(arms: &'r Arms, given: &TokenStream) -> Option<(Bindings, &'r TokenStream)> {
    arms.iter().find_map(|(matcher, transcriber)| {
        let whole = |input: ParseStream| matches(matcher.clone(), input, 0);
        Some((whole.parse2(given.clone()).ok()?, transcriber))
    })
}

fn matches(matcher: TokenStream, input: ParseStream, depth: usize) -> syn::Result<Bindings> {
    let mut bindings = Bindings::new();
    let mut tokens = matcher.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '$' => match tokens.next() {
                Some(TokenTree::Ident(name)) => {
                    tokens.next();
                    let Some(TokenTree::Ident(fragment)) = tokens.next() else { return Err(input.error("no fragment")) };
                    bindings.insert(name.to_string(), Bound::One(self::fragment(&fragment.to_string(), input)?));
                }
                Some(TokenTree::Group(group)) if depth < DEEPEST_LIST => {
                    let separator = separator(&mut tokens);
                    let rounds = Rc::new(rounds(&group.stream(), separator.as_ref(), input, depth)?);
                    for name in variables(group.stream(), 0) {
                        bindings.insert(name, Bound::Many(rounds.clone()));
                    }
                }
                _ => return Err(input.error("no rule")),
            },
            TokenTree::Group(group) => {
                let TokenTree::Group(given) = input.parse()? else { return Err(input.error("no group")) };
                if given.delimiter() != group.delimiter() || depth >= DEEPEST_LIST {
                    return Err(input.error("another group"));
                }
                let inside = |input: ParseStream| matches(group.stream(), input, depth + 1);
                bindings.extend(inside.parse2(given.stream())?);
            }
            other => expect(&other, input)?,
        }
    }
    Ok(bindings)
}

fn expect(token: &TokenTree, input: ParseStream) -> syn::Result<()> {
    let given: TokenTree = input.parse()?;
    if given.to_string() == token.to_string() { Ok(()) } else { Err(input.error("another token")) }
}

/// `,` and `*` of `$(..),*`.
fn separator(tokens: &mut std::iter::Peekable<impl Iterator<Item = TokenTree>>) -> Option<Punct> {
    let Some(TokenTree::Punct(first)) = tokens.next() else { return None };
    if matches!(first.as_char(), '*' | '+' | '?') {
        return None;
    }
    tokens.next();
    Some(first)
}

fn rounds(matcher: &TokenStream, separator: Option<&Punct>, input: ParseStream, depth: usize) -> syn::Result<Vec<Bindings>> {
    let mut rounds = Vec::new();
    while !input.is_empty() {
        let fork = input.fork();
        if let (Some(separator), false) = (separator, rounds.is_empty())
            && expect(&TokenTree::Punct(separator.clone()), &fork).is_err()
        {
            break;
        }
        let before = fork.cursor();
        match matches(matcher.clone(), &fork, depth + 1) {
            Ok(bindings) if fork.cursor() != before => rounds.push(bindings),
            _ => break,
        }
        input.advance_to(&fork);
    }
    Ok(rounds)
}

fn fragment(kind: &str, input: ParseStream) -> syn::Result<TokenStream> {
    let fork = input.fork();
    match kind {
        "expr" | "expr_2021" => drop(fork.parse::<syn::Expr>()?),
        "ident" => drop(fork.call(Ident::parse_any)?),
        "path" => drop(fork.parse::<syn::Path>()?),
        "ty" => drop(fork.parse::<syn::Type>()?),
        "literal" => {
            fork.parse::<Option<Token![-]>>()?;
            fork.parse::<syn::Lit>()?;
        }
        "lifetime" => drop(fork.parse::<syn::Lifetime>()?),
        "block" => drop(fork.parse::<syn::Block>()?),
        "tt" => drop(fork.parse::<TokenTree>()?),
        "item" => drop(fork.parse::<syn::Item>()?),
        "vis" => drop(fork.parse::<syn::Visibility>()?),
        "meta" => drop(fork.parse::<syn::Meta>()?),
        "stmt" => drop(fork.parse::<syn::Stmt>()?),
        "pat" => drop(fork.call(syn::Pat::parse_multi_with_leading_vert)?),
        "pat_param" => drop(fork.call(syn::Pat::parse_single)?),
        _ => return Err(input.error("a fragment that is not read")),
    }
    let mut taken = TokenStream::new();
    while input.cursor() != fork.cursor() {
        taken.extend([input.parse::<TokenTree>()?]);
    }
    // `$a.b()` is about all of `$a`.
    let whole = kind.starts_with("expr") && taken.clone().into_iter().nth(1).is_some();
    if !whole {
        return Ok(taken);
    }
    let first = taken.clone().into_iter().next().map(|token| token.span());
    let mut group = Group::new(Delimiter::Parenthesis, taken);
    first.into_iter().for_each(|span| group.set_span(span));
    Ok(TokenTree::Group(group).into())
}

/// Names of the variables in a part of a rule.
fn variables(tokens: TokenStream, depth: usize) -> Vec<String> {
    let mut names = Vec::new();
    let mut after_dollar = false;
    for token in tokens {
        match &token {
            TokenTree::Ident(name) if after_dollar => names.push(name.to_string()),
            TokenTree::Group(group) if depth < DEEPEST_LIST => names.extend(variables(group.stream(), depth + 1)),
            _ => {}
        }
        after_dollar = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '$');
    }
    names
}

fn transcribe(tokens: TokenStream, bindings: &Bindings, left: &mut usize, depth: usize, own_crate: &str) -> Option<TokenStream> {
    if depth > 2 * DEEPEST_LIST {
        return None;
    }
    let mut written = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        *left = left.checked_sub(1)?;
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '$' => match tokens.next()? {
                TokenTree::Ident(name) => match bindings.get(&name.to_string()) {
                    Some(Bound::One(given)) => {
                        *left = left.checked_sub(given.clone().into_iter().count())?;
                        written.extend(given.clone());
                    }
                    None if name == "crate" => written.push(TokenTree::Ident(Ident::new(own_crate, name.span()))),
                    // What no matcher binds stays as it is, such as the variables of rules that a rule writes.
                    None => written.extend([TokenTree::Punct(punct), TokenTree::Ident(name)]),
                    _ => return None,
                },
                TokenTree::Group(group) => {
                    let separator = separator(&mut tokens);
                    let names = variables(group.stream(), 0);
                    let rounds = names.iter().find_map(|name| match bindings.get(name) {
                        Some(Bound::Many(rounds)) => Some(rounds),
                        _ => None,
                    })?;
                    for (at, round) in rounds.iter().enumerate() {
                        if let (Some(separator), true) = (&separator, at > 0) {
                            written.push(TokenTree::Punct(separator.clone()));
                        }
                        let mut known = bindings.clone();
                        known.extend(round.clone());
                        written.extend(transcribe(group.stream(), &known, left, depth + 1, own_crate)?);
                    }
                }
                _ => return None,
            },
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), transcribe(group.stream(), bindings, left, depth + 1, own_crate)?);
                inner.set_span(group.span());
                written.push(TokenTree::Group(inner));
            }
            other => written.push(other),
        }
    }
    Some(written.into_iter().collect())
}

//! Items that `macro_rules!` of the workspace write. Facts keep rules and calls as text; whoever knows which rule a call means asks for what
//! it writes. Written text is an addition to the file of the call: its offsets begin at [`Written::FIRST`], so every token of it has a place of
//! its own, and [`crate::source::Sources`] tells where that is for a reader.

use super::expand::{self, Arms};
use super::source_map::SourceMap;
use super::{Item, ItemKind, MacroArm, guard};
use crate::source::{FileId, Span, Written};
use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Tokens that rules of one workspace may write: rules that double their input must not fill the memory.
const MOST_TOKENS: usize = 200_000;

/// `$crate` in a rule of another crate becomes a name that begins like this and ends with the number of that crate.
pub const CRATE_OF_RULE: &str = "__crate_of_rule_";

/// A macro call in item position.
#[derive(Clone, Copy)]
pub struct RuleCall<'a> {
    pub file: FileId,
    /// What is between the delimiters, and where.
    pub text: &'a str,
    pub inner: Span,
    /// Of the whole call.
    pub span: Span,
    pub position: Position,
}

/// What a call stands among.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    Items,
    ImplItems,
    TraitItems,
}

/// Remembers rules that it has read.
pub struct Expander {
    rules: FxHashMap<Arc<str>, Arms>,
    left: usize,
}

impl Default for Expander {
    fn default() -> Self {
        Self { rules: FxHashMap::default(), left: MOST_TOKENS }
    }
}

impl Expander {
    /// What the rule `arms`, known as `path`, writes for `call`, as an addition to its file that begins at `start`. `None` where no arm takes
    /// the arguments or what it writes is not understood.
    pub fn items(
        &mut self,
        path: &Arc<str>,
        arms: &[MacroArm],
        own_crate: &str,
        call: &RuleCall,
        start: u32,
    ) -> Option<(Vec<Item>, Written)> {
        let left = &mut self.left;
        let arms = self.rules.entry(path.clone()).or_insert_with(|| read(arms));
        let attempt = std::panic::AssertUnwindSafe(|| written(arms, own_crate, call, start, left));
        // Whatever a parser does with one call, the others are still to be read.
        let made = std::panic::catch_unwind(attempt).ok().flatten();
        proc_macro2::extra::invalidate_current_thread_spans();
        made
    }
}

fn read(arms: &[MacroArm]) -> Arms {
    let tokens = |text: &str| text.parse::<TokenStream>().ok().map(placeless);
    arms.iter().map_while(|arm| Some((tokens(&arm.matcher)?, tokens(&arm.transcriber)?))).collect()
}

/// Without places, by which what a rule says is told from what its caller gives.
fn placeless(tokens: TokenStream) -> TokenStream {
    let nowhere = proc_macro2::Span::call_site();
    let one = |mut token: TokenTree| {
        if let TokenTree::Group(group) = &token {
            token = TokenTree::Group(Group::new(group.delimiter(), placeless(group.stream())));
        }
        token.set_span(nowhere);
        token
    };
    tokens.into_iter().map(one).collect()
}

fn written(arms: &Arms, own_crate: &str, call: &RuleCall, start: u32, left: &mut usize) -> Option<(Vec<Item>, Written)> {
    let given: TokenStream = call.text.parse().ok()?;
    let made = expand::items(arms, given, own_crate, left)?;
    let map = SourceMap::new(call.file, call.text, call.inner.start as usize);
    let mut printer = Printer { map: &map, start, text: String::new(), pieces: Vec::new() };
    printer.text.push_str(match call.position {
        Position::Items => "",
        Position::ImplItems => "impl Written {",
        Position::TraitItems => "trait Written {",
    });
    printer.print(made);
    if call.position != Position::Items {
        printer.text.push('}');
    }
    let Printer { text, pieces, .. } = printer;
    if guard::refusal(&text, 0).is_some() {
        return None;
    }
    let items = read_items(call, &text, start)?;
    Some((items, Written { file: call.file, start, text, pieces, call: call.span }))
}

fn read_items(call: &RuleCall, text: &str, start: u32) -> Option<Vec<Item>> {
    let parsed = syn::parse_str::<syn::File>(text).ok()?;
    let mut map = SourceMap::new(call.file, text, start as usize);
    expand::collect(&parsed.items, &mut map.rules);
    let mut items = map.items(&parsed.items);
    if call.position == Position::Items {
        return Some(items);
    }
    match items.pop()?.kind {
        ItemKind::Impl(block) => Some(block.items),
        ItemKind::Trait(declaration) => Some(declaration.items),
        _ => None,
    }
}

/// Writes tokens as text, and where those of the caller come from.
struct Printer<'m> {
    map: &'m SourceMap<'m>,
    start: u32,
    text: String,
    pieces: Vec<(Span, Span)>,
}

impl Printer<'_> {
    fn print(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.group(&group),
                TokenTree::Punct(punct) => {
                    self.token(&punct.as_char().to_string(), punct.span());
                    if punct.spacing() == Spacing::Alone {
                        self.text.push(' ');
                    }
                }
                token => {
                    self.token(&token.to_string(), token.span());
                    self.text.push(' ');
                }
            }
        }
    }

    fn group(&mut self, group: &Group) {
        let (open, close) = match group.delimiter() {
            Delimiter::Parenthesis => ("(", ") "),
            Delimiter::Brace => ("{ ", "} "),
            Delimiter::Bracket => ("[", "] "),
            Delimiter::None => ("", " "),
        };
        self.token(open, group.span_open());
        self.print(group.stream());
        self.token(close, group.span_close());
    }

    fn token(&mut self, text: &str, span: proc_macro2::Span) {
        let from = self.start + self.text.len() as u32;
        self.text.push_str(text);
        if span.start() != span.end() {
            self.pieces.push((Span { start: from, end: from + text.len() as u32 }, self.map.span(span)));
        }
    }
}

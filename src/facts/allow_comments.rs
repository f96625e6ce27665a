//! Allow comments: `// moai-backend: allow(lint, ..) reason = ".."`, what they say and what they cover.

use super::lexer::{Lexer, Token, TokenKind, code_tokens};
use super::{AllowComment, AllowScope, Body, ExpressionKind, Item, ItemKind, Name, Statement};
use crate::source::Span;

const MARKER: &str = "moai-backend:";
const EXAMPLE: &str = "write `// moai-backend: allow(lint_name) reason = \"why\"`";

/// In source order. `items` are those of the same text.
pub(super) fn allow_comments(text: &str, base: usize, items: &[Item]) -> Vec<AllowComment> {
    if !text.contains(MARKER) {
        return Vec::new();
    }
    Lexer::new(text, base).filter(|token| token.kind == TokenKind::Comment).filter_map(|token| allow_comment(text, token, items)).collect()
}

fn allow_comment(text: &str, token: Token, items: &[Item]) -> Option<AllowComment> {
    let comment = &text[token.start..token.end];
    let inside = match comment.strip_prefix("/*") {
        Some(inside) => inside.strip_suffix("*/").unwrap_or(inside),
        None => comment.trim_start_matches('/'),
    };
    let words = inside.trim().strip_prefix(MARKER)?;
    let at = token.start + (words.as_ptr() as usize - comment.as_ptr() as usize);
    let mut said = Said::default();
    let complaint = Reader { rest: words, at }.read(&mut said).err();
    let (scope, uncovered) = match said.whole_file {
        true => (AllowScope::File, None),
        false => scope(text, token, items),
    };
    Some(AllowComment {
        span: Span::new(token.start, token.end),
        scope,
        lints: said.lints,
        reason: said.reason,
        until: said.until,
        malformed: complaint.or(uncovered),
    })
}

#[derive(Default)]
struct Said {
    whole_file: bool,
    lints: Vec<(Name, Span)>,
    reason: Option<String>,
    until: Option<String>,
}

/// Reads what follows the marker, with offsets in the file.
struct Reader<'t> {
    rest: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn read(mut self, said: &mut Said) -> Result<(), String> {
        match self.word() {
            "allow" => {}
            "allow-file" => said.whole_file = true,
            "" => return Err(format!("nothing is allowed here: {EXAMPLE}")),
            other => return Err(format!("`{other}` is not known: {EXAMPLE}, or `allow-file(..)` for a whole file")),
        }
        self.lints(said)?;
        while !self.rest.is_empty() {
            self.pair(said)?;
        }
        match said.reason.as_deref().map(str::trim) {
            None => Err(format!("the reason is missing: {EXAMPLE}")),
            Some("") => Err(format!("the reason is empty: {EXAMPLE}")),
            Some(_) => Ok(()),
        }
    }

    fn lints(&mut self, said: &mut Said) -> Result<(), String> {
        if !self.take('(') {
            return Err(format!("the list of lints in parentheses is missing: {EXAMPLE}"));
        }
        let Some(end) = self.rest.find(')') else {
            return Err(format!("the closing parenthesis is missing: {EXAMPLE}"));
        };
        let list = &self.rest[..end];
        let mut at = self.at;
        for lint in list.split(',') {
            let name = lint.trim();
            let start = at + (lint.len() - lint.trim_start().len());
            at += lint.len() + 1;
            if !name.is_empty() {
                said.lints.push((name.into(), Span::new(start, start + name.len())));
            }
        }
        self.skip(end + 1);
        if said.lints.is_empty() {
            return Err(format!("the list of lints is empty: {EXAMPLE}"));
        }
        Ok(())
    }

    fn pair(&mut self, said: &mut Said) -> Result<(), String> {
        self.take(',');
        self.blanks();
        if self.rest.is_empty() {
            return Ok(());
        }
        let key = self.word();
        if key.is_empty() {
            return Err(format!("`{}` is not understood: {EXAMPLE}", self.rest.trim_end()));
        }
        if !self.take('=') {
            return Err(format!("`=` is missing after `{key}`: {EXAMPLE}"));
        }
        let value = self.text().ok_or_else(|| format!("the value of `{key}` is no text in double quotes: {EXAMPLE}"))?;
        match key {
            "reason" => said.reason = Some(value),
            "until" => said.until = Some(value),
            other => return Err(format!("`{other}` is not known, only `reason` and `until` are: {EXAMPLE}")),
        }
        Ok(())
    }

    fn skip(&mut self, length: usize) {
        self.rest = &self.rest[length..];
        self.at += length;
    }

    fn blanks(&mut self) {
        self.skip(self.rest.len() - self.rest.trim_start().len());
    }

    fn word(&mut self) -> &'t str {
        self.blanks();
        let rest = self.rest;
        let length = rest.find(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_')).unwrap_or(rest.len());
        self.skip(length);
        self.blanks();
        &rest[..length]
    }

    fn take(&mut self, wanted: char) -> bool {
        self.blanks();
        let found = self.rest.starts_with(wanted);
        if found {
            self.skip(wanted.len_utf8());
        }
        found
    }

    /// `".."` with `\"` for a quote.
    fn text(&mut self) -> Option<String> {
        if !self.take('"') {
            return None;
        }
        let mut value = String::new();
        let mut characters = self.rest.char_indices();
        while let Some((at, c)) = characters.next() {
            match c {
                '"' => {
                    self.skip(at + 1);
                    self.blanks();
                    return Some(value);
                }
                '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
                other => value.push(other),
            }
        }
        None
    }
}

/// What a comment covers, or why it covers nothing.
fn scope(text: &str, comment: Token, items: &[Item]) -> (AllowScope, Option<String>) {
    let line_start = text[..comment.start].rfind('\n').map_or(0, |at| at + 1);
    if !text[line_start..comment.start].trim_matches(['\u{feff}', ' ', '\t']).is_empty() {
        let line_end = text[comment.start..].find('\n').map_or(text.len(), |length| comment.start + length);
        return (AllowScope::Span(Span::new(line_start, line_end)), None);
    }
    let nothing = || {
        let span = Span::new(comment.end, comment.end);
        (AllowScope::Span(span), Some("nothing follows this comment that it could cover: put it before an item or a statement".into()))
    };
    let Some(next) = after_attributes(text, comment.end) else { return nothing() };
    if matches!(next.kind, TokenKind::Close(_)) {
        return nothing();
    }
    let start = next.start as u32;
    let covered = in_items(text, items, start).unwrap_or_else(|| Span::new(next.start, end_of_element(text, next.start)));
    // The attributes between the comment and what it covers belong to that.
    let first = code_tokens(text, comment.end).next().map_or(covered.start, |token| token.start as u32);
    (AllowScope::Span(Span { start: covered.start.min(first), end: covered.end }), None)
}

/// The first token from `from` that is neither comment nor attribute.
fn after_attributes(text: &str, from: usize) -> Option<Token> {
    let mut tokens = code_tokens(text, from).peekable();
    loop {
        let token = tokens.next()?;
        if token.kind != TokenKind::Punctuation(b'#') {
            return Some(token);
        }
        tokens.next_if(|token| token.kind == TokenKind::Punctuation(b'!'));
        let mut depth = 0;
        for token in tokens.by_ref() {
            match token.kind {
                TokenKind::Open(_) => depth += 1,
                TokenKind::Close(_) => depth -= 1,
                _ => {}
            }
            if depth <= 0 {
                break;
            }
        }
    }
}

/// The innermost item, statement or part of one whose first token (attributes aside) is at `start`.
fn in_items(text: &str, items: &[Item], start: u32) -> Option<Span> {
    let item = items.iter().find(|item| item.span.start <= start && start < item.span.end)?;
    if first_token(text, item.span.start) == Some(start) {
        return Some(item.span);
    }
    match &item.kind {
        ItemKind::Module { items: Some(items), .. } => in_items(text, items, start),
        ItemKind::MacroCall { items, .. } => in_items(text, items, start),
        ItemKind::Impl(block) => in_items(text, &block.items, start),
        ItemKind::Trait(declaration) => in_items(text, &declaration.items, start),
        ItemKind::Function(function) => in_body(text, function.body.as_deref()?, start),
        ItemKind::Constant { value, .. } => in_body(text, value.as_deref()?, start),
        _ => None,
    }
}

fn first_token(text: &str, from: u32) -> Option<u32> {
    after_attributes(text, from as usize).map(|token| token.start as u32)
}

fn in_body(text: &str, body: &Body, start: u32) -> Option<Span> {
    in_items(text, &body.items, start).or_else(|| {
        // A chain's links begin with their dot.
        let after_dot = text[start as usize..].starts_with('.').then(|| first_token(text, start + 1)).flatten();
        let parts = body.expressions.iter().filter_map(|expression| part(text, body, expression, start, after_dot));
        let whole = body.expressions.iter().map(|expression| expression.span).filter(|span| span.start == start);
        parts.min_by_key(|span| span.end - span.start).or_else(|| whole.max_by_key(|span| span.end))
    })
}

/// A part of an expression that is no expression itself: `let`, match arm, field, link of a chain.
fn part(text: &str, body: &Body, expression: &super::Expression, start: u32, after_dot: Option<u32>) -> Option<Span> {
    if start < expression.span.start || expression.span.end <= start {
        return None;
    }
    match &expression.kind {
        ExpressionKind::Block { statements, .. } => statements.iter().find_map(|statement| match statement {
            Statement::Let { span, .. } if first_token(text, span.start) == Some(start) => Some(*span),
            _ => None,
        }),
        ExpressionKind::Match { arms, .. } => {
            let arm = arms.iter().find(|arm| body[arm.pattern].span.start == start)?;
            Some(Span { start, end: body[arm.body].span.end })
        }
        ExpressionKind::Struct { fields, .. } => {
            let (_, _, value) = fields.iter().find(|(_, name, _)| name.start == start)?;
            Some(Span { start, end: body[*value].span.end })
        }
        ExpressionKind::MethodCall { name_span, .. } if Some(name_span.start) == after_dot => {
            Some(Span { start, end: expression.span.end })
        }
        _ => None,
    }
}

/// Up to the comma, semicolon or closing bracket that ends a field, variant or argument.
fn end_of_element(text: &str, start: usize) -> usize {
    let mut depth = 0_i32;
    let mut end = start;
    let mut previous = TokenKind::Word;
    for token in code_tokens(text, start) {
        match token.kind {
            TokenKind::Open(_) | TokenKind::Punctuation(b'<') => depth += 1,
            TokenKind::Punctuation(b'>') if matches!(previous, TokenKind::Punctuation(b'-' | b'=')) => {}
            TokenKind::Close(_) | TokenKind::Punctuation(b'>') => depth -= 1,
            TokenKind::Punctuation(b',' | b';') if depth <= 0 => return token.end,
            _ => {}
        }
        if depth < 0 {
            return end;
        }
        end = token.end;
        previous = token.kind;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Vec<AllowComment> {
        allow_comments(text, 0, &[])
    }

    fn quoted(text: &str) -> String {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

        #[test]
        fn what_was_written_is_read(
            lints in prop::collection::vec("[a-z_]{1,8}", 1..4),
            reason in "[^\\r\\n*/]*[a-z\"\\\\é][^\\r\\n*/]*",
            until in prop::option::of("[0-9-]{0,10}"),
            blanks in "[ \\t]{0,3}",
            is_block in any::<bool>(),
            whole_file in any::<bool>(),
        ) {
            let word = if whole_file { "allow-file" } else { "allow" };
            let until_said = until.as_ref().map_or(String::new(), |until| format!(",{blanks}until{blanks}={blanks}{}", quoted(until)));
            let said = format!("{MARKER}{blanks}{word}({}){blanks}reason{blanks}={blanks}{}{until_said}", lints.join(&format!("{blanks},{blanks}")), quoted(&reason));
            let text = if is_block { format!("/*{blanks}{said}{blanks}*/\nfn f() {{}}\n") } else { format!("//{blanks}{said}\nfn f() {{}}\n") };
            let [comment] = &read(&text)[..] else { panic!("one comment: {text}") };
            let names: Vec<&str> = comment.lints.iter().map(|(name, _)| name.as_str()).collect();
            prop_assert_eq!(&names, &lints);
            for (name, span) in &comment.lints {
                prop_assert_eq!(&text[span.start as usize..span.end as usize], name.as_str());
            }
            prop_assert_eq!(comment.reason.as_deref(), Some(reason.as_str()));
            prop_assert_eq!(&comment.until, &until);
            prop_assert_eq!(comment.malformed.is_some(), reason.trim().is_empty());
            prop_assert_eq!(matches!(comment.scope, AllowScope::File), whole_file);
        }

        #[test]
        fn any_words_after_the_mark_are_read_within_the_comment(words in "\\PC{0,40}", before in "\\PC{0,10}") {
            for text in [format!("{before}// {MARKER}{words}\nfn f() {{}}\n"), format!("/* {MARKER} allow({words}"), format!("// {MARKER} allow(a) {words}")] {
                let comments = read(&text);
                for comment in &comments {
                    prop_assert!(text.get(comment.span.start as usize..comment.span.end as usize).is_some());
                    for (name, span) in &comment.lints {
                        prop_assert_eq!(text.get(span.start as usize..span.end as usize), Some(name.as_str()));
                        prop_assert!(comment.span.start <= span.start && span.end <= comment.span.end);
                    }
                    // One that says nothing that can be used says why.
                    prop_assert!(comment.malformed.is_some() || !comment.lints.is_empty());
                }
                prop_assert!(comments.windows(2).all(|two| two[0].span.end <= two[1].span.start));
            }
        }
    }
}

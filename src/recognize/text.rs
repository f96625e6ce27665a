//! Text that is known before the program runs: literals, constants, `concat!`, `format!` of constants, included files.

use super::Inputs;
use super::walk::Walk;
use crate::facts::{ExprId, ExpressionKind, Literal, MacroArguments, MacroCall, Operator};
use crate::resolve::{Definition, FunctionId};

/// Text as far as it is known; what is not stands as `{}`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Known {
    pub text: String,
    pub holes: bool,
}

impl Known {
    fn whole(text: impl Into<String>) -> Self {
        Known { text: text.into(), holes: false }
    }

    fn hole() -> Self {
        Known { text: "{}".into(), holes: true }
    }

    fn then(mut self, next: Known) -> Self {
        self.text.push_str(&next.text);
        self.holes |= next.holes;
        self
    }

    /// Whether anything at all is known.
    pub fn says_something(&self) -> bool {
        !self.text.replace("{}", "").trim().is_empty()
    }
}

/// How far constants and locals are followed.
const DEPTH: usize = 8;

pub(super) fn text_of(walk: &Walk, expression: ExprId) -> Known {
    follow(walk, expression, DEPTH)
}

fn follow(walk: &Walk, expression: ExprId, depth: usize) -> Known {
    if depth == 0 {
        return Known::hole();
    }
    let next = |inner: ExprId| follow(walk, inner, depth - 1);
    match walk.kind(expression) {
        ExpressionKind::Literal(literal) => of_literal(literal),
        ExpressionKind::Reference { value, .. } | ExpressionKind::Dereference(value) | ExpressionKind::Try(value) => next(*value),
        ExpressionKind::Binary { operator: Operator::Add, left, right } => next(*left).then(next(*right)),
        ExpressionKind::Block { tail: Some(tail), .. } => next(*tail),
        ExpressionKind::MethodCall { receiver, name, .. } if SAME_TEXT.contains(&name.as_str()) => next(*receiver),
        ExpressionKind::MethodCall { receiver, name, arguments, .. } if name == "join" || name == "concat" => {
            joined(walk, *receiver, arguments.first().copied(), depth)
        }
        ExpressionKind::Call { arguments, .. }
            if arguments.len() == 1 && walk.callee_name(expression).is_some_and(|name| WRAPPERS.contains(&name)) =>
        {
            next(arguments[0])
        }
        ExpressionKind::Macro(call) => of_macro(walk, call, depth),
        ExpressionKind::Path(_) => of_path(walk, expression, depth),
        // One of several: the first says what kind of statement it is, and no more is claimed.
        ExpressionKind::If { then, .. } => Known { holes: true, ..next(*then) },
        ExpressionKind::Match { arms, .. } => arms.first().map_or(Known::hole(), |arm| Known { holes: true, ..next(arm.body) }),
        _ => Known::hole(),
    }
}

const SAME_TEXT: &[&str] = &["to_string", "to_owned", "as_str", "into", "clone", "trim", "as_ref", "into_string", "trim_end", "trim_start"];
const WRAPPERS: &[&str] = &["from", "AssertSqlSafe", "Borrowed", "new", "Owned", "from_string"];

fn of_literal(literal: &Literal) -> Known {
    match literal {
        Literal::Text { value, .. } => Known::whole(value.as_str()),
        Literal::Integer { value: Some(value), .. } => Known::whole(value.to_string()),
        Literal::Char(value) => Known::whole(value.to_string()),
        Literal::Bool(value) => Known::whole(value.to_string()),
        Literal::Float { text, .. } => Known::whole(text.as_str()),
        _ => Known::hole(),
    }
}

/// `["a", "b"].join(" ")`.
fn joined(walk: &Walk, list: ExprId, separator: Option<ExprId>, depth: usize) -> Known {
    let ExpressionKind::Array(parts) = walk.kind(walk.peeled(list)) else { return Known::hole() };
    let separator = separator.map_or(Known::default(), |separator| follow(walk, separator, depth - 1));
    let mut parts = parts.iter().map(|part| follow(walk, *part, depth - 1));
    let first = parts.next().unwrap_or_default();
    parts.fold(first, |text, part| text.then(separator.clone()).then(part))
}

fn of_macro(walk: &Walk, call: &MacroCall, depth: usize) -> Known {
    let MacroArguments::Expressions(arguments) = &call.arguments else { return Known::hole() };
    match call.path.last() {
        Some("concat" | "formatcp" | "concatcp") if call.path.last() != Some("formatcp") => {
            arguments.iter().map(|(_, part)| follow(walk, *part, depth - 1)).fold(Known::default(), Known::then)
        }
        Some("format" | "formatcp" | "const_format") => formatted(walk, arguments, depth),
        Some("include_str") => arguments.first().and_then(|(_, path)| included(walk, *path, depth)).unwrap_or_else(Known::hole),
        Some("indoc" | "formatdoc") => arguments.first().map_or_else(Known::hole, |(_, text)| follow(walk, *text, depth - 1)),
        _ => Known::hole(),
    }
}

fn included(walk: &Walk, path: ExprId, depth: usize) -> Option<Known> {
    let path = follow(walk, path, depth - 1);
    let file = walk.inputs.sources.path(walk.file());
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    (!path.holes).then(|| read(walk.inputs, folder, &path.text)).flatten().map(Known::whole)
}

/// A file of the workspace, by a path relative to `folder`.
pub(super) fn read(inputs: &Inputs, folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    (inputs.read)(&parts.join("/"))
}

/// `format!("select {} from {TABLE}", COLUMNS)`: holes whose value is constant are filled.
fn formatted(walk: &Walk, arguments: &[(Option<crate::facts::Name>, ExprId)], depth: usize) -> Known {
    let Some(((_, template), values)) = arguments.split_first() else { return Known::hole() };
    let template = follow(walk, *template, depth - 1);
    if template.holes {
        return template;
    }
    let mut positional = values.iter().filter(|(name, _)| name.is_none());
    let mut known = Known::default();
    let mut rest = template.text.as_str();
    while let Some(at) = rest.find(['{', '}']) {
        known.text.push_str(&rest[..at]);
        let (brace, after) = rest[at..].split_at(1);
        if after.starts_with(brace) {
            known.text.push_str(brace);
            rest = &after[1..];
            continue;
        }
        let Some(end) = after.find('}').filter(|_| brace == "{") else {
            rest = after;
            continue;
        };
        let name = after[..end].split(':').next().unwrap_or_default().trim();
        let value = match name {
            "" => positional.next().map(|(_, value)| *value),
            name => named_value(walk, values, name),
        };
        known = known.then(value.map_or_else(Known::hole, |value| follow(walk, value, depth - 1)));
        rest = &after[end + 1..];
    }
    known.text.push_str(rest);
    known
}

/// `name = value`, or the inline `{name}` that facts add as a path.
fn named_value(walk: &Walk, values: &[(Option<crate::facts::Name>, ExprId)], name: &str) -> Option<ExprId> {
    if let Ok(index) = name.parse::<usize>() {
        return values.get(index).map(|(_, value)| *value);
    }
    let is_inline =
        |value: ExprId| matches!(walk.kind(value), ExpressionKind::Path(path) if path.single().is_some_and(|single| single == name));
    values
        .iter()
        .find(|(own, value)| own.as_ref().is_some_and(|own| own == name) || own.is_none() && is_inline(*value))
        .map(|(_, value)| *value)
}

fn of_path(walk: &Walk, expression: ExprId, depth: usize) -> Known {
    if let Some(Definition::Constant(constant)) = walk.inputs.definition_at(walk.function, expression) {
        return of_constant(walk.inputs, *constant, depth);
    }
    let Some(value) = walk.bound_value(expression) else { return Known::hole() };
    let known = follow(walk, value, depth - 1);
    if is_appended_to(walk, expression) { Known { holes: true, ..known } } else { known }
}

fn of_constant(inputs: &Inputs, constant: FunctionId, depth: usize) -> Known {
    let Some(walk) = Walk::new(inputs, constant) else { return Known::hole() };
    follow(&walk, walk.body.root, depth - 1)
}

/// Whether the local is assigned or pushed to somewhere: then its first value is only a beginning.
fn is_appended_to(walk: &Walk, local: ExprId) -> bool {
    let ExpressionKind::Path(path) = walk.kind(local) else { return false };
    let Some(name) = path.single() else { return false };
    let is_it =
        |expression: ExprId| matches!(walk.kind(walk.peeled(expression)), ExpressionKind::Path(path) if path.single() == Some(name));
    walk.body.expressions.iter().any(|expression| match &expression.kind {
        ExpressionKind::MethodCall { receiver, name, .. } => {
            ["push_str", "push", "insert_str", "write_str", "write_fmt", "extend", "truncate", "replace_range"].contains(&name.as_str())
                && is_it(*receiver)
        }
        ExpressionKind::Assign { left, .. } => is_it(*left),
        ExpressionKind::Macro(call) if matches!(call.path.last(), Some("write" | "writeln")) => {
            matches!(&call.arguments, MacroArguments::Expressions(arguments) if arguments.first().is_some_and(|(_, first)| is_it(*first)))
        }
        _ => false,
    })
}

/// The string literals at the start of a macro's arguments, read from its source text: for arguments that are no expressions
/// (`query_as!(Vec<u8>, "..")` has a type first).
pub(super) fn literal_in(source: &str) -> Option<String> {
    let mut found = String::new();
    let mut any = false;
    let mut rest = source;
    loop {
        rest = match any {
            false => &rest[rest.char_indices().map(|(at, _)| at).find(|at| starts_literal(&rest[*at..]))?..],
            true => rest.trim_start().strip_prefix('+').map(str::trim_start).filter(|rest| starts_literal(rest)).unwrap_or(""),
        };
        if rest.is_empty() {
            return any.then_some(found);
        }
        let (value, after) = one_literal(rest)?;
        found.push_str(&value);
        any = true;
        rest = after;
    }
}

fn starts_literal(text: &str) -> bool {
    text.starts_with('"') || text.strip_prefix('r').is_some_and(|rest| rest.trim_start_matches('#').starts_with('"'))
}

fn one_literal(text: &str) -> Option<(String, &str)> {
    if let Some(raw) = text.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let end = format!("\"{}", "#".repeat(hashes));
        let inside = &raw[hashes + 1..];
        let at = inside.find(&end)?;
        return Some((inside[..at].to_string(), &inside[at + end.len()..]));
    }
    let inside = &text[1..];
    let (mut value, mut at) = (String::new(), 0);
    while let Some(c) = inside[at..].chars().next() {
        at += c.len_utf8();
        match c {
            '"' => return Some((value, &inside[at..])),
            '\\' => at += escaped(&inside[at..], &mut value)?,
            c => value.push(c),
        }
    }
    None
}

/// What follows a backslash; gives its length.
fn escaped(rest: &str, value: &mut String) -> Option<usize> {
    let c = rest.chars().next()?;
    match c {
        'n' => value.push('\n'),
        't' => value.push('\t'),
        // A line that goes on: the break and the next line's indent are no part of the text.
        '\n' | '\r' => return Some(rest.len() - rest.trim_start().len()),
        c => value.push(c),
    }
    Some(c.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::literal_in;

    #[test]
    fn literals_are_read_from_source_where_arguments_are_no_expressions() {
        assert_eq!(
            literal_in(
                r##"Vec<u8>, "select \"a\" \
            from t" + r#" where "x""#, id"##
            )
            .as_deref(),
            Some(r#"select "a" from t where "x""#)
        );
        assert_eq!(literal_in("Vec<u8>, sql"), None);
    }
}

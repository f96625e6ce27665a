//! From text to syntax trees, one statement at a time: what one of them is written in does not cost the others.

use crate::model::Dialect;
use crate::source::Span;
use sqlparser::ast;
use sqlparser::dialect::{GenericDialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect};
use sqlparser::keywords::Keyword;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer};

pub(super) struct Parsed {
    /// As written.
    pub text: String,
    /// Its first line.
    pub span: Span,
    /// `None`: the grammar does not know it.
    pub ast: Option<ast::Statement>,
}

impl Parsed {
    /// A text that has no tokens.
    fn whole(text: &str) -> Self {
        Self { text: text.to_string(), span: Span::new(0, text.len()), ast: None }
    }
}

/// The parser keeps count of its own recursion; trees of many operators are walked and dropped by recursion too.
const MOST_OPERATORS: usize = 1_500;
const DEPTH: usize = 48;

pub(super) fn statements(text: &str, dialect: Dialect) -> Vec<Parsed> {
    for dialect in candidates(text, dialect) {
        let Some(tokens) = tokens(text, dialect) else { continue };
        let parts = split(&tokens);
        return parts.into_iter().map(|part| Parsed { text: written(part), span: Span::default(), ast: parse(part, dialect) }).collect();
    }
    if text.trim().is_empty() { Vec::new() } else { vec![Parsed::whole(text)] }
}

/// Only the statements that begin with one of these words are parsed; of the others there is only the text.
pub(super) fn statements_with(text: &str, dialect: Dialect, wanted: impl Fn(&str) -> bool) -> Vec<Parsed> {
    let Some((dialect, tokens)) = candidates(text, dialect).into_iter().find_map(|dialect| Some((dialect, tokens(text, dialect)?))) else {
        return vec![Parsed::whole(text)];
    };
    let lines = Lines::of(text);
    let parsed = |part: &[TokenWithSpan]| {
        let begins = part.first().map(|token| token.token.to_string().to_ascii_uppercase()).unwrap_or_default();
        Parsed { text: written(part), span: first_line(part, &lines), ast: wanted(&begins).then(|| parse(part, dialect)).flatten() }
    };
    split(&tokens).into_iter().map(parsed).collect()
}

/// Where the parser's lines and columns are in bytes.
pub(super) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub fn of(text: &'t str) -> Self {
        Self { text, starts: std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect() }
    }

    /// Lines and columns of the parser begin with one, and columns count characters.
    fn offset(&self, location: Location) -> usize {
        let line = usize::try_from(location.line).unwrap_or(usize::MAX).saturating_sub(1);
        let Some(start) = self.starts.get(line) else { return self.text.len() };
        let column = usize::try_from(location.column).unwrap_or(usize::MAX).saturating_sub(1);
        let rest = &self.text[*start..];
        start + rest.char_indices().nth(column).map_or(rest.len(), |(at, _)| at)
    }

    /// `None` for what the parser made up.
    pub fn span(&self, span: sqlparser::tokenizer::Span) -> Option<Span> {
        (span.start.line > 0).then(|| Span::new(self.offset(span.start), self.offset(span.end)))
    }
}

/// From the first token to the last one that stands on the same line.
fn first_line(part: &[TokenWithSpan], lines: &Lines) -> Span {
    let Some(first) = part.first() else { return Span::default() };
    let last = part.iter().take_while(|token| token.span.end.line == first.span.start.line).last().unwrap_or(first);
    Span::new(lines.offset(first.span.start), lines.offset(last.span.end))
}

fn candidates(text: &str, dialect: Dialect) -> Vec<Dialect> {
    let first = match dialect {
        Dialect::Unknown => by_signs(text),
        // Question marks are operators of PostgreSQL: what is written with them was translated by the library.
        Dialect::Postgres if text.contains('?') && !text.contains('$') => Dialect::Unknown,
        known => known,
    };
    let mut order = vec![first];
    order.extend([Dialect::Unknown, Dialect::Postgres, Dialect::Sqlite, Dialect::Mysql].into_iter().filter(|other| *other != first));
    order
}

/// What the text itself says of its dialect.
pub(super) fn by_signs(text: &str) -> Dialect {
    let numbered = || text.match_indices('$').any(|(at, _)| text[at + 1..].starts_with(|c: char| c.is_ascii_digit() || c == '$'));
    let says = |word: &str| text.as_bytes().windows(word.len()).any(|window| window.eq_ignore_ascii_case(word.as_bytes()));
    if says("autoincrement") {
        Dialect::Sqlite
    } else if text.contains('`') || says("auto_increment") {
        Dialect::Mysql
    } else if text.contains("::") || numbered() {
        Dialect::Postgres
    } else if text.contains('?') {
        Dialect::Sqlite
    } else {
        Dialect::Postgres
    }
}

/// Words that no other database understands.
const POSTGRES: &[&str] = &[
    "timestamptz",
    "serial",
    "jsonb",
    "bytea",
    "concurrently",
    "$$",
    "::",
    "gen_random_uuid",
    "plpgsql",
    "with time zone",
    "as identity",
    "text[]",
    "create extension",
    "using gin",
    "using gist",
];

/// Whether the text can be nothing but PostgreSQL's.
pub(super) fn is_postgres(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    POSTGRES.iter().any(|word| text.contains(word))
}

/// Tokens without spaces and comments.
fn tokens(text: &str, dialect: Dialect) -> Option<Vec<TokenWithSpan>> {
    let tokenized = with(dialect, |dialect| Tokenizer::new(dialect, text).tokenize_with_location());
    let mut tokens = tokenized.ok()?;
    tokens.retain(|token| !matches!(token.token, Token::Whitespace(_)));
    Some(tokens)
}

fn with<T>(dialect: Dialect, run: impl FnOnce(&dyn sqlparser::dialect::Dialect) -> T) -> T {
    match dialect {
        Dialect::Postgres => run(&PostgreSqlDialect {}),
        Dialect::Mysql => run(&MySqlDialect {}),
        Dialect::Sqlite => run(&SQLiteDialect {}),
        Dialect::Unknown => run(&GenericDialect {}),
    }
}

/// Statements between semicolons; bodies of triggers and procedures have semicolons of their own.
fn split(tokens: &[TokenWithSpan]) -> Vec<&[TokenWithSpan]> {
    let (mut parts, mut start, mut open) = (Vec::new(), 0, 0usize);
    let mut has_body = false;
    for (at, token) in tokens.iter().enumerate() {
        match &token.token {
            Token::Word(word) if at == start => has_body = word.keyword == Keyword::CREATE,
            Token::Word(word) if has_body => match word.keyword {
                Keyword::BEGIN if is_routine(&tokens[start..at]) => open += 1,
                Keyword::CASE if open > 0 && !is(tokens.get(at.wrapping_sub(1)), Keyword::END) => open += 1,
                Keyword::END if open > 0 && !ends_inner(tokens.get(at + 1)) => open -= 1,
                _ => {}
            },
            Token::SemiColon if open == 0 => {
                parts.push(&tokens[start..at]);
                (start, has_body) = (at + 1, false);
            }
            _ => {}
        }
    }
    parts.push(&tokens[start..]);
    parts.retain(|part| !part.is_empty());
    parts
}

fn is(token: Option<&TokenWithSpan>, keyword: Keyword) -> bool {
    matches!(token, Some(TokenWithSpan { token: Token::Word(word), .. }) if word.keyword == keyword)
}

fn is_routine(head: &[TokenWithSpan]) -> bool {
    head.iter()
        .take(12)
        .any(|token| [Keyword::TRIGGER, Keyword::PROCEDURE, Keyword::FUNCTION].iter().any(|keyword| is(Some(token), *keyword)))
}

/// `END IF`, `END LOOP`: closes nothing that was counted.
fn ends_inner(next: Option<&TokenWithSpan>) -> bool {
    ["IF", "LOOP", "WHILE", "REPEAT"].iter().any(|word| next.is_some_and(|next| spells(std::slice::from_ref(next), &[word])))
}

fn parse(part: &[TokenWithSpan], dialect: Dialect) -> Option<ast::Statement> {
    if part.iter().filter(|token| is_operator(&token.token)).count() > MOST_OPERATORS {
        return None;
    }
    let tokens = plainer(part);
    parse_with(&tokens, dialect).or_else(|| (dialect != Dialect::Unknown).then(|| parse_with(&tokens, Dialect::Unknown)).flatten())
}

fn parse_with(tokens: &[TokenWithSpan], dialect: Dialect) -> Option<ast::Statement> {
    with(dialect, |dialect| {
        let mut parser = Parser::new(dialect).with_recursion_limit(DEPTH).with_tokens_with_locations(tokens.to_vec());
        let statement = parser.parse_statement().ok()?;
        (parser.peek_token().token == Token::EOF).then_some(statement)
    })
}

fn is_operator(token: &Token) -> bool {
    match token {
        Token::Word(word) => matches!(word.keyword, Keyword::AND | Keyword::OR | Keyword::NOT | Keyword::UNION),
        Token::Comma | Token::Period | Token::LParen | Token::RParen | Token::Number(..) | Token::SingleQuotedString(_) => false,
        Token::Placeholder(_) | Token::SemiColon => false,
        _ => true,
    }
}

/// Words that the grammar does not know and that change nothing of what is asked here.
fn plainer(part: &[TokenWithSpan]) -> Vec<TokenWithSpan> {
    let mut tokens: Vec<TokenWithSpan> = Vec::with_capacity(part.len());
    let mut at = 0;
    while at < part.len() {
        let skipped = LEFT_OUT.iter().find_map(|(words, keep)| spells(&part[at..], words).then_some((words.len(), *keep)));
        let named_not_null =
            is(part.get(at), Keyword::CONSTRAINT) && is(part.get(at + 2), Keyword::NOT) && is(part.get(at + 3), Keyword::NULL);
        if named_not_null {
            at += 2;
            continue;
        }
        // `ALTER COLUMN a TYPE text COLLATE b`.
        if is(part.first(), Keyword::ALTER) && is(part.get(at), Keyword::COLLATE) {
            at += 2;
            continue;
        }
        if let Some(length) = operator_class_parameters(&part[at..]) {
            tokens.push(part[at].clone());
            at += 1 + length;
            continue;
        }
        match skipped {
            Some((length, keep)) => {
                tokens.extend(keep.iter().map(|kept| part[at + kept].clone()));
                at += length;
            }
            None => {
                tokens.push(part[at].clone());
                at += 1;
            }
        }
    }
    tokens
}

/// How many tokens `(siglen = 256)` behind the name of an operator class is long.
fn operator_class_parameters(part: &[TokenWithSpan]) -> Option<usize> {
    let Token::Word(word) = &part.first()?.token else { return None };
    let follows = word.value.ends_with("_ops") && part.get(1)?.token == Token::LParen;
    let end = part.iter().position(|token| token.token == Token::RParen)?;
    follows.then_some(end)
}

/// `ALTER TABLE a SET SCHEMA b`: the table and its new name space. The grammar does not know it.
pub(super) fn moved_table(text: &str) -> Option<(String, String)> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let at = words.iter().position(|word| word.eq_ignore_ascii_case("SET"))?;
    let begins =
        |words: &[&str], wanted: &[&str]| words.iter().zip(wanted).filter(|(a, b)| a.eq_ignore_ascii_case(b)).count() == wanted.len();
    let is_move = begins(&words, &["ALTER", "TABLE"]) && begins(&words[at..], &["SET", "SCHEMA"]) && words.len() == at + 3;
    let name = |words: &[&str]| words.concat().replace('"', "").to_lowercase();
    let skipped = ["IF", "EXISTS", "ONLY"];
    let first = 2 + words[2..].iter().take_while(|word| skipped.iter().any(|skip| word.eq_ignore_ascii_case(skip))).count();
    (is_move && first < at).then(|| (name(&words[first..at]), name(&words[at + 2..])))
}

/// Words in a row, and which of them stay.
const LEFT_OUT: &[(&[&str], &[usize])] = &[
    (&["FOR", "NO", "KEY", "UPDATE"], &[0, 3]),
    (&["FOR", "KEY", "SHARE"], &[0, 2]),
    (&["DROP", "INDEX", "CONCURRENTLY"], &[0, 1]),
    (&["NULLS", "NOT", "DISTINCT"], &[]),
];

fn spells(part: &[TokenWithSpan], words: &[&str]) -> bool {
    part.len() >= words.len()
        && part.iter().zip(words).all(
            |(token, word)| matches!(&token.token, Token::Word(own) if own.quote_style.is_none() && own.value.eq_ignore_ascii_case(word)),
        )
}

fn written(part: &[TokenWithSpan]) -> String {
    let mut text = String::new();
    for token in part {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&token.token.to_string());
    }
    text
}

/// Whether the text is one statement that a database can plan without running it: the text without what follows its semicolon, or why not.
pub(super) fn plannable(text: &str) -> Result<&str, &'static str> {
    let text = text.trim().trim_end_matches(|c: char| c == ';' || c.is_whitespace());
    let Some(tokens) = tokens(text, Dialect::Postgres) else { return Err("its text is not PostgreSQL's") };
    match split(&tokens).as_slice() {
        [] => return Err("it is empty"),
        [one] if one.iter().any(|token| token.token == Token::SemiColon) => return Err("it may be several statements"),
        [_] => {}
        _ => return Err("it is several statements"),
    }
    let first = tokens.iter().find(|token| token.token != Token::LParen);
    let begins = |word: &&str| first.is_some_and(|token| spells(std::slice::from_ref(token), &[*word]));
    let reads_or_writes = ["SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "MERGE", "VALUES", "TABLE"];
    if reads_or_writes.iter().any(begins) { Ok(text) } else { Err("it has no plan") }
}

//! A small lexer that keeps comments, which syn drops, and that cannot fail: what it does not know is punctuation.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// Identifiers, keywords, literals and lifetimes.
    Word,
    Open(u8),
    Close(u8),
    Punctuation(u8),
    /// Neither documentation nor code.
    Comment,
    DocComment,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub kind: TokenKind,
    pub start: usize,
    pub end: usize,
}

pub(super) struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

/// Every token but comments.
pub(super) fn code_tokens(text: &str, from: usize) -> impl Iterator<Item = Token> + '_ {
    Lexer::new(text, from).filter(|token| !matches!(token.kind, TokenKind::Comment | TokenKind::DocComment))
}

/// Words, literals and marks of some code, without comments and layout. Any text will do.
pub fn words_of_code(text: &str) -> impl Iterator<Item = &str> {
    code_tokens(text, 0).map(|token| &text[token.start..token.end])
}

impl<'t> Lexer<'t> {
    /// `from` must not lie within a token.
    pub fn new(text: &'t str, from: usize) -> Self {
        Self { text, at: from }
    }

    fn rest(&self) -> &'t [u8] {
        &self.text.as_bytes()[self.at..]
    }

    fn comment(&mut self) -> TokenKind {
        let rest = self.rest();
        let is_doc = match rest {
            [b'/', b'/', b'/', b'/', ..] => false,
            [b'/', b'/', b'/' | b'!', ..] => true,
            [b'/', b'*', b'*', b'*' | b'/', ..] => false,
            [b'/', b'*', b'*' | b'!', ..] => true,
            _ => false,
        };
        self.at += if rest[1] == b'/' { line_length(rest) } else { block_comment_length(rest) };
        if is_doc { TokenKind::DocComment } else { TokenKind::Comment }
    }

    fn word(&mut self) {
        let length = word_length(self.text, self.at);
        let word = &self.text[self.at..self.at + length];
        self.at += length;
        let rest = self.rest();
        let hashes = rest.iter().take_while(|byte| **byte == b'#').count();
        match (word, rest.first()) {
            ("b" | "c", Some(b'"')) => self.at += quoted_length(rest, b'"'),
            ("b", Some(b'\'')) => self.at += quoted_length(rest, b'\''),
            ("r" | "br" | "cr", Some(b'"' | b'#')) if rest.get(hashes) == Some(&b'"') => self.at += raw_length(rest, hashes),
            // A raw identifier.
            ("r", Some(b'#')) => {
                self.at += 1;
                self.at += word_length(self.text, self.at);
            }
            _ => {}
        }
    }

    /// `'a'` is a character, `'a` a lifetime.
    fn apostrophe(&mut self) {
        let rest = self.rest();
        if rest.get(1) == Some(&b'\\') {
            self.at += quoted_length(rest, b'\'');
            return;
        }
        let mut characters = self.text[self.at + 1..].char_indices();
        let first = characters.next();
        self.at += match (first, characters.next()) {
            (Some(_), Some((end, '\''))) => end + 2,
            _ => 1 + word_length(self.text, self.at + 1),
        };
    }
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let blank = self.rest().iter().take_while(|byte| byte.is_ascii_whitespace() || **byte == 0x0b).count();
        self.at += blank;
        let start = self.at;
        let rest = self.rest();
        let kind = match *rest.first()? {
            b'/' if matches!(rest.get(1), Some(b'/' | b'*')) => self.comment(),
            byte @ (b'(' | b'[' | b'{') => self.one(TokenKind::Open(byte)),
            byte @ (b')' | b']' | b'}') => self.one(TokenKind::Close(byte)),
            b'"' => {
                self.at += quoted_length(rest, b'"');
                TokenKind::Word
            }
            b'\'' => {
                self.apostrophe();
                TokenKind::Word
            }
            byte if byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii() => {
                self.word();
                TokenKind::Word
            }
            byte => self.one(TokenKind::Punctuation(byte)),
        };
        Some(Token { kind, start, end: self.at })
    }
}

impl Lexer<'_> {
    fn one(&mut self, kind: TokenKind) -> TokenKind {
        self.at += 1;
        kind
    }
}

/// Everything beyond ASCII counts as part of a word, so tokens end on character boundaries.
fn word_length(text: &str, at: usize) -> usize {
    text.as_bytes()[at..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_' || !byte.is_ascii()).count()
}

fn line_length(rest: &[u8]) -> usize {
    let length = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    if length > 0 && rest[length - 1] == b'\r' { length - 1 } else { length }
}

fn block_comment_length(rest: &[u8]) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        match &rest[at..] {
            [b'/', b'*', ..] => {
                depth += 1;
                at += 2;
            }
            [b'*', b'/', ..] => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    rest.len()
}

/// With both quotes; to the end of the text where the second is missing.
fn quoted_length(rest: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// From the first `#` or quote of a raw string to its end.
fn raw_length(rest: &[u8], hashes: usize) -> usize {
    let mut at = hashes + 1;
    while at < rest.len() {
        if rest[at] == b'"' && rest[at + 1..].iter().take(hashes).filter(|byte| **byte == b'#').count() == hashes {
            return at + 1 + hashes;
        }
        at += 1;
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        Lexer::new(text, 0).map(|token| &text[token.start..token.end]).collect()
    }

    #[test]
    fn comment_marks_inside_literals_open_no_comment() {
        let text = r####"let a = "// no \" //"; let b = r#"/* " */"#; let c = b"//"; let d = '"'; // yes"####;
        let comments = Lexer::new(text, 0).filter(|token| token.kind == TokenKind::Comment).count();
        assert_eq!(comments, 1);
    }

    #[test]
    fn lifetimes_and_characters_are_told_apart() {
        assert_eq!(words("&'a str 'b' '\\'' 'é' 'static b'\\n'"), ["&", "'a", "str", "'b'", "'\\''", "'é'", "'static", "b'\\n'"]);
    }

    #[test]
    fn block_comments_nest() {
        assert_eq!(words("/* a /* b */ c */ x"), ["/* a /* b */ c */", "x"]);
    }

    #[test]
    fn unfinished_literals_end_with_the_text() {
        for text in ["\"abc", "r##\"abc\"#", "/* /* */", "'", "b'", "'\\", "r#", "\"\\"] {
            let end = Lexer::new(text, 0).last().map(|token| token.end);
            assert_eq!(end, Some(text.len()), "{text}");
        }
    }
}

//! Whether a text can be parsed without running out of stack. A stack overflow cannot be caught, so depth is judged beforehand.

use super::lexer::{Token, TokenKind, code_tokens};
use crate::source::Span;

const MAX_BYTES: usize = 8 << 20;
const MAX_BRACKETS: usize = 256;
/// Sum of the weights below along one way from the outermost bracket to the innermost.
const MAX_WEIGHT: u32 = 20_000;
/// An operator before its operand, or one that nests to the right: the parser calls itself for it.
const NESTING: u32 = 8;
/// A bracket or a generic argument list: the parser goes through many functions to its inside.
const BRACKET: u32 = 32;
/// An operator after its operand: parsed in a loop, but dropped by recursion.
const CHAINING: u32 = 1;

/// What one open bracket has gathered since the last separator.
#[derive(Default)]
struct Level {
    run: u32,
    /// `<` without `>`, and closure parameters: commas do not end them.
    open_ended: u32,
}

/// Why the text must not be parsed, and where that shows.
pub(super) fn refusal(text: &str, from: usize) -> Option<(Span, String)> {
    if text.len() > MAX_BYTES {
        return Some((Span::default(), format!("the file is larger than {} MiB and is not read", MAX_BYTES >> 20)));
    }
    let mut scan = Scan { text, levels: vec![Level::default()], total: 0, previous: None, is_operand: false, is_infix: false };
    for token in code_tokens(text, from) {
        if let Some(message) = scan.step(token) {
            return Some((Span::new(token.start, token.end), message));
        }
    }
    None
}

struct Scan<'t> {
    text: &'t str,
    levels: Vec<Level>,
    total: u32,
    previous: Option<Token>,
    /// Whether the token before ended an operand.
    is_operand: bool,
    /// Whether the token before was the first character of an operator after its operand.
    is_infix: bool,
}

impl Scan<'_> {
    fn step(&mut self, token: Token) -> Option<String> {
        self.forget_finished_block(token);
        match token.kind {
            TokenKind::Open(_) => {
                self.levels.push(Level::default());
                self.total += BRACKET;
                (self.is_operand, self.is_infix) = (false, false);
            }
            TokenKind::Close(_) => {
                if self.levels.len() > 1 {
                    self.reset(true);
                    self.levels.pop();
                    self.total -= BRACKET;
                }
                (self.is_operand, self.is_infix) = (true, false);
            }
            TokenKind::Punctuation(byte) => self.punctuation(byte, token),
            _ => self.word(token),
        }
        self.previous = Some(token);
        if self.levels.len() > MAX_BRACKETS + 1 {
            return Some(format!("nested deeper than {MAX_BRACKETS} brackets"));
        }
        (self.total > MAX_WEIGHT).then(|| "an expression or type with too many operators in a row".into())
    }

    /// `} fn` begins something new, `} else` and `}.x` go on.
    fn forget_finished_block(&mut self, token: Token) {
        let follows_block = self.previous.is_some_and(|previous| previous.kind == TokenKind::Close(b'}'));
        let begins = match token.kind {
            TokenKind::Word => &self.text[token.start..token.end] != "else",
            TokenKind::Open(_) | TokenKind::Punctuation(b'#') => true,
            _ => false,
        };
        if follows_block && begins {
            self.reset(true);
        }
    }

    fn reset(&mut self, with_open_ended: bool) {
        let Some(level) = self.levels.last_mut() else { return };
        self.total -= std::mem::take(&mut level.run);
        if with_open_ended {
            self.total -= std::mem::take(&mut level.open_ended);
        }
    }

    fn add(&mut self, weight: u32) {
        if let Some(level) = self.levels.last_mut() {
            level.run += weight;
            self.total += weight;
        }
    }

    fn add_open_ended(&mut self, weight: u32) {
        if let Some(level) = self.levels.last_mut() {
            level.open_ended += weight;
            self.total += weight;
        }
    }

    fn word(&mut self, token: Token) {
        let word = &self.text[token.start..token.end];
        let nests = matches!(
            word,
            "return" | "break" | "yield" | "else" | "fn" | "for" | "impl" | "dyn" | "async" | "if" | "match" | "static" | "move" | "const"
        );
        if nests {
            self.add(NESTING);
        }
        let is_keyword = nests || matches!(word, "mut" | "ref" | "as" | "in" | "let" | "unsafe" | "while" | "loop" | "raw");
        (self.is_operand, self.is_infix) = (!is_keyword, false);
    }

    fn punctuation(&mut self, byte: u8, token: Token) {
        let touches =
            self.previous.is_some_and(|previous| previous.end == token.start && matches!(previous.kind, TokenKind::Punctuation(_)));
        let continues = touches && self.is_infix;
        let was_infix = self.is_operand;
        match byte {
            b';' => self.reset(true),
            b',' => self.reset(false),
            b'#' | b'$' => {}
            b'<' => self.add_open_ended(BRACKET),
            b'>' if touches && matches!(self.previous.map(|previous| previous.kind), Some(TokenKind::Punctuation(b'-' | b'='))) => {
                self.add(NESTING);
            }
            b'>' => self.close_angle(),
            b'|' if !was_infix && !continues => self.add_open_ended(NESTING),
            b'=' | b'@' => self.add(NESTING),
            _ if continues => {}
            _ if was_infix => self.add(CHAINING),
            _ => self.add(NESTING),
        }
        self.is_operand = matches!(byte, b'?') || (byte == b'>' && !touches) || (byte == b'>' && self.is_operand);
        self.is_infix = was_infix;
    }

    fn close_angle(&mut self) {
        if let Some(level) = self.levels.last_mut()
            && level.open_ended >= BRACKET
        {
            level.open_ended -= BRACKET;
            self.total -= BRACKET;
        }
    }
}

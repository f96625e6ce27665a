//! What the stream that a report goes to can show.

use miette::{GraphicalTheme, ThemeCharacters, ThemeStyles};

/// Decided once from the real stream, never from another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminal {
    pub color: bool,
    /// Clickable text instead of addresses.
    pub links: bool,
    pub unicode: bool,
    /// Drawn snippets; otherwise the same in sentences.
    pub graphics: bool,
    /// In columns.
    pub width: usize,
}

impl Terminal {
    /// What every file and pipe can hold.
    pub const PLAIN: Terminal = Terminal { color: false, links: false, unicode: true, graphics: true, width: 100 };

    pub fn theme(&self) -> GraphicalTheme {
        GraphicalTheme {
            characters: if self.unicode { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() },
            styles: if self.color { ThemeStyles::ansi() } else { ThemeStyles::none() },
        }
    }

    /// `text` in an ANSI style: `1` bold, `2` dim, `31` red.
    pub fn style(&self, code: &str, text: &str) -> String {
        if self.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_string() }
    }
}

//! What a stream can show, from the stream itself, the flags and the environment.

use crate::report::Terminal;
use clap::ValueEnum;
use std::env;
use std::io::IsTerminal;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    Auto,
    Always,
    Never,
}

/// The variables that have a say, read once.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    no_color: bool,
    color_forced: bool,
    cargo_color: Option<String>,
    dumb: bool,
    no_graphics: bool,
    columns: Option<usize>,
    in_continuous_integration: bool,
}

impl Environment {
    pub fn read() -> Self {
        let set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0");
        let text = |name: &str| -> Option<String> { env::var_os(name)?.into_string().ok() };
        Self {
            no_color: env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()),
            color_forced: set("CLICOLOR_FORCE"),
            cargo_color: text("CARGO_TERM_COLOR"),
            dumb: text("TERM").is_some_and(|term| term == "dumb"),
            no_graphics: set("NO_GRAPHICS"),
            columns: text("COLUMNS").and_then(|columns| columns.parse().ok()),
            in_continuous_integration: set("CI"),
        }
    }
}

/// Nearest word first: the flag, cargo's own setting, the conventions, then the stream.
fn color(choice: Option<ColorChoice>, environment: &Environment, is_terminal: bool) -> bool {
    match (choice, environment.cargo_color.as_deref()) {
        (Some(ColorChoice::Always), _) => true,
        (Some(ColorChoice::Never), _) => false,
        (_, Some("always")) => true,
        (_, Some("never")) => false,
        _ if environment.no_color => false,
        _ if environment.color_forced => true,
        _ => is_terminal && !environment.dumb,
    }
}

pub fn stdout(choice: Option<ColorChoice>, environment: &Environment) -> Terminal {
    let is_terminal = std::io::stdout().is_terminal();
    let width = terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| usize::from(width.0));
    terminal(choice, environment, is_terminal, width, supports_unicode::Stream::Stdout, supports_hyperlinks::Stream::Stdout)
}

pub fn stderr(choice: Option<ColorChoice>, environment: &Environment) -> Terminal {
    let is_terminal = std::io::stderr().is_terminal();
    let width = terminal_size::terminal_size_of(std::io::stderr()).map(|(width, _)| usize::from(width.0));
    terminal(choice, environment, is_terminal, width, supports_unicode::Stream::Stderr, supports_hyperlinks::Stream::Stderr)
}

fn terminal(
    choice: Option<ColorChoice>,
    environment: &Environment,
    is_terminal: bool,
    width: Option<usize>,
    unicode: supports_unicode::Stream,
    links: supports_hyperlinks::Stream,
) -> Terminal {
    let color = color(choice, environment, is_terminal);
    Terminal {
        color,
        // Escape sequences in a file are noise, even where colours were asked for.
        links: color && is_terminal && !environment.dumb && !environment.in_continuous_integration && supports_hyperlinks::on(links),
        // Files and pipes are UTF-8; a terminal may not be.
        unicode: !is_terminal || supports_unicode::on(unicode),
        graphics: !(environment.no_graphics || is_terminal && environment.dumb),
        width: environment.columns.or(width).unwrap_or(100).clamp(40, 160),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_about_colour_wins() {
        let quiet = Environment { no_color: true, ..Environment::default() };
        assert!(!color(None, &quiet, true));
        assert!(color(Some(ColorChoice::Always), &quiet, false));
        assert!(color(None, &Environment { cargo_color: Some("always".into()), ..quiet }, false));
        let forced = Environment { color_forced: true, ..Environment::default() };
        assert!(color(None, &forced, false));
        assert!(!color(Some(ColorChoice::Never), &forced, true));
        assert!(!color(None, &Environment { dumb: true, ..Environment::default() }, true));
    }
}

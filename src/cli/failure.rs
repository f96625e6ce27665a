//! What ends a command: what went wrong, where, and what to do. Always exit code 2.

use crate::config::ConfigError;
use crate::report::Terminal;
use crate::workspace::LoadError;
use miette::{Diagnostic, GraphicalReportHandler, NarratableReportHandler};

pub enum Failure {
    /// A sentence and what to do.
    Plain { message: String, help: String },
    /// Mistakes in the configuration, all of them.
    Config(Vec<ConfigError>),
    /// There is no workspace to look at.
    Load(LoadError),
}

impl Failure {
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Failure::Plain { message: message.into(), help: help.into() }
    }

    pub fn render(&self, terminal: &Terminal) -> String {
        match self {
            Failure::Plain { message, help } => {
                let help = if help.is_empty() { String::new() } else { format!("  {} {help}\n", terminal.style("36", "help:")) };
                format!("{} {message}\n{help}", terminal.style("1;31", "error:"))
            }
            Failure::Load(error) => diagnostic(error, terminal),
            Failure::Config(errors) => errors.iter().map(|error| diagnostic(error, terminal)).collect::<Vec<_>>().join("\n"),
        }
    }
}

impl From<Vec<ConfigError>> for Failure {
    fn from(errors: Vec<ConfigError>) -> Self {
        Failure::Config(errors)
    }
}

impl From<LoadError> for Failure {
    fn from(error: LoadError) -> Self {
        Failure::Load(error)
    }
}

fn diagnostic(error: &dyn Diagnostic, terminal: &Terminal) -> String {
    let mut text = String::new();
    let drawn = match terminal.graphics {
        true => GraphicalReportHandler::new_themed(terminal.theme())
            .with_links(terminal.links)
            .with_width(terminal.width)
            .with_context_lines(1)
            .render_report(&mut text, error),
        false => NarratableReportHandler::new().render_report(&mut text, error),
    };
    match drawn {
        Ok(()) => text,
        Err(_) => format!("error: {error}\n"),
    }
}

//! What ends a command: what went wrong, where, and what to do. Always exit code 2.

use crate::analysis::Stop;
use crate::config::ConfigError;
use crate::git::GitError;
use crate::report::Terminal;
use crate::workspace::LoadError;
use miette::{Diagnostic, GraphicalReportHandler, NarratableReportHandler};

/// A sentence and what to do.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("{message}")]
pub struct Plain {
    message: String,
    #[help]
    help: Option<String>,
}

pub enum Failure {
    Plain(Plain),
    /// Mistakes in the configuration, all of them.
    Config(Vec<ConfigError>),
    /// There is no workspace to look at.
    Load(LoadError),
}

impl Failure {
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        let help = help.into();
        Failure::Plain(Plain { message: message.into(), help: (!help.is_empty()).then_some(help) })
    }

    pub fn render(&self, terminal: &Terminal) -> String {
        match self {
            Failure::Plain(plain) => diagnostic(plain, terminal),
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

impl From<GitError> for Failure {
    fn from(error: GitError) -> Self {
        Failure::new(error.to_string(), error.help())
    }
}

impl From<LoadError> for Failure {
    fn from(error: LoadError) -> Self {
        Failure::Load(error)
    }
}

impl From<Stop> for Failure {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Load(error) => Failure::Load(error),
            Stop::Config(errors) => Failure::Config(errors),
            Stop::Knowledge(error) => Failure::new(format!("cannot read the knowledge file `{}`", error.file), error.message.trim_end()),
            Stop::Workers(_) => Failure::new(stop.to_string(), "allow this process more threads or memory"),
        }
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

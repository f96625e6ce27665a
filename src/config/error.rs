//! What is wrong with the configuration, and where in the user's file.

use crate::source::Span;
use miette::{Diagnostic, NamedSource, SourceSpan};
use std::sync::Arc;

/// A file of configuration, as read.
#[derive(Clone, Debug)]
pub struct ConfigSource {
    /// Relative to the workspace root where it lies under it.
    pub path: Arc<str>,
    pub text: Arc<str>,
}

#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("{message}")]
pub struct ConfigError {
    pub message: String,
    #[source_code]
    source_text: Option<NamedSource<Arc<str>>>,
    #[label("{label}")]
    at: Option<SourceSpan>,
    label: String,
    #[help]
    help: Option<String>,
}

impl ConfigError {
    /// A mistake that is in no file: a missing one.
    pub fn plain(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), source_text: None, at: None, label: String::new(), help: non_empty(help.into()) }
    }

    pub fn at(source: &ConfigSource, span: Span, message: impl Into<String>, label: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            source_text: Some(NamedSource::new(&*source.path, source.text.clone())),
            at: Some((span.start as usize, span.end.saturating_sub(span.start) as usize).into()),
            label: label.into(),
            help: non_empty(help.into()),
        }
    }
}

fn non_empty(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

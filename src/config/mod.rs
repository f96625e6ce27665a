//! The user's configuration: `moai-backend.toml` or Cargo metadata, read into types that cannot be wrong.
//! Raw TOML stops here; every value keeps its place, and all mistakes are reported at once.
//!
//! The file lies beside the workspace's Cargo.toml. `[workspace.metadata.moai-backend]` holds the same keys (both at once are an
//! error), and `[package.metadata.moai-backend.lints]` the levels of one package. All of it:
//!
//! ```toml
#![doc = include_str!("example.toml")]
//! ```
//!
//! Module patterns are Rust paths that begin with the crate's name: `*` stands for any part of one segment, `**` for any number of
//! segments, `{name}` takes a segment and `{!name}` is any other one. A pattern covers what it matches and everything in it, and
//! one that matches nothing is an error.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod architecture;
mod data;
mod error;
mod levels;
mod load;
mod schema;
mod table;
#[cfg(test)]
mod tests;

pub use error::*;
pub use load::*;
pub use schema::schema;

use crate::findings::{BaselineEntry, Levels};
use crate::model::{Declared, UnmatchedPattern};
use crate::source::Sources;
use crate::words::did_you_mean;

/// Name of the configuration file, next to the workspace's Cargo.toml.
pub const FILE_NAME: &str = "moai-backend.toml";
/// Key below `metadata` in a Cargo.toml.
pub const METADATA_KEY: &str = "moai-backend";

#[derive(Clone, Debug, Default)]
pub struct Config {
    /// `None`: there is no configuration.
    pub source: Option<ConfigSource>,
    pub levels: Levels,
    pub declared: Declared,
    /// The user's own knowledge files: name and text.
    pub knowledge: Vec<(String, String)>,
    /// `None`: nobody asked for one, and there is none.
    pub baseline: Option<BaselineFile>,
    paths: Vec<levels::UserGlob>,
    packages: Vec<levels::UserGlob>,
}

/// The file of accepted findings.
#[derive(Clone, Debug)]
pub struct BaselineFile {
    /// Relative to the workspace root.
    pub path: String,
    /// `None`: it is not there yet.
    pub text: Option<std::sync::Arc<str>>,
    pub entries: Vec<BaselineEntry>,
}

impl Config {
    /// Path globs and package names that match nothing: words that cannot have an effect.
    pub fn unmatched(&self, sources: &Sources, packages: &[String]) -> Vec<ConfigError> {
        let Some(source) = &self.source else { return Vec::new() };
        let paths: Vec<&str> = sources.iter().map(|(_, file)| &*file.path).collect();
        let error = |glob: &levels::UserGlob, what: &str, help: String| {
            ConfigError::at(source, glob.span, format!("no {what} matches `{}`", glob.text), "matches nothing", help)
        };
        let names: Vec<&str> = packages.iter().map(String::as_str).collect();
        let no_path = self.paths.iter().filter(|glob| !paths.iter().any(|path| glob.matcher.is_match(path)));
        let no_package = self.packages.iter().filter(|glob| !names.iter().any(|name| glob.matcher.is_match(name)));
        let help = "paths are relative to the workspace root; remove the pattern if the files are gone";
        no_path
            .map(|glob| error(glob, "file of the workspace", help.to_string()))
            .chain(no_package.map(|glob| {
                let near = did_you_mean(&glob.text, names.iter().copied());
                error(glob, "package", near.map_or(String::new(), |near| format!("did you mean `{near}`?")))
            }))
            .collect()
    }

    /// A pattern that the rules found to match nothing, as an error in the user's file.
    pub fn unmatched_error(&self, pattern: &UnmatchedPattern) -> ConfigError {
        match &self.source {
            Some(source) => ConfigError::at(source, pattern.span, &pattern.message, "matches nothing", &pattern.help),
            None => ConfigError::plain(&pattern.message, &pattern.help),
        }
    }
}

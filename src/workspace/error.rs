//! Why there is nothing to analyse, and what the user can do about it.

use miette::Diagnostic;

#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum LoadError {
    #[error("there is no `Cargo.toml` at `{path}`")]
    #[diagnostic(help("run this in a cargo workspace, or point to its manifest with `--manifest-path PATH/Cargo.toml`"))]
    NoManifest { path: String },

    #[error("`{path}` is not a manifest")]
    #[diagnostic(help("`--manifest-path` takes the path of a `Cargo.toml`"))]
    NotAManifest { path: String },

    /// In cargo's words where cargo was asked.
    #[error("cargo cannot read the workspace: {message}{}", at(place))]
    #[diagnostic(help("make `cargo metadata --no-deps` work, then run this again"))]
    Manifest { message: String, place: Option<ManifestPlace> },

    #[error("the workspace of `{manifest}` has no packages")]
    #[diagnostic(help("list its packages in `[workspace] members`"))]
    Empty { manifest: String },

    #[error("`{option} {pattern}` matches no package of the workspace")]
    #[diagnostic(help("{suggestion}"))]
    UnknownPackage { option: &'static str, pattern: String, suggestion: String },

    #[error("every package of the workspace is excluded")]
    #[diagnostic(help("leave at least one package to look at"))]
    NothingSelected,
}

/// Where in a manifest, both 1-based.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestPlace {
    pub file: String,
    pub line: Option<u32>,
    pub column: Option<u32>,
}

fn at(place: &Option<ManifestPlace>) -> String {
    let Some(place) = place else { return String::new() };
    let numbers = [place.line, place.column].into_iter().flatten().map(|number| format!(":{number}"));
    format!(", at `{}{}`", place.file, numbers.collect::<String>())
}

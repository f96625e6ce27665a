//! Layers: which module belongs where, and which depend on which.

use super::{Evidence, FunctionId, ModuleId, Role};
use crate::source::Place;

#[derive(Clone, Debug, Default)]
pub struct Layering {
    pub style: Style,
    /// Why the style was given, with the figures.
    pub why: String,
    /// By [`ModuleId`].
    pub modules: Vec<ModuleLayer>,
    /// Share of SQL-running functions that stand in a file with a handler, and share of handlers that run SQL; 0..=1.
    pub sql_beside_handlers: f64,
    pub handlers_with_sql: f64,
    pub sql_functions: usize,
    pub sql_in_repositories: usize,
    pub handlers: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    Layered,
    /// Handlers run their own SQL, as a rule.
    Script,
    Mixed,
    /// The configuration names the layers.
    Declared,
    #[default]
    Unknown,
}

impl Style {
    pub fn name(self) -> &'static str {
        match self {
            Style::Layered => "layered",
            Style::Script => "script",
            Style::Mixed => "mixed",
            Style::Declared => "declared",
            Style::Unknown => "unknown",
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct ModuleLayer {
    /// A role's name, or a declared layer's.
    pub layer: String,
    pub role: Role,
    /// Signals with their points, strongest first.
    pub why: Vec<String>,
}

/// A module needs another: an import, a path or a crate dependency that resolves to it.
#[derive(Clone, Debug)]
pub struct Dependency {
    pub from: ModuleId,
    pub to: ModuleId,
    pub place: Place,
    /// Path of the item used.
    pub item: String,
    pub item_kind: ItemKind,
    /// The function it stands in, if any.
    pub function: Option<FunctionId>,
    pub test: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemKind {
    Module,
    Function,
    /// A struct, enum, alias or constant that itself names no web framework type.
    PlainData,
    WebType,
    Trait,
    Macro,
}

/// A function outside the web layer whose signature names a web framework's type.
#[derive(Clone, Debug)]
pub struct FrameworkType {
    pub function: FunctionId,
    pub place: Place,
    /// `actix_web::HttpResponse`.
    pub type_path: String,
    pub in_return: bool,
}

/// One of the user's own rules and what it found.
#[derive(Clone, Debug)]
pub struct RuleOutcome {
    pub name: String,
    pub because: Option<String>,
    pub violations: Vec<RuleViolation>,
}

#[derive(Clone, Debug)]
pub struct RuleViolation {
    pub place: Place,
    pub message: String,
    pub evidence: Vec<Evidence>,
    /// Stable identity: from, to, rule.
    pub identity: String,
}

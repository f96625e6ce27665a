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
    /// Dependencies that go against the order of layers.
    pub breaches: Vec<Breach>,
    pub cycles: Vec<ComponentCycle>,
}

/// How far the order of layers can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// The code keeps to its layers as a rule, or the configuration names them.
    Firm,
    /// Some of the code does.
    Tentative,
    /// There is no order to hold anybody to.
    None,
}

impl Layering {
    pub fn certainty(&self) -> Certainty {
        match self.style {
            Style::Layered | Style::Declared => Certainty::Firm,
            Style::Mixed => Certainty::Tentative,
            Style::Script | Style::Unknown => Certainty::None,
        }
    }

    pub fn of(&self, module: ModuleId) -> Option<&ModuleLayer> {
        self.modules.get(module.0 as usize)
    }

    /// The role of a module that lints may hold it to: what only stands between handlers and data may belong to either side.
    pub fn firm_role_of(&self, module: ModuleId) -> Role {
        self.of(module).filter(|layer| !layer.one_sided).map_or(Role::Unknown, |layer| layer.role)
    }

    /// The role of a module; `Unknown` for modules that nobody judged.
    pub fn role_of(&self, module: ModuleId) -> Role {
        self.of(module).map_or(Role::Unknown, |layer| layer.role)
    }
}

/// A dependency against the order of layers.
#[derive(Clone, Debug)]
pub struct Breach {
    pub kind: BreachKind,
    /// Index into `Backend::dependencies`.
    pub dependency: usize,
    pub from_layer: String,
    pub to_layer: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BreachKind {
    /// A lower layer uses a higher one.
    Upward,
    /// A layer reaches below a closed one.
    Skips { closed: String },
    /// Two layers of one level that must not know each other.
    Sibling,
}

/// Components that need each other in a circle.
#[derive(Clone, Debug)]
pub struct ComponentCycle {
    /// What the components are: `layer`, `feature`, `package`.
    pub kind: &'static str,
    /// Sorted by name.
    pub components: Vec<String>,
    /// Everything that runs between them.
    pub edges: Vec<CycleEdge>,
    /// The fewest references, as indices into `edges`, whose removal leaves no cycle.
    pub cut: Vec<usize>,
}

#[derive(Clone, Debug)]
pub struct CycleEdge {
    pub from: String,
    pub to: String,
    /// How many references there are, and the first of them with what they name.
    pub references: usize,
    pub examples: Vec<Evidence>,
    /// A dependency of tests only.
    pub dev: bool,
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
    /// Told by its name alone or by what it does alone. Such a module may belong to either side of a line.
    pub one_sided: bool,
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
    /// The function of the workspace that is used, if it is one.
    pub to_function: Option<FunctionId>,
    pub via: Via,
    pub test: bool,
}

/// How one thing names another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    Use,
    Path,
    /// A method called on a value; no path names the module.
    Call,
    /// In the body of a `macro_rules!`: it happens where the macro is called.
    MacroText,
}

impl Via {
    /// How the dependency was seen, for messages: `imported`, `named`, ..
    pub fn word(self) -> &'static str {
        match self {
            Via::Use => "imported",
            Via::Path => "named",
            Via::Call => "called",
            Via::MacroText => "named in a macro",
        }
    }
}

/// A module names something of a crate outside the workspace.
#[derive(Clone, Debug)]
pub struct ExternalUse {
    pub from: ModuleId,
    pub function: Option<FunctionId>,
    pub place: Place,
    /// First segment of `item`: the crate's name as in paths.
    pub krate: String,
    /// `diesel::pg::PgConnection`.
    pub item: String,
    pub via: Via,
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
    /// In the configuration file.
    pub declared_at: Option<Place>,
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

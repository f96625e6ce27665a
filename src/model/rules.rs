//! What the user's configuration says about the backend: layers in order, rules between parts, and facts that code cannot show.
//!
//! Plain data, read by `config`. What it means for code is decided in `recognize/rules.rs`.

use super::{DeclaredPool, DeclaredShards, EffectKind, Role};
use crate::source::{FileId, Place, Span};

/// The configuration's word on the backend. Spans lie in `file`.
#[derive(Clone, Debug, Default)]
pub struct Declared {
    /// The configuration file, once it is among the run's sources.
    pub file: Option<FileId>,
    pub architecture: ArchitectureConfig,
    /// `ratelimit = "gateway"`: requests are limited before they reach this code.
    pub ratelimit: Option<RateLimitElsewhere>,
    /// `[migrations] applied`: the last version that is applied everywhere.
    pub migrations_applied: Option<String>,
    /// `[deploy] instances`: how many copies run at once.
    pub instances: Option<(u32, Span)>,
    /// `[deploy] database_connections`: how many connections the database accepts.
    pub database_connections: Option<(u32, Span)>,
    /// `[data.pools.NAME]`: which pools are a replica's.
    pub pools: Vec<DeclaredPool>,
    /// `[[data.shards]]`: tables whose rows are divided by a key.
    pub shards: Vec<DeclaredShards>,
}

#[derive(Clone, Debug)]
pub struct RateLimitElsewhere {
    pub because: Option<String>,
    pub span: Span,
}

/// Layers and rules as declared; empty where the user declared none.
#[derive(Clone, Debug, Default)]
pub struct ArchitectureConfig {
    /// Top (nearest to the request) first. Layers of one `level` stand beside each other and follow one another here.
    pub layers: Vec<LayerConfig>,
    /// Modules that each hold a whole stack of the layers: the layers' patterns are then relative to every module that matches.
    /// Unlike other patterns, these match a module alone and not what is in it.
    pub containers: Vec<Pattern>,
    /// Every module of a selected package has to be in a layer (or match `shared`).
    pub exhaustive: bool,
    /// Modules outside the order, that every layer may use: errors, configuration, telemetry.
    pub shared: Vec<Pattern>,
    pub rules: Vec<Rule>,
}

#[derive(Clone, Debug)]
pub struct LayerConfig {
    pub name: String,
    /// Of the name.
    pub span: Span,
    /// 0 is the top.
    pub level: usize,
    pub siblings: Siblings,
    pub modules: Vec<Pattern>,
    /// Nobody may jump over it: layers above must not use layers below directly.
    pub closed: bool,
    /// It may match nothing.
    pub optional: bool,
}

/// Whether layers of one level may use each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Siblings {
    #[default]
    Independent,
    Free,
}

/// `my_app::features::{feature}::**`. Segments as in a Rust path that begins with the crate's name (in a container: below the container).
///
/// `*` stands for any part of one segment (`*_handlers`), `**` for any number of segments, none included. `{name}` takes one whole
/// segment and remembers it, `{name}` again means the same segment, `{!name}` any other. A pattern covers the modules that it
/// matches and everything in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    pub text: String,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Rule {
    pub name: String,
    /// Of the name.
    pub span: Span,
    pub kind: RuleKind,
    /// Any of these.
    pub from: Vec<Selector>,
    /// Any of these.
    pub to: Vec<Selector>,
    pub except: Vec<Exception>,
    pub because: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleKind {
    /// `from` must not use `to`.
    Deny,
    /// `from` may use `to`, whatever the order of layers or a `deny` says.
    Allow,
    /// Nobody but `from` may use `to`.
    Only,
    /// Everything that `from` selects has to use (or reach) something that `to` selects.
    Required,
}

impl RuleKind {
    pub const ALL: [RuleKind; 4] = [RuleKind::Deny, RuleKind::Allow, RuleKind::Only, RuleKind::Required];

    pub fn name(self) -> &'static str {
        match self {
            RuleKind::Deny => "deny",
            RuleKind::Allow => "allow",
            RuleKind::Only => "only",
            RuleKind::Required => "required",
        }
    }
}

/// `{ layer = "services", module = "my_app::legacy::**" }`: what all of its criteria select.
#[derive(Clone, Debug)]
pub struct Selector {
    pub criteria: Vec<Criterion>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Criterion {
    /// Modules, and what is in them.
    Module(Pattern),
    /// Functions by path, `my_app::**::*_handler`: the pattern's last segment is the function's name.
    Function(Pattern),
    /// A declared layer. Config has checked that there is one of this name.
    Layer(String, Span),
    /// A crate of the workspace or an external one by package name, `-` and `_` alike. One segment, `*` allowed.
    Crate(Pattern),
    Role(Role, Span),
    Effect(EffectKind, Span),
}

/// What a rule does not apply to.
#[derive(Clone, Debug)]
pub enum Exception {
    /// Uses that begin or end in it.
    Either(Selector),
    /// Uses that begin in the first and end in the second; a missing one stands for anything.
    Edge { from: Option<Selector>, to: Option<Selector> },
}

/// A pattern of the configuration that stands for nothing in the code: a rule that cannot fail. Ends the run with exit code 2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnmatchedPattern {
    /// In the configuration file.
    pub span: Span,
    /// ``rule `no_http`: no module matches `my_app::clients::**` ``, lower case, no full stop.
    pub message: String,
    /// What to do; ``did you mean `my_app::client`?``. May be empty.
    pub help: String,
}

impl Declared {
    /// A place in the configuration, for evidence such as "declared here".
    pub fn place(&self, span: Span) -> Option<Place> {
        self.file.map(|file| Place::new(file, span))
    }
}

impl ArchitectureConfig {
    pub fn layer(&self, name: &str) -> Option<&LayerConfig> {
        self.layers.iter().find(|layer| layer.name == name)
    }

    pub fn is_empty(&self) -> bool {
        self.layers.is_empty() && self.rules.is_empty()
    }
}

impl Pattern {
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.text.split("::")
    }
}

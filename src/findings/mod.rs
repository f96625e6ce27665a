//! Findings: what lints report, before and after levels, allow comments and configuration are applied.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod allows;
mod baseline;
mod catalogue;
mod comparison;
mod date;
mod fingerprint;
mod fixers;
mod fixes;
mod levels;
mod report;
pub mod tool_lints;

pub use baseline::*;
pub use catalogue::*;
pub use comparison::*;
pub use date::Date;
pub use fixers::Safety;
pub use fixes::*;
pub use levels::*;
pub use report::*;

/// Words of the model that reports print; through here, for reports never meet the model.
pub use crate::model::{Coverage, Evidence};

use crate::source::Place;
use serde::{Deserialize, Serialize};

/// What a lint saw. Facts first, words beside them; no colour, no level.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Finding {
    pub place: Place,
    /// Lower case, names in backticks, no full stop.
    pub message: String,
    /// The chain that convinces a reviewer, in order.
    pub evidence: Vec<Evidence>,
    /// What to do now, about this very place; empty: the lint's general help is enough.
    pub help: String,
    /// Path of the item that it is about: a function, a module, a server. Empty: the whole workspace, at a place that stands for it.
    pub item: String,
    /// What makes it another finding than the next one in the same item: names, never figures or lines, nor what depends on other
    /// findings. Empty: the code at its place, arguments left out.
    pub identity: String,
    /// The finding is weaker than its lint usually is: whatever level the lint has, this one is reported at most at that level.
    pub at_most: Option<Level>,
}

/// A finding that only says what is wrong where.
#[cfg(test)]
pub(crate) fn at(place: Place, message: String) -> Finding {
    Finding { place, message, evidence: Vec::new(), help: String::new(), item: String::new(), identity: String::new(), at_most: None }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Allow,
    Note,
    Warn,
    Deny,
}

impl Level {
    pub const ALL: [Level; 4] = [Level::Allow, Level::Note, Level::Warn, Level::Deny];

    pub fn from_name(name: &str) -> Option<Level> {
        Level::ALL.into_iter().find(|level| level.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            Level::Allow => "allow",
            Level::Note => "note",
            Level::Warn => "warn",
            Level::Deny => "deny",
        }
    }
}

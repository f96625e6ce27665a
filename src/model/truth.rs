//! Three-valued facts.

use crate::source::Place;
use serde::{Deserialize, Serialize};

/// A fact that may be absent. A lint about something missing fires on `No` only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Truth {
    /// With what shows it.
    Yes(Evidence),
    /// With what was searched.
    No(String),
    /// With why it cannot be told.
    Unknown(String),
}

impl Default for Truth {
    fn default() -> Self {
        Truth::Unknown("not examined".into())
    }
}

impl Truth {
    pub fn is_yes(&self) -> bool {
        matches!(self, Truth::Yes(_))
    }

    pub fn is_no(&self) -> bool {
        matches!(self, Truth::No(_))
    }

    pub fn is_unknown(&self) -> bool {
        matches!(self, Truth::Unknown(_))
    }

    /// `yes`, `no`, `unknown`.
    pub fn word(&self) -> &'static str {
        match self {
            Truth::Yes(_) => "yes",
            Truth::No(_) => "no",
            Truth::Unknown(_) => "unknown",
        }
    }

    pub fn why(&self) -> &str {
        match self {
            Truth::Yes(evidence) => &evidence.what,
            Truth::No(why) | Truth::Unknown(why) => why,
        }
    }
}

/// One step of a chain that convinces a reviewer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// `None` for facts without a place in a file (the lock file says ..).
    pub place: Option<Place>,
    pub what: String,
}

impl Evidence {
    pub fn at(place: Place, what: impl Into<String>) -> Self {
        Self { place: Some(place), what: what.into() }
    }
}

//! Editions: which lints a workspace has agreed to. A newer version of this tool may know more lints; what a configuration pins with
//! `edition = "2026"` stays as it is until somebody raises it.

use super::LintInfo;
use std::fmt;

/// A year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edition(pub u16);

impl Edition {
    /// Every edition there is, the newest last.
    pub const ALL: [Edition; 1] = [Edition(2026)];
    pub const NEWEST: Edition = Edition::ALL[Edition::ALL.len() - 1];
    /// Of lints that no edition has yet: they are tried out with `--preview`.
    pub const COMING: Edition = Edition(u16::MAX);

    pub fn parse(text: &str) -> Option<Edition> {
        Edition::ALL.into_iter().find(|edition| edition.to_string() == text)
    }
}

impl fmt::Display for Edition {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match *self {
            Edition::COMING => f.write_str("none yet"),
            Edition(year) => write!(f, "{year}"),
        }
    }
}

/// Lints that came after the first edition, with the one that they came with. A lint that is new begins here, at
/// [`Edition::COMING`], and moves to an edition when that one is made.
static LATER: &[(&str, Edition)] = &[];

impl LintInfo {
    /// The edition that brought it.
    pub fn since(&self) -> Edition {
        LATER.iter().find(|(id, _)| *id == self.id).map_or(Edition::ALL[0], |(_, edition)| *edition)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editions_are_in_order_and_later_lints_exist() {
        assert!(Edition::ALL.is_sorted());
        assert_eq!(Edition::parse("2026"), Some(Edition::NEWEST));
        assert_eq!(Edition::parse("65535"), None);
        for (id, edition) in LATER {
            assert!(crate::findings::lint(id).is_some(), "{id}");
            assert!(*edition > Edition::ALL[0], "{id} is of the first edition anyway");
        }
    }
}

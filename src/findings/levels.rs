//! Which level a finding has: defaults of the lints, then the configuration from general to particular, then the command line.

use super::{Level, Selection};
use crate::lints::{Edition, LintInfo};
use globset::GlobSet;
use std::collections::BTreeMap;

/// Every word that was said about levels.
#[derive(Clone, Debug)]
pub struct Levels {
    /// Lints that came later are left out, unless somebody names them.
    pub edition: Edition,
    /// Those that are left out are reported all the same, as notes.
    pub preview: bool,
    /// `[lints]` of the workspace's configuration.
    pub workspace: Vec<LevelSetting>,
    /// `[package.metadata.moai-backend.lints]`, by package name.
    pub packages: BTreeMap<String, Vec<LevelSetting>>,
    /// `[[override]]`, in order: the last one that speaks wins.
    pub overrides: Vec<Override>,
    /// `-D`, `-W`, `-A`, `--note`, in order: the last one that speaks wins.
    pub flags: Vec<LevelSetting>,
}

#[derive(Clone, Debug)]
pub struct LevelSetting {
    pub selection: Selection,
    pub level: Level,
    pub reason: Option<String>,
    /// Nothing of it is accepted by the baseline.
    pub strict: bool,
}

#[derive(Clone, Debug)]
pub struct Override {
    /// `None`: any file.
    pub paths: Option<GlobSet>,
    /// `None`: any package.
    pub packages: Option<GlobSet>,
    pub lints: Vec<LevelSetting>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub level: Level,
    /// Said by a part of the configuration that speaks for some packages or paths only, against a general level that would report:
    /// the general level and the reason given.
    pub lowered_here: Option<(Level, String)>,
}

impl Default for Levels {
    fn default() -> Self {
        let (workspace, packages, overrides, flags) = Default::default();
        Levels { edition: Edition::NEWEST, preview: false, workspace, packages, overrides, flags }
    }
}

impl Levels {
    /// The level of `lint` for a finding in `path`, a file of `package`.
    pub fn decide(&self, lint: &LintInfo, path: &str, package: &str) -> Decision {
        let decision = self.decide_as_if_agreed(lint, path, package);
        match self.is_left_out(lint) {
            false => decision,
            true if self.preview => Decision { level: decision.level.min(Level::Note), ..decision },
            true => Decision { level: Level::Allow, lowered_here: None },
        }
    }

    /// Whether the edition does not have `lint` yet and nobody asked for it by its own name.
    fn is_left_out(&self, lint: &LintInfo) -> bool {
        lint.since() > self.edition && !self.said().any(|setting| setting.selection == Selection::Lint(lint.id))
    }

    /// Lints that another edition has, and this workspace has not.
    pub fn left_out(&self) -> usize {
        super::catalogue().into_iter().filter(|lint| lint.since() <= Edition::NEWEST && self.is_left_out(lint)).count()
    }

    fn said(&self) -> impl Iterator<Item = &LevelSetting> {
        let parts = self.packages.values().chain(self.overrides.iter().map(|one| &one.lints));
        self.workspace.iter().chain(parts.flatten()).chain(&self.flags)
    }

    fn decide_as_if_agreed(&self, lint: &LintInfo, path: &str, package: &str) -> Decision {
        if let Some(level) = self.fixed(lint) {
            return Decision { level, lowered_here: None };
        }
        let general = particular(&self.workspace, lint).map_or(lint.level, |setting| setting.level);
        let here = self.here(lint, path, package);
        match here {
            Some(LevelSetting { level: Level::Allow, reason, .. }) if general > Level::Allow => {
                Decision { level: Level::Allow, lowered_here: Some((general, reason.clone().unwrap_or_default())) }
            }
            Some(setting) => Decision { level: setting.level, lowered_here: None },
            None => Decision { level: general, lowered_here: None },
        }
    }

    /// Whether a finding of `lint` in `path`, a file of `package`, counts although the baseline accepts it.
    pub fn is_strict(&self, lint: &LintInfo, path: &str, package: &str) -> bool {
        self.here(lint, path, package).or_else(|| particular(&self.workspace, lint)).is_some_and(|setting| setting.strict)
    }

    /// Whether no part of the workspace can have a finding of `lint`.
    pub fn is_off(&self, lint: &LintInfo) -> bool {
        if self.is_left_out(lint) && !self.preview {
            return true;
        }
        if let Some(level) = self.fixed(lint) {
            return level == Level::Allow;
        }
        let general = particular(&self.workspace, lint).map_or(lint.level, |setting| setting.level);
        let somewhere = self.packages.values().chain(self.overrides.iter().map(|one| &one.lints)).flatten();
        general == Level::Allow && !somewhere.filter(|setting| setting.selection.covers(lint)).any(|setting| setting.level > Level::Allow)
    }

    /// What the command line says holds everywhere; comments that cannot be understood are errors whatever anybody says.
    fn fixed(&self, lint: &LintInfo) -> Option<Level> {
        if lint.id == super::tool_lints::invalid_allows::INFO.id {
            return Some(lint.level);
        }
        self.flags.iter().rev().find(|setting| setting.selection.covers(lint)).map(|setting| setting.level)
    }

    fn here(&self, lint: &LintInfo, path: &str, package: &str) -> Option<&LevelSetting> {
        let overrides = self.overrides.iter().rev().filter(|one| one.reaches(path, package));
        overrides.map(|one| &one.lints).chain(self.packages.get(package)).find_map(|settings| particular(settings, lint))
    }
}

impl Override {
    fn reaches(&self, path: &str, package: &str) -> bool {
        self.paths.as_ref().is_none_or(|paths| paths.is_match(path)) && self.packages.as_ref().is_none_or(|names| names.is_match(package))
    }
}

/// A table has no order, so the narrowest word counts: a lint's over its section's over `all`.
fn particular<'s>(settings: &'s [LevelSetting], lint: &LintInfo) -> Option<&'s LevelSetting> {
    settings.iter().filter(|setting| setting.selection.covers(lint)).max_by_key(|setting| match setting.selection {
        Selection::All => 0,
        Selection::Section(_) => 1,
        Selection::Lint(_) => 2,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::tool_lints::{invalid_allows, unused_allows};
    use crate::lints::Section;

    const LINT: &LintInfo = &unused_allows::INFO;

    fn set(selection: Selection, level: Level) -> LevelSetting {
        LevelSetting { selection, level, reason: Some("because".into()), strict: false }
    }

    fn globs(pattern: &str) -> Option<GlobSet> {
        Some(GlobSet::builder().add(globset::Glob::new(pattern).expect("a glob")).build().expect("a set"))
    }

    #[test]
    fn the_narrowest_word_of_a_table_counts() {
        let workspace = vec![
            set(Selection::Lint(LINT.id), Level::Deny),
            set(Selection::All, Level::Allow),
            set(Selection::Section(Section::Project), Level::Note),
        ];
        let levels = Levels { workspace, ..Levels::default() };
        assert_eq!(levels.decide(LINT, "a.rs", "a").level, Level::Deny);
    }

    #[test]
    fn an_override_lowers_its_paths_and_says_what_it_lowered() {
        let lints = vec![set(Selection::All, Level::Allow)];
        let overrides = vec![Override { paths: globs("legacy/**"), packages: None, lints }];
        let levels = Levels { overrides, ..Levels::default() };
        assert_eq!(levels.decide(LINT, "legacy/a.rs", "a").lowered_here, Some((Level::Warn, "because".into())));
        assert_eq!(levels.decide(LINT, "src/a.rs", "a"), Decision { level: Level::Warn, lowered_here: None });
        assert!(!levels.is_off(LINT));
    }

    #[test]
    fn the_last_flag_wins_over_everything() {
        let flags = vec![set(Selection::Lint(LINT.id), Level::Deny), set(Selection::All, Level::Note)];
        let levels = Levels { workspace: vec![set(Selection::All, Level::Allow)], flags, ..Levels::default() };
        assert_eq!(levels.decide(LINT, "a.rs", "a").level, Level::Note);
        assert!(!levels.is_off(LINT));
    }

    #[test]
    fn lints_of_later_editions_wait_until_the_edition_is_raised() {
        let before = Levels { edition: Edition(2025), ..Levels::default() };
        assert!(before.is_off(LINT));
        assert_eq!(before.decide(LINT, "a.rs", "a").level, Level::Allow);
        assert_eq!(before.left_out(), crate::findings::catalogue().len());
        assert_eq!(Levels::default().left_out(), 0);
        // A section or `all` is no agreement to a lint that nobody knew.
        let by_section = Levels { workspace: vec![set(Selection::All, Level::Deny)], ..before.clone() };
        assert!(by_section.is_off(LINT));
        let by_name = Levels { flags: vec![set(Selection::Lint(LINT.id), Level::Deny)], ..before };
        assert_eq!(by_name.decide(LINT, "a.rs", "a").level, Level::Deny);
    }

    #[test]
    fn a_preview_never_fails_a_run() {
        let workspace = vec![set(Selection::All, Level::Deny)];
        let levels = Levels { edition: Edition(2025), preview: true, workspace, ..Levels::default() };
        assert!(!levels.is_off(LINT));
        assert_eq!(levels.decide(LINT, "a.rs", "a").level, Level::Note);
    }

    #[test]
    fn comments_that_cannot_be_understood_stay_errors() {
        let levels = Levels { flags: vec![set(Selection::All, Level::Allow)], ..Levels::default() };
        assert_eq!(levels.decide(&invalid_allows::INFO, "a.rs", "a").level, Level::Deny);
    }
}

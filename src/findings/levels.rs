//! Which level a finding has: defaults of the lints, then the configuration from general to particular, then the command line.

use super::{Level, Selection};
use crate::lints::LintInfo;
use globset::GlobSet;
use std::collections::BTreeMap;

/// Every word that was said about levels.
#[derive(Clone, Debug, Default)]
pub struct Levels {
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

impl Levels {
    /// The level of `lint` for a finding in `path`, a file of `package`.
    pub fn decide(&self, lint: &LintInfo, path: &str, package: &str) -> Decision {
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
    fn comments_that_cannot_be_understood_stay_errors() {
        let levels = Levels { flags: vec![set(Selection::All, Level::Allow)], ..Levels::default() };
        assert_eq!(levels.decide(&invalid_allows::INFO, "a.rs", "a").level, Level::Deny);
    }
}

//! Every lint there is, by name: those of `lints/` and those of the tool about itself.

use super::tool_lints;
use crate::lints::{ALL, LintInfo, Section};
use crate::words::suggestion;

/// All lints, by section, then by id.
pub fn catalogue() -> Vec<&'static LintInfo> {
    let mut infos: Vec<_> = ALL.iter().map(|lint| &lint.info).chain(tool_lints::ALL).collect();
    infos.sort_by_key(|info| (info.section, info.id));
    infos
}

pub fn lint(id: &str) -> Option<&'static LintInfo> {
    ALL.iter().map(|lint| &lint.info).chain(tool_lints::ALL).find(|info| info.id == id)
}

/// What a level is set for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection {
    All,
    Section(Section),
    Lint(&'static str),
}

impl Selection {
    /// `sql_in_handlers`, `server_architecture`, `all`; `-` and `_` are alike. The error is a help text with what was probably meant.
    pub fn parse(name: &str) -> Result<Selection, String> {
        let id = name.replace('-', "_");
        if id == "all" {
            return Ok(Selection::All);
        }
        if let Some(section) = Section::ALL.into_iter().find(|section| section.id() == id) {
            return Ok(Selection::Section(section));
        }
        lint(&id).map(|info| Selection::Lint(info.id)).ok_or_else(|| unknown_lint_help(name))
    }

    pub fn covers(self, lint: &LintInfo) -> bool {
        match self {
            Selection::All => true,
            Selection::Section(section) => lint.section == section,
            Selection::Lint(id) => lint.id == id,
        }
    }
}

/// What to do about a name that is no lint.
pub fn unknown_lint_help(name: &str) -> String {
    let sections = Section::ALL.iter().map(|section| section.id());
    let names: Vec<&str> = catalogue().iter().map(|info| info.id).chain(sections).chain(["all"]).collect();
    let near = crate::words::did_you_mean(name, names.iter().copied());
    match near {
        Some(_) => suggestion(name, names),
        None => "`cargo moai-backend list` shows all lints and sections".to_string(),
    }
}

/// Where the published guidance of a lint stands.
pub fn guidance_url(info: &LintInfo) -> String {
    match tool_lints::ALL.iter().any(|tool| tool.id == info.id) {
        true => format!(
            "https://docs.rs/cargo-moai-backend/{}/moai_backend/findings/tool_lints/{}/index.html",
            env!("CARGO_PKG_VERSION"),
            info.id
        ),
        false => info.url(),
    }
}

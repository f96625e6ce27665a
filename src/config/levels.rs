//! `[lints]` tables and `[[override]]`s.

use super::table::{At, Table};
use crate::findings::{Level, LevelSetting, Override, Selection};
use crate::source::Span;
use crate::words::suggestion;
use globset::{GlobBuilder, GlobMatcher, GlobSet, GlobSetBuilder};
use toml::de::DeValue;

/// A glob of an override, kept to find out whether it matches anything.
#[derive(Clone, Debug)]
pub struct UserGlob {
    pub text: String,
    pub span: Span,
    pub matcher: GlobMatcher,
}

/// `sql_in_handlers = "deny"`, `server_architecture = { level = "note", reason = ".." }`.
pub fn settings(table: Table) -> Vec<LevelSetting> {
    table.all().filter_map(|(name, value)| setting(&table, name, value)).collect()
}

fn setting<'t>(table: &Table<'t>, (name, span): At<&'t str>, (value, value_span): At<&'t DeValue<'t>>) -> Option<LevelSetting> {
    let (level, reason, strict) = match (value.as_str(), value.as_table()) {
        (Some(text), _) => (level(table, (text.to_string(), value_span)), None, false),
        (None, Some(entries)) => {
            let mut inner = table.inner(format!("`{name}`"), entries, value_span);
            let (text, reason, strict) = (inner.string("level"), inner.string("reason"), inner.boolean("strict"));
            if text.is_none() {
                inner.required("level", "one of `deny`, `warn`, `note`, `allow`");
            }
            inner.finish();
            (text.and_then(|text| level(table, text)), reason.map(|(reason, _)| reason), strict)
        }
        _ => {
            let help = "write `\"warn\"`, or `{ level = \"allow\", reason = \"..\" }`";
            table.mistake(value_span, format!("`{name}` has to be a level"), format!("this is a {}", value.type_str()), help);
            (None, None, false)
        }
    };
    let selection =
        Selection::parse(name).map_err(|help| table.mistake(span, format!("unknown lint `{name}`"), "no such lint or section", help));
    Some(LevelSetting { selection: selection.ok()?, level: level?, reason, strict })
}

fn level(table: &Table, (text, span): At<String>) -> Option<Level> {
    let level = Level::from_name(&text);
    if level.is_none() {
        let help = suggestion(&text, Level::ALL.map(Level::name));
        table.mistake(span, format!("unknown level `{text}`"), "not a level", help);
    }
    level
}

/// One `[[override]]`, with its globs over paths and over package names.
pub fn override_of(mut table: Table) -> Option<(Override, Vec<UserGlob>, Vec<UserGlob>)> {
    let paths = globs(&table.strings("paths"), &table);
    let packages = globs(&table.strings("packages"), &table);
    let lints = table.table("lints").map(settings);
    if paths.is_empty() && packages.is_empty() {
        table.required("paths", "name the files it is for, `paths = [\"crates/legacy/**\"]`, or the packages, `packages = [\"legacy\"]`");
    }
    if lints.is_none() {
        table.required("lints", "say which levels hold there: `lints = { sql_in_handlers = \"allow\" }`");
    }
    let one = Override { paths: set(&paths), packages: set(&packages), lints: lints? };
    table.finish();
    Some((one, paths, packages))
}

fn globs(texts: &[At<String>], table: &Table) -> Vec<UserGlob> {
    let glob = |(text, span): &At<String>| {
        // `*` stays within one folder, as in .gitignore and everywhere else.
        let built = GlobBuilder::new(text.trim_start_matches("./")).literal_separator(true).build();
        let failed = built.as_ref().err().map(|error| error.kind().to_string());
        if let Some(why) = failed {
            table.mistake(*span, format!("`{text}` is no pattern"), why, "");
        }
        Some(UserGlob { text: text.clone(), span: *span, matcher: built.ok()?.compile_matcher() })
    };
    texts.iter().filter_map(glob).collect()
}

fn set(globs: &[UserGlob]) -> Option<GlobSet> {
    let mut builder = GlobSetBuilder::new();
    globs.iter().for_each(|glob| {
        builder.add(glob.matcher.glob().clone());
    });
    (!globs.is_empty()).then(|| builder.build().ok()).flatten()
}

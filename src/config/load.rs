//! Finds the configuration and reads it.

use super::architecture::architecture;
use super::levels::{override_of, settings};
use super::table::{Mistakes, Table, range};
use super::{BaselineFile, Config, ConfigError, ConfigSource, FILE_NAME, METADATA_KEY};
use crate::findings::{BASELINE_NAME, LevelSetting, parse_baseline};
use crate::lints::Edition;
use crate::model::RateLimitElsewhere;
use crate::source::Span;
use crate::words::suggestion;
use crate::workspace::Files;
use std::io;
use toml::de::{DeTable, DeValue};

/// A package of the workspace, as far as configuration cares.
#[derive(Clone, Debug)]
pub struct Member {
    pub name: String,
    /// Path of its Cargo.toml as `Files` knows it.
    pub manifest: String,
}

/// Where to look.
pub struct Lookup<'a> {
    pub files: &'a dyn Files,
    /// Directory of the workspace's Cargo.toml, without a `/` at its end; empty for the root of `files`.
    pub root: &'a str,
    /// `--config`: as `Files` knows it, and as the user wrote it.
    pub explicit: Option<(&'a str, &'a str)>,
    pub members: &'a [Member],
}

impl Config {
    /// The error is never empty.
    pub fn load(lookup: &Lookup) -> Result<Config, Vec<ConfigError>> {
        let mut errors = Vec::new();
        let mut config = root_config(lookup, &mut errors);
        config.baseline = baseline(lookup, config.baseline.take(), &mut errors);
        for member in lookup.members {
            let settings = package_levels(lookup, member, &mut errors);
            if !settings.is_empty() {
                config.levels.packages.insert(member.name.clone(), settings);
            }
        }
        if errors.is_empty() { Ok(config) } else { Err(errors) }
    }
}

fn root_config(lookup: &Lookup, errors: &mut Vec<ConfigError>) -> Config {
    if let Some((path, shown)) = lookup.explicit {
        let missing = || ConfigError::plain(format!("cannot read the configuration `{shown}`"), "check the path given to `--config`");
        return match read(lookup, path, shown) {
            Ok(source) => from_file(lookup, source, errors),
            Err(_) => fail(errors, missing()),
        };
    }
    let manifest = read(lookup, &join(lookup.root, "Cargo.toml"), "Cargo.toml").ok();
    let embedded = manifest.as_ref().filter(|source| has_metadata(&source.text));
    match (read(lookup, &join(lookup.root, FILE_NAME), FILE_NAME), embedded) {
        (Ok(source), None) => from_file(lookup, source, errors),
        (Ok(_), Some(source)) => fail(errors, two_configurations(source)),
        (Err(error), _) if error.kind() != io::ErrorKind::NotFound => {
            fail(errors, ConfigError::plain(format!("cannot read `{FILE_NAME}`: {error}"), "make it a readable text file in UTF-8"))
        }
        (Err(_), Some(source)) => from_manifest(lookup, source.clone(), errors),
        (Err(_), None) => Config::default(),
    }
}

/// The baseline that the configuration names, or the one beside it.
fn baseline(lookup: &Lookup, named: Option<BaselineFile>, errors: &mut Vec<ConfigError>) -> Option<BaselineFile> {
    let is_named = named.is_some();
    let path = named.map_or(BASELINE_NAME.to_string(), |named| named.path);
    match read(lookup, &join(lookup.root, &path), &path) {
        Ok(source) => {
            let (entries, mistakes) = parse_baseline(&source.text);
            errors.extend(mistakes.into_iter().map(|(span, message, help)| ConfigError::at(&source, span, message, "", help)));
            Some(BaselineFile { path, text: Some(source.text), entries })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => is_named.then_some(BaselineFile { path, text: None, entries: Vec::new() }),
        Err(error) => {
            errors.push(ConfigError::plain(format!("cannot read the baseline `{path}`: {error}"), "make it a readable text file in UTF-8"));
            None
        }
    }
}

fn fail(errors: &mut Vec<ConfigError>, error: ConfigError) -> Config {
    errors.push(error);
    Config::default()
}

fn two_configurations(manifest: &ConfigSource) -> ConfigError {
    let at = metadata_span(&manifest.text).unwrap_or_default();
    let help = format!("move these settings into `{FILE_NAME}`, or delete that file");
    ConfigError::at(manifest, at, format!("there are two configurations: `{FILE_NAME}` and this one"), "also here", help)
}

fn from_file(lookup: &Lookup, source: ConfigSource, errors: &mut Vec<ConfigError>) -> Config {
    let (table, syntax) = DeTable::parse_recoverable(&source.text);
    errors.extend(syntax.iter().map(|error| syntax_error(&source, error)));
    if !syntax.is_empty() {
        return Config::default();
    }
    let mistakes = Mistakes::new(&source);
    let mut config = top(lookup, Table::new(&mistakes, "", table.get_ref(), Span::default()), &source);
    errors.extend(mistakes.into_errors());
    config.source = Some(source.clone());
    config
}

fn from_manifest(lookup: &Lookup, source: ConfigSource, errors: &mut Vec<ConfigError>) -> Config {
    // Mistakes in the manifest itself are cargo's to report.
    let Ok(table) = DeTable::parse(&source.text) else { return Config::default() };
    let Some((entries, span)) = metadata(table.get_ref(), main_table(table.get_ref())) else { return Config::default() };
    let mistakes = Mistakes::new(&source);
    let mut config = top(lookup, Table::new(&mistakes, format!("`metadata.{METADATA_KEY}`"), entries, span), &source);
    errors.extend(mistakes.into_errors());
    config.source = Some(source.clone());
    config
}

/// All keys of the configuration.
fn top(lookup: &Lookup, mut table: Table, source: &ConfigSource) -> Config {
    let mut config = Config::default();
    if let Some((version, span)) = table.integer("version").filter(|(version, _)| *version != 1) {
        table.mistake(span, format!("there is no version {version} of this configuration"), "", "this tool reads `version = 1`");
    }
    if let Some((text, span)) = table.string("edition") {
        match Edition::parse(&text) {
            Some(edition) => config.levels.edition = edition,
            None => table.mistake(span, format!("there is no edition `{text}` of the lints"), "", editions(&text)),
        }
    }
    for (path, span) in table.strings("knowledge") {
        match read(lookup, &join(lookup.root, &path), &path) {
            Ok(source) => config.knowledge.push((path, source.text.to_string())),
            Err(error) => table.mistake(span, format!("cannot read `{path}`: {error}"), "", "paths are relative to the workspace root"),
        }
    }
    config.baseline = table.string("baseline").map(|(path, _)| BaselineFile { path, text: None, entries: Vec::new() });
    config.levels.workspace = table.table("lints").map(settings).unwrap_or_default();
    for (one, paths, packages) in table.tables("override").into_iter().filter_map(override_of) {
        config.levels.overrides.push(one);
        config.paths.extend(paths);
        config.packages.extend(packages);
    }
    config.declared.ratelimit = ratelimit(&mut table);
    (config.declared.instances, config.declared.database_connections) = deploy(&mut table);
    config.declared.migrations_applied = migrations_applied(&mut table);
    (config.declared.pools, config.declared.shards) = super::data::data(&mut table);
    config.declared.architecture = architecture(&mut table);
    table.finish();
    config.source = Some(source.clone());
    config
}

fn editions(text: &str) -> String {
    let known = Edition::ALL.map(|edition| edition.to_string());
    suggestion(text, known.iter().map(String::as_str))
}

fn ratelimit(table: &mut Table) -> Option<RateLimitElsewhere> {
    let because = table.string("ratelimit_because").map(|(because, _)| because);
    let Some((word, span)) = table.string("ratelimit") else {
        if because.is_some() {
            table.required("ratelimit", "`ratelimit_because` gives the reason of `ratelimit = \"gateway\"`");
        }
        return None;
    };
    if word != "gateway" {
        table.mistake(span, format!("`ratelimit` cannot be `{word}`"), "", suggestion(&word, ["gateway"]));
    }
    Some(RateLimitElsewhere { because, span })
}

/// A number, and where it stands.
type Count = Option<(u32, Span)>;

/// Instances of the backend, and connections that its database accepts.
fn deploy(table: &mut Table) -> (Count, Count) {
    let Some(mut deploy) = table.table("deploy") else { return (None, None) };
    let instances = deploy.integer("instances");
    if let Some((0, span)) = instances {
        deploy.mistake(span, "a backend runs at least once", "", "say how many copies run at the same time");
    }
    let connections = deploy.integer("database_connections");
    if let Some((0, span)) = connections {
        deploy.mistake(span, "a database accepts at least one connection", "", "give its `max_connections`");
    }
    deploy.finish();
    (instances, connections)
}

fn migrations_applied(table: &mut Table) -> Option<String> {
    let mut migrations = table.table("migrations")?;
    let applied = migrations.string("applied");
    if let Some((version, span)) = applied.as_ref().filter(|(version, _)| !version.contains(|c: char| c.is_ascii_digit())) {
        migrations.mistake(*span, format!("`{version}` is no version of a migration"), "", "the number or time that its name begins with");
    }
    migrations.finish();
    applied.map(|(version, _)| version)
}

/// `[package.metadata.moai-backend.lints]` of one package.
fn package_levels(lookup: &Lookup, member: &Member, errors: &mut Vec<ConfigError>) -> Vec<LevelSetting> {
    let root_manifest = join(lookup.root, "Cargo.toml");
    let shown = relative(lookup.root, &member.manifest);
    let Ok(source) = read(lookup, &member.manifest, shown) else { return Vec::new() };
    if !source.text.contains(METADATA_KEY) {
        return Vec::new();
    }
    let Ok(table) = DeTable::parse(&source.text) else { return Vec::new() };
    // A lone package's metadata is the workspace's configuration and was read as such.
    if member.manifest == root_manifest && main_table(table.get_ref()) == "package" {
        return Vec::new();
    }
    let Some((entries, span)) = metadata(table.get_ref(), "package") else { return Vec::new() };
    let mistakes = Mistakes::new(&source);
    let mut package = Table::new(&mistakes, format!("`package.metadata.{METADATA_KEY}`"), entries, span);
    let levels = package.table("lints").map(settings).unwrap_or_default();
    package.finish();
    errors.extend(mistakes.into_errors());
    levels
}

fn has_metadata(manifest: &str) -> bool {
    metadata_span(manifest).is_some()
}

fn metadata_span(manifest: &str) -> Option<Span> {
    if !manifest.contains(METADATA_KEY) {
        return None;
    }
    let table = DeTable::parse(manifest).ok()?;
    metadata(table.get_ref(), main_table(table.get_ref())).map(|(_, span)| span)
}

/// The table of a root manifest whose metadata speaks for the whole workspace.
fn main_table(manifest: &DeTable) -> &'static str {
    if manifest.contains_key("workspace") { "workspace" } else { "package" }
}

fn metadata<'t>(manifest: &'t DeTable<'t>, table: &str) -> Option<(&'t DeTable<'t>, Span)> {
    let inner = |table: &'t DeTable<'t>, key: &str| table.get(key).and_then(|value| value.get_ref().as_table());
    let found = inner(manifest, table).and_then(|table| inner(table, "metadata"))?.get(METADATA_KEY)?;
    match found.get_ref() {
        DeValue::Table(entries) => Some((entries, range(found.span()))),
        _ => None,
    }
}

fn syntax_error(source: &ConfigSource, error: &toml::de::Error) -> ConfigError {
    let span = error.span().map(range).unwrap_or_default();
    ConfigError::at(source, span, format!("`{}` is not valid TOML", source.path), error.message(), "")
}

fn read(lookup: &Lookup, path: &str, shown: &str) -> io::Result<ConfigSource> {
    let bytes = lookup.files.read(path)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"))?;
    Ok(ConfigSource { path: shown.into(), text: text.trim_start_matches('\u{feff}').into() })
}

fn join(root: &str, path: &str) -> String {
    if root.is_empty() || path.starts_with('/') { path.to_string() } else { format!("{root}/{path}") }
}

fn relative<'p>(root: &str, path: &'p str) -> &'p str {
    path.strip_prefix(root).map_or(path, |rest| rest.trim_start_matches('/'))
}

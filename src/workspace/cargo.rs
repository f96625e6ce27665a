//! Asks cargo what the workspace is. No network, no lock file written, no toolchain installed, no build.

#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "the one place that starts cargo")]

use super::described::{DependencyKind, Described, DescribedDependency, DescribedPackage, DescribedTarget};
use super::{LoadError, ManifestPlace, join, parent};
use crate::resolve::TargetKind;
use cargo_metadata::{Metadata, MetadataCommand};
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};

pub(super) enum Failure {
    /// Cargo ran and refuses the manifests.
    Manifest(LoadError),
    /// Cargo did not get to the manifests, in words.
    Unusable(String),
}

/// Cargo runs outside the project first: there neither a pinned toolchain that is not installed nor the project's own cargo
/// configuration is in the way.
pub(super) fn describe(manifest: &str, notes: &mut Vec<String>) -> Result<Described, Failure> {
    let first = match run(manifest, Way { directory: neutral_directory(), nightly: false }) {
        Ok(metadata) => return Ok(described(&metadata)),
        Err(failure) => failure,
    };
    // A manifest with `cargo-features` is for nightly cargo only, though all that we ask for is there in any.
    if (first.says("nightly") || first.says("cargo-features"))
        && let Ok(metadata) = run(manifest, Way { directory: neutral_directory(), nightly: true })
    {
        notes.push("the manifests use unstable features of cargo; they were read as nightly cargo reads them".to_string());
        return Ok(described(&metadata));
    }
    // The project may pin a newer toolchain than the default one, and it may be installed.
    match run(manifest, Way { directory: parent(manifest), nightly: false }) {
        Ok(metadata) => Ok(described(&metadata)),
        Err(_) => Err(first.into_failure()),
    }
}

struct Way<'a> {
    directory: &'a str,
    nightly: bool,
}

enum Refusal {
    NotStarted(String),
    Said(String),
}

fn run(manifest: &str, way: Way) -> Result<Metadata, Refusal> {
    let output = command(manifest, way).output().map_err(|error| Refusal::NotStarted(format!("`cargo` cannot be started: {error}")))?;
    if !output.status.success() {
        return Err(Refusal::Said(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let json = text.lines().find(|line| line.starts_with('{')).unwrap_or_default();
    MetadataCommand::parse(json).map_err(|error| Refusal::NotStarted(format!("its answer cannot be read: {error}")))
}

fn command(manifest: &str, way: Way) -> Command {
    let cargo = std::env::var_os("CARGO").filter(|path| Path::new(path).is_file()).unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command.args(["metadata", "--no-deps", "--offline", "--format-version", "1", "--color", "never", "--manifest-path", manifest]);
    command.current_dir(if way.directory.is_empty() { "." } else { way.directory }).stdin(Stdio::null());
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(|name| name.starts_with("GIT_"))) {
        command.env_remove(name);
    }
    command.env("RUSTUP_AUTO_INSTALL", "0");
    if way.nightly {
        command.env("RUSTC_BOOTSTRAP", "1");
    }
    command
}

fn neutral_directory() -> &'static str {
    if cfg!(windows) { "C:\\" } else { "/" }
}

impl Refusal {
    fn says(&self, word: &str) -> bool {
        matches!(self, Refusal::Said(text) if text.contains(word))
    }

    fn into_failure(self) -> Failure {
        let text = match self {
            Refusal::NotStarted(why) => return Failure::Unusable(why),
            Refusal::Said(text) => text,
        };
        // Rustup answers in cargo's place when it has no toolchain to run.
        let no_toolchain = text.contains("toolchain") && (text.contains("is not installed") || text.contains("no default"));
        if no_toolchain {
            return Failure::Unusable(first_line(&text));
        }
        // Cargo looks for path dependencies even when nobody asks about them: a part of a larger repository, checked out alone.
        if text.contains("failed to load manifest for dependency") {
            return Failure::Unusable(words(&text));
        }
        Failure::Manifest(LoadError::Manifest { message: words(&text), place: place(&text) })
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_string()
}

/// The error and its causes, on one line.
fn words(text: &str) -> String {
    let mut parts = Vec::new();
    for line in text.lines().skip_while(|line| !line.starts_with("error")) {
        let line = line.trim();
        let is_excerpt =
            line.starts_with('|') || line.starts_with("-->") || line.split_once('|').is_some_and(|(number, _)| is_number(number));
        if line.is_empty() || is_excerpt || line.starts_with("See http") || line == "Caused by:" {
            continue;
        }
        parts.push(line.trim_start_matches("error: ").to_string());
    }
    parts.join("; ")
}

fn is_number(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// ` --> tmp/x/Cargo.toml:4:9`, or the manifest named in the sentence.
fn place(text: &str) -> Option<ManifestPlace> {
    if let Some(arrow) = text.lines().find_map(|line| line.trim().strip_prefix("--> ")) {
        let mut parts = arrow.rsplitn(3, ':');
        let (column, line, file) = (parts.next()?, parts.next()?, parts.next()?);
        let file = join(neutral_directory(), &slashes(file));
        return Some(ManifestPlace { file, line: line.parse().ok(), column: column.parse().ok() });
    }
    let named = text.split('`').skip(1).step_by(2).find(|quoted| quoted.ends_with("Cargo.toml"))?;
    Some(ManifestPlace { file: slashes(named), line: None, column: None })
}

fn described(metadata: &Metadata) -> Described {
    let mut packages: Vec<DescribedPackage> = metadata.workspace_packages().into_iter().map(package).collect();
    packages.sort_by(|one, other| one.manifest.cmp(&other.manifest));
    Described { root: slashes(metadata.workspace_root.as_str()), packages }
}

fn package(package: &cargo_metadata::Package) -> DescribedPackage {
    let manifest = slashes(package.manifest_path.as_str());
    DescribedPackage {
        name: package.name.to_string(),
        version: package.version.to_string(),
        directory: parent(&manifest).to_string(),
        manifest,
        targets: package.targets.iter().map(target).collect(),
        dependencies: package.dependencies.iter().map(dependency).collect(),
    }
}

fn target(target: &cargo_metadata::Target) -> DescribedTarget {
    let kinds = [
        (target.is_proc_macro(), TargetKind::ProcMacro),
        (target.is_bin(), TargetKind::Binary),
        (target.is_example(), TargetKind::Example),
        (target.is_test(), TargetKind::Test),
        (target.is_bench(), TargetKind::Bench),
        (target.is_custom_build(), TargetKind::BuildScript),
    ];
    // Others are `lib`, `cdylib`, `staticlib`, `rlib`, and kinds to come.
    let kind = kinds.into_iter().find(|(is, _)| *is).map_or(TargetKind::Library, |(_, kind)| kind);
    DescribedTarget { name: target.name.clone(), kind, root: slashes(target.src_path.as_str()) }
}

fn dependency(dependency: &cargo_metadata::Dependency) -> DescribedDependency {
    DescribedDependency {
        package: dependency.name.clone(),
        rename: dependency.rename.clone(),
        requirement: dependency.req.to_string(),
        path: dependency.path.as_ref().map(|path| slashes(path.as_str())),
        kind: match dependency.kind {
            cargo_metadata::DependencyKind::Development => DependencyKind::Dev,
            cargo_metadata::DependencyKind::Build => DependencyKind::Build,
            _ => DependencyKind::Normal,
        },
    }
}

fn slashes(path: &str) -> String {
    path.replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargos_words_lose_their_drawing_and_keep_the_place() {
        let said = "error: unclosed table, expected `]`\n --> srv/a/Cargo.toml:1:9\n  |\n1 | [package\n  |         ^\n";
        assert_eq!(words(said), "unclosed table, expected `]`");
        let place = place(said).unwrap();
        assert_eq!((place.file.as_str(), place.line, place.column), ("/srv/a/Cargo.toml", Some(1), Some(9)));
    }

    #[test]
    fn causes_follow_the_error() {
        let said = "error: failed to load manifest for workspace member `/a/q`\nreferenced by workspace at `/a/Cargo.toml`\n\nCaused by:\n  failed to read `/a/q/Cargo.toml`\n";
        assert_eq!(
            words(said),
            "failed to load manifest for workspace member `/a/q`; referenced by workspace at `/a/Cargo.toml`; failed to read `/a/q/Cargo.toml`"
        );
        assert_eq!(place(said).unwrap().file, "/a/Cargo.toml");
    }
}

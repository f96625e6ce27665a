//! Reads manifests without cargo: for files that are not on the disk, and where cargo cannot be used.
//!
//! It follows cargo's rules for members, inheritance and target discovery; what it does not check, cargo would.

use super::described::{DependencyKind, Described, DescribedDependency, DescribedPackage, DescribedTarget};
use super::{Files, LoadError, ManifestPlace, join, parent};
use crate::resolve::TargetKind;
use globset::{GlobBuilder, GlobMatcher};
use std::collections::{BTreeMap, BTreeSet};
use toml::{Table, Value};

pub(super) fn describe(manifest: &str, files: &dyn Files) -> Result<Described, LoadError> {
    let table = parse(manifest, files)?;
    let (root_manifest, root_table) = root_of(manifest, table, files)?;
    let root = parent(&root_manifest).to_string();
    let inherited = Inherited::of(&root_table, &root);
    let mut packages = BTreeMap::new();
    let mut open = member_manifests(&root, &root_table, files);
    open.extend(root_table.contains_key("package").then(|| root_manifest.clone()));
    while let Some(manifest) = open.pop() {
        if packages.contains_key(&manifest) {
            continue;
        }
        let Some(package) = package(&manifest, &parse(&manifest, files)?, &inherited, files) else { continue };
        // Path dependencies below the root are members without being listed.
        let below = |path: &String| root.is_empty() || path.starts_with(&format!("{root}/"));
        let paths = package.dependencies.iter().filter_map(|dependency| dependency.path.clone());
        let is_workspace = root_table.contains_key("workspace");
        open.extend(
            paths.filter(|path| is_workspace && below(path)).map(|path| join(&path, "Cargo.toml")).filter(|path| files.is_file(path)),
        );
        packages.insert(manifest, package);
    }
    Ok(Described { root, packages: packages.into_values().collect() })
}

/// The directory of the workspace that `manifest` belongs to.
pub(super) fn root(manifest: &str, files: &dyn Files) -> Result<String, LoadError> {
    let (root, _) = root_of(manifest, parse(manifest, files)?, files)?;
    Ok(parent(&root).to_string())
}

fn parse(manifest: &str, files: &dyn Files) -> Result<Table, LoadError> {
    let error = |message: String, line| {
        let place = Some(ManifestPlace { file: manifest.to_string(), line, column: None });
        LoadError::Manifest { message, place }
    };
    let bytes = files.read(manifest).map_err(|cause| error(format!("the manifest cannot be read: {cause}"), None))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| error("the manifest is not UTF-8".to_string(), None))?;
    text.trim_start_matches('\u{feff}').parse::<Table>().map_err(|cause: toml::de::Error| {
        let line = cause.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() as u32 + 1);
        error(cause.message().to_string(), line)
    })
}

/// The workspace's manifest for a member's.
fn root_of(manifest: &str, table: Table, files: &dyn Files) -> Result<(String, Table), LoadError> {
    if table.contains_key("workspace") {
        return Ok((manifest.to_string(), table));
    }
    let directory = parent(manifest);
    if let Some(path) = table.get("package").and_then(|package| package.get("workspace")).and_then(Value::as_str) {
        let named = join(&join(directory, path), "Cargo.toml");
        let root = parse(&named, files)?;
        return Ok((named, root));
    }
    let mut above = directory;
    while !above.is_empty() {
        above = parent(above);
        let candidate = join(above, "Cargo.toml");
        if !files.is_file(&candidate) {
            continue;
        }
        let root = parse(&candidate, files)?;
        if root.contains_key("workspace") {
            let is_member = member_manifests(above, &root, files).contains(&manifest.to_string());
            return Ok(if is_member { (candidate, root) } else { (manifest.to_string(), table) });
        }
    }
    Ok((manifest.to_string(), table))
}

fn member_manifests(root: &str, table: &Table, files: &dyn Files) -> Vec<String> {
    let Some(workspace) = table.get("workspace") else { return Vec::new() };
    let members = strings(workspace.get("members"));
    let excluded: Vec<String> = strings(workspace.get("exclude")).iter().map(|path| join(root, path)).collect();
    let is_excluded = |directory: &str| excluded.iter().any(|path| directory == path || directory.starts_with(&format!("{path}/")));
    let (globs, plain): (Vec<&String>, Vec<&String>) = members.iter().partition(|member| member.contains(['*', '?', '[']));
    let mut found: BTreeSet<String> = plain.into_iter().map(|member| join(&join(root, member), "Cargo.toml")).collect();
    if !globs.is_empty() {
        let matchers: Vec<GlobMatcher> = globs.iter().filter_map(|glob| matcher(&join(root, glob))).collect();
        let manifests = files.list(root).into_iter().filter(|path| path.ends_with("/Cargo.toml"));
        let matching = |path: &String| matchers.iter().any(|matcher| matcher.is_match(parent(path))) && !is_excluded(parent(path));
        found.extend(manifests.filter(matching));
    }
    found.into_iter().collect()
}

fn matcher(glob: &str) -> Option<GlobMatcher> {
    GlobBuilder::new(glob).literal_separator(true).build().ok().map(|glob| glob.compile_matcher())
}

/// `[workspace.package]` and `[workspace.dependencies]`.
struct Inherited<'a> {
    version: Option<&'a str>,
    dependencies: Option<&'a Table>,
    root: &'a str,
}

impl<'a> Inherited<'a> {
    fn of(table: &'a Table, root: &'a str) -> Self {
        let workspace = table.get("workspace");
        let version = workspace.and_then(|workspace| workspace.get("package")?.get("version")?.as_str());
        Self { version, dependencies: workspace.and_then(|workspace| workspace.get("dependencies")?.as_table()), root }
    }
}

fn package(manifest: &str, table: &Table, inherited: &Inherited, files: &dyn Files) -> Option<DescribedPackage> {
    let header = table.get("package")?.as_table()?;
    let name = header.get("name")?.as_str()?.to_string();
    let directory = parent(manifest).to_string();
    let version = match header.get("version") {
        Some(Value::String(version)) => version.clone(),
        Some(_) => inherited.version.unwrap_or("0.0.0").to_string(),
        None => "0.0.0".to_string(),
    };
    let targets = Discovery { directory: &directory, package: &name, table, header, files }.targets();
    let dependencies = dependencies(table, &directory, inherited);
    Some(DescribedPackage { name, version, manifest: manifest.to_string(), targets, dependencies, directory })
}

const DEPENDENCY_TABLES: [(&str, DependencyKind); 5] = [
    ("dependencies", DependencyKind::Normal),
    ("dev-dependencies", DependencyKind::Dev),
    ("dev_dependencies", DependencyKind::Dev),
    ("build-dependencies", DependencyKind::Build),
    ("build_dependencies", DependencyKind::Build),
];

fn dependencies(table: &Table, directory: &str, inherited: &Inherited) -> Vec<DescribedDependency> {
    let conditional =
        table.get("target").and_then(Value::as_table).into_iter().flat_map(|targets| targets.values()).filter_map(Value::as_table);
    let mut found = Vec::new();
    for table in std::iter::once(table).chain(conditional) {
        for (key, kind) in DEPENDENCY_TABLES {
            let entries = table.get(key).and_then(Value::as_table).into_iter().flatten();
            found.extend(entries.map(|(name, value)| dependency(name, value, kind, directory, inherited)));
        }
    }
    found
}

fn dependency(name: &str, value: &Value, kind: DependencyKind, directory: &str, inherited: &Inherited) -> DescribedDependency {
    let from_workspace = value.get("workspace").and_then(Value::as_bool).unwrap_or(false);
    let (value, base) = match inherited.dependencies.and_then(|table| table.get(name)) {
        Some(value) if from_workspace => (value, inherited.root),
        _ => (value, directory),
    };
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    DescribedDependency {
        package: text("package").unwrap_or(name).to_string(),
        rename: text("package").map(|_| name.to_string()),
        requirement: value.as_str().or_else(|| text("version")).unwrap_or("*").to_string(),
        path: text("path").map(|path| join(base, path)),
        kind,
    }
}

/// Finds the targets of one package.
struct Discovery<'a> {
    directory: &'a str,
    package: &'a str,
    table: &'a Table,
    header: &'a Table,
    files: &'a dyn Files,
}

/// Section, folder, key that turns discovery off, kind.
const KINDS: [(&str, &str, &str, TargetKind); 4] = [
    ("bin", "src/bin", "autobins", TargetKind::Binary),
    ("example", "examples", "autoexamples", TargetKind::Example),
    ("test", "tests", "autotests", TargetKind::Test),
    ("bench", "benches", "autobenches", TargetKind::Bench),
];

impl Discovery<'_> {
    fn targets(&self) -> Vec<DescribedTarget> {
        let mut targets: Vec<DescribedTarget> = self.library().into_iter().collect();
        for (section, folder, automatic, kind) in KINDS {
            targets.extend(self.of_kind(section, folder, automatic, kind));
        }
        targets.extend(self.build_script());
        targets
    }

    fn library(&self) -> Option<DescribedTarget> {
        let section = self.table.get("lib");
        let text = |key: &str| section.and_then(|section| section.get(key)).and_then(Value::as_str);
        let flag = |key: &str| section.and_then(|section| section.get(key)).and_then(Value::as_bool).unwrap_or(false);
        let root = join(self.directory, text("path").unwrap_or("src/lib.rs"));
        let kind = if flag("proc-macro") || flag("proc_macro") { TargetKind::ProcMacro } else { TargetKind::Library };
        self.files.is_file(&root).then(|| DescribedTarget { name: text("name").unwrap_or(self.package).to_string(), kind, root })
    }

    fn of_kind(&self, section: &str, folder: &str, automatic: &str, kind: TargetKind) -> Vec<DescribedTarget> {
        let mut found = self.discovered(folder, kind);
        let declared = self.table.get(section).and_then(Value::as_array);
        let mut targets = Vec::new();
        for entry in declared.into_iter().flatten() {
            let Some(name) = entry.get("name").and_then(Value::as_str) else { continue };
            let discovered = found.remove(name);
            let root = match entry.get("path").and_then(Value::as_str) {
                Some(path) => Some(join(self.directory, path)),
                None => discovered,
            };
            targets.extend(root.map(|root| DescribedTarget { name: name.to_string(), kind, root }));
        }
        if self.header.get(automatic).and_then(Value::as_bool).unwrap_or(true) {
            let known: BTreeSet<String> = targets.iter().map(|target| target.root.clone()).collect();
            let new = found.into_iter().filter(|(_, root)| !known.contains(root));
            targets.extend(new.map(|(name, root)| DescribedTarget { name, kind, root }));
        }
        targets
    }

    /// Name -> root, as cargo would find them.
    fn discovered(&self, folder: &str, kind: TargetKind) -> BTreeMap<String, String> {
        let folder = join(self.directory, folder);
        let mut found = BTreeMap::new();
        let main = join(self.directory, "src/main.rs");
        if kind == TargetKind::Binary && self.files.is_file(&main) {
            found.insert(self.package.to_string(), main);
        }
        for path in self.files.list(&folder) {
            let Some(below) = path.strip_prefix(&folder).map(|rest| rest.trim_start_matches('/')) else { continue };
            let name = match below.split('/').collect::<Vec<_>>().as_slice() {
                [file] => file.strip_suffix(".rs").map(str::to_string),
                [name, "main.rs"] => Some((*name).to_string()),
                _ => None,
            };
            if let Some(name) = name {
                found.insert(name, path);
            }
        }
        found
    }

    fn build_script(&self) -> Option<DescribedTarget> {
        let path = match self.header.get("build") {
            Some(Value::Boolean(false)) => return None,
            Some(Value::String(path)) => path.as_str(),
            _ => "build.rs",
        };
        let root = join(self.directory, path);
        self.files.is_file(&root).then(|| DescribedTarget { name: "build-script-build".to_string(), kind: TargetKind::BuildScript, root })
    }
}

fn strings(value: Option<&Value>) -> Vec<String> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::to_string).collect()
}

//! Targets and the edges between them.

use super::described::{DependencyKind, Described, DescribedDependency, DescribedPackage, DescribedTarget};
use super::lock::{Lock, lowest};
use crate::facts::Name;
use crate::resolve::{Dependency, DependencyTarget, SourceCrate, TargetKind};
use rustc_hash::FxHashMap;
use semver::Version;

pub(super) fn crates(described: &Described, lock: Option<&Lock>) -> Vec<SourceCrate> {
    let libraries = Libraries::of(described);
    let targets = described
        .packages
        .iter()
        .enumerate()
        .flat_map(|(index, package)| package.targets.iter().map(move |target| (index, package, target)));
    targets
        .map(|(index, package, target)| SourceCrate {
            name: name_in_paths(&target.name),
            package: index,
            kind: target.kind,
            root: target.root.as_str().into(),
            dependencies: dependencies(index, package, target, &libraries, lock),
        })
        .collect()
}

/// Library targets, by what dependencies name.
struct Libraries {
    /// Package directory -> (crate index, name in paths).
    by_directory: FxHashMap<String, (usize, Name)>,
    /// Package name -> the same.
    by_package: FxHashMap<String, (usize, Name)>,
    /// By package index.
    own: Vec<Option<(usize, Name)>>,
}

impl Libraries {
    fn of(described: &Described) -> Libraries {
        let mut libraries = Libraries { by_directory: FxHashMap::default(), by_package: FxHashMap::default(), own: Vec::new() };
        let mut at = 0;
        for package in &described.packages {
            let is_library = |target: &DescribedTarget| matches!(target.kind, TargetKind::Library | TargetKind::ProcMacro);
            let library =
                package.targets.iter().position(is_library).map(|index| (at + index, name_in_paths(&package.targets[index].name)));
            if let Some(library) = &library {
                libraries.by_directory.insert(package.directory.clone(), library.clone());
                libraries.by_package.insert(package.name.clone(), library.clone());
            }
            libraries.own.push(library);
            at += package.targets.len();
        }
        libraries
    }
}

fn dependencies(
    index: usize,
    package: &DescribedPackage,
    target: &DescribedTarget,
    libraries: &Libraries,
    lock: Option<&Lock>,
) -> Vec<Dependency> {
    let seen = |kind| (kind == DependencyKind::Build) == (target.kind == TargetKind::BuildScript);
    let mut edges: Vec<Dependency> =
        package.dependencies.iter().filter(|one| seen(one.kind)).filter_map(|one| edge(package, one, libraries, lock)).collect();
    let beside_the_library = !matches!(target.kind, TargetKind::Library | TargetKind::ProcMacro | TargetKind::BuildScript);
    if let (true, Some((library, name))) = (beside_the_library, &libraries.own[index]) {
        edges.push(Dependency { name: name.clone(), to: DependencyTarget::Workspace(*library), dev: false });
    }
    // A crate that is both a normal and a dev dependency is a normal one; the same holds for several `[target.'cfg(..)']` tables.
    edges.sort_by(|one, other| (&one.name, one.dev).cmp(&(&other.name, other.dev)));
    edges.dedup_by(|one, other| one.name == other.name);
    edges
}

fn edge(package: &DescribedPackage, dependency: &DescribedDependency, libraries: &Libraries, lock: Option<&Lock>) -> Option<Dependency> {
    let dev = dependency.kind == DependencyKind::Dev;
    let locked = lock.and_then(|lock| lock.resolve(&package.name, &package.version, &dependency.package, &dependency.requirement));
    let in_workspace = match &dependency.path {
        Some(path) => libraries.by_directory.get(path),
        // `[patch]` may put a package of the workspace in the place of a published one.
        None if locked.as_ref().is_some_and(|locked| locked.local) => libraries.by_package.get(&dependency.package),
        None => None,
    };
    let rename = dependency.rename.as_deref().map(name_in_paths);
    if let Some((library, name)) = in_workspace {
        return Some(Dependency { name: rename.unwrap_or_else(|| name.clone()), to: DependencyTarget::Workspace(*library), dev });
    }
    let version: Option<Version> = match locked {
        Some(locked) => Some(locked.version),
        None => lowest(&dependency.requirement),
    };
    let name = rename.unwrap_or_else(|| name_in_paths(&dependency.package));
    Some(Dependency { name, to: DependencyTarget::External { package: dependency.package.as_str().into(), version }, dev })
}

fn name_in_paths(name: &str) -> Name {
    name.replace('-', "_").into()
}

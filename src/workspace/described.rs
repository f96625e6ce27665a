//! A workspace as its manifests describe it, before lock file and selection.

use super::Package;
use crate::resolve::TargetKind;

pub(super) struct Described {
    pub root: String,
    /// By manifest path.
    pub packages: Vec<DescribedPackage>,
}

pub(super) struct DescribedPackage {
    pub name: String,
    pub version: String,
    pub manifest: String,
    pub directory: String,
    pub targets: Vec<DescribedTarget>,
    pub dependencies: Vec<DescribedDependency>,
}

pub(super) struct DescribedTarget {
    /// As in the manifest, `-` not yet made `_`.
    pub name: String,
    pub kind: TargetKind,
    pub root: String,
}

#[derive(Clone, Debug, Default)]
pub(super) struct DescribedDependency {
    pub package: String,
    pub rename: Option<String>,
    /// `^0.8`, as written; empty: any.
    pub requirement: String,
    /// Directory of a path dependency.
    pub path: Option<String>,
    pub kind: DependencyKind,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum DependencyKind {
    #[default]
    Normal,
    Dev,
    Build,
}

impl DescribedPackage {
    pub fn into_package(self, selected: bool) -> Package {
        Package { name: self.name, version: self.version, manifest: self.manifest, directory: self.directory, selected }
    }
}

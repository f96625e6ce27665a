//! The workspace: packages, targets, versions and the graph of crates. The only room that knows cargo.
//!
//! [`load`] finds the packages ([`LoadError`] where that cannot be done), [`read`] reads their files. What is only worse than
//! it could be (no lock file, an unstable manifest, a missing toolchain) is a note, and every run shows its notes.

mod cargo;
mod described;
mod error;
mod files;
mod graph;
mod lock;
mod manifest;
mod modules;
mod read;
mod select;
mod target;
#[cfg(test)]
mod tests;
mod watched;

pub use error::*;
pub use files::*;
pub use read::*;
pub use watched::*;

use crate::cache::Cache;
use crate::resolve::SourceCrate;
use described::Described;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;

/// What the user asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadRequest {
    /// A Cargo.toml as [`Files`] knows it: of the workspace or of one of its members.
    pub manifest: String,
    /// `-p`: names, `name@version`, or patterns with `*`. Empty: the whole workspace.
    pub packages: Vec<String>,
    /// `--exclude`, of the same form.
    pub exclude: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct Workspace {
    /// Directory of the workspace's Cargo.toml, without a `/` at its end.
    pub root: String,
    pub packages: Vec<Package>,
    /// Targets of all packages, with edges.
    pub crates: Vec<SourceCrate>,
    /// What is less than it could be, in sentences for the user.
    pub notes: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct Package {
    pub name: String,
    pub version: String,
    /// As [`Files`] knows it.
    pub manifest: String,
    pub directory: String,
    /// Among those that the user asked about.
    pub selected: bool,
}

/// The workspace around `request.manifest`, with cargo's help where its files are on the disk.
pub fn load(request: &LoadRequest, files: &dyn Files) -> Result<Workspace, LoadError> {
    let manifest = checked_manifest(&request.manifest, files)?;
    let mut notes = Vec::new();
    let described = describe(&manifest, files, &mut notes)?;
    if described.packages.is_empty() {
        return Err(LoadError::Empty { manifest });
    }
    let selected = select::selected(&described, request)?;
    let lock = lock::read(&described.root, files, &mut notes);
    let crates = graph::crates(&described, lock.as_ref());
    let packages = described.packages.into_iter().zip(selected).map(|(package, selected)| package.into_package(selected)).collect();
    Ok(Workspace { root: described.root, packages, crates, notes })
}

/// The word of cargo about a workspace on the disk. It takes its time, so it may be asked for before it is needed.
pub struct Cargo(Mutex<Option<JoinHandle<Result<Workspace, LoadError>>>>);

impl Cargo {
    /// Asked when it is needed.
    pub fn later() -> Self {
        Cargo(Mutex::default())
    }

    /// Asked now.
    pub fn asked(request: &LoadRequest) -> Self {
        let request = request.clone();
        Cargo(Mutex::new(Some(std::thread::spawn(move || load(&request, &Disk)))))
    }

    /// The answer to what was asked, once; after that, to `request`.
    pub fn answer(&self, request: &LoadRequest, files: &dyn Files) -> Result<Workspace, LoadError> {
        match self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(asked) => asked.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            None => load(request, files),
        }
    }
}

/// Tells `cache` where the target directory is, as far as the manifests alone tell it.
pub fn place_cache(cache: &Cache, request: &LoadRequest, files: &dyn Files) {
    let root = checked_manifest(&request.manifest, files).and_then(|manifest| manifest::root(&manifest, files));
    if let Ok(root) = root {
        cache.target_is(Path::new(&target::directory(&root, files)));
    }
}

impl Workspace {
    /// `path` relative to the root where it lies under it.
    pub fn relative<'p>(&self, path: &'p str) -> &'p str {
        path.strip_prefix(&*self.root).and_then(|rest| rest.strip_prefix('/')).unwrap_or(path)
    }
}

fn describe(manifest: &str, files: &dyn Files, notes: &mut Vec<String>) -> Result<Described, LoadError> {
    if !files.is_disk() {
        return manifest::describe(manifest, files);
    }
    match cargo::describe(manifest, notes) {
        Ok(described) => Ok(described),
        Err(cargo::Failure::Manifest(error)) => Err(error),
        Err(cargo::Failure::Unusable(why)) => {
            notes.push(format!("cargo could not be used ({why}): the manifests were read without it"));
            manifest::describe(manifest, files)
        }
    }
}

fn checked_manifest(path: &str, files: &dyn Files) -> Result<String, LoadError> {
    let inside = join(path, "Cargo.toml");
    if files.is_file(&inside) {
        return Ok(inside);
    }
    if !files.is_file(path) {
        return Err(LoadError::NoManifest { path: path.to_string() });
    }
    match path.rsplit('/').next() {
        Some("Cargo.toml") => Ok(path.to_string()),
        _ => Err(LoadError::NotAManifest { path: path.to_string() }),
    }
}

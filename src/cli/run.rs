//! One analysis of one workspace: configuration and code read, nothing judged yet.

use super::failure::Failure;
use super::progress::Progress;
use super::scope::Scope;
use crate::config::{Config, ConfigError, Lookup, Member};
use crate::findings::{AnalysedFile, Ground, Report};
use crate::knowledge::{Knowledge, KnowledgeError};
use crate::model::Backend;
use crate::source::Sources;
use crate::workspace::{self, Disk, LoadError, LoadRequest, Workspace, join};
use std::path::Path;

pub struct Run {
    pub config: Config,
    pub backend: Backend,
    pub sources: Sources,
    pub files: Vec<AnalysedFile>,
    pub problems: Vec<crate::facts::Problem>,
    /// Absolute path of the workspace's directory.
    pub root: String,
}

impl Run {
    pub fn new(scope: &Scope, progress: &Progress) -> Result<Run, Failure> {
        progress.doing("reading the workspace");
        let workspace = workspace::load(&request(scope)?, &Disk)?;
        let config = configuration(scope, &workspace)?;
        let _knowledge = Knowledge::load(&config.knowledge).map_err(knowledge_failure)?;
        Err(Failure::new("the pipeline is not there yet", ""))
    }

    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    pub fn report(&self) -> Report {
        Report::new(&self.backend, &Ground { sources: &self.sources, files: &self.files, problems: &self.problems }, &self.config.levels)
    }

    /// Words of the configuration that stand for nothing: rules that cannot fail, levels that reach nobody.
    fn check_configuration(&self) -> Result<(), Failure> {
        let names: Vec<String> = self.backend.packages.iter().map(|package| package.name.clone()).collect();
        let mut errors: Vec<ConfigError> = self.config.unmatched(&self.sources, &names);
        errors.extend(self.backend.unmatched.iter().map(|pattern| self.config.unmatched_error(pattern)));
        if errors.is_empty() { Ok(()) } else { Err(Failure::Config(errors)) }
    }
}

fn request(scope: &Scope) -> Result<LoadRequest, Failure> {
    Ok(LoadRequest { manifest: manifest(scope)?, packages: scope.package.clone(), exclude: scope.exclude.clone() })
}

/// The manifest that was named, or the nearest one at or above the current directory, as cargo does it.
fn manifest(scope: &Scope) -> Result<String, Failure> {
    if let Some(path) = &scope.manifest_path {
        return absolute(path);
    }
    let here = absolute(Path::new("."))?;
    let found = Path::new(&here).ancestors().find(|directory| directory.join("Cargo.toml").is_file());
    found.map_or_else(|| Err(LoadError::NoManifest { path: here.clone() }.into()), |directory| absolute(&directory.join("Cargo.toml")))
}

fn absolute(path: &Path) -> Result<String, Failure> {
    let absolute = std::path::absolute(path).ok().and_then(|path| path.to_str().map(|path| path.replace('\\', "/")));
    absolute
        .map(|path| join("", &path))
        .ok_or_else(|| Failure::new(format!("`{}` is no usable path", path.display()), "use a path in UTF-8"))
}

fn configuration(scope: &Scope, workspace: &Workspace) -> Result<Config, Failure> {
    let member = |package: &workspace::Package| Member { name: package.name.clone(), manifest: package.manifest.clone() };
    let members: Vec<Member> = workspace.packages.iter().map(member).collect();
    let explicit = match &scope.config {
        Some(path) => Some((absolute(path)?, path.display().to_string())),
        None => None,
    };
    let explicit = explicit.as_ref().map(|(path, shown)| (path.as_str(), shown.as_str()));
    Ok(Config::load(&Lookup { files: &Disk, root: &workspace.root, explicit, members: &members })?)
}

fn knowledge_failure(error: KnowledgeError) -> Failure {
    Failure::new(format!("cannot read the knowledge file `{}`", error.file), error.message.trim_end().to_string())
}

impl Run {
    /// A file as the user names it: from where they stand, from the workspace root, or by its end where only one file ends so.
    pub fn file(&self, path: &str) -> Result<crate::source::FileId, Failure> {
        let wanted = path.trim_start_matches("./").replace('\\', "/");
        let absolute = std::path::absolute(path).unwrap_or_default();
        let from_root = absolute.strip_prefix(&self.root).ok().and_then(|path| path.to_str()).unwrap_or(&wanted);
        let exact = self.sources.iter().find(|(_, file)| &*file.path == from_root || *file.path == wanted);
        let ending = || {
            let mut ends = self.sources.iter().filter(|(_, file)| file.path.ends_with(&format!("/{wanted}")));
            ends.next().filter(|_| ends.next().is_none())
        };
        let paths = || self.sources.iter().map(|(_, file)| &*file.path);
        exact.or_else(ending).map(|(id, _)| id).ok_or_else(|| {
            let near = crate::words::did_you_mean(&wanted, paths());
            let help = near.map_or("only files that a crate of the workspace is made of are read".to_string(), |near| {
                format!("did you mean `{near}`?")
            });
            Failure::new(format!("no file `{path}` was read"), help)
        })
    }
}

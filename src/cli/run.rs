//! One analysis of one workspace: configuration and code read, nothing judged yet.

use super::failure::Failure;
use super::progress::Progress;
use super::scope::Scope;
use crate::config::{Config, ConfigError};
use crate::findings::{AnalysedFile, Ground, Report};
use crate::model::Backend;
use crate::source::Sources;

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
    pub fn new(_scope: &Scope, progress: &Progress) -> Result<Run, Failure> {
        progress.doing("reading the workspace");
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

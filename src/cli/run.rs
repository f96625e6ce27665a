//! One analysis of one workspace, as the command line asks for it.

use super::checked::Asked;
use super::failure::Failure;
use super::progress::Progress;
use super::scope::Scope;
use crate::analysis::{Analysis, Request, Stop};
use crate::cache::Cache;
use crate::config::{BaselineFile, ConfigError};
use crate::findings::{BaselineEntry, Compared, Date, Ground, LevelSetting, Report, apply_baseline, compare};
use crate::source::{FileId, Sources};
use crate::workspace::{Cargo, Disk, Files, LoadError, LoadRequest, join};
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};

pub struct Run {
    /// Never dropped: the process ends soon, and giving back memory piece by piece takes longer than many a room.
    pub analysis: ManuallyDrop<Analysis>,
}

impl Run {
    pub fn new(scope: &Scope, progress: &Progress) -> Result<Run, Failure> {
        Run::over(&Disk, request(scope)?, Cargo::later(), explicit_config(scope)?, &cache(scope), progress)
    }

    /// `load` and `config` as `files` knows them.
    pub fn over(
        files: &dyn Files,
        load: LoadRequest,
        cargo: Cargo,
        config: Option<(String, String)>,
        cache: &Cache,
        progress: &Progress,
    ) -> Result<Run, Failure> {
        let run = Run::unchecked(files, load, cargo, config, cache, progress)?;
        run.check_that_there_is_code()?;
        run.check_configuration()?;
        Ok(run)
    }

    /// The same for a tree that is only compared with: words without effect are nobody's concern there.
    pub fn unchecked(
        files: &dyn Files,
        load: LoadRequest,
        cargo: Cargo,
        config: Option<(String, String)>,
        cache: &Cache,
        progress: &Progress,
    ) -> Result<Run, Stop> {
        let request = Request { files, load, cargo, config, cache, progress: &|doing| progress.doing(doing) };
        Ok(Run { analysis: ManuallyDrop::new(crate::analyse(&request)?) })
    }

    pub fn sources(&self) -> &Sources {
        &self.analysis.sources
    }

    /// The report of `check`. A baseline that the configuration names has to be there.
    pub fn report_as(&mut self, asked: &Asked) -> Result<Report, Failure> {
        self.settle_baseline(asked.no_baseline)?;
        self.analysis.config.levels.preview = asked.preview;
        Ok(self.report(asked.flags.clone()))
    }

    /// With what the baseline accepts suppressed.
    pub fn report(&mut self, flags: Vec<LevelSetting>) -> Report {
        let mut report = self.bare_report(flags);
        let analysis = &mut *self.analysis;
        let Some(BaselineFile { path, text: Some(text), entries }) = &analysis.config.baseline else { return report };
        let file = analysis.sources.add(path.as_str(), text.clone());
        let ground = Ground { sources: &analysis.sources, files: &analysis.files, problems: &analysis.problems };
        apply_baseline(&mut report, entries, file, &ground, &analysis.config.levels, Date::today());
        report
    }

    /// As if there were no baseline.
    pub fn bare_report(&mut self, flags: Vec<LevelSetting>) -> Report {
        self.analysis.config.levels.flags = flags;
        Report::new(&self.analysis.backend, &self.ground(), &self.analysis.config.levels)
    }

    pub fn compare(&self, entries: &[BaselineEntry], report: &Report) -> Compared {
        compare(entries, report, &self.ground(), &self.analysis.config.levels)
    }

    pub fn ground(&self) -> Ground<'_> {
        Ground { sources: &self.analysis.sources, files: &self.analysis.files, problems: &self.analysis.problems }
    }

    /// From now on there is none; otherwise one that the configuration names has to be there.
    pub fn settle_baseline(&mut self, ignored: bool) -> Result<(), Failure> {
        match &mut self.analysis.config.baseline {
            baseline if ignored => *baseline = None,
            Some(BaselineFile { path, text: None, .. }) => {
                let help = "`cargo moai-backend baseline create` writes it; or remove `baseline` from the configuration";
                return Err(Failure::new(format!("the baseline `{path}` of the configuration is not there"), help));
            }
            _ => {}
        }
        Ok(())
    }

    /// A file as the user names it: from where they stand, from the workspace root, or by its end where only one file ends so.
    pub fn file(&self, path: &str) -> Result<FileId, Failure> {
        let wanted = path.trim_start_matches("./").replace('\\', "/");
        let absolute = absolute(Path::new(path)).unwrap_or_default();
        let from_root = self.analysis.workspace.relative(&absolute);
        let read = || self.analysis.files.iter().map(|file| (file.file, self.sources().path(file.file)));
        let exact = read().find(|(_, path)| *path == from_root || *path == wanted);
        let ending = || {
            let mut ends = read().filter(|(_, path)| path.ends_with(&format!("/{wanted}")));
            ends.next().filter(|_| ends.next().is_none())
        };
        exact.or_else(ending).map(|(id, _)| id).ok_or_else(|| {
            let near = crate::words::did_you_mean(&wanted, read().map(|(_, path)| path));
            let help = near.map_or("only files that a crate of the workspace is made of are read".to_string(), |near| {
                format!("did you mean `{near}`?")
            });
            Failure::new(format!("no file `{path}` was read"), help)
        })
    }

    fn check_that_there_is_code(&self) -> Result<(), Failure> {
        if self.analysis.files.iter().any(|file| file.selected) {
            return Ok(());
        }
        let help = "a package needs a `src/main.rs`, a `src/lib.rs` or a target with a `path`";
        Err(Failure::new("there is no Rust code to look at in the selected packages", help))
    }

    /// Words of the configuration that stand for nothing: rules that cannot fail, levels that reach nobody.
    fn check_configuration(&self) -> Result<(), Failure> {
        let (config, backend) = (&self.analysis.config, &self.analysis.backend);
        let names: Vec<String> = backend.packages.iter().map(|package| package.name.clone()).collect();
        let mut errors: Vec<ConfigError> = config.unmatched(self.sources(), &names);
        errors.extend(backend.unmatched.iter().map(|pattern| config.unmatched_error(pattern)));
        if errors.is_empty() { Ok(()) } else { Err(Failure::Config(errors)) }
    }
}

pub fn request(scope: &Scope) -> Result<LoadRequest, Failure> {
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

/// Where results of earlier runs are: where the environment says, otherwise in the target directory of the workspace.
pub fn cache(scope: &Scope) -> Cache {
    if scope.no_cache {
        return Cache::none();
    }
    let named = |name| std::env::var_os(name).filter(|folder| !folder.is_empty()).map(PathBuf::from);
    if let Some(folder) = named("MOAI_BACKEND_CACHE_DIR") {
        return Cache::open(folder);
    }
    let cache = Cache::in_target();
    if let Some(target) = named("CARGO_TARGET_DIR").or_else(|| named("CARGO_BUILD_TARGET_DIR")) {
        cache.target_is(&target);
    }
    cache
}

pub fn explicit_config(scope: &Scope) -> Result<Option<(String, String)>, Failure> {
    scope.config.as_ref().map(|path| Ok((absolute(path)?, path.display().to_string()))).transpose()
}

pub fn absolute(path: &Path) -> Result<String, Failure> {
    let absolute = std::path::absolute(path).ok().and_then(|path| path.to_str().map(|path| path.replace('\\', "/")));
    absolute
        .map(|path| join("", &path))
        .ok_or_else(|| Failure::new(format!("`{}` is no usable path", path.display()), "use a path in UTF-8"))
}

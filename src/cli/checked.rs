//! What `check` found, from this run or from an earlier one that was asked the same and read the same.
//!
//! A result is remembered under everything that it comes from: how the run was asked, the date (exceptions end some day), what cargo
//! says, and what was read through [`Watched`], by which all reading goes. So none of it has to be known here.

use super::failure::Failure;
use super::progress::Progress;
use super::run::{Run, cache, explicit_config, request};
use super::scope::Scope;
use crate::analysis::Stop;
use crate::cache::{Cache, Key};
use crate::findings::{Before, Date, LevelSetting, Report};
use crate::report::{CargoPackage, Surroundings};
use crate::resolve::TargetKind;
use crate::source::Sources;
use crate::workspace::{Cargo, Disk, Files, LoadRequest, Package, Question, Watched, Workspace, join, load as load_workspace, place_cache};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::Arc;

/// How a report is asked for, beside the files.
pub struct Asked<'a> {
    pub scope: &'a Scope,
    pub flags: Vec<LevelSetting>,
    pub no_baseline: bool,
    pub preview: bool,
}

/// A report and what is needed to write it down.
pub struct Checked {
    pub report: Report,
    pub sources: Sources,
    pub surroundings: Surroundings,
}

#[derive(Serialize)]
struct Remembered<'a> {
    workspace: Key,
    report: &'a Report,
    sources: Vec<RememberedSource<'a>>,
}

#[derive(Serialize)]
struct RememberedSource<'a> {
    path: &'a str,
    /// `None`: it is what is read at this path, below the root.
    text: Option<&'a str>,
}

#[derive(Deserialize)]
struct Found {
    workspace: Key,
    report: Report,
    sources: Vec<(String, Option<String>)>,
}

impl Checked {
    /// Of the files on the disk.
    pub fn on_disk(asked: &Asked, progress: &Progress) -> Result<Checked, Failure> {
        let (load, config, cache) = (request(asked.scope)?, explicit_config(asked.scope)?, cache(asked.scope));
        let cargo = Cargo::asked(&load);
        place_cache(&cache, &load, &Disk);
        let mut files = Watched::new(&Disk);
        let key = asked.key("report", &load, &config);
        if let Some(found) = known::<Found>(&cache, key, &mut files)
            && let Ok(workspace) = cargo.answer(&load, &Disk)
            && key_of(&workspace) == found.workspace
            && let Some(checked) = found.into_checked(&workspace, &files)
        {
            return Ok(checked);
        }
        let mut run = Run::over(&files, load, cargo, config, &cache, progress)?;
        progress.doing("looking for findings");
        let report = run.report_as(asked)?;
        if let Some((questions, answers)) = files.asked().filter(|_| cache.is_on()) {
            cache.put_result(key, &questions, answers, &Remembered::new(&run, &report, &files));
        }
        Ok(Checked::of(report, run))
    }

    pub fn of(report: Report, mut run: Run) -> Checked {
        let surroundings = surroundings(&run.analysis.workspace);
        Checked { report, sources: std::mem::take(&mut run.analysis.sources), surroundings }
    }
}

impl Asked<'_> {
    fn key(&self, what: &str, load: &LoadRequest, config: &Option<(String, String)>) -> Key {
        let asked = (load, config, &self.flags, self.no_baseline, self.preview, Date::today());
        Key::of(what, format!("{asked:?}").as_bytes())
    }

    /// What a tree has to say that is only compared with.
    pub fn before(&self, files: &dyn Files, load: LoadRequest, config: Option<(String, String)>, cache: &Cache) -> Result<Before, Stop> {
        place_cache(cache, &load, files);
        let mut files = Watched::new(files);
        let key = self.key("before", &load, &config);
        if let Some(before) = known(cache, key, &mut files) {
            return Ok(before);
        }
        let mut run = Run::unchecked(&files, load.clone(), Cargo::later(), config.clone(), cache, &Progress::start(false))?;
        run.analysis.config.levels.preview = self.preview;
        let report = if self.no_baseline { run.bare_report(self.flags.clone()) } else { run.report(self.flags.clone()) };
        let before = Before::of(&report, run.sources());
        self.keep_before(cache, &load, &config, &files, &before);
        Ok(before)
    }

    /// What an earlier run found in a tree that was the same as far as it was read, before it was compared with anything.
    pub fn known_of_tree(
        &self,
        load: &LoadRequest,
        config: &Option<(String, String)>,
        files: &mut Watched,
        cache: &Cache,
    ) -> Option<Checked> {
        place_cache(cache, load, files);
        let found: Found = known(cache, self.key("report of tree", load, config), files)?;
        let workspace = load_workspace(load, files).ok()?;
        if key_of(&workspace) == found.workspace { found.into_checked(&workspace, files) } else { None }
    }

    /// The next run may look at the same tree.
    pub fn keep_of_tree(
        &self,
        report: &Report,
        run: &Run,
        load: &LoadRequest,
        files: &Watched,
        config: &Option<(String, String)>,
        cache: &Cache,
    ) {
        let Some((questions, answers)) = files.asked().filter(|_| cache.is_on()) else { return };
        cache.put_result(self.key("report of tree", load, config), &questions, answers, &Remembered::new(run, report, files));
    }

    pub fn keep_before(&self, cache: &Cache, load: &LoadRequest, config: &Option<(String, String)>, files: &Watched, before: &Before) {
        if let Some((questions, answers)) = files.asked().filter(|_| cache.is_on()) {
            cache.put_result(self.key("before", load, config), &questions, answers, before);
        }
    }
}

impl<'a> Remembered<'a> {
    fn new(run: &'a Run, report: &'a Report, files: &Watched) -> Self {
        let workspace = &run.analysis.workspace;
        let source = |path: &'a str, text: &'a str| {
            let is_read = files.is_text_of(&join(&workspace.root, path), text);
            RememberedSource { path, text: (!is_read).then_some(text) }
        };
        let sources = run.sources().iter().map(|(_, file)| source(&file.path, &file.text)).collect();
        Self { workspace: key_of(workspace), report, sources }
    }
}

impl Found {
    fn into_checked(self, workspace: &Workspace, files: &Watched) -> Option<Checked> {
        let mut sources = Sources::default();
        let text = |(path, text): (String, Option<String>)| match text {
            Some(text) => Some((path, Arc::from(text))),
            None => {
                let bytes = files.read(&join(&workspace.root, &path)).ok()?;
                Some((path, Arc::from(std::str::from_utf8(&bytes).ok()?)))
            }
        };
        let texts: Option<Vec<(String, Arc<str>)>> = self.sources.into_par_iter().map(text).collect();
        texts?.into_iter().for_each(|(path, text)| {
            sources.add(path, text);
        });
        Some(Checked { report: self.report, sources, surroundings: surroundings(workspace) })
    }
}

/// What an earlier run came to, if `files` are as they were.
fn known<T: for<'d> Deserialize<'d>>(cache: &Cache, asked: Key, files: &mut Watched) -> Option<T> {
    let questions: Vec<Question> = cache.questions(asked)?;
    let answers = files.answers(&questions);
    cache.result(asked, answers)
}

fn key_of(workspace: &Workspace) -> Key {
    Key::of("workspace", format!("{workspace:?}").as_bytes())
}

/// Where all this lies, for formats that name places outside of the workspace.
fn surroundings(workspace: &Workspace) -> Surroundings {
    let root = workspace.root.clone();
    let repository = Path::new(&root).ancestors().find(|directory| directory.join(".git").exists());
    let repository = repository.and_then(Path::to_str).map_or_else(|| root.clone(), |path| path.trim_end_matches('/').to_string());
    let packages = workspace.packages.iter().enumerate().filter(|(_, package)| package.selected);
    let packages = packages.filter_map(|(index, package)| cargo_package(workspace, index, package)).collect();
    Surroundings { repository, packages, root }
}

fn cargo_package(workspace: &Workspace, index: usize, package: &Package) -> Option<CargoPackage> {
    let targets = || workspace.crates.iter().filter(|target| target.package == index);
    let target = targets().find(|target| target.kind == TargetKind::Library).or_else(|| targets().next())?;
    Some(CargoPackage {
        name: package.name.clone(),
        version: package.version.clone(),
        manifest: package.manifest.clone(),
        target_kind: target.kind.name(),
        target_name: target.name.to_string(),
        target_root: target.root.to_string(),
    })
}

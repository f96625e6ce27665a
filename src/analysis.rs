//! What the pipeline is asked and what it gives, beside the model: files, problems, times.

use crate::cache::Cache;
use crate::config::{Config, ConfigError, Lookup, Member};
use crate::facts::{FileFacts, Problem};
use crate::findings::AnalysedFile;
use crate::knowledge::{Knowledge, KnowledgeError};
use crate::model::{self, Backend};
use crate::recognize::{self, MigrationFiles};
use crate::resolve::{CrateGraph, Resolved};
use crate::source::{FileId, Sources};
use crate::workspace::{Cargo, Files, LoadError, LoadRequest, Package, Workspace, join};
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use std::time::{Duration, Instant};

/// One run.
pub struct Request<'a> {
    pub files: &'a dyn Files,
    pub load: LoadRequest,
    /// The answer is used where `files` are the disk.
    pub cargo: Cargo,
    /// `--config`: as `files` knows it, and as the user wrote it.
    pub config: Option<(String, String)>,
    pub cache: &'a Cache,
    /// Told what is being done, in words for a person who waits.
    pub progress: &'a (dyn Fn(&'static str) + Sync),
}

/// Everything that one run found out.
pub struct Analysis {
    pub workspace: Workspace,
    pub config: Config,
    pub knowledge: Knowledge,
    pub sources: Sources,
    pub graph: CrateGraph,
    pub resolved: Resolved,
    pub backend: Backend,
    /// Sorted by the folders that hold them.
    pub migrations: Vec<MigrationFiles<FileId>>,
    /// Files that some crate is made of, by id.
    pub files: Vec<AnalysedFile>,
    /// Of those files.
    pub problems: Vec<Problem>,
    /// Rooms in order, with the time spent in each.
    pub timings: Vec<(&'static str, Duration)>,
}

/// Why there is no analysis.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error("the configuration has {} mistakes", .0.len())]
    Config(Vec<ConfigError>),
    #[error(transparent)]
    Knowledge(#[from] KnowledgeError),
    #[error("no worker threads can be started: {0}")]
    Workers(String),
}

impl From<Vec<ConfigError>> for Stop {
    fn from(errors: Vec<ConfigError>) -> Self {
        Stop::Config(errors)
    }
}

impl Request<'_> {
    /// Text of any file, by its path relative to the workspace root.
    pub(crate) fn text(&self, workspace: &Workspace, path: &str) -> Option<String> {
        let bytes = self.files.read(&join(&workspace.root, path)).ok()?;
        std::str::from_utf8(&bytes).ok().map(str::to_string)
    }

    /// Paths relative to the workspace root.
    pub(crate) fn list(&self, workspace: &Workspace) -> Vec<String> {
        self.files.list(&workspace.root).iter().map(|path| workspace.relative(path).to_string()).collect()
    }

    /// Whether a file came with the change that is checked, by its path relative to the workspace root.
    pub(crate) fn is_new(&self, workspace: &Workspace, path: &str) -> bool {
        self.files.is_new(&join(&workspace.root, path))
    }

    /// The configuration of this workspace.
    pub(crate) fn config(&self, workspace: &Workspace) -> Result<Config, Stop> {
        let member = |package: &Package| Member { name: package.name.clone(), manifest: package.manifest.clone() };
        let members: Vec<Member> = workspace.packages.iter().map(member).collect();
        let explicit = self.config.as_ref().map(|(path, shown)| (path.as_str(), shown.as_str()));
        Ok(Config::load(&Lookup { files: self.files, root: &workspace.root, explicit, members: &members })?)
    }
}

/// Reads the migrations among the files of the workspace, so that findings can point into them.
pub(crate) fn add_migrations(
    request: &Request,
    workspace: &Workspace,
    listed: &[String],
    sources: &mut Sources,
) -> Vec<MigrationFiles<FileId>> {
    let sets = recognize::migration_files(listed, &packages(workspace));
    let read = |path: &String| Some((path.clone(), request.text(workspace, path)?));
    let mut add = |set: MigrationFiles<String>| {
        let texts: Vec<(String, String)> = set.files.par_iter().filter_map(read).collect();
        let files = texts.into_iter().map(|(path, text)| sources.add(path, text)).collect();
        MigrationFiles { root: set.root, files }
    };
    sets.into_iter().map(&mut add).collect()
}

/// Nesting in the code becomes recursion here; what is read of it fits in this.
const STACK: usize = 64 << 20;

/// Runs `work`, and what it does in parallel, on threads with large stacks.
pub(crate) fn with_workers<T: Send>(work: impl FnOnce() -> Result<T, Stop> + Send) -> Result<T, Stop> {
    let pool = rayon::ThreadPoolBuilder::new().stack_size(STACK).thread_name(|index| format!("worker {index}")).build();
    pool.map_err(|error| Stop::Workers(error.to_string()))?.install(work)
}

pub(crate) fn packages(workspace: &Workspace) -> Vec<model::Package> {
    let package = |package: &Package| model::Package {
        name: package.name.clone(),
        version: package.version.clone(),
        manifest: workspace.relative(&package.manifest).to_string(),
        deployable: false,
        selected: package.selected,
    };
    workspace.packages.iter().map(package).collect()
}

/// Files that are part of a crate. Others in the folders of a package are nobody's code: templates, fixtures, leftovers.
pub(crate) struct Seen {
    pub files: Vec<AnalysedFile>,
    pub problems: Vec<Problem>,
}

impl Seen {
    pub(crate) fn by(resolved: &Resolved, workspace: &Workspace, graph: &CrateGraph, mut problems: Vec<Problem>) -> Seen {
        // A file may be part of several crates, and so of several packages.
        let mut seen: FxHashMap<FileId, (usize, bool)> = FxHashMap::default();
        let own = |krate: crate::resolve::CrateId| resolved.crates[krate.0 as usize].source;
        let modules = resolved.modules.iter().filter_map(|module| Some((module.file, own(module.krate)?)));
        let included = resolved.functions.iter().filter_map(|function| Some((function.file, own(function.krate)?)));
        let roots = graph.crates.iter().enumerate().filter_map(|(source, krate)| Some((*graph.files.get(&krate.root)?, source)));
        for (file, source) in modules.chain(included).chain(roots) {
            let package = graph.crates[source].package;
            let selected = workspace.packages[package].selected;
            seen.entry(file).and_modify(|(_, any)| *any |= selected).or_insert((package, selected));
        }
        let facts = graph.facts.iter().flatten().filter_map(|facts| Some((facts, seen.get(&facts.file)?)));
        let files = facts.map(|(facts, (package, selected))| analysed(facts, &workspace.packages[*package].name, *selected)).collect();
        problems.retain(|problem| seen.contains_key(&problem.file));
        Seen { files, problems }
    }
}

fn analysed(facts: &FileFacts, package: &str, selected: bool) -> AnalysedFile {
    AnalysedFile { file: facts.file, package: package.to_string(), selected, reading: facts.reading, allows: facts.allows.clone() }
}

/// How long each room took.
pub(crate) struct Clock<'a> {
    progress: &'a (dyn Fn(&'static str) + Sync),
    rooms: Vec<(&'static str, Duration)>,
    current: Option<(&'static str, Instant)>,
}

impl<'a> Clock<'a> {
    pub(crate) fn start(progress: &'a (dyn Fn(&'static str) + Sync)) -> Self {
        Self { progress, rooms: Vec::new(), current: None }
    }

    /// From now on `name` is at work; `doing` tells the user.
    pub(crate) fn room(&mut self, name: &'static str, doing: &'static str) {
        self.leave();
        (self.progress)(doing);
        self.current = Some((name, Instant::now()));
    }

    pub(crate) fn stop(mut self) -> Vec<(&'static str, Duration)> {
        self.leave();
        self.rooms
    }

    fn leave(&mut self) {
        if let Some((name, since)) = self.current.take() {
            self.rooms.push((name, since.elapsed()));
        }
    }
}

//! `--staged` and `--since`: one tree of the repository, compared with another one.
//!
//! | | before | after | reported |
//! |---|---|---|---|
//! | `--staged` | HEAD | the index | what is new, and what is known but edited |
//! | `--since REV` | where HEAD left REV | HEAD | what is new |
//! | both | where HEAD left REV | the index | what is new, and what is known but edited |
//!
//! Neither reads the working tree: a commit is judged by what is in it, and the two sides are read in the same way. The working
//! tree is only looked at to say that it differs.

use super::checked::{Asked, Checked};
use super::failure::Failure;
use super::progress::Progress;
use super::run::{Run, absolute, cache, explicit_config};
use super::scope::Scope;
use crate::cache::{Cache, Key};
use crate::findings::{Before, Edited, Report};
use crate::git::{self, Environment, GitError, Repository, Tree};
use crate::source::FileId;
use crate::words::count;
use crate::workspace::{Cargo, Disk, Files, LoadError, LoadRequest, Watched, join, parent};
use clap::Args;
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "What to compare")]
pub struct GateFlags {
    /// Check what is staged, and report what it adds to HEAD or edits: everything is read from the index, nothing is written
    #[arg(long)]
    pub staged: bool,

    /// Report what HEAD adds to the commit at which it left REV; what is not committed is not looked at
    #[arg(long, value_name = "REV")]
    pub since: Option<String>,
}

/// Two trees of one repository.
pub struct Gate {
    repository: Repository,
    before: Tree,
    after: Tree,
    /// What is compared with, in words.
    base: String,
    edited: Edited,
}

/// Endings of files that no lint looks into.
const NEVER_READ: [&str; 17] =
    ["md", "png", "jpg", "jpeg", "gif", "svg", "ico", "webp", "pdf", "woff", "woff2", "css", "scss", "ts", "tsx", "jsx", "vue"];

impl Gate {
    /// `None`: nobody asked for a comparison.
    pub fn open(flags: &GateFlags, scope: &Scope) -> Result<Option<Gate>, Failure> {
        if !flags.staged && flags.since.is_none() {
            return Ok(None);
        }
        let repository = repository(scope)?;
        let after = if flags.staged { repository.staged()? } else { committed(&repository, "HEAD")? };
        Ok(Some(match &flags.since {
            Some(revision) => Gate::since(repository, revision, "HEAD", after, flags.staged)?,
            None => Gate { before: repository.head()?, repository, after, base: "HEAD".to_string(), edited: Edited::Kept },
        }))
    }

    /// What `tip` adds since it left `revision`; without one, everything is new.
    pub fn pushed(repository: Repository, revision: Option<&str>, tip: &str) -> Result<Gate, Failure> {
        let after = committed(&repository, tip)?;
        match revision {
            Some(revision) => Gate::since(repository, revision, tip, after, false),
            None => {
                let before = Tree::empty(&repository.root().to_string_lossy().replace('\\', "/"));
                Ok(Gate { repository, before, after, base: "an empty remote".to_string(), edited: Edited::LeftOut })
            }
        }
    }

    /// Whether nothing has changed that the backend is made of.
    pub fn is_idle(&self) -> bool {
        let never_read = |path: &str| path.rsplit_once('.').is_some_and(|(_, ending)| NEVER_READ.contains(&ending));
        self.before.changed(&self.after).into_iter().all(never_read)
    }

    fn since(repository: Repository, revision: &str, tip: &str, after: Tree, staged: bool) -> Result<Gate, Failure> {
        let base = repository.merge_base(revision, tip)?;
        let short = base.to_string().chars().take(10).collect::<String>();
        let edited = if staged { Edited::Kept } else { Edited::LeftOut };
        Ok(Gate { before: repository.tree(base)?, repository, after, base: format!("`{revision}` (commit {short})"), edited })
    }

    /// What the change adds to the tree before it.
    pub fn check(&self, asked: &Asked, progress: &Progress) -> Result<Checked, Failure> {
        let (scope, config, cache) = (asked.scope, self.config(asked.scope)?, cache(asked.scope));
        let load = LoadRequest { manifest: self.manifest(scope)?, packages: scope.package.clone(), exclude: scope.exclude.clone() };
        let tree = WithConfig { tree: &self.after, before: Some(&self.before), config: named(&config), otherwise: &Disk, cache: &cache };
        let mut files = Watched::new(&tree);
        let known = asked.known_of_tree(&load, &config, &mut files, &cache);
        let (mut checked, new) = match known {
            Some(checked) => (checked, None),
            None => {
                let run = Run::over(&files, load.clone(), Cargo::later(), config.clone(), &cache, progress);
                let mut run = run.map_err(|failure| self.explained(failure))?;
                progress.doing("looking for findings");
                let report = run.report_as(asked)?;
                asked.keep_of_tree(&report, &run, &load, &files, &config, &cache);
                let as_before = Before::of(&report, run.sources());
                (Checked::of(report, run), Some(as_before))
            }
        };
        progress.doing("reading what was there before");
        let before = self.findings_before(&checked, config.clone(), asked, &cache);
        // The tree after a change is the tree before the next one.
        if let Some(as_before) = new.filter(|_| load == whole(&checked)) {
            asked.keep_before(&cache, &load, &config, &files, &as_before);
        }
        self.compare(&mut checked, before);
        Ok(checked)
    }

    /// `--config`, as the trees know it.
    fn config(&self, scope: &Scope) -> Result<Option<(String, String)>, Failure> {
        Ok(explicit_config(scope)?.map(|(path, shown)| (self.in_tree(Path::new(&path)).unwrap_or(path), shown)))
    }

    /// Leaves in `report` what the change adds, and says what it leaves out.
    fn compare(&self, checked: &mut Checked, before: Result<Before, String>) {
        let touched = match &before {
            Ok(before) => checked.report.compare(before, &checked.sources, self.edited),
            Err(_) => 0,
        };
        let notes = [before.err(), self.edited_note(touched), self.left_out_note(&checked.report)].into_iter().flatten();
        let notes: Vec<String> = notes.chain(self.different_on_disk(checked)).collect();
        checked.report.coverage.notes.splice(0..0, notes);
    }

    /// The error is a note: what cannot be known makes nothing old.
    fn findings_before(&self, checked: &Checked, config: Option<(String, String)>, asked: &Asked, cache: &Cache) -> Result<Before, String> {
        let Some(manifest) = self.manifest_before(checked) else { return Ok(Before::default()) };
        let load = LoadRequest { manifest, ..LoadRequest::default() };
        // A configuration that is new speaks for the tree before as well.
        let files = WithConfig { tree: &self.before, before: None, config: named(&config), otherwise: &self.after, cache };
        asked
            .before(&files, load, config.clone(), cache)
            .map_err(|stop| format!("{} cannot be read ({stop}), so everything counts as new", self.base))
    }

    /// The workspace's manifest, or the nearest one above it: it may just have moved into a folder of its own.
    fn manifest_before(&self, checked: &Checked) -> Option<String> {
        let now = join(&checked.surroundings.root, "Cargo.toml");
        let above = nearest(&self.before, parent(&now));
        above.or_else(|| only_shallowest(&self.before)).map(|path| path.to_string())
    }

    fn manifest(&self, scope: &Scope) -> Result<String, Failure> {
        let none = |path: &str| {
            Failure::new(
                format!("there is no `Cargo.toml` at `{path}` in {}", self.side()),
                "`git add` it, or point to another one with `--manifest-path PATH/Cargo.toml`",
            )
        };
        if let Some(path) = &scope.manifest_path {
            let named = absolute(path)?;
            let inside = self.in_tree(Path::new(&named)).ok_or_else(|| none(&named))?;
            return Ok(inside);
        }
        let here = absolute(Path::new("."))?;
        let inside = self.in_tree(Path::new(&here)).ok_or_else(|| none(&here))?;
        // Hooks start at the top, and the workspace may lie in a folder of its own.
        let is_top = || inside == self.after.absolute("").trim_end_matches('/');
        let below = || is_top().then(|| only_shallowest(&self.after)).flatten();
        nearest(&self.after, &inside).or_else(below).ok_or_else(|| none(&here))
    }

    /// As the trees know it; `None` for what lies outside of the repository.
    fn in_tree(&self, path: &Path) -> Option<String> {
        // Links on the way to the repository are no part of it. What is only in the index has no real path.
        let real = path.ancestors().find_map(|above| Some((above, above.canonicalize().ok()?)));
        let (above, real) = real?;
        let whole = real.join(path.strip_prefix(above).ok()?);
        let whole = whole.starts_with(self.repository.root()).then_some(whole)?;
        Some(join("", &whole.to_str()?.replace('\\', "/")))
    }

    fn side(&self) -> &'static str {
        match self.edited {
            Edited::Kept => "the index",
            Edited::LeftOut => "HEAD",
        }
    }

    /// A manifest that is on the disk and not in the index was forgotten.
    fn explained(&self, failure: Failure) -> Failure {
        let Failure::Load(LoadError::Manifest { place: Some(place), message }) = &failure else { return failure };
        if self.after.is_file(&place.file) || !Disk.is_file(&place.file) {
            return failure;
        }
        let message = format!("`{}` is in the working tree, but not in {}: {message}", place.file, self.side());
        Failure::new(message, "`git add` it, or take it out of the workspace")
    }

    fn edited_note(&self, touched: usize) -> Option<String> {
        let are = if touched == 1 { "is" } else { "are" };
        (touched > 0).then(|| format!("{} shown {are} not new: this change edits the code in question", count(touched, "finding")))
    }

    fn left_out_note(&self, report: &Report) -> Option<String> {
        let left_out = report.left_out;
        let parts = [(left_out.findings, "finding"), (left_out.problems, "problem")];
        let said: Vec<String> = parts.iter().filter(|(number, _)| *number > 0).map(|(number, what)| count(*number, what)).collect();
        Some(match said.is_empty() {
            true => format!("compared with {}", self.base),
            false => format!("compared with {}; left out, for they were there before: {}", self.base, said.join(", ")),
        })
    }

    /// Editors show the working tree, so a finding may seem to stand on another line.
    fn different_on_disk(&self, checked: &Checked) -> Vec<String> {
        let Checked { report, sources, surroundings } = checked;
        let files: BTreeSet<FileId> = report.open().map(|reported| reported.finding.place.file).collect();
        let root = &surroundings.root;
        let differs = |path: &str, text: &str| match Disk.read(&join(root, path)) {
            Ok(bytes) => !same_text(&bytes, text.as_bytes()),
            Err(_) => true,
        };
        let different = files.into_iter().map(|file| sources.file(file)).filter(|file| differs(&file.path, &file.text));
        different.map(|file| format!("`{}` differs in the working tree: lines here are those of {}", file.path, self.side())).collect()
    }
}

/// The repository around the workspace that `scope` names.
pub fn repository(scope: &Scope) -> Result<Repository, Failure> {
    let here = absolute(Path::new("."))?;
    let start = match &scope.manifest_path {
        Some(path) => {
            let named = PathBuf::from(absolute(path)?);
            let folder = if named.is_dir() { Some(named.as_path()) } else { named.parent() };
            folder.and_then(|folder| folder.ancestors().find(|folder| folder.is_dir())).unwrap_or(Path::new("/")).to_path_buf()
        }
        None => PathBuf::from(if here.is_empty() { "/" } else { &here }),
    };
    Ok(git::open(&start, &environment()?)?)
}

fn environment() -> Result<Environment, Failure> {
    Ok(Environment::read(|name| std::env::var_os(name), PathBuf::from(absolute(Path::new("."))?)))
}

fn committed(repository: &Repository, revision: &str) -> Result<Tree, Failure> {
    let none = || GitError::NoCommit { revision: revision.to_string(), shallow: false };
    Ok(repository.tree(repository.commit(revision)?.ok_or_else(none)?)?)
}

/// The manifest in `directory` or the nearest folder above it.
fn nearest(tree: &Tree, directory: &str) -> Option<String> {
    let mut folder = directory;
    loop {
        let manifest = join(folder, "Cargo.toml");
        if tree.is_file(&manifest) {
            return Some(manifest);
        }
        if folder.is_empty() {
            return None;
        }
        folder = parent(folder);
    }
}

/// The one manifest that lies less deep than all others.
fn only_shallowest(tree: &Tree) -> Option<String> {
    let manifests: Vec<&str> = tree.paths().filter(|path| *path == "Cargo.toml" || path.ends_with("/Cargo.toml")).collect();
    let depth = |path: &str| path.matches('/').count();
    let least = manifests.iter().map(|path| depth(path)).min()?;
    let mut shallowest = manifests.iter().filter(|path| depth(path) == least);
    let only = shallowest.next().filter(|_| shallowest.next().is_none())?;
    Some(tree.absolute(only))
}

/// A whole workspace, asked for at its root.
fn whole(checked: &Checked) -> LoadRequest {
    LoadRequest { manifest: join(&checked.surroundings.root, "Cargo.toml"), ..LoadRequest::default() }
}

/// Git may have changed line ends on the way to the disk.
fn same_text(disk: &[u8], blob: &[u8]) -> bool {
    let plain = |bytes: &[u8]| bytes.iter().copied().filter(|byte| *byte != b'\r').collect::<Vec<u8>>();
    disk == blob || plain(disk) == plain(blob)
}

fn named(config: &Option<(String, String)>) -> Option<&str> {
    config.as_ref().map(|(path, _)| path.as_str())
}

/// A tree, and only the configuration from elsewhere, where the tree has none of that name.
struct WithConfig<'a> {
    tree: &'a Tree,
    /// What it is compared with.
    before: Option<&'a Tree>,
    config: Option<&'a str>,
    otherwise: &'a dyn Files,
    cache: &'a Cache,
}

/// What is larger is no source that a hook waits for, and would only fill the cache.
const LARGEST_BLOB: usize = 1 << 20;

impl WithConfig<'_> {
    /// What git names by its content is remembered by that name: objects are packed far smaller than they are quickly read.
    fn blob(&self, path: &str) -> io::Result<Arc<[u8]>> {
        let Some(name) = self.tree.name_of_content(path).filter(|_| self.cache.is_on()) else { return self.tree.read(path) };
        let key = Key::of("blob", &name);
        if let Some(bytes) = self.cache.bytes(key) {
            return Ok(bytes);
        }
        let bytes = self.tree.read(path)?;
        if bytes.len() <= LARGEST_BLOB {
            self.cache.put_bytes(key, bytes.clone());
        }
        Ok(bytes)
    }
}

impl Files for WithConfig<'_> {
    fn read(&self, path: &str) -> io::Result<Arc<[u8]>> {
        let read = self.blob(path);
        let is_elsewhere = read.is_err() && self.config == Some(path);
        // What the index does not have is not staged, so the disk's is none of it.
        let asked = is_elsewhere && !(self.otherwise.is_disk() && self.tree.holds(path));
        if asked { self.otherwise.read(path) } else { read }
    }

    fn is_file(&self, path: &str) -> bool {
        self.tree.is_file(path)
    }

    fn list(&self, directory: &str) -> Vec<String> {
        self.tree.list(directory)
    }

    fn name_of_content(&self, path: &str) -> Option<Vec<u8>> {
        self.tree.name_of_content(path)
    }

    fn is_new(&self, path: &str) -> bool {
        self.before.is_some_and(|before| !before.is_file(path))
    }
}

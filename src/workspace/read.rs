//! Reads the files that the crates are made of, from their roots along their modules, and extracts the facts of each.

use super::described::{Described, DescribedPackage};
use super::modules::{self, Missed};
use super::{Cargo, Files, LoadError, LoadRequest, Workspace, target};
use crate::cache::{Cache, Key};
use crate::facts::{self, FileFacts, Problem, Reading};
use crate::resolve::{CrateGraph, Stamp, TargetKind};
use crate::source::{FileId, Sources, Span};
use rayon::Scope;
use rustc_hash::FxHashSet;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// The text of every file, what it says, and what could not be read.
pub struct ReadFiles {
    pub sources: Sources,
    pub graph: CrateGraph,
    pub problems: Vec<Problem>,
    /// What is less than it could be, in sentences for the user.
    pub notes: Vec<String>,
}

/// Larger files are generated data, and no reader of findings would open them.
const LARGEST: usize = 16 * 1024 * 1024;

/// Finds the workspace and reads its code. Cargo takes its time to answer, so on a disk the manifests are read here too, and what
/// they say is read from while cargo works; its word counts in the end.
///
/// Call it in workers with large stacks: deep nesting is read by recursion.
pub fn open(request: &LoadRequest, files: &dyn Files, cargo: &Cargo, cache: &Cache) -> Result<(Workspace, ReadFiles), LoadError> {
    if !files.is_disk() {
        let workspace = super::load(request, files)?;
        cache.target_is(Path::new(&target::directory(&workspace.root, files)));
        let read = read(&workspace, files, cache);
        return Ok((workspace, read));
    }
    std::thread::scope(|threads| {
        let asked = threads.spawn(|| cargo.answer(request, files));
        let expected = expected(request, files);
        if let Some(described) = &expected {
            cache.target_is(Path::new(&target::directory(&described.root, files)));
        }
        let expected: Vec<&str> = expected.iter().flat_map(|described| &described.packages).flat_map(roots).collect();
        let early = Reader::new(files, cache);
        early.visit_all(expected.iter());
        let workspace = asked.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        let roots: FxHashSet<&str> = workspace.crates.iter().map(|krate| &*krate.root).collect();
        let agreed = expected.iter().all(|root| roots.contains(root));
        let reader = if agreed { early } else { Reader::new(files, cache) };
        let read = reader.finish(&workspace);
        Ok((workspace, read))
    })
}

/// Reads every file that a `mod`, `#[path]` or `include!` leads to from the root of a target; others in the folders of a package are
/// nobody's code.
pub fn read(workspace: &Workspace, files: &dyn Files, cache: &Cache) -> ReadFiles {
    Reader::new(files, cache).finish(workspace)
}

/// The workspace as the manifests alone tell; `None` where they cannot be read, which cargo will explain.
fn expected(request: &LoadRequest, files: &dyn Files) -> Option<Described> {
    let manifest = super::checked_manifest(&request.manifest, files).ok()?;
    super::manifest::describe(&manifest, files).ok()
}

fn roots(package: &DescribedPackage) -> impl Iterator<Item = &str> {
    package.targets.iter().map(|target| target.root.as_str())
}

fn collect(workspace: &Workspace, done: Vec<Extracted>) -> ReadFiles {
    let graph = CrateGraph { crates: workspace.crates.clone(), ..CrateGraph::default() };
    let mut read = ReadFiles { sources: Sources::default(), graph, problems: Vec::new(), notes: Vec::new() };
    let scripts = build_scripts(workspace, &done);
    let mut generated = BTreeSet::new();
    for mut one in done {
        let id = read.sources.add(workspace.relative(&one.path), one.text);
        one.facts.file = id;
        for missed in one.missed {
            if is_written_by_build(workspace, &scripts, &one.path, &missed) {
                generated.insert(format!("`{}`", missed.name));
            } else {
                one.problems.push(Problem { file: id, span: missed.span, message: missed.message });
            }
        }
        read.problems.extend(one.problems.into_iter().map(|problem| Problem { file: id, ..problem }));
        read.graph.files.insert(one.path.into(), id);
        read.graph.facts.push(Some(Arc::new(one.facts)));
        read.graph.stamps.extend(one.stamp);
    }
    if !generated.is_empty() {
        let names = generated.into_iter().collect::<Vec<_>>().join(", ");
        read.notes.push(format!("no file is there for {names}: taken for what a build script writes, and not read"));
    }
    read
}

/// Texts of the build scripts, by package.
fn build_scripts(workspace: &Workspace, done: &[Extracted]) -> Vec<(usize, Arc<str>)> {
    let scripts = workspace.crates.iter().filter(|krate| krate.kind == TargetKind::BuildScript);
    let text = |root: &str| done.iter().find(|one| one.path == root).map(|one| one.text.clone());
    scripts.filter_map(|krate| Some((krate.package, text(&krate.root)?))).collect()
}

/// Whether the build script of the package around this file names the place where the missing one would be, as what writes code into the
/// source folder does: `.out_dir("src/pb")`. No checkout has such files; others were forgotten.
fn is_written_by_build(workspace: &Workspace, scripts: &[(usize, Arc<str>)], path: &str, missed: &Missed) -> bool {
    let below = |package: &super::Package, path: &str| match package.directory.as_str() {
        "" => Some(path.to_string()),
        directory => path.strip_prefix(directory)?.strip_prefix('/').map(str::to_string),
    };
    let packages = workspace.packages.iter().enumerate().filter(|(_, package)| below(package, path).is_some());
    let Some((at, package)) = packages.max_by_key(|(_, package)| package.directory.len()) else { return false };
    let places = missed.candidates.iter().filter_map(|candidate| below(package, candidate));
    let places: Vec<String> =
        places.map(|place| place.strip_suffix("/mod.rs").or(place.strip_suffix(".rs")).unwrap_or(&place).to_string()).collect();
    scripts.iter().any(|(of, text)| *of == at && places.iter().any(|place| text.contains(place.as_str())))
}

struct Reader<'a> {
    files: &'a dyn Files,
    cache: &'a Cache,
    claimed: Mutex<FxHashSet<String>>,
    done: Mutex<Vec<Extracted>>,
}

/// `facts` and `problems` get their file's number once all files are known and in order.
struct Extracted {
    path: String,
    text: Arc<str>,
    facts: FileFacts,
    problems: Vec<Problem>,
    missed: Vec<Missed>,
    /// Where results are remembered.
    stamp: Option<Stamp>,
}

impl<'a> Reader<'a> {
    fn new(files: &'a dyn Files, cache: &'a Cache) -> Self {
        Self { files, cache, claimed: Mutex::default(), done: Mutex::default() }
    }

    /// Reads what is not read yet of all crates.
    fn finish(self, workspace: &Workspace) -> ReadFiles {
        self.visit_all(workspace.crates.iter().map(|krate| &krate.root));
        let mut done = self.done.into_inner().unwrap_or_else(PoisonError::into_inner);
        done.sort_unstable_by(|one, other| one.path.cmp(&other.path));
        collect(workspace, done)
    }

    fn visit_all(&self, roots: impl Iterator<Item = impl ToString> + Send) {
        rayon::scope(|scope| roots.for_each(|root| self.visit(scope, root.to_string())));
    }

    fn visit<'s>(&'s self, scope: &Scope<'s>, path: String) {
        if !self.claimed.lock().unwrap_or_else(PoisonError::into_inner).insert(path.clone()) {
            return;
        }
        scope.spawn(move |scope| {
            let mut extracted = extract(path, self.files, self.cache);
            for wanted in modules::wanted(&extracted.path, &extracted.facts) {
                match wanted.candidates.iter().find(|candidate| self.is_file(candidate)) {
                    Some(found) => self.visit(scope, found.clone()),
                    None => extracted.missed.extend(wanted.missed.map(|missed| Missed { candidates: wanted.candidates, ..missed })),
                }
            }
            self.done.lock().unwrap_or_else(PoisonError::into_inner).push(extracted);
        });
    }

    fn is_file(&self, path: &str) -> bool {
        self.claimed.lock().unwrap_or_else(PoisonError::into_inner).contains(path) || self.files.is_file(path)
    }
}

fn extract(path: String, files: &dyn Files, cache: &Cache) -> Extracted {
    let text = match text(&path, files) {
        Ok(text) => text,
        Err(message) => return unread(path, "".into(), message, cache),
    };
    if !cache.is_on() {
        return match read_text(&text) {
            Ok((facts, problems)) => Extracted { path, text, facts, problems, missed: Vec::new(), stamp: None },
            Err(message) => unread(path, text, message, cache),
        };
    }
    let key = Key::of("facts", text.as_bytes());
    if let Some((facts, problems, stamp)) = cache.get(key) {
        return Extracted { path, text, facts, problems, missed: Vec::new(), stamp: Some(stamp) };
    }
    match read_text(&text) {
        Ok((facts, problems)) => {
            let stamp = Stamp::new(key, &facts::outline(&facts, &text));
            cache.put(key, &(&facts, &problems, &stamp));
            Extracted { path, text, facts, problems, missed: Vec::new(), stamp: Some(stamp) }
        }
        Err(message) => unread(path, text, message, cache),
    }
}

fn read_text(text: &str) -> Result<(FileFacts, Vec<Problem>), String> {
    let read = catch_unwind(AssertUnwindSafe(|| facts::extract(FileId(0), text)));
    read.map_err(|_| "reading this file failed: this is a bug in this tool, please report it".to_string())
}

fn text(path: &str, files: &dyn Files) -> Result<Arc<str>, String> {
    let bytes = files.read(path).map_err(|error| format!("the file cannot be read: {error}"))?;
    if bytes.len() > LARGEST {
        return Err(format!("the file was not read: it has {} MiB, more than {}", bytes.len() >> 20, LARGEST >> 20));
    }
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(text.into()),
        Err(error) => {
            let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
            Err(format!("the file is not UTF-8, first in line {line}"))
        }
    }
}

fn unread(path: String, text: Arc<str>, message: String, cache: &Cache) -> Extracted {
    let file = FileId(0);
    let facts = FileFacts { file, items: Vec::new(), attributes: Vec::new(), allows: Vec::new(), reading: Reading::Skipped };
    let key = Key::of("unread", text.as_bytes());
    let stamp = cache.is_on().then(|| Stamp::unread(key));
    Extracted { path, text, facts, missed: Vec::new(), problems: vec![Problem { file, span: Span::default(), message }], stamp }
}

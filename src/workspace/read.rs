//! Reads the files that the crates are made of, from their roots along their modules, and extracts the facts of each.

use super::{Files, LoadError, LoadRequest, Workspace, modules};
use crate::facts::{self, FileFacts, Problem, Reading};
use crate::resolve::CrateGraph;
use crate::source::{FileId, Sources, Span};
use rayon::Scope;
use rustc_hash::FxHashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

/// The text of every file, what it says, and what could not be read.
pub struct ReadFiles {
    pub sources: Sources,
    pub graph: CrateGraph,
    pub problems: Vec<Problem>,
}

/// Larger files are generated data, and no reader of findings would open them.
const LARGEST: usize = 16 * 1024 * 1024;

/// Finds the workspace and reads its code. Cargo takes its time to answer, so on a disk the manifests are read here too, and what
/// they say is read from while cargo works; its word counts in the end.
///
/// Call it in workers with large stacks: deep nesting is read by recursion.
pub fn open(request: &LoadRequest, files: &dyn Files) -> Result<(Workspace, ReadFiles), LoadError> {
    if !files.is_disk() {
        let workspace = super::load(request, files)?;
        let read = read(&workspace, files);
        return Ok((workspace, read));
    }
    std::thread::scope(|threads| {
        let asked = threads.spawn(|| super::load(request, files));
        let expected = expected_roots(request, files);
        let early = Reader::new(files);
        early.visit_all(expected.iter());
        let workspace = asked.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        let roots: FxHashSet<&str> = workspace.crates.iter().map(|krate| &*krate.root).collect();
        let agreed = expected.iter().all(|root| roots.contains(root.as_str()));
        let reader = if agreed { early } else { Reader::new(files) };
        let read = reader.finish(&workspace);
        Ok((workspace, read))
    })
}

/// Reads every file that a `mod`, `#[path]` or `include!` leads to from the root of a target; others in the folders of a package are
/// nobody's code.
pub fn read(workspace: &Workspace, files: &dyn Files) -> ReadFiles {
    Reader::new(files).finish(workspace)
}

/// Roots of targets as the manifests alone tell; empty where they cannot be read, which cargo will explain.
fn expected_roots(request: &LoadRequest, files: &dyn Files) -> Vec<String> {
    let described = super::checked_manifest(&request.manifest, files).and_then(|manifest| super::manifest::describe(&manifest, files));
    let targets = described.into_iter().flat_map(|described| described.packages).flat_map(|package| package.targets);
    targets.map(|target| target.root).collect()
}

fn collect(workspace: &Workspace, done: Vec<Extracted>) -> ReadFiles {
    let graph = CrateGraph { crates: workspace.crates.clone(), ..CrateGraph::default() };
    let mut read = ReadFiles { sources: Sources::default(), graph, problems: Vec::new() };
    for mut one in done {
        let id = read.sources.add(workspace.relative(&one.path), one.text);
        one.facts.file = id;
        read.problems.extend(one.problems.into_iter().map(|problem| Problem { file: id, ..problem }));
        read.graph.files.insert(one.path.into(), id);
        read.graph.facts.push(Some(Arc::new(one.facts)));
    }
    read
}

struct Reader<'a> {
    files: &'a dyn Files,
    claimed: Mutex<FxHashSet<String>>,
    done: Mutex<Vec<Extracted>>,
}

/// `facts` and `problems` get their file's number once all files are known and in order.
struct Extracted {
    path: String,
    text: Arc<str>,
    facts: FileFacts,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    fn new(files: &'a dyn Files) -> Self {
        Self { files, claimed: Mutex::default(), done: Mutex::default() }
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
            let mut extracted = extract(path, self.files);
            for wanted in modules::wanted(&extracted.path, &extracted.facts) {
                match wanted.candidates.into_iter().find(|candidate| self.is_file(candidate)) {
                    Some(found) => self.visit(scope, found),
                    None => extracted.problems.extend(wanted.missed.map(|(span, message)| Problem { file: FileId(0), span, message })),
                }
            }
            self.done.lock().unwrap_or_else(PoisonError::into_inner).push(extracted);
        });
    }

    fn is_file(&self, path: &str) -> bool {
        self.claimed.lock().unwrap_or_else(PoisonError::into_inner).contains(path) || self.files.is_file(path)
    }
}

fn extract(path: String, files: &dyn Files) -> Extracted {
    let text = match text(&path, files) {
        Ok(text) => text,
        Err(message) => return unread(path, "".into(), message),
    };
    match catch_unwind(AssertUnwindSafe(|| facts::extract(FileId(0), &text))) {
        Ok((facts, problems)) => Extracted { path, text, facts, problems },
        Err(_) => unread(path, text, "reading this file failed: this is a bug in this tool, please report it".to_string()),
    }
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

fn unread(path: String, text: Arc<str>, message: String) -> Extracted {
    let file = FileId(0);
    let facts = FileFacts { file, items: Vec::new(), attributes: Vec::new(), allows: Vec::new(), reading: Reading::Skipped };
    Extracted { path, text, facts, problems: vec![Problem { file, span: Span::default(), message }] }
}

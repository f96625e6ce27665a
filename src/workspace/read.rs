//! Reads the files of the packages and extracts their facts, each file in one worker.

use super::{Files, Workspace, outside, parent};
use crate::facts::{self, FileFacts, Problem, Reading};
use crate::resolve::CrateGraph;
use crate::source::{FileId, Sources, Span};
use rayon::prelude::*;
use rustc_hash::FxHashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// The text of every file, what it says, and what could not be read.
pub struct ReadFiles {
    pub sources: Sources,
    pub graph: CrateGraph,
    /// Also of files that turn out to be part of no crate.
    pub problems: Vec<Problem>,
}

/// Larger files are generated data, and no reader of findings would open them.
const LARGEST: usize = 16 * 1024 * 1024;

/// Reads every `.rs` file of the packages, and those outside that these reach. Call it in workers with large stacks: deep
/// nesting is read by recursion.
pub fn read(workspace: &Workspace, files: &dyn Files) -> ReadFiles {
    let mut read = ReadFiles {
        sources: Sources::default(),
        graph: CrateGraph { crates: workspace.crates.clone(), ..CrateGraph::default() },
        problems: Vec::new(),
    };
    let mut wave = listed(workspace, files);
    while !wave.is_empty() {
        let first = read.graph.facts.len();
        let extracted: Vec<Extracted> =
            wave.par_iter().enumerate().map(|(index, path)| extract(FileId((first + index) as u32), path, files)).collect();
        for (path, one) in wave.into_iter().zip(extracted) {
            let id = read.sources.add(workspace.relative(&path), one.text);
            read.graph.files.insert(path.into(), id);
            read.graph.facts.push(Some(Arc::new(one.facts)));
            read.problems.extend(one.problems);
        }
        wave = missed(&read.graph, first, files);
    }
    read
}

/// `.rs` files of the packages and the roots of their targets, sorted.
fn listed(workspace: &Workspace, files: &dyn Files) -> Vec<String> {
    let directories: FxHashSet<&str> = workspace.packages.iter().map(|package| package.directory.as_str()).collect();
    let is_nested = |directory: &str| above(directory).any(|above| directories.contains(above));
    let outermost = directories.iter().filter(|directory| !is_nested(directory));
    let all: Vec<String> = outermost.flat_map(|directory| files.list(directory)).collect();
    // Folders with a manifest that is not of this workspace are other people's packages: fuzzers, examples, vendored crates.
    let foreign: FxHashSet<&str> =
        all.iter().filter(|path| path.ends_with("/Cargo.toml")).map(|path| parent(path)).filter(|directory| !directories.contains(directory)).collect();
    let is_ours = |path: &&String| {
        let nearest = above(path).find(|directory| directories.contains(directory) || foreign.contains(directory));
        nearest.is_none_or(|directory| directories.contains(directory))
    };
    let mut listed: Vec<String> = all.iter().filter(|path| path.ends_with(".rs")).filter(is_ours).cloned().collect();
    listed.extend(workspace.crates.iter().map(|krate| krate.root.to_string()));
    listed.sort_unstable();
    listed.dedup();
    listed
}

/// Directories above `path`, nearest first.
fn above(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| path.rsplit_once('/').map(|(directory, _)| directory).or((!path.is_empty()).then_some(""))).skip(1)
}

/// Files that those from `first` on reach and that have not been read.
fn missed(graph: &CrateGraph, first: usize, files: &dyn Files) -> Vec<String> {
    let mut paths: Vec<&Arc<str>> = graph.files.iter().filter(|(_, id)| id.0 as usize >= first).map(|(path, _)| path).collect();
    paths.sort_unstable();
    let mut missed: Vec<String> = paths
        .into_par_iter()
        .filter_map(|path| Some((path, graph.facts[graph.files[path].0 as usize].as_ref()?)))
        .flat_map_iter(|(path, facts)| outside::wanted(path, facts))
        .filter(|candidates| !candidates.iter().any(|candidate| graph.files.contains_key(candidate.as_str())))
        .filter_map(|candidates| candidates.into_iter().find(|candidate| files.is_file(candidate)))
        .collect();
    missed.sort_unstable();
    missed.dedup();
    missed
}

struct Extracted {
    text: Arc<str>,
    facts: FileFacts,
    problems: Vec<Problem>,
}

fn extract(file: FileId, path: &str, files: &dyn Files) -> Extracted {
    let text = match text(path, files) {
        Ok(text) => text,
        Err(message) => return unread(file, "".into(), message),
    };
    match catch_unwind(AssertUnwindSafe(|| facts::extract(file, &text))) {
        Ok((facts, problems)) => Extracted { text, facts, problems },
        Err(_) => unread(file, text, "reading this file failed: this is a bug in this tool, please report it".to_string()),
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

fn unread(file: FileId, text: Arc<str>, message: String) -> Extracted {
    let facts = FileFacts { file, items: Vec::new(), attributes: Vec::new(), allows: Vec::new(), reading: Reading::Skipped };
    Extracted { text, facts, problems: vec![Problem { file, span: Span::default(), message }] }
}

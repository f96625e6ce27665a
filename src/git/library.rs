//! The repository through libgit2.

use super::Environment;
use super::entry::{Entry, Id, Kind, Objects};
use super::error::GitError;
use super::hooks::{HooksPath, HooksScope};
use super::repository::Backend;
use git2::{
    ConfigLevel, ErrorClass, ErrorCode, Index, IndexEntry, IndexEntryExtendedFlag, Oid, RepositoryOpenFlags, TreeWalkMode, TreeWalkResult,
};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

pub struct Library {
    way: Way,
    /// Each worker takes one and puts it back: libgit2's repositories serve one thread at a time.
    idle: Mutex<Vec<git2::Repository>>,
    index_file: Option<PathBuf>,
    /// The index, when it was only looked at to see whether it can be read.
    seen: Mutex<Option<Vec<Entry>>>,
}

#[derive(Clone)]
enum Way {
    /// As git says in the environment of this process.
    Given,
    /// From a directory upwards.
    Found(PathBuf),
}

/// Why libgit2 gives nothing: there is nothing, or it does not understand what there is.
pub(super) enum Refusal {
    NoRepository,
    Said(String),
}

impl Library {
    /// The repository that git talks about, or the one around `start`.
    pub(super) fn open(start: &Path, environment: &Environment) -> Result<Library, Refusal> {
        // Names of objects were checked when they were written; reading some hundred blobs is a third faster without it.
        git2::opts::strict_hash_verification(false);
        let way = if environment.is_given { Way::Given } else { Way::Found(start.to_path_buf()) };
        let repository = open(&way)?;
        Ok(Library { way, idle: Mutex::new(vec![repository]), index_file: None, seen: Mutex::default() })
    }

    /// The index that git is about to commit, once the top of the worktree is known.
    pub(super) fn set_index_file(&mut self, file: Option<PathBuf>) {
        self.index_file = file;
    }

    /// An error where libgit2 does not understand the index; conflicts in it are understood.
    pub(super) fn try_index(&self) -> Result<(), GitError> {
        match self.index() {
            Ok(entries) => *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(entries),
            Err(GitError::Conflicts(_)) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    pub(super) fn worktree(&self) -> Option<PathBuf> {
        self.with(|repository| Ok(repository.workdir().map(Path::to_path_buf))).ok().flatten()
    }

    fn with<T>(&self, work: impl FnOnce(&git2::Repository) -> Result<T, git2::Error>) -> Result<T, Refusal> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let repository = match idle {
            Some(repository) => repository,
            None => open(&self.way)?,
        };
        let result = work(&repository).map_err(|error| Refusal::Said(error.message().to_string()));
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(repository);
        result
    }
}

fn open(way: &Way) -> Result<git2::Repository, Refusal> {
    let none: [&Path; 0] = [];
    let opened = match way {
        Way::Given => git2::Repository::open_from_env(),
        Way::Found(directory) => git2::Repository::open_ext(directory, RepositoryOpenFlags::empty(), none),
    };
    opened.map_err(|error| match (error.code(), error.class()) {
        (ErrorCode::NotFound, ErrorClass::Repository) => Refusal::NoRepository,
        _ => Refusal::Said(error.message().to_string()),
    })
}

impl Objects for Library {
    fn read(&self, id: Id) -> Result<Arc<[u8]>, String> {
        let read = self.with(|repository| {
            let id = Oid::from_bytes(id.as_bytes())?;
            repository.find_blob(id).map(|blob| Arc::from(blob.content()))
        });
        read.map_err(Refusal::into_words)
    }
}

impl Backend for Library {
    fn index(&self) -> Result<Vec<Entry>, GitError> {
        if let Some(seen) = self.seen.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return Ok(seen);
        }
        let read = self.with(|repository| {
            let file = self.index_file.clone().unwrap_or_else(|| repository.path().join("index"));
            let index = Index::open(&file)?;
            Ok(index.iter().collect::<Vec<IndexEntry>>())
        });
        let entries = read?;
        let mut conflicts: Vec<String> =
            entries.iter().filter(|entry| stage(entry) > 0).map(|entry| String::from_utf8_lossy(&entry.path).into_owned()).collect();
        if !conflicts.is_empty() {
            conflicts.sort_unstable();
            conflicts.dedup();
            return Err(GitError::Conflicts(conflicts));
        }
        Ok(entries.into_iter().filter_map(entry).collect())
    }

    fn commit(&self, revision: &str) -> Result<Option<Id>, GitError> {
        let found = self.with(|repository| match repository.revparse_single(revision).and_then(|object| object.peel_to_commit()) {
            Ok(commit) => Ok(Some(commit.id())),
            Err(error) if matches!(error.code(), ErrorCode::NotFound | ErrorCode::UnbornBranch | ErrorCode::InvalidSpec) => Ok(None),
            Err(error) => Err(error),
        });
        Ok(found?.and_then(|id| Id::from_bytes(id.as_bytes())))
    }

    fn tree(&self, commit: Id) -> Result<Vec<Entry>, GitError> {
        let read = self.with(|repository| {
            let tree = repository.find_commit(Oid::from_bytes(commit.as_bytes())?)?.tree()?;
            let mut entries = Vec::new();
            tree.walk(TreeWalkMode::PreOrder, |folder, entry| {
                let kind = u32::try_from(entry.filemode()).ok().and_then(Kind::of_mode);
                if let (Some(kind), Ok(name), Some(id)) = (kind, entry.name(), Id::from_bytes(entry.id().as_bytes())) {
                    entries.push(Entry { path: format!("{folder}{name}"), id, kind });
                }
                TreeWalkResult::Ok
            })?;
            Ok(entries)
        });
        Ok(read?)
    }

    fn merge_base(&self, one: Id, other: Id) -> Result<Option<Id>, GitError> {
        let found =
            self.with(|repository| match repository.merge_base(Oid::from_bytes(one.as_bytes())?, Oid::from_bytes(other.as_bytes())?) {
                Ok(base) => Ok(Some(base)),
                Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
                Err(error) => Err(error),
            });
        Ok(found?.and_then(|id| Id::from_bytes(id.as_bytes())))
    }

    fn is_shallow(&self) -> bool {
        self.with(|repository| Ok(repository.is_shallow())).unwrap_or(false)
    }

    fn hooks_path(&self) -> Result<HooksPath, GitError> {
        let read = self.with(|repository| {
            let config = repository.config()?.snapshot()?;
            let own = repository.commondir().join("hooks");
            let Ok(configured) = config.get_path("core.hooksPath") else { return Ok(HooksPath { path: own, scope: HooksScope::Default }) };
            let level = config.get_entry("core.hooksPath").map(|entry| entry.level());
            let local = matches!(level, Ok(ConfigLevel::Local | ConfigLevel::Worktree | ConfigLevel::App));
            Ok(HooksPath { path: configured, scope: if local { HooksScope::Repository } else { HooksScope::Everywhere } })
        });
        Ok(read?)
    }
}

fn stage(entry: &IndexEntry) -> u16 {
    (entry.flags >> 12) & 3
}

/// Files of `git add -N` are not there yet. Names that are not UTF-8 cannot be named in Rust.
fn entry(entry: IndexEntry) -> Option<Entry> {
    if IndexEntryExtendedFlag::from_bits_truncate(entry.flags_extended).is_intent_to_add() {
        return None;
    }
    let id = Id::from_bytes(entry.id.as_bytes())?;
    Some(Entry { path: String::from_utf8(entry.path).ok()?, id, kind: Kind::of_mode(entry.mode)? })
}

impl Refusal {
    pub(super) fn into_words(self) -> String {
        match self {
            Refusal::NoRepository => "the repository is gone".to_string(),
            Refusal::Said(words) => words,
        }
    }
}

impl From<Refusal> for GitError {
    fn from(refusal: Refusal) -> Self {
        GitError::Unreadable { library: refusal.into_words(), program: None }
    }
}

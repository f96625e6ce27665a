//! The repository around a workspace, and its trees.

use super::entry::{Entry, Id, Kind, Objects};
use super::environment::Environment;
use super::error::GitError;
use super::hooks::HooksPath;
use super::library::{Library, Refusal};
use super::program::Program;
use super::tree::Tree;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What libgit2 and the `git` program both answer.
pub(super) trait Backend: Objects {
    /// Entries without those of `git add -N`.
    fn index(&self) -> Result<Vec<Entry>, GitError>;
    /// The commit that `revision` names; `None` where there is none.
    fn commit(&self, revision: &str) -> Result<Option<Id>, GitError>;
    fn tree(&self, commit: Id) -> Result<Vec<Entry>, GitError>;
    fn merge_base(&self, one: Id, other: Id) -> Result<Option<Id>, GitError>;
    fn is_shallow(&self) -> bool;
    fn hooks_path(&self) -> Result<HooksPath, GitError>;
}

pub struct Repository {
    root: PathBuf,
    backend: Arc<dyn Backend>,
    environment: Environment,
}

/// The repository whose working tree holds the directory `start`, seen as git shows it to a hook.
pub fn open(start: &Path, environment: &Environment) -> Result<Repository, GitError> {
    let start = start.canonicalize().unwrap_or_else(|_| start.to_path_buf());
    let alone = Repository::find(&start, &environment.without_git());
    if !environment.is_given {
        return alone;
    }
    // A hook may look into a submodule, or into another repository altogether: git's variables do not speak of those.
    match (Repository::find(&start, environment), alone) {
        (Ok(given), Ok(alone)) if alone.root != given.root && alone.root.starts_with(&given.root) => Ok(alone),
        (Ok(given), _) => Ok(given),
        (Err(GitError::NoRepository { .. } | GitError::Bare { .. }), Ok(alone)) => Ok(alone),
        (Err(error), _) => Err(error),
    }
}

impl Repository {
    fn find(start: &Path, environment: &Environment) -> Result<Repository, GitError> {
        let none = || GitError::NoRepository { start: start.display().to_string() };
        if environment.by_program {
            return Repository::by_program(start, environment)?.ok_or_else(none);
        }
        match Library::open(start, environment) {
            Ok(library) => match Repository::by_library(start, environment, library) {
                Err(GitError::Unreadable { library, .. }) => Repository::instead(start, environment, library)?.ok_or_else(none),
                other => other,
            },
            Err(Refusal::NoRepository) => Err(none()),
            Err(Refusal::Said(library)) => Repository::instead(start, environment, library)?.ok_or_else(none),
        }
    }

    fn by_library(start: &Path, environment: &Environment, mut library: Library) -> Result<Repository, GitError> {
        let root = root(start, library.worktree(), environment)?;
        library.set_index_file(environment.index_in(&root));
        // What libgit2 cannot read shows when it reads.
        library.commit("HEAD")?;
        library.try_index()?;
        Ok(Repository { root, backend: Arc::new(library), environment: environment.clone() })
    }

    fn by_program(start: &Path, environment: &Environment) -> Result<Option<Repository>, GitError> {
        let Some(program) = Program::open(start, environment)? else { return Ok(None) };
        let root = root(start, program.worktree(), environment)?;
        Ok(Some(Repository { root, backend: Arc::new(program), environment: environment.clone() }))
    }

    /// The program reads what `library` refused.
    fn instead(start: &Path, environment: &Environment, library: String) -> Result<Option<Repository>, GitError> {
        Repository::by_program(start, environment).map_err(|error| match error {
            GitError::Unreadable { library: program, program: None } => GitError::Unreadable { library, program: Some(program) },
            GitError::Unreadable { .. } => GitError::Unreadable { library, program: None },
            other => other,
        })
    }

    /// Top of the working tree.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What the next commit would hold.
    pub fn staged(&self) -> Result<Tree, GitError> {
        let entries = self.backend.index()?;
        if entries.is_empty() && self.commit("HEAD")?.is_some_and(|head| self.backend.tree(head).is_ok_and(|tree| !tree.is_empty())) {
            return Err(GitError::EmptyIndex);
        }
        Ok(self.with_submodules(entries))
    }

    /// The last commit; without files where there is none yet.
    pub fn head(&self) -> Result<Tree, GitError> {
        match self.commit("HEAD")? {
            Some(head) => self.tree(head),
            None => Ok(Tree::empty(&self.shown_root())),
        }
    }

    pub fn tree(&self, commit: Id) -> Result<Tree, GitError> {
        Ok(self.with_submodules(self.backend.tree(commit)?))
    }

    pub fn commit(&self, revision: &str) -> Result<Option<Id>, GitError> {
        self.backend.commit(revision)
    }

    /// The commit at which `tip` left the history of `revision`.
    pub fn merge_base(&self, revision: &str, tip: &str) -> Result<Id, GitError> {
        let shallow = self.backend.is_shallow();
        let named = |name: &str| self.commit(name)?.ok_or_else(|| GitError::NoCommit { revision: name.to_string(), shallow });
        let (one, other) = (named(revision)?, named(tip)?);
        let none = || GitError::NoMergeBase { revision: revision.to_string(), tip: tip.to_string(), shallow };
        self.backend.merge_base(one, other)?.ok_or_else(none)
    }

    /// Where git looks for hooks.
    pub fn hooks_path(&self) -> Result<HooksPath, GitError> {
        // Only git itself knows all the places that its configuration may come from.
        let by_program = Program::open(&self.root, &self.environment.without_git()).ok().flatten();
        let said = by_program.and_then(|program| program.hooks_path().ok());
        Ok(said.map_or_else(|| self.backend.hooks_path(), Ok)?.below(&self.root))
    }

    fn shown_root(&self) -> String {
        self.root.to_string_lossy().replace('\\', "/")
    }

    /// Files of submodules come from the commits that are recorded for them, from the repositories that are checked out there.
    fn with_submodules(&self, entries: Vec<Entry>) -> Tree {
        let objects = |repository: &Repository| -> Arc<dyn Objects> { Arc::new(Shared(repository.backend.clone())) };
        let modules: Vec<Entry> = entries.iter().filter(|entry| entry.kind == Kind::Submodule).cloned().collect();
        let mut parts = vec![(entries, objects(self))];
        for module in modules {
            let top = self.root.join(&module.path);
            if !top.join(".git").exists() {
                continue;
            }
            // One that cannot be read is missed by the manifest that needs it.
            let Ok(repository) = Repository::find(&top, &self.environment.without_git()) else { continue };
            let Ok(mut inside) = repository.backend.tree(module.id) else { continue };
            inside.retain(|entry| entry.kind != Kind::Submodule);
            inside.iter_mut().for_each(|entry| entry.path = format!("{}/{}", module.path, entry.path));
            parts.push((inside, objects(&repository)));
        }
        Tree::new(self.shown_root(), parts)
    }
}

struct Shared(Arc<dyn Backend>);

impl Objects for Shared {
    fn read(&self, id: Id) -> Result<Arc<[u8]>, String> {
        self.0.read(id)
    }
}

/// The top of the working tree that holds `start`. With `--work-tree` libgit2 names the wrong one, so git's own word comes first.
fn root(start: &Path, said: Option<PathBuf>, environment: &Environment) -> Result<PathBuf, GitError> {
    let named = environment.work_tree.as_ref().map(|path| environment.directory.join(path));
    let here = environment.is_given.then(|| environment.directory.clone());
    let candidates = [named, said, here].into_iter().flatten().filter_map(|path| path.canonicalize().ok());
    let mut holding = candidates.filter(|path| start.starts_with(path) && !path.ends_with(".git"));
    holding.next().ok_or_else(|| GitError::Bare { start: start.display().to_string() })
}

//! The repository through the `git` program, for what libgit2 does not read.

#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "the one place that starts git")]

use super::entry::{EMPTY_FILE, EMPTY_FILE_SHA256, Entry, Id, Kind, Objects};
use super::environment::Environment;
use super::error::GitError;
use super::hooks::{HooksPath, HooksScope};
use super::repository::Backend;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

pub(super) struct Program {
    start: PathBuf,
    environment: Environment,
    /// `git cat-file --batch`, started when the first blob is wanted.
    blobs: Mutex<Option<Blobs>>,
}

struct Blobs {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Program {
    /// `None`: there is no repository.
    pub(super) fn open(start: &Path, environment: &Environment) -> Result<Option<Program>, GitError> {
        let program = Program { start: start.to_path_buf(), environment: environment.clone(), blobs: Mutex::default() };
        match program.words(&["rev-parse", "--git-dir"]) {
            Ok(_) => Ok(Some(program)),
            Err(error) if error.contains("not a git repository") => Ok(None),
            Err(error) => Err(unreadable(error)),
        }
    }

    pub(super) fn worktree(&self) -> Option<PathBuf> {
        self.words(&["rev-parse", "--show-toplevel"]).ok().map(|path| PathBuf::from(path.trim_end_matches('\n')))
    }

    /// Git's own words for its own variables: only where it is the repository that they speak of.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.args(["--no-pager", "--no-optional-locks", "-c", "core.fsmonitor=false"]).args(arguments);
        command.env("LC_ALL", "C").env("GIT_TERMINAL_PROMPT", "0").env("GIT_LITERAL_PATHSPECS", "0");
        if self.environment.is_given {
            command.current_dir(&self.environment.directory);
        } else {
            for (name, _) in std::env::vars_os().filter(|(name, _)| is_of_git(&name.to_string_lossy())) {
                command.env_remove(name);
            }
            command.current_dir(&self.start);
        }
        command
    }

    fn bytes(&self, arguments: &[&str]) -> Result<Vec<u8>, String> {
        let output = self.command(arguments).stdin(Stdio::null()).output();
        let output = output.map_err(|error| format!("`git` cannot be started: {error}"))?;
        match output.status.success() {
            true => Ok(output.stdout),
            false => Err(String::from_utf8_lossy(&output.stderr).trim().trim_start_matches("fatal: ").to_string()),
        }
    }

    fn words(&self, arguments: &[&str]) -> Result<String, String> {
        self.bytes(arguments).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Paths of `git add -N`.
    fn not_added_yet(&self) -> Result<BTreeSet<String>, String> {
        const INTENT_TO_ADD: u32 = 1 << 29;
        let text = self.listed(&["--debug"])?;
        let mut found = BTreeSet::new();
        let mut path = "";
        // `PATH`, then lines about it, the last of which ends with its flags.
        for part in text.split('\0') {
            let (about, next) = part.rsplit_once('\n').unwrap_or(("", part));
            let flags = about.rsplit_once("flags: ").and_then(|(_, flags)| u32::from_str_radix(flags.trim(), 16).ok());
            if flags.is_some_and(|flags| flags & INTENT_TO_ADD != 0) {
                found.insert(path.to_string());
            }
            path = next;
        }
        Ok(found)
    }

    /// `git ls-files`. Folders of a sparse index stay folders: git would write their trees to expand them.
    fn listed(&self, more: &[&str]) -> Result<String, String> {
        let list = |sparse: &[&str]| self.words(&[&["ls-files"], sparse, more, &["-z", "--full-name", ":/"]].concat());
        match list(&["--sparse"]) {
            Err(error) if error.contains("unknown option") => list(&[]),
            listed => listed,
        }
    }

    /// `MODE TYPE ID\tPATH`
    fn entries_of(&self, tree: &str, folder: &str) -> Result<Vec<Entry>, String> {
        let text = self.words(&["ls-tree", "-r", "-z", "--full-tree", tree])?;
        let lines = text.split('\0').filter_map(|line| line.split_once('\t'));
        let entries = lines.filter_map(|(fields, path)| match fields.split(' ').collect::<Vec<_>>()[..] {
            [mode, _, id] => entry(mode, id, &format!("{folder}{path}")),
            _ => None,
        });
        Ok(entries.collect())
    }

    fn start_blobs(&self) -> Result<Blobs, String> {
        let spawned = self.command(&["cat-file", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = spawned.map_err(|error| error.to_string())?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(input), Some(output)) => Ok(Blobs { child, input, output: BufReader::new(output) }),
            _ => Err("`git cat-file` has no pipes".to_string()),
        }
    }
}

/// `GIT_DIR` and others that choose a repository; not those that say who commits or how git talks.
fn is_of_git(name: &str) -> bool {
    const KEPT: [&str; 5] = ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_EXEC_PATH", "GIT_TRACE"];
    name.starts_with("GIT_") && !KEPT.contains(&name)
}

impl Objects for Program {
    fn read(&self, id: Id) -> Result<Arc<[u8]>, String> {
        let mut blobs = self.blobs.lock().unwrap_or_else(PoisonError::into_inner);
        if blobs.is_none() {
            *blobs = Some(self.start_blobs()?);
        }
        let read = blobs.as_mut().map_or_else(|| Err("`git cat-file` is gone".to_string()), |blobs| blobs.read(id));
        if read.is_err() {
            // The next one starts with a fresh pipe.
            *blobs = None;
        }
        read
    }
}

impl Blobs {
    /// `ID blob SIZE`, the bytes, a line feed.
    fn read(&mut self, id: Id) -> Result<Arc<[u8]>, String> {
        let failed = |error: std::io::Error| format!("`git cat-file`: {error}");
        writeln!(self.input, "{id}").and_then(|()| self.input.flush()).map_err(failed)?;
        let mut header = String::new();
        self.output.read_line(&mut header).map_err(failed)?;
        let size: Option<usize> = header.trim_end().rsplit_once(' ').and_then(|(_, size)| size.parse().ok());
        let Some(size) = size else { return Err(format!("{id} is missing")) };
        let mut bytes = vec![0; size + 1];
        self.output.read_exact(&mut bytes).map_err(failed)?;
        bytes.pop();
        Ok(Arc::from(bytes))
    }
}

impl Drop for Blobs {
    fn drop(&mut self) {
        // It ends by itself when its input does; waiting for it leaves no dead process behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Backend for Program {
    /// `MODE ID STAGE\tPATH`
    fn index(&self) -> Result<Vec<Entry>, GitError> {
        let text = self.listed(&["-s"]).map_err(unreadable)?;
        let (mut entries, mut conflicts) = (Vec::new(), BTreeSet::new());
        for (fields, path) in text.split('\0').filter_map(|line| line.split_once('\t')) {
            match fields.split(' ').collect::<Vec<_>>()[..] {
                ["040000", tree, "0"] => entries.extend(self.entries_of(tree, path).map_err(GitError::Object)?),
                [mode, id, "0"] => entries.extend(entry(mode, id, path)),
                _ => drop(conflicts.insert(path.to_string())),
            }
        }
        if !conflicts.is_empty() {
            return Err(GitError::Conflicts(conflicts.into_iter().collect()));
        }
        if entries.iter().any(|entry| matches!(entry.id.to_string().as_str(), EMPTY_FILE | EMPTY_FILE_SHA256)) {
            let not_yet = self.not_added_yet().map_err(unreadable)?;
            entries.retain(|entry| !not_yet.contains(&entry.path));
        }
        Ok(entries)
    }

    fn commit(&self, revision: &str) -> Result<Option<Id>, GitError> {
        let found = self.words(&["rev-parse", "--verify", "-q", "--end-of-options", &format!("{revision}^{{commit}}")]);
        Ok(found.ok().and_then(|id| Id::from_hex(id.trim())))
    }

    fn tree(&self, commit: Id) -> Result<Vec<Entry>, GitError> {
        self.entries_of(&commit.to_string(), "").map_err(GitError::Object)
    }

    fn merge_base(&self, one: Id, other: Id) -> Result<Option<Id>, GitError> {
        match self.words(&["merge-base", &one.to_string(), &other.to_string()]) {
            Ok(base) => Ok(Id::from_hex(base.lines().next().unwrap_or_default())),
            // Without a common commit it says nothing.
            Err(error) if error.is_empty() => Ok(None),
            Err(error) => Err(unreadable(error)),
        }
    }

    fn is_shallow(&self) -> bool {
        self.words(&["rev-parse", "--is-shallow-repository"]).is_ok_and(|answer| answer.trim() == "true")
    }

    fn hooks_path(&self) -> Result<HooksPath, GitError> {
        if let Ok(configured) = self.words(&["config", "--show-scope", "--type=path", "--get", "core.hooksPath"])
            && let Some((scope, path)) = configured.trim_end_matches('\n').split_once('\t')
        {
            let scope = if matches!(scope, "local" | "worktree") { HooksScope::Repository } else { HooksScope::Everywhere };
            return Ok(HooksPath { path: path.into(), scope });
        }
        let common = self.words(&["rev-parse", "--path-format=absolute", "--git-common-dir"]).map_err(unreadable)?;
        Ok(HooksPath { path: Path::new(common.trim_end_matches('\n')).join("hooks"), scope: HooksScope::Default })
    }
}

fn entry(mode: &str, id: &str, path: &str) -> Option<Entry> {
    let kind = u32::from_str_radix(mode, 8).ok().and_then(Kind::of_mode)?;
    Some(Entry { path: path.to_string(), id: Id::from_hex(id)?, kind })
}

fn unreadable(words: String) -> GitError {
    GitError::Unreadable { library: words, program: None }
}

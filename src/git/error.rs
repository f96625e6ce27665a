//! Why a tree cannot be read, and what to do about it. A question that has no answer is never answered with "nothing new".

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GitError {
    #[error("`{start}` is in no git repository")]
    NoRepository { start: String },

    #[error("the repository of `{start}` has no working tree")]
    Bare { start: String },

    #[error("the repository cannot be read: {library}{}", also(program))]
    Unreadable {
        /// libgit2's words.
        library: String,
        /// Those of the `git` program.
        program: Option<String>,
    },

    #[error("there are unresolved conflicts in {}", listed(.0))]
    Conflicts(Vec<String>),

    #[error("the index is empty, but HEAD is not")]
    EmptyIndex,

    #[error("there is no commit `{revision}`{}", in_shallow(*shallow))]
    NoCommit { revision: String, shallow: bool },

    #[error("`{revision}` and `{tip}` have no common commit{}", in_shallow(*shallow))]
    NoMergeBase { revision: String, tip: String, shallow: bool },

    #[error("an object of the repository cannot be read: {0}")]
    Object(String),
}

impl GitError {
    /// What to do now.
    pub fn help(&self) -> String {
        match self {
            GitError::NoRepository { .. } => {
                "`--staged` and `--since` read a git repository; `cargo moai-backend check` reads the disk".into()
            }
            GitError::Bare { .. } => "run this in a working tree of the repository".into(),
            GitError::Unreadable { library, program } => unreadable(library, program.as_deref()),
            GitError::Conflicts(_) => "resolve them and `git add` the files: a file in conflict has no staged version".into(),
            GitError::EmptyIndex => {
                "a commit of this index would delete every file; if a hook changes its directory, leave it where git started it".into()
            }
            GitError::NoCommit { revision, shallow } => no_commit(revision, *shallow),
            GitError::NoMergeBase { shallow: true, .. } => deepen(""),
            GitError::NoMergeBase { shallow: false, .. } => "the two have separate histories: name a commit that both come from".into(),
            GitError::Object(_) => "`git fsck` says what is missing; in a partial clone, `git fetch` brings it".into(),
        }
    }
}

fn also(program: &Option<String>) -> String {
    program.as_ref().map_or(String::new(), |program| format!("; and by the `git` program: {program}"))
}

fn in_shallow(shallow: bool) -> &'static str {
    if shallow { " in this shallow clone" } else { "" }
}

fn listed(files: &[String]) -> String {
    const MOST: usize = 5;
    let shown: Vec<String> = files.iter().take(MOST).map(|file| format!("`{file}`")).collect();
    match files.len().saturating_sub(MOST) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn unreadable(library: &str, program: Option<&str>) -> String {
    let said = |word: &str| library.contains(word) || program.is_some_and(|program| program.contains(word));
    if said("not owned by") || said("dubious ownership") {
        return "it belongs to somebody else: `git config --global --add safe.directory DIRECTORY` says that you trust it".into();
    }
    match program {
        Some(program) if !program.contains("cannot be started") => "`git status` may say more".into(),
        _ => "the `git` program can read such a repository: put it on PATH".into(),
    }
}

fn no_commit(revision: &str, shallow: bool) -> String {
    match revision.split_once('/') {
        Some((remote, branch)) if !remote.is_empty() && !revision.starts_with("refs/") => {
            let fetch = format!("git fetch {}{remote} {branch}:refs/remotes/{remote}/{branch}", if shallow { "--unshallow " } else { "" });
            format!("`{fetch}` brings it{}", if shallow { "; in GitHub Actions, `fetch-depth: 0` for actions/checkout" } else { "" })
        }
        _ if shallow => deepen(""),
        _ => "name a branch, a tag or a commit that is here; `git fetch` brings those of the remote".into(),
    }
}

fn deepen(remote: &str) -> String {
    format!(
        "`git fetch --unshallow{remote}` brings the missing history (`--deepen=100` a part of it); in GitHub Actions, `fetch-depth: 0` for actions/checkout, in GitLab `GIT_DEPTH: 0`"
    )
}

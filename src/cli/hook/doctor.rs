//! `hook doctor`: which hooks git really runs.

use super::{Hook, Place, is_executable, script};
use crate::cli::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::git::HooksScope;
use std::fs;
use std::path::PathBuf;

pub fn run(output: &Output) -> Result<Exit, Failure> {
    let place = Place::find()?;
    let mut lines = vec![
        format!("working tree  {}", place.root.display()),
        format!("hooks folder  {}{}", place.folder.path.display(), origin(place.folder.scope)),
    ];
    let states: Vec<(Hook, State)> = Hook::ALL.into_iter().map(|hook| (hook, state(&place, hook))).collect();
    lines.extend(place.manager.iter().map(|manager| format!("managed by    {} ({})", manager.name, manager.file)));
    lines.extend(states.iter().map(|(hook, state)| format!("{:<13} {}", hook.name(), state.words())));
    let program = on_path();
    lines.push(match &program {
        Some(path) => format!("program       {}", path.display()),
        None => "program       `cargo-moai-backend` is not on PATH: `cargo install --locked --git URL` builds it, with the URL of its repository"
            .to_string(),
    });
    let works = program.is_some() && states.iter().any(|(_, state)| state.works());
    lines.push(match works {
        true => "git runs cargo moai-backend".to_string(),
        false => "git does not run cargo moai-backend: `cargo moai-backend hook install` puts it in".to_string(),
    });
    output.print(&(lines.join("\n") + "\n"));
    Ok(if works && states.iter().all(|(_, state)| !state.is_broken()) { Exit::Clean } else { Exit::Findings })
}

enum State {
    Missing,
    Others,
    Ours,
    Older,
    NotExecutable,
    ByManager,
}

impl State {
    fn words(&self) -> &'static str {
        match self {
            State::Missing => "not there",
            State::Others => "there, without cargo moai-backend",
            State::Ours => "runs cargo moai-backend",
            State::Older => "runs cargo moai-backend, in an older form: `hook install` renews it",
            State::NotExecutable => "there, but not executable, so git does not run it",
            State::ByManager => "runs cargo moai-backend through the manager's configuration",
        }
    }

    fn works(&self) -> bool {
        matches!(self, State::Ours | State::Older | State::ByManager)
    }

    fn is_broken(&self) -> bool {
        matches!(self, State::NotExecutable)
    }
}

fn state(place: &Place, hook: Hook) -> State {
    let file = place.file(hook);
    #[expect(clippy::disallowed_methods, reason = "hooks are no files of the workspace")]
    let text = fs::read(&file).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let Ok(text) = text else { return State::Missing };
    match place.manager.as_ref().filter(|manager| manager.runs(&place.root, hook)) {
        _ if !is_executable(&file) => State::NotExecutable,
        _ if script::block(&text) == script::block(hook.script()) => State::Ours,
        _ if script::has_block(&text) => State::Older,
        Some(_) => State::ByManager,
        None => State::Others,
    }
}

fn origin(scope: HooksScope) -> &'static str {
    match scope {
        HooksScope::Default => "",
        HooksScope::Repository => " (core.hooksPath of this repository)",
        HooksScope::Everywhere => " (core.hooksPath of all repositories)",
    }
}

fn on_path() -> Option<PathBuf> {
    let name = format!("cargo-moai-backend{}", std::env::consts::EXE_SUFFIX);
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).map(|folder| folder.join(&name)).find(|file| file.is_file() && is_executable(file))
}

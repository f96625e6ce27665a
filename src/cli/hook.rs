//! `hook`: git's hooks that run this tool, put in, taken out, explained and run.

mod doctor;
mod managers;
mod run;
mod script;

use super::Exit;
use super::failure::Failure;
use super::files::write_whole;
use super::gate::repository;
use super::output::Output;
use super::scope::Scope;
use crate::git::{HooksPath, HooksScope};
use clap::{Args, Subcommand, ValueEnum};
use managers::Manager;
use script::{Merge, NotOurs};
use std::fs;
use std::path::{Path, PathBuf};

/// Git hooks that check what a commit or a push adds
///
/// They read commits and the index, never the working tree, and write nothing. Hook managers are left alone: for those, the lines
/// to add are printed.
#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Put the hooks in (`pre-commit` if none is named), before what is in them already
    Install { hooks: Vec<Hook> },
    /// Take them out; what others wrote stays as it was
    Uninstall { hooks: Vec<Hook> },
    /// Say which hooks git really runs, and whether they can work; exit code 1 if they cannot
    Doctor,
    /// What the hooks run
    Run {
        hook: Hook,
        /// What git gives to the hook
        given: Vec<String>,
        /// Arguments of `check`
        #[arg(last = true)]
        check: Vec<String>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Hook {
    PreCommit,
    PrePush,
}

impl Hook {
    const ALL: [Hook; 2] = [Hook::PreCommit, Hook::PrePush];

    fn name(self) -> &'static str {
        match self {
            Hook::PreCommit => "pre-commit",
            Hook::PrePush => "pre-push",
        }
    }

    /// As it lies in `hooks/`.
    fn script(self) -> &'static str {
        match self {
            Hook::PreCommit => include_str!("../../hooks/pre-commit"),
            Hook::PrePush => include_str!("../../hooks/pre-push"),
        }
    }
}

pub fn run(arguments: &Arguments, output: &Output) -> Result<Exit, Failure> {
    match &arguments.command {
        Command::Install { hooks } => install(hooks, output),
        Command::Uninstall { hooks } => uninstall(hooks, output),
        Command::Doctor => doctor::run(output),
        Command::Run { hook, given, check } => run::run(*hook, given, check, output),
    }
}

/// Where hooks belong in the repository around the current directory.
struct Place {
    root: PathBuf,
    folder: HooksPath,
    manager: Option<Manager>,
}

impl Place {
    fn find() -> Result<Place, Failure> {
        let repository = repository(&Scope::default())?;
        let (root, folder) = (repository.root().to_path_buf(), repository.hooks_path()?);
        let manager = managers::of(&root);
        Ok(Place { root, folder, manager })
    }

    fn file(&self, hook: Hook) -> PathBuf {
        self.folder.path.join(hook.name())
    }
}

fn install(hooks: &[Hook], output: &Output) -> Result<Exit, Failure> {
    let place = Place::find()?;
    let hooks = if hooks.is_empty() { &[Hook::PreCommit] } else { hooks };
    if let Some(manager) = &place.manager {
        output.print(&format!(
            "{} manages the hooks here ({}), so nothing was written. Add:\n\n{}",
            manager.name,
            manager.file,
            manager.snippets(hooks)
        ));
        return Ok(Exit::Usage);
    }
    if place.folder.scope == HooksScope::Everywhere {
        let folder = place.folder.path.display();
        output.print(&format!("`core.hooksPath` is set for all repositories (`{folder}`), so nothing was written. Add to its hooks:\n\n"));
        hooks.iter().for_each(|hook| output.print(&format!("# {}\n{}\n", hook.name(), script::block(hook.script()))));
        return Ok(Exit::Usage);
    }
    for hook in hooks {
        let said = put_in(&place, *hook)?;
        output.print(&format!("{said}\n"));
    }
    Ok(Exit::Clean)
}

fn put_in(place: &Place, hook: Hook) -> Result<String, Failure> {
    let file = place.file(hook);
    let there = existing(&file, hook)?;
    let text = match script::merged(hook.script(), there.as_deref()) {
        Ok(Merge::Same) => return Ok(format!("`{}` is in place already", file.display())),
        Ok(Merge::New(text)) => text,
        Err(not_ours) => return Err(cannot_chain(&file, hook, &not_ours)),
    };
    if let Some(parent) = file.parent() {
        fs::create_dir_all(parent).map_err(|error| Failure::new(format!("cannot make `{}`: {error}", parent.display()), ""))?;
    }
    write_whole(&file, &text)?;
    make_executable(&file)?;
    let before = if there.is_some() { ", before what was in it" } else { "" };
    Ok(format!("`{}` runs `cargo moai-backend` now{before}", file.display()))
}

/// The hook that is there, if it is one that may be changed.
fn existing(file: &Path, hook: Hook) -> Result<Option<String>, Failure> {
    let Ok(about) = fs::symlink_metadata(file) else { return Ok(None) };
    if !about.is_file() {
        return Err(cannot_chain(file, hook, &NotOurs("it is a link")));
    }
    #[expect(clippy::disallowed_methods, reason = "hooks are no files of the workspace")]
    let bytes = fs::read(file).map_err(|error| Failure::new(format!("cannot read `{}`: {error}", file.display()), ""))?;
    let Ok(text) = String::from_utf8(bytes) else { return Err(cannot_chain(file, hook, &NotOurs("it is no text"))) };
    if !is_executable(file) && !script::has_block(&text) {
        return Err(cannot_chain(file, hook, &NotOurs("it is not executable, so git does not run it, and would with ours in it")));
    }
    Ok(Some(text))
}

fn cannot_chain(file: &Path, hook: Hook, why: &NotOurs) -> Failure {
    let help = format!("have it run `cargo-moai-backend hook run {}`, and fail when that fails; or remove it", hook.name());
    Failure::new(format!("`{}` was left as it is: {}", file.display(), why.0), help)
}

fn uninstall(hooks: &[Hook], output: &Output) -> Result<Exit, Failure> {
    let place = Place::find()?;
    let hooks = if hooks.is_empty() { &Hook::ALL } else { hooks };
    for hook in hooks {
        let file = place.file(*hook);
        #[expect(clippy::disallowed_methods, reason = "hooks are no files of the workspace")]
        let there = fs::read_to_string(&file).ok();
        let Some(rest) = there.as_deref().and_then(script::without_block) else { continue };
        if script::is_empty(&rest) {
            fs::remove_file(&file).map_err(|error| Failure::new(format!("cannot remove `{}`: {error}", file.display()), ""))?;
        } else {
            write_whole(&file, &rest)?;
        }
        output.print(&format!("`{}` no longer runs `cargo moai-backend`\n", file.display()));
    }
    Ok(Exit::Clean)
}

#[cfg(unix)]
fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(file).is_ok_and(|about| about.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(_: &Path) -> bool {
    true
}

#[cfg(unix)]
fn make_executable(file: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt;
    let made = fs::metadata(file).and_then(|about| {
        let mode = about.permissions().mode();
        // Whoever may read it may run it.
        fs::set_permissions(file, fs::Permissions::from_mode(mode | (mode & 0o444) >> 2))
    });
    made.map_err(|error| Failure::new(format!("cannot make `{}` executable: {error}", file.display()), ""))
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> Result<(), Failure> {
    Ok(())
}

//! `fix`: what can be mended without thinking.

#![expect(clippy::disallowed_types, clippy::disallowed_methods, reason = "git says whether a file has changes that nobody has kept")]

use super::Exit;
use super::failure::Failure;
use super::files::write_whole;
use super::output::Output;
use super::progress::Progress;
use super::run::Run;
use super::scope::Scope;
use crate::findings::{FileFix, fixes, patch};
use crate::words::count;
use clap::Args;
use std::path::Path;
use std::process::{Command, Stdio};

/// Remove allow comments, and names from them, that suppress nothing
///
/// Code is never touched: every token of it is the same afterwards.
#[derive(Args)]
pub struct Arguments {
    /// Print a patch instead of writing; exit code 1 if there is something to fix (`git apply --unidiff-zero` takes it)
    #[arg(long)]
    diff: bool,

    /// Write files that have changes which are in no commit, and files outside of a git repository
    #[arg(long)]
    allow_dirty: bool,

    #[command(flatten)]
    scope: Scope,
}

pub fn run(arguments: &Arguments, output: &Output) -> Result<Exit, Failure> {
    let progress = Progress::start(!arguments.scope.no_progress);
    let mut run = Run::new(&arguments.scope, &progress)?;
    progress.doing("looking for findings");
    let report = run.report(Vec::new());
    drop(progress);
    let ground = run.ground();
    let fixes = fixes(&report, &ground);
    if arguments.diff {
        fixes.iter().for_each(|fix| output.print(&patch(fix, &ground)));
        return Ok(if fixes.is_empty() { Exit::Clean } else { Exit::Findings });
    }
    let paths: Vec<&str> = fixes.iter().map(|fix| run.sources().path(fix.file)).collect();
    if !arguments.allow_dirty && !paths.is_empty() {
        check_that_all_is_kept(&run.analysis.workspace.root, &paths)?;
    }
    fixes.iter().try_for_each(|fix| write(fix, &run))?;
    let fixed = fixes.iter().map(|fix| fix.findings).sum();
    output.print(&format!("{} fixed in {}\n", count(fixed, "finding"), count(fixes.len(), "file")));
    Ok(Exit::Clean)
}

fn write(fix: &FileFix, run: &Run) -> Result<(), Failure> {
    let source = run.sources().file(fix.file);
    let path = Path::new(&run.analysis.workspace.root).join(&*source.path);
    // Somebody may have saved it while we read the others.
    if std::fs::read(&path).ok().as_deref() != Some(source.text.as_bytes()) {
        return Err(Failure::new(format!("`{}` has changed since it was read", source.path), "run this again"));
    }
    write_whole(&path, &fix.apply(&source.text))
}

fn check_that_all_is_kept(root: &str, paths: &[&str]) -> Result<(), Failure> {
    let mut git = Command::new("git");
    git.args(["status", "--porcelain", "--"]).args(paths).current_dir(root).stdin(Stdio::null()).stderr(Stdio::null());
    let output = git.output().ok().filter(|output| output.status.success());
    let Some(output) = output else {
        return Err(Failure::new(
            "git does not know these files, so a fix could not be undone",
            "`--allow-dirty` writes them all the same",
        ));
    };
    match output.stdout.is_empty() {
        true => Ok(()),
        false => {
            let changed = String::from_utf8_lossy(&output.stdout).trim_end().to_string();
            let help = "commit them first, or write them all the same with `--allow-dirty`";
            Err(Failure::new(format!("there are changes in no commit:\n{changed}"), help))
        }
    }
}

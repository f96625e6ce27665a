//! `fix`: what can be mended without thinking.

#![expect(clippy::disallowed_types, clippy::disallowed_methods, reason = "git says whether a file has changes that nobody has kept")]

use super::Exit;
use super::failure::Failure;
use super::files::write_whole;
use super::output::Output;
use super::progress::Progress;
use super::run::{Run, cache, explicit_config, request};
use super::scope::Scope;
use crate::facts::Reading;
use crate::findings::{FileFix, Report, Safety, fixes, patch};
use crate::source::Sources;
use crate::words::count;
use crate::workspace::{Cargo, Disk, Files, join};
use clap::Args;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

/// Mend what can be mended without thinking: allow comments that allow nothing, stale entries of the baseline
///
/// Code is not touched without `--unsafe`: every token of it is the same afterwards.
#[derive(Args)]
pub struct Arguments {
    /// Print a patch instead of writing; exit code 1 if there is something to fix (`git apply --unidiff-zero` takes it)
    #[arg(long)]
    diff: bool,

    /// Write files that have changes which are in no commit, and files outside of a git repository
    #[arg(long)]
    allow_dirty: bool,

    /// Change code, too: capacities, expiries and wait timeouts, with figures to look at. The result is read and checked before it is written
    #[arg(long = "unsafe")]
    also_unsafe: bool,

    #[command(flatten)]
    scope: Scope,
}

pub fn run(arguments: &Arguments, output: &Output) -> Result<Exit, Failure> {
    let progress = Progress::start(!arguments.scope.no_progress);
    let mut run = Run::new(&arguments.scope, &progress)?;
    progress.doing("looking for findings");
    let report = run.report(Vec::new());
    let ground = run.ground();
    let all = fixes(&report, &ground, Safety::Unsafe);
    let at_most = if arguments.also_unsafe { Safety::Unsafe } else { Safety::Safe };
    let wanted = if arguments.also_unsafe { all.clone() } else { fixes(&report, &ground, at_most) };
    let Trial { fixes, refused } = tried(wanted, &run, &report, &arguments.scope, &progress)?;
    drop(progress);
    refused.iter().for_each(|words| output.error(&format!("{words}\n")));
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
    let more = all.iter().map(|fix| fix.mended.len()).sum();
    if !arguments.also_unsafe && more > 0 {
        output.print(&format!("{} more with `--unsafe`, which changes code: `--diff --unsafe` shows it\n", count(more, "finding")));
    }
    Ok(Exit::Clean)
}

/// Fixes that did what they should, and a sentence for each file whose fixes did not.
struct Trial {
    fixes: Vec<FileFix>,
    refused: Vec<String>,
}

/// Analyses the workspace as it would be with what is unsafe, and leaves out files that could not be read any more or whose findings are not
/// gone. What is left is tried again, for files depend on each other.
fn tried(mut fixes: Vec<FileFix>, run: &Run, report: &Report, scope: &Scope, progress: &Progress) -> Result<Trial, Failure> {
    let mut refused = Vec::new();
    while fixes.iter().any(|fix| !fix.mended.is_empty()) {
        progress.doing("trying the fixes");
        let mended = Mended::with(&fixes, run);
        let mut after = Run::over(&mended, request(scope)?, Cargo::later(), explicit_config(scope)?, &cache(scope), progress)?;
        let then = after.report(Vec::new());
        let wrong: Vec<Option<String>> = fixes.iter().map(|fix| failing(fix, run.sources(), &then, &after)).collect();
        let new = then.open().filter(|one| report.findings.iter().all(|old| old.fingerprint != one.fingerprint)).count();
        if wrong.iter().all(Option::is_none) {
            // Nobody knows which of them caused it.
            if new > 0 {
                refused.push(format!("nothing unsafe is fixed: {} would be new", count(new, "finding")));
                fixes.retain(|fix| fix.mended.is_empty());
            }
            break;
        }
        refused.extend(wrong.iter().flatten().cloned());
        let mut wrong = wrong.into_iter();
        fixes.retain(|_| wrong.next().flatten().is_none());
    }
    Ok(Trial { fixes, refused })
}

/// Why the fixes of a file are not written.
fn failing(fix: &FileFix, sources: &Sources, then: &Report, after: &Run) -> Option<String> {
    let path = sources.path(fix.file);
    let is_read =
        after.analysis.files.iter().filter(|file| after.sources().path(file.file) == path).all(|file| file.reading == Reading::Whole);
    let still = then.open().find(|one| fix.mended.contains(&one.fingerprint));
    match (is_read, still) {
        _ if fix.mended.is_empty() => None,
        (false, _) => Some(format!("`{path}` is left as it is: it could not be read with its fixes")),
        (true, Some(one)) => Some(format!("`{path}` is left as it is: `{}` would still be there", one.lint.id)),
        (true, None) => None,
    }
}

/// The disk, as it would be.
struct Mended {
    texts: BTreeMap<String, Arc<[u8]>>,
}

impl Mended {
    fn with(fixes: &[FileFix], run: &Run) -> Mended {
        let root = &run.analysis.workspace.root;
        let text = |fix: &FileFix| {
            let source = run.sources().file(fix.file);
            (join(root, &source.path), Arc::from(fix.apply(&source.text).into_bytes()))
        };
        Mended { texts: fixes.iter().map(text).collect() }
    }
}

impl Files for Mended {
    fn read(&self, path: &str) -> io::Result<Arc<[u8]>> {
        self.texts.get(path).map_or_else(|| Disk.read(path), |text| Ok(text.clone()))
    }

    fn is_file(&self, path: &str) -> bool {
        Disk.is_file(path)
    }

    fn list(&self, directory: &str) -> Vec<String> {
        Disk.list(directory)
    }

    fn is_disk(&self) -> bool {
        true
    }
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
    git.args(["status", "--porcelain", "--ignored", "--"]).args(paths).current_dir(root).stdin(Stdio::null()).stderr(Stdio::null());
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::Edit;
    use crate::source::Span;

    const MAIN: &str = "use sqlx::PgPool;\nfn main() {}\n";

    /// What becomes of a change at the start of `src/main.rs` that should mend the finding `fingerprint`.
    fn becomes(of: &str, fingerprint: &str) -> Trial {
        let folder = tempfile::TempDir::new().expect("a folder");
        let manifest = folder.path().join("Cargo.toml");
        std::fs::create_dir(folder.path().join("src")).expect("a folder");
        std::fs::write(&manifest, "[package]\nname = \"api\"\nversion = \"0.1.0\"\nedition = \"2021\"\n").expect("a file");
        std::fs::write(folder.path().join("src/main.rs"), MAIN).expect("a file");
        let scope = Scope { manifest_path: Some(manifest), no_cache: true, ..Scope::default() };
        let progress = Progress::start(false);
        let mut run = Run::new(&scope, &progress).unwrap_or_else(|_| panic!("a workspace"));
        let report = run.report(Vec::new());
        let file = run.analysis.files[0].file;
        let edit = Edit { span: Span::new(0, 0), text: of.to_string() };
        let fix = FileFix { mended: vec![fingerprint.to_string()], ..FileFix::of(file, vec![edit]) };
        tried(vec![fix], &run, &report, &scope, &progress).unwrap_or_else(|_| panic!("a trial"))
    }

    #[test]
    fn what_cannot_be_read_any_more_is_not_written() {
        let trial = becomes("fn broken( {{\n", "0");
        assert!(trial.fixes.is_empty());
        assert_eq!(trial.refused, ["`src/main.rs` is left as it is: it could not be read with its fixes"]);
    }

    #[test]
    fn what_brings_something_new_is_not_written() {
        let trial = becomes("// moai-backend: allow(unbounded_caches) reason = \"x\"\n", "0");
        assert_eq!(trial.fixes.len(), 0);
        assert_eq!(trial.refused, ["nothing unsafe is fixed: 1 finding would be new"]);
    }

    #[test]
    fn what_mends_its_finding_is_written() {
        assert_eq!(becomes("// A word.\n", "0").fixes.len(), 1);
    }
}

//! `hook run`: what hooks ask.

use super::Hook;
use crate::cli::Exit;
use crate::cli::check;
use crate::cli::failure::Failure;
use crate::cli::gate::{Gate, repository};
use crate::cli::output::Output;
use crate::git::Repository;
use clap::{CommandFactory, FromArgMatches, Parser};
use std::io::Read;

/// `check` with what stands after `--`.
#[derive(Parser)]
#[command(name = "check")]
struct Check {
    #[command(flatten)]
    arguments: check::Arguments,
}

pub fn run(hook: Hook, given: &[String], check: &[String], output: &Output) -> Result<Exit, Failure> {
    if std::env::var_os("MOAI_BACKEND_SKIP").is_some_and(|value| value == "1") {
        output.error("cargo moai-backend: not checked, for MOAI_BACKEND_SKIP=1\n");
        return Ok(Exit::Clean);
    }
    let words = std::iter::once("check").chain(check.iter().map(String::as_str));
    let matches = Check::command().try_get_matches_from(words).map_err(|error| Failure::new(error.to_string(), ""))?;
    let mut asked = Check::from_arg_matches(&matches).map_err(|error| Failure::new(error.to_string(), ""))?.arguments;
    let exit = match hook {
        Hook::PreCommit => {
            asked.gate.staged = true;
            over(&asked, &matches, Gate::open(&asked.gate, &asked.scope)?, output)
        }
        Hook::PrePush => pushed(&asked, &matches, given, output),
    }?;
    if exit != Exit::Clean {
        let anyway = if hook == Hook::PreCommit { "git commit" } else { "git push" };
        output.error(&format!("cargo moai-backend refuses this; `{anyway} --no-verify` or MOAI_BACKEND_SKIP=1 does it all the same\n"));
    }
    Ok(exit)
}

fn over(asked: &check::Arguments, matches: &clap::ArgMatches, gate: Option<Gate>, output: &Output) -> Result<Exit, Failure> {
    if gate.as_ref().is_some_and(Gate::is_idle) {
        return Ok(Exit::Clean);
    }
    check::run_over(asked, Some(matches), gate, output)
}

fn pushed(asked: &check::Arguments, matches: &clap::ArgMatches, given: &[String], output: &Output) -> Result<Exit, Failure> {
    let mut lines = String::new();
    // What git did not say is not pushed.
    let _ = std::io::stdin().read_to_string(&mut lines);
    let remote = given.first().cloned().or_else(|| variable("PRE_COMMIT_REMOTE_NAME")).unwrap_or_else(|| "origin".to_string());
    let mut pushed = told_by_git(&lines);
    // Git names the remote whatever is pushed, so there is a manager between that keeps to itself what git said.
    if pushed.is_empty() && given.is_empty() {
        pushed.push(told_by_pre_commit());
    }
    let mut worst = Exit::Clean;
    for Pushed { tip, known } in pushed {
        let repository = repository(&asked.scope)?;
        let base = base(&repository, &remote, known)?;
        let exit = over(asked, matches, Some(Gate::pushed(repository, base.as_deref(), &tip)?), output)?;
        worst = match (worst, exit) {
            (Exit::Findings, _) | (_, Exit::Clean) => worst,
            (_, exit) => exit,
        };
    }
    Ok(worst)
}

/// A commit on its way, and what the remote has of its branch.
struct Pushed {
    tip: String,
    known: Option<String>,
}

/// One line for each branch: `LOCAL-REF LOCAL-ID REMOTE-REF REMOTE-ID`, ids of zeros for what is not there.
fn told_by_git(lines: &str) -> Vec<Pushed> {
    let mut pushed: Vec<Pushed> = Vec::new();
    for line in lines.lines() {
        let [local, tip, _, known] = line.split(' ').collect::<Vec<_>>()[..] else { continue };
        if !is_zero(tip) && !local.starts_with("refs/tags/") && pushed.iter().all(|other| other.tip != tip) {
            pushed.push(Pushed { tip: tip.to_string(), known: (!is_zero(known)).then(|| known.to_string()) });
        }
    }
    pushed
}

/// pre-commit and prek hear git themselves and name both ends in the environment: <https://pre-commit.com/#pre-push>. A first push has no
/// other end, and who runs the hook by hand means what is checked out.
fn told_by_pre_commit() -> Pushed {
    let tip = variable("PRE_COMMIT_TO_REF").or_else(|| variable("PRE_COMMIT_LOCAL_BRANCH"));
    Pushed { tip: tip.unwrap_or_else(|| "HEAD".to_string()), known: variable("PRE_COMMIT_FROM_REF") }
}

fn variable(name: &str) -> Option<String> {
    std::env::var_os(name)?.into_string().ok().filter(|value| !value.is_empty())
}

/// What the remote has of the branch, or of the branch that it probably goes into; `None`: nothing yet.
fn base(repository: &Repository, remote: &str, known: Option<String>) -> Result<Option<String>, Failure> {
    let usual = ["HEAD", "main", "master"].map(|branch| format!("refs/remotes/{remote}/{branch}"));
    for revision in known.into_iter().chain(usual) {
        if repository.commit(&revision)?.is_some() {
            return Ok(Some(revision));
        }
    }
    Ok(None)
}

fn is_zero(id: &str) -> bool {
    id.bytes().all(|byte| byte == b'0')
}

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

/// One line for each branch: `LOCAL-REF LOCAL-ID REMOTE-REF REMOTE-ID`, ids of zeros for what is not there.
fn pushed(asked: &check::Arguments, matches: &clap::ArgMatches, given: &[String], output: &Output) -> Result<Exit, Failure> {
    let mut lines = String::new();
    // What git did not say is not pushed.
    let _ = std::io::stdin().read_to_string(&mut lines);
    let remote = given.first().map_or("origin", String::as_str);
    let (mut worst, mut done) = (Exit::Clean, Vec::new());
    for line in lines.lines() {
        let [local, tip, _, known] = line.split(' ').collect::<Vec<_>>()[..] else { continue };
        if is_zero(tip) || local.starts_with("refs/tags/") || done.contains(&tip) {
            continue;
        }
        done.push(tip);
        let repository = repository(&asked.scope)?;
        let base = base(&repository, remote, known)?;
        let exit = over(asked, matches, Some(Gate::pushed(repository, base.as_deref(), tip)?), output)?;
        worst = match (worst, exit) {
            (Exit::Findings, _) | (_, Exit::Clean) => worst,
            (_, exit) => exit,
        };
    }
    Ok(worst)
}

/// What the remote has of the branch, or of the branch that it probably goes into; `None`: nothing yet.
fn base(repository: &Repository, remote: &str, known: &str) -> Result<Option<String>, Failure> {
    let usual = ["HEAD", "main", "master"].map(|branch| format!("refs/remotes/{remote}/{branch}"));
    let there = (!is_zero(known)).then(|| known.to_string());
    for revision in there.into_iter().chain(usual) {
        if repository.commit(&revision)?.is_some() {
            return Ok(Some(revision));
        }
    }
    Ok(None)
}

fn is_zero(id: &str) -> bool {
    id.bytes().all(|byte| byte == b'0')
}

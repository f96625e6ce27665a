//! `check`: the run that everything is for.

use super::Exit;
use super::failure::Failure;
use super::levels::{LevelFlags, settings};
use super::output::Output;
use super::progress::Progress;
use super::run::Run;
use super::scope::Scope;
use crate::findings::{Level, Report};
use crate::report::{self, HumanOptions};
use clap::{ArgMatches, Args, ValueEnum};

/// Check the backend: layering, pooling, caching and rate limiting
///
/// Findings come first, notes last and in short; every run ends with what it covered. What cannot be known is never reported as missing.
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    scope: Scope,

    /// human: drawn for a terminal; concise: one line each; json: for programs
    #[arg(long, value_enum, default_value_t = Format::Human, help_heading = "Output")]
    format: Format,

    /// Only findings: no notes, no summary, no coverage
    #[arg(short, long, help_heading = "Output")]
    quiet: bool,

    /// Notes with snippet and evidence, too
    #[arg(short, long, help_heading = "Output", conflicts_with = "quiet")]
    verbose: bool,

    /// The level from which a finding fails the run (exit code 1)
    #[arg(long, value_enum, default_value_t = FailOn::Warn, value_name = "LEVEL", help_heading = "Output")]
    fail_on: FailOn,

    #[command(flatten)]
    levels: LevelFlags,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Concise,
    Json,
}

#[derive(Clone, Copy, ValueEnum)]
enum FailOn {
    Deny,
    Warn,
    Note,
}

impl FailOn {
    fn level(self) -> Level {
        match self {
            FailOn::Deny => Level::Deny,
            FailOn::Warn => Level::Warn,
            FailOn::Note => Level::Note,
        }
    }
}

pub fn run(arguments: &Arguments, flags: Option<&ArgMatches>, output: &Output) -> Result<Exit, Failure> {
    let flags = flags.map(settings).transpose()?.unwrap_or_default();
    let progress = Progress::start(!arguments.scope.no_progress);
    let mut run = Run::new(&arguments.scope, &progress)?;
    progress.doing("looking for findings");
    let report = run.report(flags);
    drop(progress);
    print(arguments, &report, &run, output);
    Ok(exit(&report, arguments.fail_on.level()))
}

fn print(arguments: &Arguments, report: &Report, run: &Run, output: &Output) {
    let sources = run.sources();
    match arguments.format {
        Format::Human => {
            let options = HumanOptions { quiet: arguments.quiet, verbose: arguments.verbose };
            output.print(&report::human(report, sources, &output.stdout, options));
        }
        Format::Concise => {
            output.print(&report::concise(report, sources));
            // Lines for programs on stdout, words for people beside them.
            if !arguments.quiet {
                output.error(&format!(
                    "{}\ncovered: {}\n",
                    report::summary_line(report.summary()),
                    report::coverage_lines(report).join("\n  ")
                ));
            }
        }
        Format::Json => output.print(&report::json(report, sources)),
    }
}

/// Findings are certain whatever could not be read, so they win over "incomplete".
fn exit(report: &Report, fail_on: Level) -> Exit {
    match () {
        () if report.open().any(|reported| reported.level >= fail_on) => Exit::Findings,
        () if report.is_incomplete() => Exit::Incomplete,
        () => Exit::Clean,
    }
}

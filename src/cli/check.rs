//! `check`: the run that everything is for.

use super::Exit;
use super::also::Also;
use super::checked::{Asked, Checked};
use super::failure::Failure;
use super::formats::{self, Wanted};
use super::gate::{Gate, GateFlags};
use super::levels::{LevelFlags, settings};
use super::output::Output;
use super::progress::Progress;
use super::scope::Scope;
use crate::findings::{Level, Report};
use crate::report::{HumanOptions, Page};
use clap::{ArgMatches, Args, ValueEnum};

/// Check the backend: layering, pooling, caching and rate limiting
///
/// Findings come first, notes last and in short; every run ends with what it covered. What cannot be known is never reported as missing.
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    pub scope: Scope,

    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = formats::wanted, help = formats::help(), help_heading = "Output")]
    format: Vec<Wanted>,

    /// `json`: what cargo prints with this flag, the same as `--format cargo`
    #[arg(long, value_name = "FORMAT", value_parser = ["json"], conflicts_with = "format", help_heading = "Output")]
    message_format: Option<String>,

    /// Run this command as well, and print its JSON messages among ours (with `--format cargo`)
    #[arg(long, value_name = "COMMAND", help_heading = "Output")]
    also: Option<String>,

    /// Only findings: no notes, no summary, no coverage
    #[arg(short, long, help_heading = "Output")]
    quiet: bool,

    /// Notes with snippet and evidence, too
    #[arg(short, long, help_heading = "Output", conflicts_with = "quiet")]
    verbose: bool,

    /// The level from which a finding fails the run (exit code 1)
    #[arg(long, value_enum, default_value_t = FailOn::Warn, value_name = "LEVEL", help_heading = "Output")]
    fail_on: FailOn,

    /// Report what the baseline accepts, too
    #[arg(long, help_heading = "Output")]
    no_baseline: bool,

    /// Lints that the configured edition does not have yet, as notes
    #[arg(long, help_heading = "Output", visible_alias = "preview-next-edition")]
    preview: bool,

    #[command(flatten)]
    pub gate: GateFlags,

    #[command(flatten)]
    levels: LevelFlags,
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
    let gate = Gate::open(&arguments.gate, &arguments.scope)?;
    run_over(arguments, flags, gate, output)
}

/// With a comparison that hooks choose themselves.
pub fn run_over(arguments: &Arguments, flags: Option<&ArgMatches>, gate: Option<Gate>, output: &Output) -> Result<Exit, Failure> {
    let flags = flags.map(settings).transpose()?.unwrap_or_default();
    let formats = formats::plan(&arguments.format, arguments.message_format.is_some())?;
    let also = arguments.also.as_deref().map(|command| Also::start(command, &formats)).transpose()?;
    let progress = Progress::start(!arguments.scope.no_progress);
    let asked = Asked { scope: &arguments.scope, flags, no_baseline: arguments.no_baseline, preview: arguments.preview };
    let Checked { report, sources, surroundings } = match &gate {
        Some(gate) => gate.check(&asked, &progress)?,
        None => Checked::on_disk(&asked, &progress)?,
    };
    drop(progress);
    let page = Page {
        report: &report,
        sources: &sources,
        ground: &surroundings,
        fail_on: arguments.fail_on.level(),
        terminal: output.stdout,
        options: HumanOptions { quiet: arguments.quiet, verbose: arguments.verbose },
    };
    let exit = exit(&report, page.fail_on);
    match also {
        Some(also) => also.finish(&page, exit, output),
        None => formats::write(&formats, &page, output).map(|()| exit),
    }
}

/// Findings are certain whatever could not be read, so they win over "incomplete".
fn exit(report: &Report, fail_on: Level) -> Exit {
    match () {
        () if report.fails(fail_on) => Exit::Findings,
        () if report.is_incomplete() => Exit::Incomplete,
        () => Exit::Clean,
    }
}

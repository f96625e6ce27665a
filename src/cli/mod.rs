//! The command line: one file per command. Raw arguments stop here, and so do exit codes.

mod also;
mod baseline;
mod check;
mod checked;
mod explain;
#[cfg(feature = "live")]
mod explain_queries;
#[cfg(feature = "live")]
mod explained;
mod failure;
mod files;
mod fix;
mod formats;
mod gate;
mod guidance;
mod hook;
mod init;
mod inspect;
mod levels;
mod list;
mod output;
mod progress;
mod run;
mod schema;
mod scope;
mod terminal;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use failure::Failure;
use output::Output;
use std::ffi::OsString;
use std::process::ExitCode;
use terminal::{ColorChoice, Environment};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

const EXAMPLES: &str = "\
Start here:
  cargo moai-backend check                  what is wrong with this backend
  cargo moai-backend inspect routes         every route with its middleware
  cargo moai-backend explain LINT           why it matters, what to do
  cargo moai-backend init                   a configuration from what the code shows

Exit codes:
  0  nothing found at or above `--fail-on`
  1  findings (also when something could not be read)
  2  the command line or the configuration is wrong, or there is nothing to check
  3  nothing found, but something could not be read, so it is no answer";

/// A linter for Rust backends: layering, connection pooling, caching and rate limiting.
///
/// Reads source and manifests, compiles nothing, runs nothing, needs no network.
#[derive(Parser)]
#[command(name = "cargo moai-backend", bin_name = "cargo moai-backend", version, styles = STYLES, after_help = EXAMPLES, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,

    /// Colours: auto (on a terminal), always, never
    #[arg(long, global = true, value_name = "WHEN", value_enum)]
    color: Option<ColorChoice>,
}

#[derive(Subcommand)]
enum Command {
    Check(check::Arguments),
    Hook(hook::Arguments),
    Baseline(baseline::Arguments),
    Fix(fix::Arguments),
    Explain(explain::Arguments),
    List(list::Arguments),
    Init(init::Arguments),
    Inspect(inspect::Arguments),
    #[cfg(feature = "live")]
    ExplainQueries(explain_queries::Arguments),
    Schema(schema::Arguments),
}

/// What a command came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Clean = 0,
    Findings = 1,
    Usage = 2,
    Incomplete = 3,
}

/// Runs the command that `arguments` name, program name first.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let matches = match Cli::command().try_get_matches_from(as_own_command(arguments)) {
        Ok(matches) => matches,
        Err(error) => return usage(&error),
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let environment = Environment::read();
    let output = Output::new(cli.color, &environment);
    let flags = matches.subcommand().map(|(_, matches)| matches);
    let result = match &cli.command {
        Command::Check(arguments) => check::run(arguments, flags, &output),
        Command::Baseline(arguments) => baseline::run(arguments, &output),
        Command::Hook(arguments) => hook::run(arguments, &output),
        Command::Fix(arguments) => fix::run(arguments, &output),
        Command::Explain(arguments) => explain::run(arguments, &output),
        Command::List(arguments) => list::run(arguments, &output),
        Command::Init(arguments) => init::run(arguments, &output),
        Command::Inspect(arguments) => inspect::run(arguments, &output),
        #[cfg(feature = "live")]
        Command::ExplainQueries(arguments) => explain_queries::run(arguments, &output),
        Command::Schema(arguments) => schema::run(arguments, &output),
    };
    let exit = result.unwrap_or_else(|failure: Failure| {
        output.error(&failure.render(&output.stderr));
        Exit::Usage
    });
    ExitCode::from(exit as u8)
}

/// Cargo passes the name of the subcommand as first argument: `cargo-moai-backend moai-backend check`.
fn as_own_command(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    if arguments.get(1).is_some_and(|first| first == "moai-backend") {
        arguments.remove(1);
    }
    arguments
}

/// Help and version go to stdout and are no failure.
fn usage(error: &clap::Error) -> ExitCode {
    // A closed pipe is nobody's problem here.
    let _ = error.print();
    ExitCode::from(if error.use_stderr() { Exit::Usage as u8 } else { Exit::Clean as u8 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn cargos_own_argument_is_dropped_once() {
        let as_cargo = ["cargo-moai-backend", "moai-backend", "check"].map(OsString::from);
        assert_eq!(as_own_command(as_cargo), ["cargo-moai-backend", "check"]);
        let plain = ["cargo-moai-backend", "check"].map(OsString::from);
        assert_eq!(as_own_command(plain.clone()), plain);
    }
}

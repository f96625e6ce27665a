//! `inspect`: the model of the backend, as tables or JSON.

use super::Exit;
use super::failure::Failure;
use super::output::Output;
use super::progress::Progress;
use super::run::Run;
use super::scope::Scope;
use crate::inspect::{Part, inspect_json, inspect_table};
use crate::words::count;
use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use std::io;

/// Show what was found in the code: routes, functions, calls, queries, resources, layers
///
/// Without a part, tables say how much there is of each, and JSON holds everything.
#[derive(Args)]
pub struct Arguments {
    #[arg(value_parser = PossibleValuesParser::new(Part::ALL.map(Part::name)))]
    part: Option<String>,

    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,

    #[command(flatten)]
    scope: Scope,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Table,
    Json,
}

pub fn run(arguments: &Arguments, output: &Output) -> Result<Exit, Failure> {
    let progress = Progress::start(!arguments.scope.no_progress);
    let run = Run::new(&arguments.scope, &progress)?;
    drop(progress);
    let part = Part::ALL.into_iter().find(|part| arguments.part.as_deref() == Some(part.name()));
    let mut out = io::stdout().lock();
    // The only failure that happens here is a closed pipe, and then nobody is listening.
    let _ = match arguments.format {
        Format::Table => inspect_table(&run.analysis, part, &mut out),
        Format::Json => inspect_json(&run.analysis, part, &mut out),
    };
    if !run.analysis.problems.is_empty() {
        let problems = count(run.analysis.problems.len(), "problem");
        output.error(&format!("{problems}: not everything could be read, `cargo moai-backend check` says what\n"));
    }
    Ok(Exit::Clean)
}

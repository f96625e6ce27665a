//! `inspect`: the model of the backend, as tables or JSON.

use super::Exit;
use super::failure::Failure;
use super::output::Output;
use super::scope::Scope;
use clap::Args;

/// Show what was found in the code: routes, functions, calls, queries, resources, layers
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    scope: Scope,
}

pub fn run(_arguments: &Arguments, _output: &Output) -> Result<Exit, Failure> {
    Err(Failure::new("`inspect` is not there yet", ""))
}

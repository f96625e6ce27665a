//! `schema`: what programs and editors may rely on.

use super::Exit;
use super::failure::Failure;
use super::output::Output;
use crate::{config, report};
use clap::{Args, ValueEnum};

/// Print a JSON schema: of `check --format json`, or of the configuration
#[derive(Args)]
pub struct Arguments {
    of: Of,
}

#[derive(Clone, Copy, ValueEnum)]
enum Of {
    /// What `check --format json` prints
    Check,
    /// `moai-backend.toml`
    Config,
}

pub fn run(arguments: &Arguments, output: &Output) -> Result<Exit, Failure> {
    output.print(&match arguments.of {
        Of::Check => report::CHECK_SCHEMA.to_string(),
        Of::Config => serde_json::to_string_pretty(&config::schema()).expect("a schema is plain JSON") + "\n",
    });
    Ok(Exit::Clean)
}

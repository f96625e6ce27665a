//! Which workspace, which packages, which configuration: cargo's own words.

use clap::Args;
use std::path::PathBuf;

#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "What to read")]
pub struct Scope {
    /// Path to Cargo.toml
    #[arg(long, value_name = "PATH")]
    pub manifest_path: Option<PathBuf>,

    /// Only these packages (`*` matches any text); all are read, findings of others are left out
    #[arg(short, long, value_name = "SPEC", value_delimiter = ',')]
    pub package: Vec<String>,

    /// Every package of the workspace, which is what happens without `-p` too
    #[arg(long, conflicts_with = "package")]
    pub workspace: bool,

    /// All packages but these
    #[arg(long, value_name = "SPEC", value_delimiter = ',')]
    pub exclude: Vec<String>,

    /// A configuration file instead of `moai-backend.toml` beside the workspace's Cargo.toml
    #[arg(long, value_name = "PATH")]
    pub config: Option<PathBuf>,

    /// Neither use nor keep results of earlier runs (kept in `target/moai-backend`, or in the folder MOAI_BACKEND_CACHE_DIR)
    #[arg(long)]
    pub no_cache: bool,

    /// No progress line on a terminal
    #[arg(long)]
    pub no_progress: bool,
}

//! `-D`, `-W`, `-A`, `--note` in the order they were written.

use super::failure::Failure;
use crate::findings::{Level, LevelSetting, Selection};
use clap::{ArgMatches, Args};

#[derive(Args)]
#[command(next_help_heading = "Levels (lint, section or `all`; later flags win over earlier ones and over the configuration)")]
pub struct LevelFlags {
    /// Report as an error
    #[arg(short = 'D', long, value_name = "LINT", value_delimiter = ',')]
    deny: Vec<String>,
    /// Report as a warning
    #[arg(short = 'W', long, value_name = "LINT", value_delimiter = ',')]
    warn: Vec<String>,
    /// Do not report
    #[arg(short = 'A', long, value_name = "LINT", value_delimiter = ',')]
    allow: Vec<String>,
    /// Report as a note
    #[arg(long, value_name = "LINT", value_delimiter = ',')]
    note: Vec<String>,
}

const FLAGS: [(&str, Level); 4] = [("deny", Level::Deny), ("warn", Level::Warn), ("allow", Level::Allow), ("note", Level::Note)];

pub fn settings(matches: &ArgMatches) -> Result<Vec<LevelSetting>, Failure> {
    let mut said: Vec<(usize, &String, &str, Level)> = Vec::new();
    for (flag, level) in FLAGS {
        let names = matches.get_many::<String>(flag).unwrap_or_default();
        said.extend(matches.indices_of(flag).unwrap_or_default().zip(names).map(|(index, name)| (index, name, flag, level)));
    }
    said.sort_by_key(|(index, ..)| *index);
    said.into_iter().map(|(_, name, flag, level)| setting(name, flag, level)).collect()
}

fn setting(name: &str, flag: &str, level: Level) -> Result<LevelSetting, Failure> {
    let selection = Selection::parse(name).map_err(|help| Failure::new(format!("unknown lint `{name}` in `--{flag}`"), help))?;
    Ok(LevelSetting { selection, level, reason: None, strict: false })
}

//! `list`: every lint with its level, by section.

use super::Exit;
use super::failure::Failure;
use super::output::Output;
use crate::findings::{Level, catalogue, guidance_url};
use crate::lints::{LintInfo, Section};
use crate::report::Terminal;
use clap::{Args, ValueEnum};
use serde::Serialize;

/// All lints, by section, with their default levels
#[derive(Args)]
pub struct Arguments {
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Table,
    Json,
}

pub fn run(arguments: &Arguments, output: &Output) -> Result<Exit, Failure> {
    output.print(&match arguments.format {
        Format::Table => table(&output.stdout),
        Format::Json => json(),
    });
    Ok(Exit::Clean)
}

fn table(terminal: &Terminal) -> String {
    let lints = catalogue();
    let width = lints.iter().map(|lint| lint.id.len()).max().unwrap_or(0);
    let mut text = String::new();
    for section in Section::ALL {
        let inside: Vec<&&LintInfo> = lints.iter().filter(|lint| lint.section == section).collect();
        if inside.is_empty() {
            continue;
        }
        text += &format!("{}\n", terminal.style("1", section.id()));
        for lint in inside {
            let level = terminal.style(color(lint.level), &format!("{:<5}", lint.level.name()));
            text += &format!("  {level} {:<width$}  {}\n", lint.id, lint.summary);
        }
        text.push('\n');
    }
    text + &format!("{} lints; `cargo moai-backend explain LINT` says more\n", lints.len())
}

fn color(level: Level) -> &'static str {
    match level {
        Level::Deny => "31",
        Level::Warn => "33",
        Level::Note => "36",
        Level::Allow => "2",
    }
}

#[derive(Serialize)]
struct ListJson {
    schema_version: u32,
    tool_version: &'static str,
    lints: Vec<LintJson>,
}

#[derive(Serialize)]
struct LintJson {
    lint: &'static str,
    section: &'static str,
    level: &'static str,
    since: String,
    summary: &'static str,
    help: &'static str,
    url: String,
    references: Vec<ReferenceJson>,
    measured: MeasuredJson,
}

#[derive(Serialize)]
struct ReferenceJson {
    title: &'static str,
    url: &'static str,
    version: &'static str,
    accessed: &'static str,
}

#[derive(Serialize)]
struct MeasuredJson {
    found: u32,
    read: u32,
    right: u32,
}

fn json() -> String {
    let lints = catalogue().into_iter().map(|info| LintJson {
        lint: info.id,
        section: info.section.id(),
        level: info.level.name(),
        since: info.since().to_string(),
        summary: info.summary,
        help: info.help,
        url: guidance_url(info),
        references: info.references.iter().map(reference).collect(),
        measured: MeasuredJson { found: info.measured.found, read: info.measured.read, right: info.measured.right },
    });
    let list = ListJson { schema_version: 1, tool_version: env!("CARGO_PKG_VERSION"), lints: lints.collect() };
    serde_json::to_string_pretty(&list).expect("a list of strings and numbers") + "\n"
}

fn reference(reference: &crate::lints::Reference) -> ReferenceJson {
    ReferenceJson { title: reference.title, url: reference.url, version: reference.version, accessed: reference.accessed }
}

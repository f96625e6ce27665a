//! `--format human --format sarif=out.sarif`: which formats go where.

use super::failure::Failure;
use super::files::{append, write_whole};
use super::output::Output;
use crate::report::{FORMATS, Format, Page, Terminal, coverage_lines, format, step_summary, summary_line};
use crate::words::suggestion;
use std::path::{Path, PathBuf};

/// One format and where it goes; `None`: to standard output.
#[derive(Clone)]
pub struct Wanted {
    pub format: &'static Format,
    pub path: Option<PathBuf>,
}

pub fn help() -> String {
    let formats: Vec<String> = FORMATS.iter().map(|format| format!("{}: {}", format.name, format.about)).collect();
    format!("How findings are written, and to which file; can be given several times. {} [default: human]", formats.join("; "))
}

/// `sarif`, `sarif=out.sarif`, `sarif=-`.
pub fn wanted(text: &str) -> Result<Wanted, String> {
    let (name, path) = text.split_once('=').map_or((text, None), |(name, path)| (name, Some(path)));
    let format = format(name).ok_or_else(|| suggestion(name, FORMATS.iter().map(|format| format.name)))?;
    match path {
        Some("") => Err(format!("the file is missing: `{name}=FILE`")),
        Some("-") | None => Ok(Wanted { format, path: None }),
        Some(path) => Ok(Wanted { format, path: Some(path.into()) }),
    }
}

/// What the command line asks for; with nothing said, `human` (or what cargo's own flag says) on standard output.
pub fn plan(wanted: &[Wanted], cargo: bool) -> Result<Vec<Wanted>, Failure> {
    if wanted.is_empty() {
        let format = format(if cargo { "cargo" } else { "human" }).expect("both are in the table");
        return Ok(vec![Wanted { format, path: None }]);
    }
    for (index, one) in wanted.iter().enumerate() {
        let Some(other) = wanted[..index].iter().find(|other| other.path == one.path) else { continue };
        let (place, name) = match &one.path {
            Some(path) => (format!("`{}`", path.display()), one.format.name),
            None => ("standard output".to_string(), one.format.name),
        };
        let message = format!("`{}` and `{name}` cannot both be written to {place}", other.format.name);
        return Err(Failure::new(message, format!("give one of them a file of its own: `--format {name}=FILE`")));
    }
    Ok(wanted.to_vec())
}

/// Everything is made before anything is written, and what is for the screen is not lost when a file cannot be written.
pub fn write(formats: &[Wanted], page: &Page, output: &Output) -> Result<(), Failure> {
    let files: Vec<(&Path, String)> = formats.iter().filter_map(|one| Some((one.path.as_deref()?, in_file(one.format, page)))).collect();
    if let Some(one) = formats.iter().find(|one| one.path.is_none()) {
        output.print(&(one.format.write)(page));
    }
    beside(formats, page, output);
    files.into_iter().try_for_each(|(path, text)| write_whole(path, &text))?;
    if formats.iter().any(|one| one.format.name == "github") {
        summarise_step(page)?;
    }
    Ok(())
}

fn in_file(format: &Format, page: &Page) -> String {
    (format.write)(&Page { terminal: Terminal::PLAIN, ..*page })
}

/// Lines for programs on stdout, words for people beside them.
fn beside(formats: &[Wanted], page: &Page, output: &Output) {
    let screen = formats.iter().find(|one| one.path.is_none()).map(|one| one.format.name);
    let words = matches!(screen, None | Some("concise" | "github"));
    if words && !page.options.quiet {
        output.error(&format!("{}\ncovered: {}\n", summary_line(page.report.summary()), coverage_lines(page.report).join("\n  ")));
    }
}

/// GitHub shows what a step writes into this file on the page of the run.
fn summarise_step(page: &Page) -> Result<(), Failure> {
    match std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) {
        Some(path) => append(Path::new(&path), &step_summary(page)),
        None => Ok(()),
    }
}

//! `explain`: the guidance of a lint, or what the tool knows about a line.

use super::Exit;
use super::failure::Failure;
use super::guidance::page;
use super::output::Output;
use super::progress::Progress;
use super::run::Run;
use super::scope::Scope;
use crate::findings::{Report, unknown_lint_help};
use crate::lints::Section;
use crate::model::{Backend, Chain, Function, FunctionId, ModuleId};
use crate::report::Terminal;
use crate::source::{FileId, Place, Sources};
use clap::Args;
use std::collections::BTreeMap;

/// Explain a lint, or what is known about a line of code
#[derive(Args)]
pub struct Arguments {
    /// A lint such as `sql_in_handlers`, a section, or a place such as `src/users.rs:42`
    #[arg(value_name = "LINT | FILE:LINE")]
    what: String,

    #[command(flatten)]
    scope: Scope,
}

pub fn run(arguments: &Arguments, output: &Output) -> Result<Exit, Failure> {
    let terminal = &output.stdout;
    let text = match place(&arguments.what) {
        Some((path, line)) => explain_line(&arguments.scope, path, line, terminal)?,
        None => explain_name(&arguments.what, terminal)?,
    };
    output.print(&text);
    Ok(Exit::Clean)
}

/// `src/a.rs:12` or `src/a.rs:12:5`.
fn place(what: &str) -> Option<(&str, u32)> {
    let (rest, last) = what.rsplit_once(':')?;
    let last = last.parse().ok()?;
    match rest.rsplit_once(':').and_then(|(path, line)| Some((path, line.parse().ok()?))) {
        Some(with_column) => Some(with_column),
        None => Some((rest, last)),
    }
}

fn explain_name(name: &str, terminal: &Terminal) -> Result<String, Failure> {
    let id = name.replace('-', "_");
    if let Some(info) = crate::findings::lint(&id) {
        return Ok(page(info, terminal));
    }
    if let Some(section) = Section::ALL.into_iter().find(|section| section.id() == id) {
        return Ok(super::guidance::section(section, terminal));
    }
    let help = match name.ends_with(".rs") {
        true => format!("for a place, add the line: `{name}:1`"),
        false => unknown_lint_help(name),
    };
    Err(Failure::new(format!("there is no lint `{name}`"), help))
}

fn explain_line(scope: &Scope, path: &str, line: u32, terminal: &Terminal) -> Result<String, Failure> {
    let progress = Progress::start(!scope.no_progress);
    let mut run = Run::new(scope, &progress)?;
    let report = run.report(Vec::new());
    drop(progress);
    let file = run.file(path)?;
    let view = View { run: &run, backend: &run.analysis.backend, sources: run.sources(), file, line, terminal };
    let mut text = format!("{}\n", terminal.style("1", &format!("{}:{line}", view.sources.path(file))));
    text += &view.reading();
    let module = view.module();
    text += &module.map_or(String::new(), |module| view.layer(module));
    let function = view.function();
    text += &function.map_or(String::new(), |function| view.about(function));
    text += &view.findings(&report, function);
    text += &view.allows();
    Ok(text)
}

struct View<'a> {
    run: &'a Run,
    backend: &'a Backend,
    sources: &'a Sources,
    file: FileId,
    line: u32,
    terminal: &'a Terminal,
}

/// Entries of a list that is only a taste.
const MOST: usize = 8;

impl View<'_> {
    fn row(&self, word: &str, text: &str) -> String {
        format!("  {} {text}\n", self.terminal.style("36", &format!("{word:<10}")))
    }

    /// The first row has the word, the others are below it.
    fn rows(&self, word: &str, lines: &[String]) -> String {
        let rest = lines.len().saturating_sub(MOST);
        let shown = lines.iter().take(MOST).enumerate().map(|(index, line)| self.row(if index == 0 { word } else { "" }, line));
        let more = (rest > 0).then(|| self.row("", &format!("and {rest} more")));
        shown.chain(more).collect()
    }

    fn reading(&self) -> String {
        let Some(file) = self.run.analysis.files.iter().find(|file| file.file == self.file) else { return String::new() };
        let package = self.row("package", &file.package);
        match file.reading {
            crate::facts::Reading::Whole => package,
            crate::facts::Reading::Partial => package + &self.row("read", "in part only: see the problems that `check` prints"),
            crate::facts::Reading::Skipped => package + &self.row("read", "not at all: see the problems that `check` prints"),
        }
    }

    /// The innermost module that begins before the line, in this file.
    fn module(&self) -> Option<ModuleId> {
        let here = self.backend.modules.iter().enumerate().filter(|(_, module)| module.file == self.file);
        let at = |place: Place| if place.file == self.file { self.sources.start(place).line } else { 0 };
        let by_function = self.function().map(|id| self.backend.function(id).module);
        by_function.or_else(|| {
            let before = here.filter(|(_, module)| at(module.place) <= self.line);
            before.max_by_key(|(_, module)| at(module.place)).map(|(index, _)| ModuleId(index as u32))
        })
    }

    fn layer(&self, id: ModuleId) -> String {
        let module = &self.backend.modules[id.0 as usize];
        let mut text = self.row("module", &module.path);
        let Some(layer) = self.backend.layering.modules.get(id.0 as usize) else { return text };
        let name = if layer.layer.is_empty() { "none" } else { &layer.layer };
        text += &self.row("layer", name);
        text + &self.rows("because", &layer.why)
    }

    /// The last function whose name stands at or above the line.
    fn function(&self) -> Option<FunctionId> {
        let functions = self.backend.functions.iter().enumerate().filter(|(_, function)| function.place.file == self.file);
        let starts = functions.map(|(index, function)| (self.sources.start(function.place).line, FunctionId(index as u32)));
        starts.filter(|(line, _)| *line <= self.line).max_by_key(|(line, _)| *line).map(|(_, id)| id)
    }

    fn about(&self, id: FunctionId) -> String {
        let function = self.backend.function(id);
        let mut text = self.row("function", &format!("{} ({})", function.path, function.role.name()));
        let because: Vec<String> = function.role_why.iter().map(ToString::to_string).collect();
        text += &self.rows("because", &because);
        text += &self.rows("does", &self.effects(function));
        text += &self.rows("reaches", &self.reached(id));
        text + &self.rows("serves", &self.routes(id))
    }

    fn effects(&self, function: &Function) -> Vec<String> {
        let line = |effect: &crate::model::Effect| self.sources.start(effect.place).line;
        function.effects.iter().map(|effect| format!("{}: `{}` at line {}", effect.kind.name(), effect.what, line(effect))).collect()
    }

    /// The nearest of each kind of effect that what it calls has.
    fn reached(&self, id: FunctionId) -> Vec<String> {
        let mut nearest: BTreeMap<&str, String> = BTreeMap::new();
        for chain in self.backend.reach(id).iter().filter(|chain| chain.functions.len() > 1) {
            for effect in &self.backend.function(chain.last()).effects {
                nearest
                    .entry(effect.kind.name())
                    .or_insert_with(|| format!("{}: {} > `{}`", effect.kind.name(), self.chain(chain), effect.what));
            }
        }
        nearest.into_values().collect()
    }

    fn chain(&self, chain: &Chain) -> String {
        chain.functions.iter().map(|id| self.backend.function(*id).name.as_str()).collect::<Vec<_>>().join(" > ")
    }

    /// Routes whose handler is, or reaches, the function.
    fn routes(&self, id: FunctionId) -> Vec<String> {
        let mut chains: BTreeMap<FunctionId, Option<String>> = BTreeMap::new();
        let mut served = Vec::new();
        for route in &self.backend.routes {
            let Some(handler) = route.handler.function() else { continue };
            let chain = chains.entry(handler).or_insert_with(|| {
                let reach = self.backend.reach(handler);
                reach.iter().find(|chain| chain.last() == id).map(|chain| self.chain(chain))
            });
            if let Some(chain) = chain {
                served.push(format!("{} by {chain}", route.title()));
            }
        }
        served
    }

    /// Findings on the line or anywhere in the function that it belongs to.
    fn findings(&self, report: &Report, function: Option<FunctionId>) -> String {
        let first = function.map_or(self.line, |id| self.sources.start(self.backend.function(id).place).line);
        let last = self.next_function_after(first).unwrap_or(u32::MAX);
        let here = report.findings.iter().filter(|reported| {
            let line = self.sources.start(reported.finding.place).line;
            reported.finding.place.file == self.file && (line == self.line || (first..last).contains(&line))
        });
        let mut text = String::new();
        for reported in here {
            let line = self.sources.start(reported.finding.place).line;
            let by = reported.suppressed.as_ref().map_or(String::new(), |by| format!(", suppressed by {}: {}", by.by.name(), by.reason));
            text += &self.row(reported.level.name(), &format!("{}: {} (line {line}{by})", reported.lint.id, reported.finding.message));
            let evidence = &reported.finding.evidence;
            let step = |one: &crate::model::Evidence| match one.place {
                Some(place) => format!("{}:{} {}", self.sources.path(place.file), self.sources.start(place).line, one.what),
                None => one.what.clone(),
            };
            text += &self.rows("  because", &evidence.iter().map(step).collect::<Vec<_>>());
            text += &self.row("  instead", reported.help());
        }
        if text.is_empty() { self.row("findings", "none") } else { text }
    }

    fn next_function_after(&self, line: u32) -> Option<u32> {
        let functions = self.backend.functions.iter().filter(|function| function.place.file == self.file);
        functions.map(|function| self.sources.start(function.place).line).filter(|start| *start > line).min()
    }

    fn allows(&self) -> String {
        let Some(file) = self.run.analysis.files.iter().find(|file| file.file == self.file) else { return String::new() };
        let line = |span| self.sources.start(Place::new(self.file, span)).line;
        let comment = |comment: &crate::facts::AllowComment| {
            let lints: Vec<&str> = comment.lints.iter().map(|(name, _)| name.as_str()).collect();
            format!("{} at line {}: {}", lints.join(", "), line(comment.span), comment.reason.as_deref().unwrap_or("no reason"))
        };
        self.rows("allows", &file.allows.iter().map(comment).collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_told_from_names() {
        assert_eq!(place("src/a.rs:12"), Some(("src/a.rs", 12)));
        assert_eq!(place("src/a.rs:12:5"), Some(("src/a.rs", 12)));
        assert_eq!(place("sql_in_handlers"), None);
        assert_eq!(place("a::b"), None);
    }
}

//! `baseline`: the findings that are accepted, and how they get fewer.

use super::Exit;
use super::failure::Failure;
use super::files::write_whole;
use super::output::Output;
use super::progress::Progress;
use super::run::Run;
use super::scope::Scope;
use crate::findings::{BASELINE_NAME, BaselineEntry, Compared, Date, Level, Report, Reported, baseline_text};
use crate::report::concise_line;
use crate::words::count;
use clap::{Args, Subcommand};
use std::collections::BTreeMap;
use std::path::Path;

/// Accept the findings that are there now, so that only new ones fail
///
/// The baseline is a file with one line for each accepted finding. Findings are known by what they are about, not by lines: moved or
/// reformatted code stays accepted. Entries that stand for nothing any more are reported by `check`.
#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write a baseline of all findings that fail a run now
    Create(Create),
    /// Remove what is stale, and add what is new where that is allowed
    Update(Update),
    /// Remove what is stale
    Prune(Scope),
    /// How many findings are accepted, of which lint, whose, and until when
    Stats(Scope),
}

#[derive(Args)]
struct Create {
    #[command(flatten)]
    about: About,
    #[command(flatten)]
    scope: Scope,
}

#[derive(Args)]
struct Update {
    /// Accept findings that are not in the baseline, and renew entries that have ended
    #[arg(long)]
    allow_additions: bool,
    #[command(flatten)]
    about: About,
    #[command(flatten)]
    scope: Scope,
}

/// Of the entries that are added.
#[derive(Args)]
struct About {
    /// Why these findings are accepted
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
    /// Who answers for them
    #[arg(long, value_name = "NAME", default_value = "")]
    owner: String,
    /// The last day on which they are accepted, such as 2026-12-31
    #[arg(long, value_name = "DATE", value_parser = |text: &str| Date::try_from(text.to_string()))]
    until: Option<Date>,
}

pub fn run(arguments: &Arguments, output: &Output) -> Result<Exit, Failure> {
    match &arguments.command {
        Command::Create(create) => self::create(create, output),
        Command::Update(update) => self::update(update, output),
        Command::Prune(scope) => prune(scope, output),
        Command::Stats(scope) => stats(scope, output),
    }
}

/// A run with what is in the baseline now.
struct Now {
    run: Run,
    report: Report,
    entries: Vec<BaselineEntry>,
    compared: Compared,
    today: Date,
}

impl Now {
    fn look(scope: &Scope) -> Result<Now, Failure> {
        let progress = Progress::start(!scope.no_progress);
        let mut run = Run::new(scope, &progress)?;
        let entries = run.analysis.config.baseline.as_mut().map(|baseline| std::mem::take(&mut baseline.entries)).unwrap_or_default();
        progress.doing("looking for findings");
        let report = run.bare_report(Vec::new());
        let compared = run.compare(&entries, &report);
        Ok(Now { run, report, entries, compared, today: Date::today() })
    }

    fn path(&self) -> &str {
        self.run.analysis.config.baseline.as_ref().map_or(BASELINE_NAME, |baseline| &baseline.path)
    }

    fn exists(&self) -> bool {
        self.run.analysis.config.baseline.as_ref().is_some_and(|baseline| baseline.text.is_some())
    }

    fn require(&self) -> Result<(), Failure> {
        let help = "`cargo moai-backend baseline create` writes one";
        if self.exists() { Ok(()) } else { Err(Failure::new(format!("there is no baseline `{}`", self.path()), help)) }
    }

    fn write(&self, entries: &[BaselineEntry]) -> Result<(), Failure> {
        write_whole(&Path::new(&self.run.analysis.workspace.root).join(self.path()), &baseline_text(entries))
    }

    /// Findings that fail a run and could be accepted, with the entry that they have, which may have ended.
    fn acceptable(&self) -> impl Iterator<Item = (&Reported, Option<&BaselineEntry>)> {
        let levels = &self.run.analysis.config.levels;
        let sources = self.run.sources();
        let found = self.report.findings.iter().zip(&self.compared.entries);
        found.filter_map(move |(reported, entry)| {
            let path = sources.path(reported.finding.place.file);
            let strict = levels.is_strict(reported.lint, path, &reported.package);
            let open = reported.suppressed.is_none() && reported.level >= Level::Warn && !strict;
            open.then(|| (reported, entry.map(|index| &self.entries[index])))
        })
    }

    /// Those of `acceptable` that nothing accepts today.
    fn unaccepted(&self) -> Vec<(&Reported, Option<&BaselineEntry>)> {
        self.acceptable().filter(|(_, entry)| entry.is_none_or(|entry| entry.has_expired(self.today))).collect()
    }

    fn live(&self) -> Vec<BaselineEntry> {
        let live = self.entries.iter().enumerate().filter(|(index, _)| !self.compared.stale.contains(index));
        live.map(|(_, entry)| entry.clone()).collect()
    }
}

fn create(arguments: &Create, output: &Output) -> Result<Exit, Failure> {
    not_in_ci("create a baseline")?;
    let now = Now::look(&arguments.scope)?;
    if now.exists() {
        let help = "`cargo moai-backend baseline update` brings it up to date";
        return Err(Failure::new(format!("`{}` is there already", now.path()), help));
    }
    let entries: Vec<BaselineEntry> = now.acceptable().map(|(reported, _)| arguments.about.entry(reported, None)).collect();
    now.write(&entries)?;
    let incomplete = if now.report.is_incomplete() { "; not everything could be read, `check` says what" } else { "" };
    output.print(&format!("{} accepted in {}{incomplete}\n", count(entries.len(), "finding"), now.path()));
    Ok(Exit::Clean)
}

fn update(arguments: &Update, output: &Output) -> Result<Exit, Failure> {
    if arguments.allow_additions {
        not_in_ci("let a baseline grow")?;
    }
    let now = Now::look(&arguments.scope)?;
    now.require()?;
    let (new, stale) = (now.unaccepted(), now.compared.stale.len());
    let mut entries = now.live();
    if arguments.allow_additions {
        entries.retain(|entry| !new.iter().any(|(_, old)| old.is_some_and(|old| old.fingerprint == entry.fingerprint)));
        entries.extend(new.iter().map(|(reported, old)| arguments.about.entry(reported, *old)));
    }
    now.write(&entries)?;
    let added = if arguments.allow_additions { new.len() } else { 0 };
    output.print(&format!("{}: {added} added, {stale} removed, {} in all\n", now.path(), entries.len()));
    if arguments.allow_additions || new.is_empty() {
        return Ok(Exit::Clean);
    }
    new.iter().for_each(|(reported, _)| output.print(&format!("{}\n", concise_line(reported, now.run.sources()))));
    output.error(&format!("{} not accepted: `--allow-additions` accepts all of them\n", count(new.len(), "finding")));
    Ok(Exit::Findings)
}

fn prune(scope: &Scope, output: &Output) -> Result<Exit, Failure> {
    let now = Now::look(scope)?;
    now.require()?;
    let entries = now.live();
    if entries.len() < now.entries.len() {
        now.write(&entries)?;
    }
    output.print(&format!("{}: {} removed, {} in all\n", now.path(), now.entries.len() - entries.len(), entries.len()));
    Ok(Exit::Clean)
}

fn stats(scope: &Scope, output: &Output) -> Result<Exit, Failure> {
    let now = Now::look(scope)?;
    now.require()?;
    let mut text = format!("{}: {}\n", now.path(), count(now.entries.len(), "accepted finding"));
    text += &table("lint", now.entries.iter().map(|entry| entry.lint.as_str()));
    text += &table("owner", now.entries.iter().map(|entry| if entry.owner.is_empty() { "nobody" } else { &entry.owner }));
    let expired = now.entries.iter().filter(|entry| entry.has_expired(now.today)).count();
    let without_reason = now.entries.iter().filter(|entry| entry.reason.is_empty()).count();
    let next = now.entries.iter().filter(|entry| !entry.has_expired(now.today)).filter_map(|entry| entry.until).min();
    text += &format!("stale: {}\nended: {expired}\nwithout a reason: {without_reason}\n", now.compared.stale.len());
    text += &next.map_or(String::new(), |date| format!("the next one ends on {date}\n"));
    text += &format!("not accepted: {}\n", now.unaccepted().len());
    output.print(&text);
    Ok(Exit::Clean)
}

fn table<'n>(what: &str, names: impl Iterator<Item = &'n str>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    names.for_each(|name| *counts.entry(name).or_default() += 1);
    let rows = counts.iter().map(|(name, number)| format!("  {number:>5}  {name}\n"));
    if counts.is_empty() { String::new() } else { format!("by {what}\n{}", rows.collect::<String>()) }
}

impl About {
    /// What is said now counts; what was said before stays where nothing is.
    fn entry(&self, reported: &Reported, old: Option<&BaselineEntry>) -> BaselineEntry {
        let said = |now: &str, before: Option<&String>| if now.is_empty() { before.cloned().unwrap_or_default() } else { now.to_string() };
        BaselineEntry {
            reason: said(&self.reason, old.map(|old| &old.reason)),
            owner: said(&self.owner, old.map(|old| &old.owner)),
            until: self.until,
            ..BaselineEntry::of(reported)
        }
    }
}

/// What a pipeline accepts, nobody has decided.
fn not_in_ci(what: &str) -> Result<(), Failure> {
    let is_set = std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false" && value != "0");
    let help = "run it where somebody reads the result and commits the file";
    if is_set { Err(Failure::new(format!("CI does not {what} (`CI` is set)"), help)) } else { Ok(()) }
}

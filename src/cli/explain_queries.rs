//! `explain-queries`: what a real planner would do for every query whose text is known.

use super::Exit;
use super::explained::{Explained, Query};
use super::failure::Failure;
use super::output::Output;
use super::progress::Progress;
use super::run::Run;
use super::scope::Scope;
use crate::live::{self, Answer, Answers, Limits, LiveError, Target};
use crate::model::{Backend, Context, DataAccess, Dialect};
use clap::{Args, ValueEnum};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// Ask PostgreSQL or SQLite for the plan of every query: which tables are read whole, which index serves, and what it costs
///
/// Nothing is executed: each query is planned with `EXPLAIN`, without values, in a read-only transaction that is rolled back. Estimates are as
/// good as the statistics of that database, so ask one that has those of production. PostgreSQL 15 and newer; connections are not encrypted.
/// For `sqlite:` the planner of the `sqlite3` program is asked over an empty database in memory that the migrations make.
#[derive(Args)]
pub struct Arguments {
    /// postgres://user:password@host:port/database, or sqlite: for the migrations alone; otherwise DATABASE_URL of the environment, or of `.env`
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,

    /// Reading a table of fewer rows whole is no finding
    #[arg(long, value_name = "ROWS", default_value_t = 10_000)]
    min_rows: u64,

    /// Seconds for each plan
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3600))]
    statement_timeout: u64,

    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,

    #[command(flatten)]
    scope: Scope,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Human,
    Json,
}

impl From<LiveError> for Failure {
    fn from(error: LiveError) -> Self {
        Failure::new(error.message, error.help)
    }
}

/// Planning waits for nothing that an application does, only for changes of the tables themselves.
const LOCK_TIMEOUT: Duration = Duration::from_secs(1);

pub fn run(arguments: &Arguments, output: &Output) -> Result<Exit, Failure> {
    let progress = Progress::start(!arguments.scope.no_progress);
    let run = Run::new(&arguments.scope, &progress)?;
    let url = database_url(arguments, &run)?;
    let asked = asked(&run.analysis.backend);
    if asked.is_empty() {
        return Err(Failure::new("there is no query whose text is known", "`cargo moai-backend inspect queries` shows what was found"));
    }
    let (target, Answers { system, server, tables, answers }) = match url.starts_with("sqlite:") {
        true => of_sqlite(arguments, &run, &asked)?,
        false => of_postgres(arguments, &url, &asked, &progress)?,
    };
    drop(progress);
    let queries = asked.iter().zip(&answers).map(|((text, accesses), answer)| Query::new(text, accesses, answer)).collect();
    let explained = Explained { run: &run, target, system, server, tables: &tables, queries, min_rows: arguments.min_rows };
    let report = explained.report();
    output.print(&match arguments.format {
        Format::Human => explained.human(&report, &output.stdout),
        Format::Json => explained.json(&report),
    });
    let refused = answers.iter().any(|answer| matches!(answer, Answer::Refused(_)));
    Ok(match () {
        () if report.fails(crate::findings::Level::Warn) => Exit::Findings,
        () if refused || report.is_incomplete() => Exit::Incomplete,
        () => Exit::Clean,
    })
}

fn of_postgres(arguments: &Arguments, url: &str, asked: &[Asked], progress: &Progress) -> Result<(String, Answers), Failure> {
    let target = Target::parse(url)?;
    let texts: Vec<&str> = asked.iter().map(|(text, _)| *text).collect();
    let limits = Limits { statement: Duration::from_secs(arguments.statement_timeout), lock: LOCK_TIMEOUT };
    let doing = |number: usize| progress.doing(format!("asking {target}: {number} of {}", texts.len()));
    let answers = live::explain(&target, &texts, limits, &doing)?;
    Ok((target.to_string(), answers))
}

/// The file that the URL names is not opened: the planner is asked over what the migrations make, one database for each set of them. A
/// text is asked of all; the answer is that of the set which lies nearest to the query, among those that have its tables.
fn of_sqlite(arguments: &Arguments, run: &Run, asked: &[Asked]) -> Result<(String, Answers), Failure> {
    let (sources, backend) = (run.sources(), &run.analysis.backend);
    let dialect = |root: &str| backend.schemas.iter().find(|schema| schema.root == root).map(|schema| schema.dialect);
    let questions: Vec<(&str, &DataAccess)> = asked.iter().map(|(text, accesses)| (*text, accesses[0])).collect();
    let limit = Duration::from_secs(arguments.statement_timeout);
    let mut by_set = Vec::new();
    for set in &run.analysis.migrations {
        let Some(dialect) = dialect(&set.root).filter(|dialect| *dialect != Dialect::Mysql) else { continue };
        let texts: Vec<&str> = set.files.iter().map(|id| &*sources.file(*id).text).collect();
        let (answers, refused) = live::explain_sqlite(&texts, &questions, limit)?;
        // Plain statements are every dialect's; whose they are is told by whether SQLite takes all of them.
        if dialect == Dialect::Sqlite || refused == 0 {
            by_set.push((set.root.as_str(), answers));
        }
    }
    let roots: Vec<String> = by_set.iter().map(|(root, _)| format!("`{root}`")).collect();
    let paths: Vec<&str> = questions.iter().map(|(_, access)| sources.path(access.place.file)).collect();
    let answers = nearest(by_set, &paths).ok_or_else(|| {
        let help = "only what SQL files make is known, in the forms of sqlx, refinery and diesel";
        Failure::new("there are no migrations of SQLite to ask its planner over", help)
    })?;
    Ok((format!("the migrations in {}", roots.join(", ")), answers))
}

/// One answer for each query, of those that the sets of migrations give. `None` where there is no set.
fn nearest(mut by_set: Vec<(&str, Answers)>, paths: &[&str]) -> Option<Answers> {
    let mut all: Vec<Vec<(&str, Answer)>> = paths.iter().map(|_| Vec::new()).collect();
    for (root, answers) in &mut by_set {
        let given = std::mem::take(&mut answers.answers);
        all.iter_mut().zip(given).for_each(|(of_query, answer)| of_query.push((root, answer)));
    }
    let shared = |root: &str, path: &str| root.split('/').zip(path.split('/')).take_while(|(one, other)| one == other).count();
    let answers = all.into_iter().zip(paths).filter_map(|(mut of_query, path)| {
        // The first of equals stays first.
        of_query.sort_by_key(|(root, answer)| (!matches!(answer, Answer::Planned(_)), std::cmp::Reverse(shared(root, path))));
        of_query.into_iter().next().map(|(_, answer)| answer)
    });
    let answers = answers.collect();
    let (_, first) = by_set.into_iter().next()?;
    Some(Answers { answers, ..first })
}

/// A text, and the places that have it.
type Asked<'b> = (&'b str, Vec<&'b DataAccess>);

/// Texts in production code, each with the places that have it.
fn asked(backend: &Backend) -> Vec<Asked<'_>> {
    let mut by_text: BTreeMap<&str, Vec<&DataAccess>> = BTreeMap::new();
    let known = backend.data_accesses.iter().filter(|access| !access.dynamic && !access.control);
    for access in known.filter(|access| backend.function(access.function).context == Context::Production) {
        if let Some(text) = &access.text {
            by_text.entry(text).or_default().push(access);
        }
    }
    let mut asked: Vec<_> = by_text.into_iter().collect();
    asked.sort_by_key(|(_, accesses)| accesses[0].place);
    asked
}

fn database_url(arguments: &Arguments, run: &Run) -> Result<String, Failure> {
    let given = arguments.database_url.clone();
    let environment = || std::env::var_os("DATABASE_URL").and_then(|value| value.into_string().ok());
    let root = &run.analysis.workspace.root;
    let url = given.or_else(environment).or_else(|| [".", root.as_str()].iter().find_map(|folder| of_dotenv(Path::new(folder))));
    url.filter(|url| !url.trim().is_empty()).ok_or_else(|| {
        let help = "pass `--database-url postgres://user:password@host:5432/database`, or set DATABASE_URL in the environment or in `.env`";
        Failure::new("there is no database to ask", help)
    })
}

/// What sqlx reads too.
#[expect(clippy::disallowed_methods, reason = "`.env` is no source of the workspace")]
fn of_dotenv(folder: &Path) -> Option<String> {
    dotenv(&std::fs::read_to_string(folder.join(".env")).ok()?)
}

fn dotenv(text: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let line = line.trim();
        let (name, value) = line.strip_prefix("export ").unwrap_or(line).split_once('=')?;
        let value = value.trim();
        let quoted = ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.split(*quote).next());
        (name.trim() == "DATABASE_URL").then(|| quoted.unwrap_or(value).to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_migrations_that_have_the_tables_answer() {
        let set = |answers: Vec<Answer>| Answers { system: "SQLite", server: "3".into(), tables: BTreeMap::new(), answers };
        let planned = |rows: f64| {
            let plan = live::Plan { rows, ..live::Plan::default() };
            Answer::Planned(live::Planned { structural: plan.clone(), plan })
        };
        let refused = || Answer::Refused("no such table".into());
        let server = ("crates/server/migrations", set(vec![planned(1.0), planned(1.0), refused()]));
        let client = ("crates/client/migrations", set(vec![planned(2.0), refused(), refused()]));
        let paths = ["crates/client/src/a.rs", "crates/client/src/b.rs", "crates/server/src/c.rs"];
        let answers = nearest(vec![server, client], &paths).expect("there are sets").answers;
        let rows = |at: usize| match &answers[at] {
            Answer::Planned(planned) => Some(planned.plan.rows),
            _ => None,
        };
        assert_eq!((rows(0), rows(1), rows(2)), (Some(2.0), Some(1.0), None));
        assert!(nearest(Vec::new(), &[]).is_none());
    }

    #[test]
    fn the_url_of_a_dotenv_file_is_found() {
        let text = "# DATABASE_URL=no\nOTHER=1\nexport DATABASE_URL=\"postgres://a:b@c/d?e=f\" # why\n";
        assert_eq!(dotenv(text).as_deref(), Some("postgres://a:b@c/d?e=f"));
        assert_eq!(dotenv("DATABASE_URL=postgres://a/b\n").as_deref(), Some("postgres://a/b"));
        assert_eq!(dotenv("DATABASE_URLS=x"), None);
    }
}

//! What SQLite's own planner says of the queries, over an empty database in memory that the migrations make.
//!
//! It takes the `sqlite3` program where there is one: no file of the user is opened, and no query is run, only planned
//! (`EXPLAIN QUERY PLAN`, <https://www.sqlite.org/eqp.html>), with its parameters left unbound. The program runs in its safe mode, in which
//! it opens no other files and starts no other programs. Without rows there are no statistics: what it says is which index serves
//! which table, and that it says exactly.

#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "the one place that starts sqlite3")]

use super::plan::{Plan, Scan, Sort};
use super::{Answer, Answers, LiveError, Planned};
use crate::model::{Condition, DataAccess, Operand, Scope, Statement};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Asks for the plan of every query, over what `migrations` make, in their order. Beside the answers: how many statements of the migrations
/// SQLite refused; where it is none, they may well be its own.
pub fn explain_sqlite(migrations: &[&str], asked: &[(&str, &DataAccess)], limit: Duration) -> Result<(Answers, usize), LiveError> {
    let version = version()?;
    let script = Script::of(migrations, asked);
    let said = run(&script.text, limit)?;
    let answers = (0..asked.len()).map(|number| script.answer(number, asked[number].1, &said)).collect();
    let refused = script.refused_migrations(&said);
    let server = match refused {
        0 => version,
        _ => format!("{version}, which refused {refused} statements of the migrations"),
    };
    Ok((Answers { system: "SQLite", server, tables: BTreeMap::new(), answers }, refused))
}

/// What is written before the plan of each query, so that it is found again.
const MARK: &str = "--moai-backend ";

struct Script {
    text: String,
    /// For each query the line where it begins, or why it is not asked.
    begins: Vec<Result<usize, &'static str>>,
    /// Lines that are the migrations'.
    migrations: usize,
}

impl Script {
    fn of(migrations: &[&str], asked: &[(&str, &DataAccess)]) -> Script {
        let mut text = String::new();
        for migration in migrations.iter().filter(|text| !has_command(text)) {
            text += &format!("{migration}\n;\n");
        }
        let mut script = Script { migrations: text.lines().count(), text, begins: Vec::new() };
        for (number, (query, _)) in asked.iter().enumerate() {
            let begins = askable(query).map(|query| {
                script.text += &format!("SELECT '{MARK}{number}';\n");
                let line = script.text.lines().count() + 1;
                script.text += &format!("EXPLAIN QUERY PLAN {query}\n;\n");
                line
            });
            script.begins.push(begins);
        }
        script
    }

    fn answer(&self, number: usize, access: &DataAccess, said: &Said) -> Answer {
        let line = match self.begins[number] {
            Ok(line) => line,
            Err(why) => return Answer::NotAsked(why),
        };
        if let Some((_, why)) = said.errors.iter().find(|(at, _)| *at == line) {
            return Answer::Refused(why.clone());
        }
        let mark = format!("{MARK}{number}");
        let after = said.output.lines().skip_while(|line| *line != mark).skip(1).take_while(|line| !line.starts_with(MARK));
        let lines: Vec<&str> = after.collect();
        if lines.first() != Some(&"QUERY PLAN") {
            // `INSERT .. VALUES` reads nothing, and has no lines.
            let empty = lines.is_empty() && said.output.contains(&mark);
            return if empty { planned(Plan::default()) } else { Answer::Refused("it gave no plan".into()) };
        }
        planned(read_plan(&lines[1..], access.statement.as_ref()))
    }

    fn refused_migrations(&self, said: &Said) -> usize {
        said.errors.iter().filter(|(line, _)| *line <= self.migrations).count()
    }
}

/// Both questions have one answer: there are no rows by which reading everything could be cheaper.
fn planned(plan: Plan) -> Answer {
    Answer::Planned(Planned { structural: plan.clone(), plan })
}

/// A single statement that cannot end before its end.
fn askable(query: &str) -> Result<&str, &'static str> {
    let query = crate::sql::plannable(query)?;
    match () {
        () if query.contains(';') => Err("it has a `;` inside"),
        () if has_command(query) => Err("a line begins with a dot, which is a command of the program"),
        () => Ok(query),
    }
}

/// The program takes lines that begin with a dot for itself.
fn has_command(text: &str) -> bool {
    text.lines().any(|line| line.trim_start().starts_with('.'))
}

struct Said {
    output: String,
    /// By the line of the script.
    errors: Vec<(usize, String)>,
}

fn version() -> Result<String, LiveError> {
    let done = Command::new(PROGRAM).arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).output();
    let text = done.ok().filter(|done| done.status.success()).map(|done| String::from_utf8_lossy(&done.stdout).into_owned());
    let version = text.as_deref().and_then(|text| text.split_whitespace().next()).map(str::to_string);
    version.ok_or_else(|| {
        LiveError::new("there is no `sqlite3` program to ask", "install SQLite 3.37 or newer, with its command-line program")
    })
}

const PROGRAM: &str = "sqlite3";
const NOTHING: &str = if cfg!(windows) { "NUL" } else { "/dev/null" };

fn run(script: &str, limit: Duration) -> Result<Said, LiveError> {
    let mut command = Command::new(PROGRAM);
    command.args(["-safe", "-batch", "-list", "-noheader", "-init", NOTHING, ":memory:"]);
    let lost = |error: std::io::Error| LiveError::new(format!("`sqlite3` does not start: {error}"), "check that it can be run");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(lost)?;
    let (mut input, mut output, mut errors) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (ended, output, errors) = std::thread::scope(|scope| {
        // It may end before it has read everything.
        scope.spawn(move || input.take().map(|mut input| input.write_all(script.as_bytes())));
        let output = scope.spawn(move || read_all(output.as_mut()));
        let errors = scope.spawn(move || read_all(errors.as_mut()));
        let ended = ends_within(&mut child, limit);
        (ended, output.join().unwrap_or_default(), errors.join().unwrap_or_default())
    });
    if !ended {
        let help = "raise `--statement-timeout`; a migration that changes many rows may be the cause";
        return Err(LiveError::new(format!("SQLite has not answered after {} s", limit.as_secs()), help));
    }
    if errors.contains("unknown option") {
        return Err(LiveError::new("this `sqlite3` has no safe mode", "install SQLite 3.37 or newer, with its command-line program"));
    }
    Ok(Said { output, errors: errors_by_line(&errors) })
}

fn read_all(from: Option<&mut impl Read>) -> String {
    let mut bytes = Vec::new();
    let _ = from.map(|from| from.read_to_end(&mut bytes));
    String::from_utf8_lossy(&bytes).into_owned()
}

fn ends_within(child: &mut Child, limit: Duration) -> bool {
    let begun = Instant::now();
    loop {
        match child.try_wait() {
            Ok(None) if begun.elapsed() < limit => std::thread::sleep(Duration::from_millis(2)),
            Ok(Some(_)) => return true,
            _ => break,
        }
    }
    let _ = child.kill();
    let _ = child.wait();
    false
}

/// `Parse error near line 8: no such column: nothing`.
fn errors_by_line(text: &str) -> Vec<(usize, String)> {
    let of_line = |line: &str| {
        let (number, why) = line.split_once("near line ")?.1.split_once(':')?;
        Some((number.parse().ok()?, why.trim().to_string()))
    };
    text.lines().filter_map(of_line).collect()
}

/// A table by the name that the plan calls it, and whether the query asks it for certain rows.
struct Known<'s> {
    table: &'s str,
    asked: bool,
}

fn read_plan(lines: &[&str], statement: Option<&Statement>) -> Plan {
    let known = known_names(statement);
    let mut plan = Plan::default();
    for line in lines {
        let line = line.trim_start_matches(['|', '`', '-', ' ']);
        if let Some(what) = line.strip_prefix("SEARCH ") {
            plan.scans.extend(scan(what, &known, true));
        } else if let Some(what) = line.strip_prefix("SCAN ") {
            plan.scans.extend(scan(what, &known, false));
        } else if let Some(what) = line.strip_prefix("USE TEMP B-TREE FOR ") {
            plan.sorts.push(Sort { keys: vec![what.to_string()], rows: 0.0, limited: false });
        }
    }
    plan
}

fn scan(what: &str, known: &BTreeMap<&str, Known>, searches: bool) -> Option<Scan> {
    // Before 3.36 it said `TABLE users AS u`.
    let (name, how) = what.strip_prefix("TABLE ").unwrap_or(what).split_once(' ').unwrap_or((what, ""));
    let (name, how) = how.strip_prefix("AS ").map_or((name, how), |rest| rest.split_once(' ').unwrap_or((rest, "")));
    let known = known.get(name)?;
    let (index, condition) = how.split_once(" (").map_or((how, None), |(index, condition)| (index, condition.strip_suffix(')')));
    // An index that it would make for this one query serves nothing.
    let automatic = index.contains("AUTOMATIC");
    let condition = condition.filter(|_| searches && !automatic);
    let asked = if searches { automatic } else { known.asked };
    let index = index.rsplit_once("INDEX ").map(|(_, index)| index.to_string());
    let rowid = how.contains("INTEGER PRIMARY KEY").then(|| "integer primary key".to_string());
    Some(Scan {
        table: known.table.to_string(),
        node: if searches { "Search" } else { "Scan" }.to_string(),
        index: rowid.or(index).filter(|_| !automatic),
        condition: condition.map(str::to_string),
        leading: condition.is_none_or(|condition| !condition.contains("ANY(")),
        filter: asked.then(|| "the query's conditions".to_string()),
        rows: 0.0,
    })
}

/// The plan calls a table by its alias. One name for two tables of a query tells nothing.
fn known_names(statement: Option<&Statement>) -> BTreeMap<&str, Known<'_>> {
    let mut known: BTreeMap<&str, Known> = BTreeMap::new();
    let mut twice = Vec::new();
    for scope in statement.into_iter().flat_map(|statement| &statement.scopes) {
        for source in &scope.sources {
            let Some(table) = source.table.as_deref() else { continue };
            let asked = scope.conditions.iter().any(|condition| asks(condition, scope, &source.name));
            let entry = known.entry(&source.name).or_insert(Known { table, asked });
            entry.asked |= asked;
            if entry.table != table {
                twice.push(source.name.as_str());
            }
        }
    }
    known.retain(|name, _| !twice.contains(name));
    known
}

fn asks(condition: &Condition, scope: &Scope, name: &str) -> bool {
    match condition {
        Condition::Any(branches) => branches.iter().flatten().any(|inner| asks(inner, scope, name)),
        Condition::Test(test) if !test.compares_columns() => match &test.subject {
            Operand::Column(column) => column.source.as_deref().map_or(scope.sources.len() == 1, |source| source == name),
            _ => false,
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Dialect;

    fn plan(query: &str, lines: &[&str]) -> Plan {
        read_plan(lines, Some(&crate::sql::read(query, Dialect::Sqlite)))
    }

    fn seen(query: &str, line: &str) -> (String, Option<String>, bool, bool) {
        let scan = plan(query, &[line]).scans.remove(0);
        let reads_all = scan.reads_all();
        (scan.table, scan.index, scan.condition.is_some(), reads_all)
    }

    #[test]
    fn each_way_to_read_a_table_is_told_apart() {
        let one = "SELECT id FROM users AS u WHERE team = ?1";
        let all = seen(one, "`--SCAN u");
        assert_eq!(all, ("users".into(), None, false, true));
        let index = |line: &str| seen(one, line);
        assert_eq!(index("`--SEARCH u USING INDEX users_team (team=?)"), ("users".into(), Some("users_team".into()), true, false));
        assert_eq!(index("|--SEARCH u USING COVERING INDEX users_team (team=?)").1.as_deref(), Some("users_team"));
        assert_eq!(
            index("`--SEARCH u USING INTEGER PRIMARY KEY (rowid=?)"),
            ("users".into(), Some("integer primary key".into()), true, false)
        );
        assert_eq!(index("`--SEARCH u USING AUTOMATIC COVERING INDEX (team=?)"), ("users".into(), None, false, true));
        assert_eq!(index("`--SCAN u USING COVERING INDEX users_name"), ("users".into(), Some("users_name".into()), false, true));
        assert!(index("`--SEARCH u USING INDEX users_name (ANY(name) AND team=?)").3);
        assert_eq!(
            seen(one, "`--SEARCH TABLE users AS u USING INDEX users_team (team=?)"),
            index("`--SEARCH u USING INDEX users_team (team=?)")
        );
    }

    #[test]
    fn a_table_that_a_join_reads_whole_was_not_asked_for_rows() {
        let join = "SELECT u.id FROM users u JOIN teams t ON t.id = u.team WHERE t.name = ?";
        assert!(!seen(join, "|--SCAN u").3 && seen(join, "|--SCAN t").3);
        assert!(plan(join, &["|--SCAN (subquery-1)", "|--SCAN CONSTANT ROW", "|--CO-ROUTINE x"]).scans.is_empty());
        let sorted = plan(join, &["`--USE TEMP B-TREE FOR ORDER BY"]);
        assert_eq!(sorted.sorts[0].keys, ["ORDER BY"]);
    }

    #[test]
    fn what_could_be_a_command_or_a_second_statement_is_not_asked() {
        assert!(askable("SELECT 1 FROM users WHERE name = $1;").is_ok());
        for query in ["SELECT 1\n.shell true", "SELECT $$;$$ FROM users", "SELECT 1; DELETE FROM users", "DROP TABLE users"] {
            assert!(askable(query).is_err(), "{query}");
        }
    }

    #[test]
    fn errors_are_found_by_their_lines() {
        let said = "Parse error near line 8: no such column: nothing\n  SELECT nothing\nError: near line 12: other\n";
        assert_eq!(errors_by_line(said), [(8, "no such column: nothing".to_string()), (12, "other".to_string())]);
    }
}

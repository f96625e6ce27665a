//! What a real planner says of the queries. The only room that talks to a database.
//!
//! A PostgreSQL is asked with its own statistics; of SQLite, the planner over an empty database that the migrations make ([`explain_sqlite`]).
//!
//! In PostgreSQL nothing is executed. Each text goes through three doors: [`sql::plannable`](crate::sql::plannable) lets only single statements that can be
//! planned through; the server parses the text by itself, which it refuses for more than one statement; and only then it is asked for a
//! generic plan with `EXPLAIN` without `ANALYZE`. All of that happens in one read-only transaction that is rolled back.
//! <https://www.postgresql.org/docs/current/sql-explain.html>
//!
//! One thing the server does run while it plans: functions that are declared immutable, and stable ones for estimates, with constant
//! arguments. The read-only transaction and the timeouts hold for them too.

mod connect;
mod plan;
mod sqlite;
mod verdict;

pub use connect::{LiveError, Target};
pub use plan::{Plan, Scan, Sort};
pub use sqlite::explain_sqlite;
pub use verdict::{Agreement, Judged, LiveVerdict, StaticVerdict, judge};

use plan::Catalogue;
use postgres::{SimpleQueryMessage, Transaction};
use std::collections::BTreeMap;
use std::time::Duration;

#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For each single plan.
    pub statement: Duration,
    /// For locks that planning takes: it waits only for those that change the table itself.
    pub lock: Duration,
}

/// What the server said of a list of texts, in their order.
pub struct Answers {
    /// `PostgreSQL`, `SQLite`.
    pub system: &'static str,
    /// Its version: `15.18`.
    pub server: String,
    pub tables: BTreeMap<String, TableSize>,
    pub answers: Vec<Answer>,
}

/// A table as `pg_class` has it, under `schema.table`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TableSize {
    /// Estimated; `None`: neither analysed nor vacuumed so far.
    pub rows: Option<u64>,
    pub bytes: u64,
}

pub enum Answer {
    Planned(Planned),
    /// Not sent: no statement that has a plan, or several.
    NotAsked(&'static str),
    /// The server's own words.
    Refused(String),
}

pub struct Planned {
    /// As the server would run it now.
    pub plan: Plan,
    /// With sequential scans priced out: which index could serve which table, whatever the size of the tables.
    pub structural: Plan,
}

/// Asks for the plan of every text.
pub fn explain(target: &Target, texts: &[&str], limits: Limits, progress: &dyn Fn(usize)) -> Result<Answers, LiveError> {
    let mut client = target.connect()?;
    let mut transaction = client.build_transaction().read_only(true).start().map_err(LiveError::lost)?;
    transaction.batch_execute(&settings(limits)).map_err(LiveError::lost)?;
    let version = connect::version(&mut transaction)?;
    let catalogue = Catalogue::read(&mut transaction)?;
    let mut answers = Vec::with_capacity(texts.len());
    for (number, text) in texts.iter().enumerate() {
        progress(number);
        answers.push(ask(&mut transaction, &version, &catalogue, text, number)?);
    }
    transaction.rollback().map_err(LiveError::lost)?;
    Ok(Answers { system: "PostgreSQL", server: version.text, tables: catalogue.tables, answers })
}

fn settings(limits: Limits) -> String {
    format!(
        "SET LOCAL statement_timeout = {}; SET LOCAL lock_timeout = {}; SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL jit = off",
        limits.statement.as_millis().max(1),
        limits.lock.as_millis().max(1)
    )
}

fn ask(
    transaction: &mut Transaction,
    version: &connect::Version,
    catalogue: &Catalogue,
    text: &str,
    number: usize,
) -> Result<Answer, LiveError> {
    let text = match crate::sql::plannable(text) {
        Ok(text) => text,
        Err(why) => return Ok(Answer::NotAsked(why)),
    };
    // What fails takes only its savepoint with it.
    let mut savepoint = transaction.transaction().map_err(LiveError::lost)?;
    let planned = planned(&mut savepoint, version, catalogue, text, number);
    savepoint.rollback().map_err(LiveError::lost)?;
    match planned {
        Ok(planned) => Ok(Answer::Planned(planned)),
        Err(Trouble::Server(message)) => Ok(Answer::Refused(message)),
        Err(Trouble::Lost(error)) => Err(error),
    }
}

enum Trouble {
    Server(String),
    Lost(LiveError),
}

impl From<postgres::Error> for Trouble {
    fn from(error: postgres::Error) -> Self {
        match error.as_db_error() {
            Some(said) => Trouble::Server(format!("{} ({})", said.message(), said.code().code())),
            None => Trouble::Lost(LiveError::lost(error)),
        }
    }
}

fn planned(
    savepoint: &mut Transaction,
    version: &connect::Version,
    catalogue: &Catalogue,
    text: &str,
    number: usize,
) -> Result<Planned, Trouble> {
    // The server parses it as one statement, or refuses it. Nothing runs.
    let parameters = savepoint.prepare(text)?.params().len();
    let ask = |savepoint: &mut Transaction, name: String| -> Result<Plan, Trouble> {
        if version.has_generic_plan() {
            return one_plan(savepoint, &format!("EXPLAIN (GENERIC_PLAN, VERBOSE, FORMAT JSON) {text}"), catalogue);
        }
        savepoint.batch_execute(&format!("PREPARE {name} AS {text}"))?;
        // A generic plan does not look at the values.
        let nulls = vec!["NULL"; parameters].join(", ");
        let arguments = if parameters > 0 { format!("({nulls})") } else { String::new() };
        one_plan(savepoint, &format!("EXPLAIN (VERBOSE, FORMAT JSON) EXECUTE {name}{arguments}"), catalogue)
    };
    let plan = ask(savepoint, format!("moai_backend_{number}"))?;
    // Another name: the plan of the first one is kept, whatever is set later.
    savepoint.batch_execute("SET LOCAL enable_seqscan = off")?;
    let structural = ask(savepoint, format!("moai_backend_{number}_structural"))?;
    Ok(Planned { plan, structural })
}

fn one_plan(savepoint: &mut Transaction, explain: &str, catalogue: &Catalogue) -> Result<Plan, Trouble> {
    let messages = savepoint.simple_query(explain)?;
    let mut json = String::new();
    for message in &messages {
        if let SimpleQueryMessage::Row(row) = message {
            json.push_str(row.get(0).unwrap_or_default());
        }
    }
    Plan::read(&json, catalogue).ok_or_else(|| Trouble::Server("the plan is not in the form that EXPLAIN documents".into()))
}

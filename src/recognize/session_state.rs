//! Statements that change their session, run on a pool: on whichever connection is free.

use super::Inputs;
use super::nested::is_pool;
use super::walk::Walk;
use crate::facts::{ExprId, ExpressionKind};
use crate::knowledge::Does;
use crate::model::{Backend, DataAccess, ResourceKind, SessionStatement, SessionStatementKind};

/// Call it when queries and resources are known.
pub fn add(inputs: &Inputs, backend: &mut Backend) {
    let told = |access: &DataAccess| Some((access.clone(), access.text.as_deref().and_then(session_statement)?));
    let candidates: Vec<_> = backend.data_accesses.iter().filter(|access| !is_single(backend, &access.library)).filter_map(told).collect();
    for (access, (kind, statement)) in candidates {
        let id = crate::resolve::FunctionId(access.function.0);
        // Closures that handle requests are part of the body of the function they stand in.
        let own = inputs.own_functions().filter(|one| access.function.0 as usize >= inputs.resolved.functions.len() || *one == id);
        let on_pool =
            own.filter_map(|one| Walk::new(inputs, one)).any(|walk| walk.file() == access.place.file && runs_on_pool(&walk, &access));
        if on_pool {
            let DataAccess { function, place, library, .. } = access;
            backend.session_statements.push(SessionStatement { function, place, library, statement, kind });
        }
    }
}

/// A pool of one connection is that connection.
fn is_single(backend: &Backend, library: &str) -> bool {
    let mut pools = backend.resources.iter().filter(|one| one.kind == ResourceKind::Pool && one.library == library);
    pools.any(|pool| pool.settings.get("max").is_some_and(|max| max == "1"))
}

fn runs_on_pool(walk: &Walk, access: &DataAccess) -> bool {
    (0..walk.body.expressions.len() as u32).map(ExprId).any(|at| {
        let execute = walk.does(at).iter().find_map(|does| match does {
            Does::Execute(execute) => Some(execute),
            _ => None,
        });
        let Some(execute) = execute.filter(|_| walk.body[at].span.contains(access.place.span)) else { return false };
        let executor = match (execute.executor, walk.kind(at)) {
            (Some(index), _) => walk.arguments(at).get(index).copied(),
            (None, ExpressionKind::MethodCall { receiver, .. }) => Some(*receiver),
            _ => None,
        };
        executor.is_some_and(|executor| is_pool(walk, executor))
    })
}

/// What kind of session statement the text is, and its first words.
fn session_statement(text: &str) -> Option<(SessionStatementKind, String)> {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("--"));
    let plain = lines.collect::<Vec<_>>().join(" ");
    let plain = plain.trim().trim_end_matches(';').trim();
    let words: Vec<String> = plain.split_whitespace().map(str::to_ascii_uppercase).collect();
    let word = |at: usize| words.get(at).map_or("", String::as_str);
    let shown = |count: usize| plain.split_whitespace().take(count).collect::<Vec<_>>().join(" ");
    // Several statements of one text run one after the other on one connection.
    let alone = !plain.contains(';');
    let lower = plain.to_ascii_lowercase();
    let kind = match (word(0), word(1)) {
        ("BEGIN" | "COMMIT" | "ROLLBACK" | "SAVEPOINT", _) | ("START", "TRANSACTION") if alone => SessionStatementKind::Transaction,
        ("SET", "LOCAL" | "TRANSACTION") if alone => SessionStatementKind::LocalSetting,
        ("SET", "GLOBAL" | "PERSIST" | "PASSWORD" | "LOCAL" | "TRANSACTION") => return None,
        ("SET", name) if !name.starts_with("@@GLOBAL") && !name.is_empty() => SessionStatementKind::Setting,
        ("CREATE", "TEMP" | "TEMPORARY") if alone => SessionStatementKind::TemporaryTable,
        ("LISTEN", _) => SessionStatementKind::Listen,
        ("PRAGMA", _) if sets_session_pragma(&lower) => SessionStatementKind::Setting,
        ("SELECT" | "DO", _) => {
            let name = SESSION_LOCKS.iter().find(|name| lower.contains(&format!("{name}(")))?;
            return alone.then(|| (SessionStatementKind::Lock, name.to_string()));
        }
        _ => return None,
    };
    Some((kind, shown(if words.len() > 1 && kind != SessionStatementKind::Transaction { 2 } else { 1 })))
}

const SESSION_LOCKS: &[&str] = &[
    "pg_advisory_lock",
    "pg_advisory_lock_shared",
    "pg_try_advisory_lock",
    "pg_try_advisory_lock_shared",
    "pg_advisory_unlock",
    "pg_advisory_unlock_shared",
    "pg_advisory_unlock_all",
    "get_lock",
    "release_lock",
];

/// Pragmas that a connection forgets when it is closed; others (`journal_mode=WAL`) are kept in the file.
fn sets_session_pragma(lower: &str) -> bool {
    const OF_CONNECTION: &[&str] = &[
        "foreign_keys",
        "busy_timeout",
        "synchronous",
        "cache_size",
        "temp_store",
        "mmap_size",
        "recursive_triggers",
        "case_sensitive_like",
        "defer_foreign_keys",
    ];
    let rest = lower.trim_start_matches("pragma").trim_start();
    OF_CONNECTION.iter().any(|name| rest.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with(['=', '('])))
}

#[cfg(test)]
mod tests {
    use super::session_statement;
    use crate::model::SessionStatementKind;

    fn kind(text: &str) -> Option<SessionStatementKind> {
        session_statement(text).map(|(kind, _)| kind)
    }

    #[test]
    fn statements_of_a_session_are_told_by_their_words() {
        assert_eq!(kind("begin;"), Some(SessionStatementKind::Transaction));
        assert_eq!(kind("SET search_path TO tenant"), Some(SessionStatementKind::Setting));
        assert_eq!(kind("SET LOCAL statement_timeout = 5"), Some(SessionStatementKind::LocalSetting));
        assert_eq!(kind("SELECT pg_try_advisory_lock($1)"), Some(SessionStatementKind::Lock));
        assert_eq!(kind("CREATE TEMP TABLE t (id int)"), Some(SessionStatementKind::TemporaryTable));
        assert_eq!(kind("PRAGMA foreign_keys = ON"), Some(SessionStatementKind::Setting));
    }

    #[test]
    fn what_outlives_the_session_or_stays_on_one_connection_is_none() {
        let not = [
            "BEGIN; DELETE FROM t; COMMIT",
            "SELECT pg_advisory_xact_lock(1)",
            "PRAGMA journal_mode = WAL",
            "PRAGMA foreign_keys",
            "SET GLOBAL x = 1",
        ];
        not.iter().for_each(|text| assert_eq!(kind(text), None, "{text}"));
    }
}

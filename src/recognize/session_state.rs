//! Statements that change their session, run on a pool: on whichever connection is free.

use crate::model::{Backend, Executor, ResourceKind, SessionStatement, SessionStatementKind};

/// Call it when queries and resources are known.
pub fn add(backend: &mut Backend) {
    let on_pool = backend.data_accesses.iter().filter(|access| access.executor == Executor::Pool && !is_single(backend, &access.library));
    let told = on_pool.filter_map(|access| {
        let (kind, statement) = session_statement(access.text.as_deref()?)?;
        Some(SessionStatement { function: access.function, place: access.place, library: access.library.clone(), statement, kind })
    });
    backend.session_statements = told.collect();
}

/// A pool of one connection is that connection.
fn is_single(backend: &Backend, library: &str) -> bool {
    let mut pools = backend.resources.iter().filter(|one| one.kind == ResourceKind::Pool && one.library == library);
    pools.any(|pool| pool.settings.get("max").is_some_and(|max| max == "1"))
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

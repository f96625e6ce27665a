//! What a statement does, from its words alone: the verb, the tables after `FROM`, `JOIN`, `INTO`, `UPDATE`, and whether it asks for
//! rows without end. No grammar: what words cannot tell stays untold.

use crate::model::Operation;
use std::collections::BTreeSet;

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Statement {
    pub operation: Operation,
    pub reads: BTreeSet<String>,
    pub writes: BTreeSet<String>,
    /// `LIMIT`, `FETCH FIRST`.
    pub limited: bool,
    /// One row by construction: an aggregate over everything, `EXISTS`.
    pub single: bool,
    /// Says nothing about data: `SELECT 1`, `SET`, advisory locks.
    pub control: bool,
}

/// Reads `sql`; several statements are taken together.
pub(super) fn read(sql: &str) -> Statement {
    let tokens = tokens(sql);
    let mut reader = Reader { tokens: &tokens, at: 0, parens: Vec::new(), statement: Statement::default(), ctes: cte_names(&tokens) };
    reader.run();
    let called = reader.called_functions();
    let Reader { mut statement, ctes, .. } = reader;
    statement.reads.retain(|table| !ctes.contains(&table.to_ascii_lowercase()));
    statement.operation = match operation(&tokens) {
        // Rows that a statement deletes or inserts on the way are what matters about it.
        Operation::Select if !statement.writes.is_empty() => inner_write(&tokens),
        other => other,
    };
    statement.single = statement.operation == Operation::Select && is_single_row(&tokens);
    let touches_nothing = statement.reads.is_empty() && statement.writes.is_empty();
    statement.control = statement.operation == Operation::Control
        || statement.operation == Operation::Select && touches_nothing && called.iter().all(|name| is_session_function(name));
    if statement.control {
        statement.operation = Operation::Control;
    }
    statement
}

/// What a definition is about, by its words: `("INDEX", [the table it is on])`.
pub(super) fn defined_tables(sql: &str) -> (String, Vec<String>) {
    let tokens = tokens(sql);
    let kinds = ["TABLE", "INDEX", "VIEW", "FUNCTION", "TRIGGER", "TYPE", "SEQUENCE", "EXTENSION", "POLICY", "PROCEDURE", "STATISTICS"];
    let Some(at) = tokens.iter().take(6).position(|token| kinds.iter().any(|kind| token.is(kind))) else {
        return (String::new(), Vec::new());
    };
    let kind = tokens[at].upper();
    let after = match kind.as_str() {
        "INDEX" => tokens.iter().position(|token| token.is("ON")).unwrap_or(tokens.len()),
        _ => at,
    };
    let skipped = ["IF", "NOT", "EXISTS", "ONLY", "CONCURRENTLY"];
    let name = tokens[(after + 1).min(tokens.len())..].iter().skip_while(|token| skipped.iter().any(|word| token.is(word)));
    let mut parts = Vec::new();
    for token in name {
        match token {
            Token::Word(word) if parts.len() % 2 == 0 => parts.push(word.to_lowercase()),
            Token::Quoted(word) if parts.len() % 2 == 0 => parts.push(word.clone()),
            token if token.is_sign('.') => parts.push(".".into()),
            _ => break,
        }
    }
    let name = parts.concat();
    let name = name.strip_prefix("public.").unwrap_or(&name).to_string();
    (kind, if name.is_empty() { Vec::new() } else { vec![name] })
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    /// A bare word, as written.
    Word(String),
    /// `"name"`, `` `name` ``, `[name]`.
    Quoted(String),
    Text,
    Number,
    /// `$1`, `?`, `:name`, a hole of a format string.
    Parameter,
    Sign(char),
}

impl Token {
    fn is(&self, word: &str) -> bool {
        matches!(self, Token::Word(own) if own.eq_ignore_ascii_case(word))
    }

    fn is_sign(&self, sign: char) -> bool {
        matches!(self, Token::Sign(own) if *own == sign)
    }

    fn upper(&self) -> String {
        match self {
            Token::Word(word) => word.to_ascii_uppercase(),
            _ => String::new(),
        }
    }
}

fn tokens(sql: &str) -> Vec<Token> {
    let mut scanner = Scanner { rest: sql };
    let mut found = Vec::new();
    while let Some(token) = scanner.next() {
        found.push(token);
    }
    found
}

struct Scanner<'s> {
    rest: &'s str,
}

impl Scanner<'_> {
    fn next(&mut self) -> Option<Token> {
        loop {
            self.rest = self.rest.trim_start();
            let first = self.rest.chars().next()?;
            if self.rest.starts_with("--") {
                self.skip_past("\n");
            } else if self.rest.starts_with("/*") {
                self.skip_past("*/");
            } else {
                return Some(self.token(first));
            }
        }
    }

    fn skip_past(&mut self, end: &str) {
        self.rest = self.rest.find(end).map_or("", |at| &self.rest[at + end.len()..]);
    }

    fn token(&mut self, first: char) -> Token {
        match first {
            '\'' => {
                self.delimited('\'');
                Token::Text
            }
            '"' | '`' => Token::Quoted(self.delimited(first)),
            '[' => self.bracketed(),
            '$' => self.dollar(),
            '{' => {
                self.skip_past("}");
                Token::Parameter
            }
            ':' if self.rest.starts_with("::") => {
                self.rest = &self.rest[2..];
                Token::Sign(':')
            }
            ':' | '@' | '?' => {
                self.take(1);
                self.take_while(|c| c.is_alphanumeric() || c == '_');
                Token::Parameter
            }
            c if c.is_ascii_digit() => {
                self.take_while(|c| c.is_alphanumeric() || c == '.');
                Token::Number
            }
            c if c.is_alphabetic() || c == '_' => Token::Word(self.take_while(|c| c.is_alphanumeric() || c == '_' || c == '$')),
            c => {
                self.take(c.len_utf8());
                Token::Sign(c)
            }
        }
    }

    fn take(&mut self, bytes: usize) {
        self.rest = &self.rest[bytes..];
    }

    fn take_while(&mut self, holds: impl Fn(char) -> bool) -> String {
        let end = self.rest.find(|c| !holds(c)).unwrap_or(self.rest.len());
        let taken = self.rest[..end].to_string();
        self.rest = &self.rest[end..];
        taken
    }

    /// Text between two `quote`s, doubled ones inside.
    fn delimited(&mut self, quote: char) -> String {
        let mut inside = String::new();
        let mut chars = self.rest.char_indices().skip(1).peekable();
        while let Some((at, c)) = chars.next() {
            if c != quote {
                inside.push(c);
            } else if chars.peek().is_some_and(|(_, next)| *next == quote) {
                chars.next();
                inside.push(quote);
            } else {
                self.rest = &self.rest[at + quote.len_utf8()..];
                return inside;
            }
        }
        self.rest = "";
        inside
    }

    /// `[name]` of SQL Server and SQLite; an array subscript or literal otherwise.
    fn bracketed(&mut self) -> Token {
        let inside = self.rest[1..].find(']').map(|end| &self.rest[1..=end]);
        match inside {
            Some(name)
                if !name.is_empty()
                    && name.chars().all(|c| c.is_alphanumeric() || c == '_')
                    && !name.starts_with(|c: char| c.is_ascii_digit()) =>
            {
                let name = name.to_string();
                self.take(name.len() + 2);
                Token::Quoted(name)
            }
            _ => {
                self.take(1);
                Token::Sign('[')
            }
        }
    }

    /// `$1`, or a dollar-quoted text.
    fn dollar(&mut self) -> Token {
        let tag_end = self.rest[1..].find(|c: char| !(c.is_alphanumeric() || c == '_')).map(|at| at + 1);
        if let Some(end) = tag_end
            && self.rest[end..].starts_with('$')
            && !self.rest[1..].starts_with(|c: char| c.is_ascii_digit())
        {
            let tag = self.rest[..=end].to_string();
            self.take(tag.len());
            self.skip_past(&tag);
            return Token::Text;
        }
        self.take(1);
        self.take_while(|c| c.is_alphanumeric() || c == '_');
        Token::Parameter
    }
}

struct Reader<'t> {
    tokens: &'t [Token],
    at: usize,
    /// For each open parenthesis whether it holds arguments with words in them: `extract(epoch from x)`.
    parens: Vec<bool>,
    statement: Statement,
    ctes: BTreeSet<String>,
}

/// Functions whose arguments are separated by `FROM`.
const WORDY_FUNCTIONS: &[&str] = &["EXTRACT", "SUBSTRING", "TRIM", "OVERLAY", "POSITION"];

impl Reader<'_> {
    fn run(&mut self) {
        while self.at < self.tokens.len() {
            let word = self.tokens[self.at].upper();
            let before = self.before(1);
            match word.as_str() {
                "" => self.sign(),
                "FROM" if self.parens.last() == Some(&true) || before == "DISTINCT" && matches!(self.before(2).as_str(), "IS" | "NOT") => {}
                "FROM" if before == "DELETE" => self.name_into(true),
                "FROM" => self.list_of_tables(),
                "JOIN" => self.name_into(false),
                "INTO" if self.inserts() => self.name_into(true),
                "UPDATE" if !matches!(before.as_str(), "FOR" | "DO" | "ON" | "KEY" | "THEN" | "BEFORE" | "AFTER" | "OR") => {
                    self.name_into(true)
                }
                "USING" if self.tokens.iter().any(|token| token.is("DELETE") || token.is("MERGE")) => self.name_into(false),
                "TRUNCATE" => self.name_into(true),
                "LIMIT" => self.statement.limited |= self.parens.is_empty(),
                "FETCH" => self.statement.limited |= self.parens.is_empty(),
                _ => {}
            }
            self.at += 1;
        }
    }

    fn sign(&mut self) {
        match &self.tokens[self.at] {
            Token::Sign('(') => self.parens.push(WORDY_FUNCTIONS.contains(&self.before(1).as_str())),
            Token::Sign(')') => {
                self.parens.pop();
            }
            _ => {}
        }
    }

    /// The word `back` tokens before this one, in capitals.
    fn before(&self, back: usize) -> String {
        self.at.checked_sub(back).map_or_else(String::new, |at| self.tokens[at].upper())
    }

    /// `INSERT INTO`, `INSERT IGNORE INTO`, `INSERT OR REPLACE INTO`, `REPLACE INTO`, `MERGE INTO`.
    fn inserts(&self) -> bool {
        (1..=3).any(|back| matches!(self.before(back).as_str(), "INSERT" | "REPLACE" | "MERGE"))
    }

    /// The table named after this word.
    fn name_into(&mut self, written: bool) {
        let mut next = self.at + 1;
        while self
            .tokens
            .get(next)
            .is_some_and(|token| ["ONLY", "LATERAL", "TABLE", "IGNORE", "IF", "EXISTS"].iter().any(|word| token.is(word)))
        {
            next += 1;
        }
        if let Some((name, _)) = self.name_at(next) {
            let tables = if written { &mut self.statement.writes } else { &mut self.statement.reads };
            tables.insert(name);
        }
    }

    /// `a, b AS c, LATERAL (..)` after `FROM`.
    fn list_of_tables(&mut self) {
        self.name_into(false);
        let mut next = self.at + 1;
        while let Some((_, end)) = self.name_at(next) {
            next = end;
            if self.tokens.get(next).is_some_and(|token| token.is("AS")) {
                next += 1;
            }
            if matches!(self.tokens.get(next), Some(Token::Word(word)) if !is_reserved(word)) {
                next += 1;
            }
            if !self.tokens.get(next).is_some_and(|token| token.is_sign(',')) {
                return;
            }
            next += 1;
            if let Some((name, _)) = self.name_at(next) {
                self.statement.reads.insert(name);
            }
        }
    }

    /// A table's name at `at`, with the schema unless it is the usual one, and the token after it. Not a function's.
    fn name_at(&self, at: usize) -> Option<(String, usize)> {
        let mut parts = Vec::new();
        let mut next = at;
        loop {
            match self.tokens.get(next)? {
                Token::Word(word) if !is_reserved(word) || !parts.is_empty() => parts.push(word.clone()),
                Token::Quoted(word) => parts.push(word.clone()),
                _ => return None,
            }
            next += 1;
            if !self.tokens.get(next).is_some_and(|token| token.is_sign('.')) {
                break;
            }
            next += 1;
        }
        let inserts = self.at > 0 && self.tokens[self.at].is("INTO");
        if !inserts && self.tokens.get(next).is_some_and(|token| token.is_sign('(')) {
            return None;
        }
        if parts.len() > 1 && parts[0].eq_ignore_ascii_case("public") {
            parts.remove(0);
        }
        Some((parts.join("."), next))
    }

    /// Names directly before an opening parenthesis.
    fn called_functions(&self) -> Vec<String> {
        let pairs = self.tokens.windows(2).filter(|pair| pair[1].is_sign('('));
        pairs
            .filter_map(|pair| match &pair[0] {
                Token::Word(word) if !is_reserved(word) => Some(word.to_ascii_lowercase()),
                _ => None,
            })
            .collect()
    }
}

/// Words that end a table's name or alias rather than being one.
#[rustfmt::skip]
const RESERVED: &[&str] = &["SELECT", "FROM", "WHERE", "JOIN", "INNER", "LEFT", "RIGHT", "FULL", "CROSS", "NATURAL", "ON", "USING", "GROUP", "ORDER", "HAVING",
    "LIMIT", "OFFSET", "UNION", "INTERSECT", "EXCEPT", "RETURNING", "SET", "VALUES", "FOR", "FETCH", "WINDOW", "AS", "AND", "OR", "NOT", "IN", "EXISTS",
    "LATERAL", "ONLY", "INSERT", "UPDATE", "DELETE", "WITH", "DO", "CONFLICT", "WHEN", "THEN", "TABLESAMPLE", "CASE", "ANY", "ALL", "SOME", "BY", "OVER",
    "DEFAULT", "ROW", "ARRAY", "END", "ELSE", "IS", "BETWEEN", "LIKE", "FILTER", "UNNEST"];

fn is_reserved(word: &str) -> bool {
    RESERVED.iter().any(|reserved| word.eq_ignore_ascii_case(reserved))
}

/// Names that `WITH` gives to parts of the statement.
fn cte_names(tokens: &[Token]) -> BTreeSet<String> {
    let named = |at: usize| match tokens.get(at) {
        Some(Token::Word(word) | Token::Quoted(word)) => Some(word.to_ascii_lowercase()),
        _ => None,
    };
    let mut names = BTreeSet::new();
    for at in 1..tokens.len() {
        let opens = tokens[at].is("AS")
            && tokens[at + 1..].iter().find(|token| !(token.is("NOT") || token.is("MATERIALIZED"))).is_some_and(|token| token.is_sign('('));
        if !opens {
            continue;
        }
        // `name AS (` or `name (a, b) AS (`
        let end = if tokens[at - 1].is_sign(')') { opening(tokens, at - 1) } else { Some(at) };
        names.extend(end.and_then(|end| end.checked_sub(1)).and_then(named));
    }
    names
}

/// Where the parenthesis that `close` closes was opened.
fn opening(tokens: &[Token], close: usize) -> Option<usize> {
    let mut depth = 0;
    for at in (0..=close).rev() {
        match &tokens[at] {
            Token::Sign(')') => depth += 1,
            Token::Sign('(') => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

const VERBS: &[(&str, Operation)] = &[
    ("SELECT", Operation::Select),
    ("VALUES", Operation::Select),
    ("TABLE", Operation::Select),
    ("INSERT", Operation::Insert),
    ("REPLACE", Operation::Insert),
    ("COPY", Operation::Insert),
    ("MERGE", Operation::Update),
    ("UPDATE", Operation::Update),
    ("DELETE", Operation::Delete),
    ("TRUNCATE", Operation::Delete),
    ("CREATE", Operation::Ddl),
    ("ALTER", Operation::Ddl),
    ("DROP", Operation::Ddl),
    ("GRANT", Operation::Ddl),
    ("REVOKE", Operation::Ddl),
    ("COMMENT", Operation::Ddl),
    ("REFRESH", Operation::Ddl),
];

#[rustfmt::skip]
const CONTROL: &[&str] = &["SET", "RESET", "BEGIN", "START", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE", "LOCK", "LISTEN", "UNLISTEN", "NOTIFY",
    "PRAGMA", "SHOW", "DISCARD", "DEALLOCATE", "PREPARE", "EXECUTE", "ANALYZE", "VACUUM", "REINDEX", "CHECKPOINT", "USE", "KILL", "ATTACH", "DETACH"];

fn operation(tokens: &[Token]) -> Operation {
    let mut depth = 0;
    for token in tokens {
        match token {
            Token::Sign('(') => depth += 1,
            Token::Sign(')') => depth -= 1,
            _ => {}
        }
        let word = token.upper();
        // `(SELECT ..) UNION (SELECT ..)` begins inside parentheses; the parts of a WITH do not count.
        let counts = depth == 0 || !tokens.first().is_some_and(|first| first.is("WITH"));
        if word.is_empty() || !counts {
            continue;
        }
        if CONTROL.contains(&word.as_str()) {
            return Operation::Control;
        }
        if let Some((_, operation)) = VERBS.iter().find(|(verb, _)| *verb == word) {
            return *operation;
        }
        if !matches!(word.as_str(), "WITH" | "EXPLAIN") && !tokens.first().is_some_and(|first| first.is("WITH") || first.is("EXPLAIN")) {
            return Operation::Unknown;
        }
    }
    Operation::Unknown
}

/// The writing verb inside a `WITH`.
fn inner_write(tokens: &[Token]) -> Operation {
    let writes = [Operation::Insert, Operation::Update, Operation::Delete];
    let verbs = tokens.iter().filter_map(|token| VERBS.iter().find(|(verb, _)| token.is(verb)).map(|(_, operation)| *operation));
    verbs.into_iter().find(|operation| writes.contains(operation)).unwrap_or(Operation::Select)
}

/// `SELECT COUNT(*) FROM t`, `SELECT EXISTS (..)` without grouping.
fn is_single_row(tokens: &[Token]) -> bool {
    let [select, function, paren, ..] = tokens else { return false };
    let aggregates = ["COUNT", "SUM", "MAX", "MIN", "AVG", "EXISTS", "BOOL_OR", "BOOL_AND"];
    select.is("SELECT")
        && paren.is_sign('(')
        && aggregates.iter().any(|name| function.is(name))
        && !tokens.windows(2).any(|pair| pair[0].is("GROUP") || pair[0].is("OVER") || pair[0].is("UNION"))
}

/// Functions that act on the session or tell about the server.
pub(super) fn is_session_function(name: &str) -> bool {
    let exact = [
        "version",
        "now",
        "set_config",
        "current_setting",
        "pg_notify",
        "pg_backend_pid",
        "pg_is_in_recovery",
        "current_database",
        "txid_current",
        "last_insert_rowid",
        "last_insert_id",
        "sqlite_version",
        "pg_sleep",
        "hashtext",
        "clock_timestamp",
    ];
    exact.contains(&name) || name.contains("advisory")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables(sql: &str) -> (String, Vec<String>, Vec<String>) {
        let statement = read(sql);
        (statement.operation.name().into(), statement.reads.into_iter().collect(), statement.writes.into_iter().collect())
    }

    fn says(operation: &str, reads: &[&str], writes: &[&str]) -> (String, Vec<String>, Vec<String>) {
        let own = |names: &[&str]| names.iter().map(|name| name.to_string()).collect();
        (operation.into(), own(reads), own(writes))
    }

    #[test]
    fn tables_stand_after_from_and_join() {
        let sql =
            "SELECT u.id FROM users AS u, public.roles r LEFT JOIN \"Teams\" t ON t.id = u.team WHERE u.id IN (SELECT user_id FROM bans)";
        assert_eq!(tables(sql), says("select", &["Teams", "bans", "roles", "users"], &[]));
    }

    #[test]
    fn named_parts_are_no_tables() {
        let sql = "WITH recent (id) AS (SELECT id FROM posts), old AS MATERIALIZED (SELECT 1) SELECT * FROM recent JOIN old ON true";
        assert_eq!(tables(sql), says("select", &["posts"], &[]));
    }

    #[test]
    fn writes_inside_a_with_count() {
        let sql = "with gone as (delete from jobs where id = $1 returning *) select * from gone";
        assert_eq!(tables(sql), says("delete", &[], &["jobs"]));
    }

    #[test]
    fn upserts_write_one_table() {
        let sql = "INSERT INTO users (id, name) SELECT id, name FROM staging ON CONFLICT (id) DO UPDATE SET name = excluded.name";
        assert_eq!(tables(sql), says("insert", &["staging"], &["users"]));
    }

    #[test]
    fn row_locks_write_nothing() {
        assert_eq!(tables("SELECT * FROM jobs FOR NO KEY UPDATE SKIP LOCKED LIMIT 1"), says("select", &["jobs"], &[]));
    }

    #[test]
    fn from_inside_functions_names_no_table() {
        let sql = "SELECT extract(epoch FROM created_at), trim(both from name) FROM users WHERE a IS DISTINCT FROM b";
        assert_eq!(tables(sql), says("select", &["users"], &[]));
    }

    #[test]
    fn functions_in_from_are_no_tables() {
        assert_eq!(tables("SELECT * FROM unnest($1::uuid[]) AS x(id)"), says("select", &[], &[]));
    }

    #[test]
    fn session_statements_are_control() {
        for sql in ["SELECT 1", "select $1::int", "SET LOCAL x = 1", "SELECT pg_advisory_xact_lock($1)", "BEGIN", "SELECT version()"] {
            assert!(read(sql).control, "{sql}");
        }
        assert!(!read("SELECT charge_customer($1)").control);
    }

    #[test]
    fn limits_and_aggregates_bound_the_rows() {
        assert!(read("SELECT * FROM users ORDER BY id LIMIT 10").limited);
        assert!(!read("SELECT * FROM users WHERE id = (SELECT id FROM x LIMIT 1)").limited);
        assert!(read("SELECT COUNT(*) FROM users").single);
        assert!(!read("SELECT COUNT(*) FROM users GROUP BY team").single);
    }

    #[test]
    fn texts_and_comments_hide_their_words() {
        let sql = "SELECT '-- from nowhere', $tag$ from there $tag$ /* from here */ FROM users -- from elsewhere";
        assert_eq!(tables(sql), says("select", &["users"], &[]));
    }

    #[test]
    fn odd_text_does_not_stop_the_reader() {
        for sql in ["", "'", "$", "$$", "\"", "/*", "[", "select * from", "é ü from ß", "insert into", ")))((("] {
            read(sql);
        }
    }
}

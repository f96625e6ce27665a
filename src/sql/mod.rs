//! SQL: what a statement says, what migrations leave behind, and which index serves which table. The only room that knows the parser
//! of SQL; it knows neither Rust nor files.

mod condition;
mod data_type;
mod expression;
mod migration;
mod parse;
pub mod plan;
mod printed;
pub mod schema;
mod statement;
#[cfg(test)]
mod tests;
mod words;
mod wrapped;

use crate::model::{Dialect, Rows, Statement};

/// What `text` says; several statements are taken together. What the grammar does not know is read by its words.
pub fn read(text: &str, dialect: Dialect) -> Statement {
    let statements = parse::statements(text, dialect);
    let mut read = Statement { parsed: !statements.is_empty(), ..Statement::default() };
    for (index, parsed) in statements.iter().enumerate() {
        let one = match &parsed.ast {
            Some(ast) => statement::read(ast),
            None => by_words(&parsed.text),
        };
        if index == 0 { read = one } else { together(&mut read, one) }
    }
    read
}

/// Whether `text` is one statement of which a database can be asked for the plan: the text to ask with, or why not.
pub fn plannable(text: &str) -> Result<&str, &'static str> {
    parse::plannable(text)
}

/// The dialect that most of `texts` are written in.
pub fn dialect_of<'t>(texts: impl Iterator<Item = &'t str>) -> Dialect {
    let mut counts = [(Dialect::Postgres, 0), (Dialect::Mysql, 0), (Dialect::Sqlite, 0)];
    for text in texts {
        let signs = parse::by_signs(text);
        counts
            .iter_mut()
            .filter(|(dialect, _)| *dialect == signs)
            .for_each(|(_, count)| *count += if signs == Dialect::Postgres { 1 } else { 3 });
    }
    counts.into_iter().filter(|(_, count)| *count > 0).max_by_key(|(_, count)| *count).map_or(Dialect::Unknown, |(dialect, _)| dialect)
}

/// Whether the text can be nothing but PostgreSQL's.
pub fn is_postgres(text: &str) -> bool {
    parse::is_postgres(text)
}

/// What the words of a text say, for text of which only a part is known.
pub fn read_words(text: &str) -> Statement {
    by_words(text)
}

fn by_words(text: &str) -> Statement {
    let words = words::read(text);
    let rows = match (words.single, words.limited) {
        (true, _) => Rows::One,
        (false, true) => Rows::Limited,
        _ => Rows::Unknown,
    };
    Statement { operation: words.operation, reads: words.reads, writes: words.writes, control: words.control, rows, ..Statement::default() }
}

/// The first statement that touches data says what the text is about.
fn together(all: &mut Statement, next: Statement) {
    if all.control && !next.control {
        (all.operation, all.rows, all.control) = (next.operation, next.rows, false);
    }
    all.parsed &= next.parsed;
    all.reads.extend(next.reads);
    all.writes.extend(next.writes);
    all.row_lock = all.row_lock.or(next.row_lock);
    all.rewrites.extend(next.rewrites);
    let before = all.scopes.len();
    all.scopes.extend(next.scopes);
    for source in all.scopes[before..].iter_mut().flat_map(|scope| &mut scope.sources) {
        source.inner = source.inner.take().map(|inner| inner.start + before..inner.end + before);
    }
    all.inserts.extend(next.inserts);
}

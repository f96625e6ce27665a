//! Tables whose rows are divided by a key, and whether a statement says for which key it asks.

use super::{ColumnName, Comparison, Condition, Operand, Predicate, Scope, Source, Statement};
use crate::source::{Place, Span};

/// `[[data.shards]]`.
#[derive(Clone, Debug)]
pub struct DeclaredShards {
    pub tables: Vec<(String, Span)>,
    pub key: (String, Span),
}

/// A table and the column that says on which shard a row is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShardKey {
    pub table: String,
    pub key: String,
    /// Where that is said.
    pub place: Option<Place>,
}

impl ShardKey {
    fn is_of(&self, table: &str) -> bool {
        table == self.table || table.rsplit('.').next() == Some(self.table.as_str())
    }
}

/// What a statement does with a divided table without the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WithoutKey {
    /// It is read, changed or removed on every shard.
    Everywhere,
    /// A row is put in that belongs nowhere.
    Inserted,
}

impl Statement {
    /// Whether it leaves the key of a divided table open. `None` also where that cannot be told.
    pub fn without_key(&self, shard: &ShardKey, all: &[ShardKey]) -> Option<WithoutKey> {
        let leaves_out = |(table, columns): &(String, Vec<String>)| {
            shard.is_of(table) && !columns.is_empty() && !columns.iter().any(|column| column.eq_ignore_ascii_case(&shard.key))
        };
        if self.inserts.iter().any(leaves_out) {
            return Some(WithoutKey::Inserted);
        }
        let asks_all = |scope: &Scope| {
            let mut divided = scope.sources.iter().filter(|source| source.table.as_deref().is_some_and(|table| shard.is_of(table)));
            divided.any(|source| !scope.binds(source, &shard.key, all, &mut Vec::new()))
        };
        self.scopes.iter().any(asks_all).then_some(WithoutKey::Everywhere)
    }
}

impl Scope {
    /// Whether the conditions give this column of this source a value. What may do so counts as if it did.
    fn binds(&self, source: &Source, column: &str, all: &[ShardKey], asked: &mut Vec<(String, String)>) -> bool {
        let key = (source.name.clone(), column.to_string());
        if asked.contains(&key) {
            return false;
        }
        asked.push(key);
        self.conditions.iter().any(|condition| self.gives(condition, source, column, all, asked))
    }

    fn gives(&self, condition: &Condition, source: &Source, column: &str, all: &[ShardKey], asked: &mut Vec<(String, String)>) -> bool {
        match condition {
            Condition::Test(test) => self.test_gives(test, source, column, all, asked),
            Condition::Any(branches) => {
                branches.iter().all(|branch| branch.iter().any(|condition| self.gives(condition, source, column, all, &mut asked.clone())))
            }
            Condition::Optional(columns) => columns.iter().any(|own| self.is_column(own, source, column)),
        }
    }

    fn test_gives(&self, test: &Predicate, source: &Source, column: &str, all: &[ShardKey], asked: &mut Vec<(String, String)>) -> bool {
        let is_it = |operand: &Operand| match operand {
            Operand::Column(own) => self.is_column(own, source, column),
            // A function of the key, or a row of several columns: it may be bound by it.
            Operand::Computed { columns, .. } => columns.iter().any(|own| self.is_column(own, source, column)),
            _ => false,
        };
        let other = match (is_it(&test.subject), is_it(&test.other)) {
            (true, false) => &test.other,
            (false, true) => &test.subject,
            _ => return false,
        };
        if !matches!(test.comparison, Comparison::Equal | Comparison::In | Comparison::Special) {
            return matches!((&test.subject, &test.other), (Operand::Computed { .. }, _) | (_, Operand::Computed { .. }));
        }
        match other {
            Operand::Column(joined) => self.joined(joined, all, asked),
            _ => true,
        }
    }

    /// Whether the column on the other side has a value: of a source here by its own conditions; of anything else it may.
    fn joined(&self, joined: &ColumnName, all: &[ShardKey], asked: &mut Vec<(String, String)>) -> bool {
        let Some(name) = &joined.source else { return true };
        match self.sources.iter().find(|source| source.name == *name) {
            Some(source) if source.table.is_some() => {
                let divided = source.table.as_deref().is_some_and(|table| all.iter().any(|shard| shard.is_of(table)));
                self.binds(source, &joined.name, all, asked) || !divided && self.is_asked(source, asked)
            }
            _ => true,
        }
    }

    /// `JOIN orgs o ON o.id = e.org_id WHERE o.slug = $1`: another table that is asked for something gives its value, unless it is
    /// divided itself.
    fn is_asked(&self, source: &Source, by: &[(String, String)]) -> bool {
        let is_of_it =
            |operand: &Operand| matches!(operand, Operand::Column(own) if own.source.as_deref().is_none_or(|name| name == source.name));
        let is_new = |operand: &Operand| match operand {
            Operand::Column(own) => {
                own.source.as_ref().is_some_and(|name| *name != source.name && by.iter().all(|(known, _)| known != name))
            }
            _ => true,
        };
        let narrows = |comparison: Comparison| !matches!(comparison, Comparison::IsNull | Comparison::IsNotNull | Comparison::Other);
        self.conditions.iter().any(|condition| match condition {
            Condition::Test(test) => {
                let either = is_of_it(&test.subject) && is_new(&test.other) || is_of_it(&test.other) && is_new(&test.subject);
                narrows(test.comparison) && either
            }
            Condition::Any(_) | Condition::Optional(_) => false,
        })
    }

    /// A column without a source may be of any.
    fn is_column(&self, own: &ColumnName, source: &Source, column: &str) -> bool {
        own.name.eq_ignore_ascii_case(column) && own.source.as_deref().is_none_or(|name| name == source.name)
    }
}

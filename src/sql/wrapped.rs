//! Why an index that is there is not looked up: a function around its column (`lower(email) = $1` beside an index on `email`), or a search
//! inside the text (`name LIKE '%ann%'`).

use super::plan::{Origin, Resolved, Sides, is_implied, leading, looks_up, serving};
use crate::model::{ColumnName, Comparison, Condition, Dialect, Index, Operand, Predicate, Search, Table, Wrapped};

/// The first of `filters` on the source `at` that an index would serve if its column stood alone.
pub(super) fn wrapped(resolved: &Resolved, at: usize, filters: &[&Condition]) -> Option<Wrapped> {
    let table = resolved.tables[at]?;
    filters.iter().find_map(|condition| in_condition(resolved, at, table, condition))
}

fn in_condition(resolved: &Resolved, at: usize, table: &Table, condition: &Condition) -> Option<Wrapped> {
    match condition {
        Condition::Test(test) => in_test(resolved, at, table, test),
        Condition::Any(branches) => {
            // The other branches have their indexes, or miss them for the same reason.
            let open = branches.iter().filter(|branch| serving(resolved, at, &leading(table), branch, &Sides::Own).is_none());
            let found: Option<Vec<Wrapped>> =
                open.map(|branch| branch.iter().find_map(|condition| in_condition(resolved, at, table, condition))).collect();
            found?.into_iter().next()
        }
        Condition::Optional(_) => None,
    }
}

fn in_test(resolved: &Resolved, at: usize, table: &Table, test: &Predicate) -> Option<Wrapped> {
    let Operand::Computed { text, columns } = &test.subject else { return None };
    let [column] = columns.as_slice() else { return None };
    let (function, rest) = text.split_once('(')?;
    let is_called_alone = FUNCTIONS.contains(&function) && rest.ends_with(')') && rest.matches('(').count() == 0;
    if !is_called_alone || !is_looked_up(test) || resolved.origin(column) != Origin::Source(at) {
        return None;
    }
    let known = table.column(&column.name)?;
    if known.data_type.starts_with("BOOL") || is_served_otherwise(resolved, table, column) {
        return None;
    }
    let leads = |index: &&Index| index.keys.first().is_some_and(|key| key.is_column && key.text.eq_ignore_ascii_case(&column.name));
    let would_serve = |index: &&Index| {
        let looked_up = matches!(index.method.as_str(), "btree" | "hash") && looks_up(index, None, test.comparison, resolved.dialect);
        leads(index) && looked_up && is_implied(index, &resolved.conditions)
    };
    let index = table.indexes.iter().find(would_serve)?;
    Some(Wrapped {
        expression: text.clone(),
        column: known.name.clone(),
        data_type: known.data_type.clone(),
        condition: test.text.clone(),
        index: index.title(),
        dialect: resolved.dialect,
    })
}

/// Compared with something given, in a way that leaves few rows.
fn is_looked_up(test: &Predicate) -> bool {
    match (&test.other, test.comparison) {
        (Operand::Value { text }, Comparison::Equal) => !text.is_empty() && !text.eq_ignore_ascii_case("null"),
        (Operand::Value { .. }, Comparison::In) => true,
        (Operand::Value { .. }, Comparison::Range) => matches!(&test.subject, Operand::Computed { text, .. } if text.starts_with("date")),
        (Operand::Subquery, Comparison::Equal) => true,
        _ => false,
    }
}

/// An index on some expression of the column may be the very one, written differently; and MySQL looks an expression up that a generated
/// column holds (<https://dev.mysql.com/doc/refman/8.4/en/generated-column-index-optimizations.html>).
fn is_served_otherwise(resolved: &Resolved, table: &Table, column: &ColumnName) -> bool {
    let by_expression = table.indexes.iter().flat_map(|index| &index.keys).any(|key| !key.is_column && names(&key.text, column));
    let may_substitute = matches!(resolved.dialect, Dialect::Mysql | Dialect::Unknown);
    by_expression || may_substitute && table.columns.iter().any(|column| column.generated)
}

/// The first of `filters` on the source `at` that searches inside a text which no index takes apart.
pub(super) fn search(resolved: &Resolved, at: usize, filters: &[&Condition]) -> Option<Search> {
    let table = resolved.tables[at]?;
    filters.iter().find_map(|condition| searching(resolved, at, table, condition))
}

fn searching(resolved: &Resolved, at: usize, table: &Table, condition: &Condition) -> Option<Search> {
    let test = match condition {
        Condition::Test(test) if test.comparison == Comparison::Within => test,
        Condition::Any(branches) => return branches.iter().flatten().find_map(|inner| searching(resolved, at, table, inner)),
        _ => return None,
    };
    let column = match &test.subject {
        Operand::Column(column) => column,
        Operand::Computed { columns, .. } => columns.first().filter(|_| columns.len() == 1)?,
        _ => return None,
    };
    let is_own = resolved.origin(column) == Origin::Source(at) && !matches!(test.other, Operand::Column(_) | Operand::Computed { .. });
    // An index of words stands beside it: who wrote both knows what either is for.
    let taken_apart = table
        .indexes
        .iter()
        .any(|index| !matches!(index.method.as_str(), "btree" | "hash") && index.keys.iter().any(|key| names(&key.text, column)));
    (is_own && !taken_apart).then(|| Search { column: column.name.clone(), condition: test.text.clone(), dialect: resolved.dialect })
}

/// Whether an expression is about the column.
fn names(expression: &str, column: &ColumnName) -> bool {
    expression.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word.eq_ignore_ascii_case(&column.name))
}

/// Functions that say the same of a column in another form, so that the column alone can be asked for, or the form be indexed.
const FUNCTIONS: &[&str] = &[
    "lower",
    "upper",
    "lcase",
    "ucase",
    "trim",
    "btrim",
    "ltrim",
    "rtrim",
    "date",
    "date_trunc",
    "datetime",
    "strftime",
    "to_char",
    "year",
    "unix_timestamp",
    "from_unixtime",
    "to_timestamp",
    "coalesce",
    "ifnull",
    "substr",
    "substring",
    "left",
    "encode",
    "hex",
];

//! `WHERE` and `ON`: comparisons, and whether an index could answer them.

use super::expression::{column, columns, inner, normal};
use crate::model::{ColumnName, Comparison, Condition, Operand, Predicate};
use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator, Value};

/// What all has to hold for `expr` to hold.
pub(super) fn conditions(expr: &Expr) -> Vec<Condition> {
    let mut found = Vec::new();
    collect(expr, &mut found);
    found
}

fn collect(expr: &Expr, found: &mut Vec<Condition>) {
    match inner(expr) {
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
            collect(left, found);
            collect(right, found);
        }
        Expr::BinaryOp { op: BinaryOperator::Or, .. } => found.extend(any(inner(expr))),
        other => found.extend(tests(other).into_iter().map(Condition::Test)),
    }
}

fn any(expr: &Expr) -> Option<Condition> {
    let mut branches = Vec::new();
    branches_of(expr, &mut branches);
    let branches: Vec<Vec<Condition>> = branches.into_iter().map(conditions).collect();
    // A branch about the caller's values alone decides whether the others count.
    if branches.iter().any(|branch| branch.is_empty() || branch.iter().all(is_about_values)) {
        let mut about: Vec<ColumnName> = columns(expr);
        about.dedup();
        return Some(Condition::Optional(about));
    }
    Some(Condition::Any(branches))
}

fn branches_of<'e>(expr: &'e Expr, found: &mut Vec<&'e Expr>) {
    match inner(expr) {
        Expr::BinaryOp { left, op: BinaryOperator::Or, right } => {
            branches_of(left, found);
            branches_of(right, found);
        }
        other => found.push(other),
    }
}

fn is_about_values(condition: &Condition) -> bool {
    matches!(
        condition,
        Condition::Test(Predicate { subject: Operand::Value { .. }, other: Operand::Value { .. }, .. }) | Condition::Optional(_)
    )
}

/// The comparisons of one conjunct: several for rows, none for what asks other queries.
fn tests(expr: &Expr) -> Vec<Predicate> {
    let negated = |negated: bool, comparison| if negated { Comparison::Other } else { comparison };
    let nothing = || Operand::Value { text: String::new() };
    let one = |subject: &Expr, comparison, other: Operand| vec![predicate(expr, subject, comparison, other)];
    match expr {
        Expr::Exists { .. } | Expr::Subquery(_) => Vec::new(),
        Expr::IsNull(subject) => one(subject, Comparison::IsNull, nothing()),
        Expr::IsNotNull(subject) => one(subject, Comparison::IsNotNull, nothing()),
        Expr::IsTrue(subject) | Expr::IsFalse(subject) => one(subject, Comparison::Equal, nothing()),
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) => one(expr, Comparison::Equal, nothing()),
        Expr::UnaryOp { op: UnaryOperator::Not, expr: subject } => not(expr, inner(subject)),
        Expr::InList { expr: subject, negated: not, list } => in_list(expr, subject, list, negated(*not, Comparison::In)),
        Expr::InUnnest { expr: subject, negated: not, .. } => one(subject, negated(*not, Comparison::In), nothing()),
        Expr::InSubquery { expr: subject, negated: not, .. } => subjects(subject)
            .into_iter()
            .map(|subject| predicate(expr, subject, negated(*not, Comparison::In), Operand::Subquery))
            .collect(),
        Expr::Between { expr: subject, negated: not, .. } => one(subject, negated(*not, Comparison::Range), nothing()),
        Expr::Like { expr: subject, pattern, negated: not, .. } => like(expr, subject, pattern, *not),
        Expr::ILike { expr: subject, pattern, negated: not, .. } if pattern_kind(inner(pattern)) == Comparison::Within => {
            like(expr, subject, pattern, *not)
        }
        Expr::ILike { expr: subject, pattern, negated: not, .. }
        | Expr::SimilarTo { expr: subject, pattern, negated: not, .. }
        | Expr::RLike { expr: subject, pattern, negated: not, .. } => {
            if columns(subject).is_empty() {
                return one(pattern, Comparison::Other, operand(subject));
            }
            one(subject, negated(*not, Comparison::Anywhere), operand(pattern))
        }
        Expr::AnyOp { left, compare_op, right, .. } => any_op(expr, left, compare_op, right),
        Expr::BinaryOp { left, op, right } => binary(expr, left, op, right),
        _ => one(expr, Comparison::Special, nothing()),
    }
}

fn not(whole: &Expr, subject: &Expr) -> Vec<Predicate> {
    match subject {
        Expr::Exists { .. } => Vec::new(),
        // `NOT deleted`: an index on it serves both.
        _ if column(subject).is_some() => vec![predicate(whole, subject, Comparison::Equal, Operand::Value { text: "false".into() })],
        _ => vec![predicate(whole, subject, Comparison::Other, Operand::Value { text: String::new() })],
    }
}

fn subjects(expr: &Expr) -> Vec<&Expr> {
    match inner(expr) {
        Expr::Tuple(parts) => parts.iter().collect(),
        other => vec![other],
    }
}

fn in_list(whole: &Expr, subject: &Expr, list: &[Expr], comparison: Comparison) -> Vec<Predicate> {
    let asks = list.iter().any(|one| matches!(inner(one), Expr::Subquery(_)));
    let other = || if asks { Operand::Subquery } else { Operand::Value { text: String::new() } };
    subjects(subject).into_iter().map(|subject| predicate(whole, subject, comparison, other())).collect()
}

fn any_op(whole: &Expr, left: &Expr, op: &BinaryOperator, right: &Expr) -> Vec<Predicate> {
    let comparison = match op {
        // `= ANY(other.list)`: looked up for each row of the other.
        BinaryOperator::Eq if columns(right).is_empty() || !columns(left).is_empty() => Comparison::In,
        BinaryOperator::PGLikeMatch | BinaryOperator::PGILikeMatch => Comparison::Anywhere,
        _ => Comparison::Other,
    };
    let subject = if columns(left).is_empty() { right } else { left };
    let other = match inner(right) {
        Expr::Subquery(_) => Operand::Subquery,
        _ if !columns(left).is_empty() && !columns(right).is_empty() => operand(right),
        _ => Operand::Value { text: String::new() },
    };
    vec![predicate(whole, subject, comparison, other)]
}

fn like(whole: &Expr, subject: &Expr, pattern: &Expr, negated: bool) -> Vec<Predicate> {
    if columns(subject).is_empty() {
        return vec![predicate(whole, pattern, Comparison::Other, operand(subject))];
    }
    let comparison = if negated { Comparison::Other } else { pattern_kind(inner(pattern)) };
    vec![predicate(whole, subject, comparison, operand(pattern))]
}

fn pattern_kind(pattern: &Expr) -> Comparison {
    match pattern {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) | Value::DoubleQuotedString(text) => match text.chars().next() {
                Some('%') => Comparison::Within,
                Some('_') => Comparison::Anywhere,
                _ => Comparison::Prefix,
            },
            _ => Comparison::Pattern,
        },
        Expr::BinaryOp { left, op: BinaryOperator::StringConcat, .. } => pattern_kind(inner(left)),
        // `concat('%', $1, '%')`; what else is given may be empty.
        Expr::Function(_) if normal(pattern).starts_with("concat('%") => Comparison::Within,
        _ => Comparison::Pattern,
    }
}

fn binary(whole: &Expr, left: &Expr, op: &BinaryOperator, right: &Expr) -> Vec<Predicate> {
    use BinaryOperator::*;
    let comparison = match op {
        Eq | Spaceship => Comparison::Equal,
        Lt | LtEq | Gt | GtEq => Comparison::Range,
        NotEq => Comparison::Other,
        PGLikeMatch => return like(whole, left, right, false),
        PGILikeMatch if pattern_kind(inner(right)) == Comparison::Within => return like(whole, left, right, false),
        PGILikeMatch | PGRegexMatch | PGRegexIMatch | Regexp => Comparison::Anywhere,
        PGNotLikeMatch | PGNotILikeMatch | PGRegexNotMatch | PGRegexNotIMatch => Comparison::Other,
        _ => Comparison::Special,
    };
    if let (Expr::Tuple(lefts), Expr::Tuple(rights)) = (inner(left), inner(right)) {
        let pairs = lefts.iter().zip(rights).map(|(left, right)| compared(whole, left, comparison, right));
        // A range over rows begins with its first column.
        return if comparison == Comparison::Equal { pairs.collect() } else { pairs.take(1).collect() };
    }
    vec![compared(whole, left, comparison, right)]
}

/// With the side that has columns first.
fn compared(whole: &Expr, left: &Expr, comparison: Comparison, right: &Expr) -> Predicate {
    let plain = |expr: &Expr| column(expr).is_some();
    let turned = columns(left).is_empty() && !columns(right).is_empty() || !plain(left) && plain(right);
    if turned { predicate(whole, right, comparison, operand(left)) } else { predicate(whole, left, comparison, operand(right)) }
}

fn predicate(whole: &Expr, subject: &Expr, comparison: Comparison, other: Operand) -> Predicate {
    let text = whole.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    Predicate { subject: operand(subject), comparison, other, text, normal: normal(whole) }
}

fn operand(expr: &Expr) -> Operand {
    let expr = inner(expr);
    if let Some(column) = column(expr) {
        return Operand::Column(column);
    }
    if matches!(expr, Expr::Subquery(_)) {
        return Operand::Subquery;
    }
    let columns: Vec<ColumnName> = columns(expr);
    if columns.is_empty() { Operand::Value { text: expr.to_string() } } else { Operand::Computed { text: computed_text(expr), columns } }
}

/// A cast of a column is written `cast(name)`: whether it can use the column's index depends on types.
fn computed_text(expr: &Expr) -> String {
    match expr {
        Expr::Cast { expr: one, .. } if column(one).is_some() => format!("cast({})", normal(one)),
        other => normal(other),
    }
}

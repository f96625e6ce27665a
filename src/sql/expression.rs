//! Expressions: the columns in them, the queries in them, and their text in a form that can be compared.

use crate::model::ColumnName;
use sqlparser::ast::{self, Expr, FunctionArg, FunctionArgExpr, FunctionArguments};

/// A name as the database keeps it: small letters unless it was quoted.
pub(super) fn folded(ident: &ast::Ident) -> String {
    if ident.quote_style.is_some() { ident.value.clone() } else { ident.value.to_lowercase() }
}

/// `schema.table`, without the usual schema.
pub(super) fn table_name(name: &ast::ObjectName) -> String {
    let mut parts: Vec<String> = name
        .0
        .iter()
        .map(|part| match part {
            ast::ObjectNamePart::Identifier(ident) => folded(ident),
            ast::ObjectNamePart::Function(function) => folded(&function.name),
        })
        .collect();
    if parts.len() > 1 && ["public", "main", "dbo"].contains(&parts[0].as_str()) {
        parts.remove(0);
    }
    parts.join(".")
}

pub(super) fn last_name(name: &ast::ObjectName) -> String {
    table_name(name).rsplit('.').next().unwrap_or_default().to_string()
}

/// What parentheses and collations are put on.
pub(super) fn inner(expr: &Expr) -> &Expr {
    match expr {
        Expr::Nested(inner_one) | Expr::Collate { expr: inner_one, .. } => inner(inner_one),
        _ => expr,
    }
}

pub(super) fn column(expr: &Expr) -> Option<ColumnName> {
    match inner(expr) {
        Expr::Identifier(ident) if !is_value_word(ident) => Some(ColumnName { source: None, name: folded(ident) }),
        Expr::CompoundIdentifier(parts) => match parts.as_slice() {
            [.., source, name] => Some(ColumnName { source: Some(folded(source)), name: folded(name) }),
            _ => None,
        },
        _ => None,
    }
}

fn is_value_word(ident: &ast::Ident) -> bool {
    let words = ["true", "false", "null", "current_timestamp", "current_date", "current_time", "current_user", "localtimestamp", "default"];
    ident.quote_style.is_none() && words.iter().any(|word| ident.value.eq_ignore_ascii_case(word))
        || ident.value.starts_with([':', '@', '$'])
}

/// Columns anywhere in the expression, queries inside not counted.
pub(super) fn columns(expr: &Expr) -> Vec<ColumnName> {
    let mut found = Vec::new();
    collect_columns(expr, &mut found);
    found
}

fn collect_columns(expr: &Expr, found: &mut Vec<ColumnName>) {
    match column(expr) {
        Some(column) => found.push(column),
        None => parts(expr).0.into_iter().for_each(|part| collect_columns(part, found)),
    }
}

/// Every query that stands directly in the expression.
pub(super) fn queries<'e>(expr: &'e Expr, found: &mut Vec<&'e ast::Query>) {
    let (inner, own) = parts(expr);
    found.extend(own);
    inner.into_iter().for_each(|part| queries(part, found));
}

/// Direct parts of an expression, and the queries among them.
fn parts(expr: &Expr) -> (Vec<&Expr>, Vec<&ast::Query>) {
    match expr {
        Expr::Subquery(query) | Expr::Exists { subquery: query, .. } => (Vec::new(), vec![query]),
        Expr::InSubquery { expr, subquery, .. } => (vec![expr], vec![subquery]),
        Expr::IsFalse(one)
        | Expr::IsNotFalse(one)
        | Expr::IsTrue(one)
        | Expr::IsNotTrue(one)
        | Expr::IsNull(one)
        | Expr::IsNotNull(one)
        | Expr::IsUnknown(one)
        | Expr::IsNotUnknown(one)
        | Expr::Nested(one)
        | Expr::OuterJoin(one)
        | Expr::Prior(one) => (vec![one], Vec::new()),
        Expr::IsDistinctFrom(left, right) | Expr::IsNotDistinctFrom(left, right) => (vec![left, right], Vec::new()),
        Expr::BinaryOp { left, right, .. } | Expr::AnyOp { left, right, .. } | Expr::AllOp { left, right, .. } => {
            (vec![left, right], Vec::new())
        }
        Expr::InList { expr, list, .. } => (std::iter::once(&**expr).chain(list).collect(), Vec::new()),
        Expr::InUnnest { expr, array_expr, .. } => (vec![expr, array_expr], Vec::new()),
        Expr::Between { expr, low, high, .. } => (vec![expr, low, high], Vec::new()),
        Expr::Like { expr, pattern, .. }
        | Expr::ILike { expr, pattern, .. }
        | Expr::SimilarTo { expr, pattern, .. }
        | Expr::RLike { expr, pattern, .. } => (vec![expr, pattern], Vec::new()),
        Expr::UnaryOp { expr, .. }
        | Expr::Convert { expr, .. }
        | Expr::Cast { expr, .. }
        | Expr::Extract { expr, .. }
        | Expr::Ceil { expr, .. }
        | Expr::Floor { expr, .. }
        | Expr::Trim { expr, .. }
        | Expr::Collate { expr, .. }
        | Expr::Named { expr, .. }
        | Expr::IsJson { expr, .. }
        | Expr::IsNormalized { expr, .. } => (vec![expr], Vec::new()),
        Expr::JsonAccess { value, .. } => (vec![value], Vec::new()),
        Expr::CompoundFieldAccess { root, .. } => (vec![root], Vec::new()),
        Expr::AtTimeZone { timestamp, time_zone } => (vec![timestamp, time_zone], Vec::new()),
        Expr::Position { expr, r#in } => (vec![expr, r#in], Vec::new()),
        Expr::Substring { expr, substring_from, substring_for, .. } => {
            (std::iter::once(expr).chain(substring_from).chain(substring_for).map(|part| &**part).collect(), Vec::new())
        }
        Expr::Overlay { expr, overlay_what, overlay_from, .. } => (vec![expr, overlay_what, overlay_from], Vec::new()),
        Expr::Tuple(parts) | Expr::Array(ast::Array { elem: parts, .. }) => (parts.iter().collect(), Vec::new()),
        Expr::Case { operand, conditions, else_result, .. } => {
            let branches = conditions.iter().flat_map(|when| [&when.condition, &when.result]);
            (operand.iter().chain(else_result).map(|part| &**part).chain(branches).collect(), Vec::new())
        }
        Expr::Function(function) => arguments(function),
        _ => (Vec::new(), Vec::new()),
    }
}

fn arguments(function: &ast::Function) -> (Vec<&Expr>, Vec<&ast::Query>) {
    let mut queries: Vec<&ast::Query> = Vec::new();
    let mut inner: Vec<&Expr> = function.filter.iter().map(|filter| &**filter).collect();
    match &function.args {
        FunctionArguments::None => {}
        FunctionArguments::Subquery(query) => queries.push(query),
        FunctionArguments::List(list) => inner.extend(list.args.iter().filter_map(argument)),
    }
    (inner, queries)
}

fn argument(argument: &FunctionArg) -> Option<&Expr> {
    match argument {
        FunctionArg::Named { arg: FunctionArgExpr::Expr(expr), .. }
        | FunctionArg::ExprNamed { arg: FunctionArgExpr::Expr(expr), .. }
        | FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
        _ => None,
    }
}

/// Aggregates that make one row of many.
pub(super) fn has_aggregate(expr: &Expr) -> bool {
    if let Expr::Function(function) = expr {
        let name = last_name(&function.name);
        let aggregates = [
            "count",
            "sum",
            "max",
            "min",
            "avg",
            "bool_or",
            "bool_and",
            "every",
            "array_agg",
            "string_agg",
            "json_agg",
            "jsonb_agg",
            "json_object_agg",
            "jsonb_object_agg",
            "group_concat",
            "total",
            "json_group_array",
            "json_group_object",
            "stddev",
            "variance",
        ];
        if function.over.is_none() && aggregates.contains(&name.as_str()) {
            // `max(a, b)` of SQLite is no aggregate.
            return !(["max", "min"].contains(&name.as_str()) && arguments(function).0.len() > 1);
        }
        if function.over.is_some() {
            return false;
        }
    }
    parts(expr).0.into_iter().any(has_aggregate)
}

/// The text without qualifiers, casts and parentheses, in small letters: `lower(email)`, `not deleted`, `state = 'open'`.
pub(super) fn normal(expr: &Expr) -> String {
    match expr {
        Expr::Nested(one) | Expr::Cast { expr: one, .. } | Expr::Collate { expr: one, .. } => normal(one),
        Expr::Identifier(ident) => folded(ident),
        Expr::CompoundIdentifier(parts) => parts.last().map(folded).unwrap_or_default(),
        Expr::IsTrue(one) => normal(one),
        Expr::IsFalse(one) => format!("not {}", normal(one)),
        Expr::IsNull(one) => format!("{} is null", normal(one)),
        Expr::IsNotNull(one) => format!("{} is not null", normal(one)),
        Expr::UnaryOp { op: ast::UnaryOperator::Not, expr } => format!("not {}", normal(expr)),
        Expr::BinaryOp { left, op, right } => binary(left, op, right),
        Expr::InList { expr, list, negated } => {
            let list: Vec<String> = list.iter().map(normal).collect();
            format!("{}{} in ({})", normal(expr), if *negated { " not" } else { "" }, list.join(", "))
        }
        Expr::Function(function) => {
            let (inner, _) = arguments(function);
            format!("{}({})", last_name(&function.name), inner.into_iter().map(normal).collect::<Vec<_>>().join(", "))
        }
        Expr::Value(value) => match &value.value {
            ast::Value::SingleQuotedString(_) => value.to_string(),
            _ => value.to_string().to_lowercase(),
        },
        Expr::Tuple(parts) => parts.iter().map(normal).collect::<Vec<_>>().join(", "),
        _ => expr.to_string().to_lowercase(),
    }
}

fn binary(left: &Expr, op: &ast::BinaryOperator, right: &Expr) -> String {
    let (left, right) = (normal(left), normal(right));
    match (op, right.as_str()) {
        (ast::BinaryOperator::Eq, "true") => left,
        (ast::BinaryOperator::Eq, "false") => format!("not {left}"),
        (ast::BinaryOperator::NotEq, _) => format!("{left} <> {right}"),
        _ => format!("{left} {} {right}", op.to_string().to_lowercase()),
    }
}

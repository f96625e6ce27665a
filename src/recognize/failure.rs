//! Whether the failure of a call ends the function: by `?`, as what it returns, or by a panic. What is matched, replaced or dropped does not.

use super::walk::Walk;
use crate::facts::{BlockKind, ExprId, ExpressionKind, Statement};

/// Whether the function fails where the call at (or around) `at` does. What cannot be followed does not count.
pub(super) fn is_handed_on(walk: &Walk, mut at: ExprId) -> bool {
    for _ in 0..64 {
        let Some(parent) = walk.parent(at) else { return true };
        match next(walk, at, parent) {
            Next::Up(outer) => at = outer,
            Next::Ends(handed_on) => return handed_on,
        }
    }
    false
}

enum Next {
    Up(ExprId),
    Ends(bool),
}

fn next(walk: &Walk, at: ExprId, parent: ExprId) -> Next {
    match walk.kind(parent) {
        // Leaves the closure or `async` block around it, whose own value fails then.
        ExpressionKind::Try(_) | ExpressionKind::Return(_) => around_code(walk, parent).map_or(Next::Ends(true), Next::Up),
        ExpressionKind::MethodCall { receiver, name, .. } if *receiver == at && PANICS.contains(&name.as_str()) => Next::Ends(true),
        ExpressionKind::MethodCall { receiver, name, .. } if *receiver == at && TAKES.contains(&name.as_str()) => Next::Ends(false),
        ExpressionKind::MethodCall { .. }
        | ExpressionKind::Call { .. }
        | ExpressionKind::Await(_)
        | ExpressionKind::Reference { .. }
        | ExpressionKind::Dereference(_)
        | ExpressionKind::Closure { .. } => Next::Up(parent),
        ExpressionKind::Block { tail, statements, .. } => match *tail == Some(at) {
            true => Next::Up(parent),
            false => Next::Ends(statements.iter().any(|statement| is_bound_and_tried(walk, statement, at))),
        },
        ExpressionKind::If { condition, .. } if *condition != at => Next::Up(parent),
        ExpressionKind::Match { scrutinee, .. } if *scrutinee != at => Next::Up(parent),
        _ => Next::Ends(false),
    }
}

/// The innermost closure or `async` block.
fn around_code(walk: &Walk, at: ExprId) -> Option<ExprId> {
    walk.around(at)
        .find(|outer| matches!(walk.kind(*outer), ExpressionKind::Closure { .. } | ExpressionKind::Block { kind: BlockKind::Async, .. }))
}

/// `let done = save(conn).await; done?`.
fn is_bound_and_tried(walk: &Walk, statement: &Statement, value: ExprId) -> bool {
    let Statement::Let { pattern, value: Some(own), otherwise: None, .. } = statement else { return false };
    let crate::facts::PatternKind::Binding { name, sub: None, .. } = &walk.body[*pattern].kind else { return false };
    let is_it = |at: ExprId| matches!(walk.kind(at), ExpressionKind::Path(path) if path.single() == Some(name));
    let tried = |kind: &ExpressionKind| matches!(kind, ExpressionKind::Try(inner) if is_it(*inner));
    *own == value && walk.body.expressions.iter().any(|expression| tried(&expression.kind))
}

const PANICS: &[&str] = &["unwrap", "expect"];

/// Methods of a result after which nothing is left of a failure.
const TAKES: &[&str] = &[
    "ok",
    "err",
    "is_ok",
    "is_err",
    "is_ok_and",
    "is_err_and",
    "or",
    "or_else",
    "unwrap_or",
    "unwrap_or_default",
    "unwrap_or_else",
    "map_or",
    "map_or_else",
];

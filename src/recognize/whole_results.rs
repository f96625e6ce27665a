//! Queries whose rows are all fetched, where the code wants one of them, their number, or whether there are any.
//!
//! It counts only where every use of the rows is seen: at once behind the query, or of a local that nothing else is done with.

use super::Inputs;
use super::repeated::at_place;
use super::uncommitted::is_in_unread_macro;
use super::walk::Walk;
use crate::facts::{ExprId, ExpressionKind, Literal, PatternKind};
use crate::knowledge::{Does, Rows as KnownRows};
use crate::model::{Backend, Context, DataAccess, Operation, Rows, Wanted, WholeResult};
use crate::resolve::FunctionId;

pub(super) fn all(inputs: &Inputs, backend: &Backend) -> Vec<WholeResult> {
    let mut found = Vec::new();
    let mut walk: Option<Walk> = None;
    for (index, access) in backend.data_accesses.iter().enumerate().filter(|(_, access)| fetches_all(backend, access)) {
        let function = FunctionId(access.function.0);
        if walk.as_ref().is_none_or(|walk| walk.function != function) {
            walk = Walk::new(inputs, function);
        }
        let Some(walk) = &walk else { continue };
        let used = at_place(walk, walk.body.root, access.place).and_then(|at| fetched(walk, at)).and_then(|rows| wanted(walk, rows));
        found.extend(used.map(|(at, wanted)| WholeResult { access: index, used: walk.place(at), wanted }));
    }
    found
}

fn fetches_all(backend: &Backend, access: &DataAccess) -> bool {
    // What is not understood may ask for one row by its key.
    let plain = access.statement.as_ref().is_some_and(|statement| statement.parsed && statement.row_lock.is_none());
    plain
        && access.rows == Rows::Unbounded
        && access.operation == Operation::Select
        && !access.streamed
        && backend.function(access.function).context == Context::Production
}

/// The call that fetches the rows, from the one that holds the query's text on.
fn fetched(walk: &Walk, at: ExprId) -> Option<ExprId> {
    let mut inner = at;
    loop {
        if walk.does(inner).iter().any(gives_all) {
            return Some(inner);
        }
        let outer = walk.parent(inner)?;
        match walk.kind(outer) {
            ExpressionKind::MethodCall { receiver, .. } if *receiver == inner => inner = outer,
            ExpressionKind::Await(_) | ExpressionKind::Try(_) => inner = outer,
            _ => return None,
        }
    }
}

fn gives_all(does: &Does) -> bool {
    match does {
        Does::Execute(execute) => execute.rows == KnownRows::All,
        Does::Query(query) => query.executes && query.rows == KnownRows::All,
        _ => false,
    }
}

/// What every use of the rows is for, and the first of them.
fn wanted(walk: &Walk, rows: ExprId) -> Option<(ExprId, Wanted)> {
    let rows = carried(walk, rows);
    if let Some(used) = use_of(walk, rows) {
        return Some(used);
    }
    let (pattern, _) = walk.lets().find(|(_, value)| *value == rows)?;
    let PatternKind::Binding { name, sub: None, .. } = &walk.body[pattern].kind else { return None };
    let bound =
        walk.lets().filter(|(pattern, _)| matches!(&walk.body[*pattern].kind, PatternKind::Binding { name: own, .. } if own == name));
    if bound.count() > 1 || is_in_unread_macro(walk, name) {
        return None;
    }
    let names = |at: &ExprId| matches!(walk.kind(*at), ExpressionKind::Path(path) if path.single().is_some_and(|own| own == name));
    let uses: Option<Vec<(ExprId, Wanted)>> = ((rows.0 + 1)..walk.body.expressions.len() as u32)
        .map(ExprId)
        .filter(names)
        .map(|at| use_of(walk, at).filter(|_| !repeats(walk, at, rows)))
        .collect();
    together(&uses?)
}

/// `while let Some(row) = rows.pop()`: one after the other are all of them.
fn repeats(walk: &Walk, at: ExprId, rows: ExprId) -> bool {
    let is_loop = |outer: ExprId| {
        matches!(
            walk.kind(outer),
            ExpressionKind::While { .. } | ExpressionKind::Loop { .. } | ExpressionKind::For { .. } | ExpressionKind::Closure { .. }
        )
    };
    walk.around(at).any(|outer| is_loop(outer) && !walk.body.is_inside(rows, outer))
}

/// `?`, `.await`, `.map_err(..)`: still the rows.
fn carried(walk: &Walk, mut rows: ExprId) -> ExprId {
    while let Some(outer) = walk.parent(rows) {
        match walk.kind(outer) {
            ExpressionKind::Await(_) | ExpressionKind::Try(_) | ExpressionKind::Reference { .. } => rows = outer,
            ExpressionKind::MethodCall { receiver, name, .. } if *receiver == rows && SAME_ROWS.contains(&name.as_str()) => rows = outer,
            _ => break,
        }
    }
    rows
}

const SAME_ROWS: &[&str] =
    &["map_err", "unwrap", "expect", "context", "with_context", "wrap_err", "unwrap_or_default", "iter", "into_iter", "change_context"];

fn use_of(walk: &Walk, rows: ExprId) -> Option<(ExprId, Wanted)> {
    let rows = carried(walk, rows);
    let outer = walk.parent(rows)?;
    let wanted = match walk.kind(outer) {
        ExpressionKind::MethodCall { receiver, name, arguments, .. } if *receiver == rows => match (name.as_str(), arguments.as_slice()) {
            ("len" | "count", []) => Wanted::Count,
            ("is_empty", []) => Wanted::Any,
            ("first" | "next" | "pop", []) => Wanted::One,
            ("get" | "swap_remove" | "nth" | "remove", [at]) if is_zero(walk, *at) => Wanted::One,
            _ => return None,
        },
        ExpressionKind::Index { base, index } if *base == rows && is_zero(walk, *index) => Wanted::One,
        _ => return None,
    };
    Some((outer, wanted))
}

fn is_zero(walk: &Walk, at: ExprId) -> bool {
    matches!(walk.kind(at), ExpressionKind::Literal(Literal::Integer { value: Some(0), .. }))
}

/// A look at whether there are any comes with either; one that is taken where there is only one needs two to tell.
fn together(uses: &[(ExprId, Wanted)]) -> Option<(ExprId, Wanted)> {
    let has = |wanted: Wanted| uses.iter().find(|(_, own)| *own == wanted).copied();
    match (has(Wanted::One), has(Wanted::Count), has(Wanted::Any)) {
        (Some(_), Some(_), _) => None,
        (one, count, any) => one.or(count).or(any),
    }
}

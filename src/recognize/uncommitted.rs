//! Transactions that write and that nothing commits: dropping them takes the writes back.

use super::Inputs;
use super::held::{beginning, may_begin};
use super::nested::scope_end;
use super::walk::Walk;
use crate::facts::{ExprId, ExpressionKind, MacroArguments, PatternKind};
use crate::knowledge::Does;
use crate::model::{self, Backend, Context, DataAccess, Operation, UncommittedTransaction};
use crate::resolve::Target;

pub fn all(inputs: &Inputs, backend: &Backend) -> Vec<UncommittedTransaction> {
    let mut found = Vec::new();
    for function in inputs.own_functions() {
        let known = backend.function(super::function::id(function));
        if known.context != Context::Production || !may_begin(inputs, function) || is_for_show(&known.name) {
            continue;
        }
        let Some(walk) = Walk::new(inputs, function) else { continue };
        found.extend(walk.lets().filter_map(|(pattern, value)| match &walk.body[pattern].kind {
            PatternKind::Binding { name, sub: None, .. } => uncommitted(&walk, backend, name, value),
            _ => None,
        }));
    }
    found.sort_by_key(|one| one.begun);
    found
}

/// What runs to see whether it would.
fn is_for_show(name: &str) -> bool {
    name.split('_').any(|word| ["dry", "test", "check", "validate", "verify", "explain", "preview", "simulate", "rollback"].contains(&word))
}

fn uncommitted(walk: &Walk, backend: &Backend, name: &str, value: ExprId) -> Option<UncommittedTransaction> {
    let begun = beginning(walk, value)?;
    let scope = scope_end(walk, value).filter(|scope| matches!(walk.kind(*scope), ExpressionKind::Block { .. }))?;
    let is_bound_again =
        walk.lets().filter(|(pattern, _)| matches!(&walk.body[*pattern].kind, PatternKind::Binding { name: own, .. } if own == name));
    if is_bound_again.count() > 1 || ends_by_text(walk, backend) || is_in_unread_macro(walk, name) {
        return None;
    }
    let names = |at: &ExprId| matches!(walk.kind(*at), ExpressionKind::Path(path) if path.single().is_some_and(|own| own == name));
    let uses: Vec<ExprId> = ((value.0 + 1)..scope.0).map(ExprId).filter(names).collect();
    if uses.is_empty() || !uses.iter().all(|at| is_lent(walk, *at)) {
        return None;
    }
    let function = super::function::id(walk.function);
    let written = uses.iter().find_map(|at| write_with(walk, backend, *at))?;
    Some(UncommittedTransaction { function, begun: walk.place(begun), written, name: name.to_string() })
}

/// `COMMIT` as a statement.
fn ends_by_text(walk: &Walk, backend: &Backend) -> bool {
    let ends = |access: &DataAccess| {
        access.text.as_ref().is_none_or(|text| text.to_ascii_lowercase().contains("commit")) && access.operation == Operation::Control
    };
    backend.data_access_in(super::function::id(walk.function)).any(ends)
}

pub(super) fn is_in_unread_macro(walk: &Walk, name: &str) -> bool {
    walk.body.expressions.iter().any(|expression| match &expression.kind {
        ExpressionKind::Macro(call) if matches!(call.arguments, MacroArguments::Unread) => {
            let inside = walk.inputs.sources.snippet(crate::source::Place::new(walk.file(), call.inner));
            inside.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name)
        }
        _ => false,
    })
}

/// `&mut *tx`, `&tx`, `tx.as_mut()`, `tx.execute(..)`: it stays where it is.
fn is_lent(walk: &Walk, mut at: ExprId) -> bool {
    while let Some(parent) = walk.parent(at) {
        match walk.kind(parent) {
            ExpressionKind::Dereference(_) => at = parent,
            ExpressionKind::Reference { .. } => return is_given_away_at_once(walk, parent),
            ExpressionKind::MethodCall { receiver, name, .. } if *receiver == at => {
                let runs = walk.does(parent).iter().any(|does| matches!(does, Does::Execute(_) | Does::Query(_)));
                return runs || matches!(name.as_str(), "as_mut" | "deref_mut" | "by_ref");
            }
            _ => return false,
        }
    }
    false
}

/// An argument of a call; what a local keeps of it may do anything.
fn is_given_away_at_once(walk: &Walk, lent: ExprId) -> bool {
    let calls = |parent: ExprId| walk.callee_name(parent).is_some_and(|name| !name.starts_with(char::is_uppercase));
    walk.parent(lent).is_some_and(calls)
}

/// The write that this use of the transaction is for: a statement that it runs, or a function that it is lent to.
fn write_with(walk: &Walk, backend: &Backend, at: ExprId) -> Option<crate::source::Place> {
    let writes =
        |access: &&DataAccess| matches!(access.operation, Operation::Insert | Operation::Update | Operation::Delete) && !access.spawned;
    let own: Vec<&DataAccess> = backend.data_access_in(super::function::id(walk.function)).filter(writes).collect();
    let call =
        walk.around(at).find(|outer| matches!(walk.kind(*outer), ExpressionKind::Call { .. } | ExpressionKind::MethodCall { .. }))?;
    let mut around = std::iter::once(call).chain(walk.around(call)).take_while(|outer| is_of_statement(walk, *outer));
    let direct = around.find_map(|outer| {
        let inside = walk.place(outer).span;
        own.iter().find(|access| inside.start <= access.place.span.start && access.place.span.end <= inside.end)
    });
    if let Some(access) = direct {
        return Some(access.place);
    }
    let Target::Function(callee) = &walk.inputs.call_at(walk.function, call)?.target else { return None };
    if !walk.inputs.is_own(*callee) {
        return None;
    }
    let callee: model::FunctionId = super::function::id(*callee);
    backend.data_access_in(callee).find(writes).map(|_| walk.place(call))
}

fn is_of_statement(walk: &Walk, at: ExprId) -> bool {
    matches!(
        walk.kind(at),
        ExpressionKind::Call { .. }
            | ExpressionKind::MethodCall { .. }
            | ExpressionKind::Try(_)
            | ExpressionKind::Await(_)
            | ExpressionKind::Reference { .. }
            | ExpressionKind::Dereference(_)
    )
}

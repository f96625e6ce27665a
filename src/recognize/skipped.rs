//! Rows that are read only to be left out: `OFFSET` with a number that a request gives and nothing bounds.

use super::Inputs;
use super::given::Requests;
use super::text::text_of;
use super::walk::Walk;
use crate::facts::{ExprId, ExpressionKind, Literal, MacroArguments};
use crate::model::{
    self, Backend, Comparison, Condition, Context, DataAccess, Offset, Operand, Operation, Predicate, SkippedRows, Statement,
};
use crate::resolve::FunctionId;
use rustc_hash::FxHashSet;

pub(super) fn add(inputs: &Inputs, backend: &mut Backend) {
    let candidates: Vec<(usize, FunctionId)> = candidates(inputs, backend);
    if candidates.is_empty() {
        return;
    }
    let handlers = backend.routes.iter().filter(|route| route.context == Context::Production);
    let handlers: FxHashSet<model::FunctionId> = handlers.filter_map(|route| route.handler.function()).collect();
    let requests = Requests::of(inputs, &handlers);
    for (access, function) in candidates {
        let Some(walk) = Walk::new(inputs, function) else { continue };
        let Some(count) = skipped_count(&walk, &backend.data_accesses[access]) else { continue };
        let Some(given) = requests.unbounded(&walk, count) else { continue };
        backend.skipped_rows.push(SkippedRows { access, chain: given.chain, value: given.text, given: given.place });
    }
}

/// Queries that may skip rows, each with its function: the others are not walked.
fn candidates(inputs: &Inputs, backend: &Backend) -> Vec<(usize, FunctionId)> {
    let skips = |access: &DataAccess| match &access.statement {
        Some(statement) if access.text.is_some() => given_offset(statement).is_some(),
        _ => access.is_by_orm() && calls_offset(inputs, FunctionId(access.function.0)),
    };
    let accesses = backend.data_accesses.iter().enumerate();
    let mut found: Vec<(usize, FunctionId)> = accesses
        .filter(|(_, access)| access.operation == Operation::Select && !access.spawned)
        .filter(|(_, access)| backend.function(access.function).context == Context::Production && skips(access))
        .map(|(index, access)| (index, FunctionId(access.function.0)))
        .collect();
    if !found.is_empty() {
        let served = backend.served();
        found.retain(|(_, function)| served.contains(super::function::id(*function)));
    }
    found
}

fn calls_offset(inputs: &Inputs, function: FunctionId) -> bool {
    let is_it = |kind: &ExpressionKind| matches!(kind, ExpressionKind::MethodCall { name, .. } if name == "offset" || name == "fetch_page");
    inputs.body(function).is_some_and(|body| body.expressions.iter().any(|expression| is_it(&expression.kind)))
}

/// The expression whose value says how many rows of many are left out.
fn skipped_count(walk: &Walk, access: &DataAccess) -> Option<ExprId> {
    let at = walk.body.expressions.iter().rposition(|one| one.span == access.place.span).map(|index| ExprId(index as u32))?;
    if access.is_by_orm() {
        return skipped_by_chain(walk, at);
    }
    let (statement, text) = (access.statement.as_ref()?, access.text.as_ref()?);
    let offset = given_offset(statement).filter(|_| !is_narrowed(statement))?;
    bound(&bound_values(walk, at, text)?, text, &offset)
}

/// `LIKE $1` with `.bind(format!("%{q}%"))` searches inside the text.
pub(super) fn settle_patterns(walk: &Walk, at: ExprId, text: &str, statement: &mut Statement) {
    let conditions = statement.scopes.iter_mut().flat_map(|scope| &mut scope.conditions);
    let mut open: Vec<&mut Condition> = conditions.collect();
    let mut values = None;
    while let Some(condition) = open.pop() {
        let test = match condition {
            Condition::Any(branches) => {
                open.extend(branches.iter_mut().flatten());
                continue;
            }
            Condition::Test(test) if is_open_pattern(test) => test,
            _ => continue,
        };
        let Operand::Value { text: parameter } = &test.other else { continue };
        let values = values.get_or_insert_with(|| bound_values(walk, at, text).unwrap_or_default());
        let pattern = bound(values, text, parameter).map(|value| text_of(walk, value).text);
        if pattern.is_some_and(|pattern| pattern.starts_with('%')) {
            test.comparison = Comparison::Within;
        }
    }
}

/// A pattern that is given: not a regular expression, which has wildcards of its own.
fn is_open_pattern(test: &Predicate) -> bool {
    let patterns = matches!(test.comparison, Comparison::Pattern | Comparison::Anywhere) && test.text.to_ascii_lowercase().contains("like");
    patterns && matches!(&test.other, Operand::Value { text } if text.starts_with(['$', '?']))
}

/// Of the rows that the statement itself gives.
fn given_offset(statement: &Statement) -> Option<String> {
    statement.scopes.iter().filter(|scope| scope.outermost).find_map(|scope| match &scope.offset {
        Some(Offset::Given(text)) => Some(text.clone()),
        _ => None,
    })
}

/// Few rows are left to skip: those of one owner, of one day.
fn is_narrowed(statement: &Statement) -> bool {
    let narrows = |condition: &Condition| match condition {
        Condition::Test(test) => {
            let compared = matches!(test.comparison, Comparison::Equal | Comparison::In);
            let given = matches!(&test.other, Operand::Value { text } if text.is_empty() || text.contains(['$', '?', ':', '@']));
            compared && (given && !matches!(test.subject, Operand::Value { .. }) || matches!(test.other, Operand::Subquery))
        }
        Condition::Any(_) | Condition::Optional(_) => false,
    };
    // What is asked in a column of the result, or in a condition, leaves no rows out by itself.
    let own = statement.scopes.iter().filter(|scope| scope.outermost);
    let inner = own.clone().flat_map(|scope| &scope.sources).filter_map(|source| statement.scopes.get(source.inner.clone()?)).flatten();
    own.chain(inner).flat_map(|scope| &scope.conditions).any(narrows)
}

/// The values that stand for the parameters of the text, in order.
fn bound_values(walk: &Walk, at: ExprId, text: &str) -> Option<Vec<ExprId>> {
    if let ExpressionKind::Macro(call) = walk.kind(at) {
        let MacroArguments::Expressions(arguments) = &call.arguments else { return None };
        let own = arguments.iter().position(|(_, argument)| text_of(walk, *argument).text == text)?;
        return Some(arguments[own + 1..].iter().map(|(_, argument)| *argument).collect());
    }
    // `client.query(text, &[&a, &b])`.
    let after = walk.arguments(at).iter().skip_while(|argument| text_of(walk, **argument).text != text).nth(1);
    if let Some(list) = after
        && let ExpressionKind::Array(values) = walk.kind(walk.peeled(*list))
    {
        return Some(values.clone());
    }
    let mut values = Vec::new();
    let mut inner = at;
    while let Some(outer) = walk.parent(inner) {
        match walk.kind(outer) {
            ExpressionKind::MethodCall { receiver, name, arguments, .. } if *receiver == inner => {
                if name == "bind" {
                    values.extend(arguments.first().copied());
                }
            }
            _ => break,
        }
        inner = outer;
    }
    (!values.is_empty()).then_some(values)
}

/// The value of the parameter in `offset`: by its number, or the last one where the text ends with it.
fn bound(values: &[ExprId], text: &str, offset: &str) -> Option<ExprId> {
    let number: String = offset.split(['$', '?']).nth(1)?.chars().take_while(char::is_ascii_digit).collect();
    if let Ok(number) = number.parse::<usize>() {
        return values.get(number.checked_sub(1)?).copied();
    }
    let ends = text.trim_end_matches([';', ' ', '\n', '\t']).ends_with('?') && offset == "?";
    let before = text.to_ascii_lowercase().rfind("offset");
    let is_last = ends && before.is_some_and(|before| text[before..].matches('?').count() == 1);
    (is_last && text.matches('?').count() == values.len()).then(|| values.last().copied()).flatten()
}

/// `.offset(count)`, `.fetch_page(number)` of the chain that `run` ends, and of the local that it is built up in.
fn skipped_by_chain(walk: &Walk, run: ExprId) -> Option<ExprId> {
    let (mut found, mut open, mut seen) = (None, vec![run], FxHashSet::default());
    while let Some(at) = open.pop() {
        let at = walk.peeled(at);
        if !seen.insert(at) || seen.len() > 64 {
            continue;
        }
        match walk.kind(at) {
            ExpressionKind::MethodCall { receiver, name, arguments, .. } => {
                match (name.as_str(), arguments.as_slice()) {
                    ("offset" | "fetch_page", [count]) => found = found.or(Some(*count)),
                    ("filter" | "or_filter", [condition]) if !is_conditional(walk, at, run) && narrows(walk, *condition) => return None,
                    ("find" | "find_by_id", _) => return None,
                    _ => {}
                }
                open.push(*receiver);
            }
            ExpressionKind::Match { arms, .. } => open.extend(arms.iter().map(|arm| arm.body)),
            ExpressionKind::If { then, otherwise, .. } => open.extend(std::iter::once(*then).chain(*otherwise)),
            ExpressionKind::Block { tail, .. } => open.extend(*tail),
            ExpressionKind::Call { .. } if matches!(walk.callee_name(at), Some("belonging_to" | "find_by_id" | "find_related")) => {
                return None;
            }
            ExpressionKind::Path(path) => {
                let Some(name) = path.single() else { continue };
                open.extend(walk.bound_value(at));
                let is_it = |left: ExprId| matches!(walk.kind(left), ExpressionKind::Path(own) if own.single() == Some(name));
                open.extend(walk.body.expressions.iter().filter_map(|expression| match expression.kind {
                    ExpressionKind::Assign { left, right, .. } if is_it(left) => Some(right),
                    _ => None,
                }));
            }
            _ => {}
        }
    }
    found
}

/// Only where the caller asks for it: `if let Some(tag) = tag { query = query.filter(..) }`.
fn is_conditional(walk: &Walk, at: ExprId, run: ExprId) -> bool {
    let branches = |outer: &ExprId| {
        matches!(walk.kind(*outer), ExpressionKind::If { .. } | ExpressionKind::Match { .. } | ExpressionKind::Closure { .. })
    };
    walk.around(at).filter(branches).any(|branch| !walk.body.is_inside(run, branch))
}

/// A comparison with a value that is given, or one that is not known: `posts::author.eq(author)`, not `posts::draft.eq(false)`.
fn narrows(walk: &Walk, condition: ExprId) -> bool {
    let mut compared = false;
    for at in walk.body.inside(condition) {
        let ExpressionKind::MethodCall { name, arguments, .. } = walk.kind(at) else { continue };
        if !COMPARES.contains(&name.as_str()) {
            continue;
        }
        compared = true;
        let fixed = |argument: &ExprId| match walk.kind(walk.peeled(*argument)) {
            ExpressionKind::Literal(literal) => matches!(literal, Literal::Bool(_) | Literal::Integer { .. } | Literal::Text { .. }),
            ExpressionKind::Path(path) => path.single().is_none(),
            _ => false,
        };
        if matches!(name.as_str(), "eq" | "eq_any" | "is_in") && !arguments.iter().all(fixed) {
            return true;
        }
    }
    !compared
}

const COMPARES: &[&str] = &[
    "eq",
    "ne",
    "eq_any",
    "ne_all",
    "is_in",
    "is_not_in",
    "is_null",
    "is_not_null",
    "like",
    "ilike",
    "contains",
    "gt",
    "ge",
    "lt",
    "le",
    "gte",
    "lte",
];

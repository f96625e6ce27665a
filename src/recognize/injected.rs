//! SQL that a request writes: a text of a request that is put into the text of a statement.

use super::Inputs;
use super::given::{Given, Requests, is_text};
use super::text::text_of;
use super::walk::Walk;
use crate::facts::{ExprId, ExpressionKind, MacroArguments, Operator, Statement};
use crate::model::{self, Backend, Context, InjectedText};
use crate::resolve::{Definition, FunctionId, Target};
use crate::source::Place;
use rustc_hash::FxHashSet;

pub(super) fn add(inputs: &Inputs, backend: &mut Backend) {
    let candidates = candidates(backend);
    if candidates.is_empty() {
        return;
    }
    let handlers = backend.routes.iter().filter(|route| route.context == Context::Production);
    let handlers: FxHashSet<model::FunctionId> = handlers.filter_map(|route| route.handler.function()).collect();
    let requests = Requests::of_texts(inputs, &handlers);
    for (access, function) in candidates {
        let Some(walk) = Walk::new(inputs, function) else { continue };
        let place = backend.data_accesses[access].place;
        let Some(at) = walk.body.expressions.iter().rposition(|one| one.span == place.span) else { continue };
        for piece in pieces_of(&walk, ExprId(at as u32)) {
            let Some(given) = requests.unbounded(&walk, piece) else { continue };
            let names = names_on_the_way(inputs, &given, &walk.text(piece));
            let put_in = walk.place(piece);
            let way: Vec<Place> = given.chain.calls.iter().copied().chain([put_in]).collect();
            if names.iter().all(|(function, names)| names.iter().all(|name| is_taken_as_it_is(inputs, *function, name, &way))) {
                backend.injected_texts.push(InjectedText { access, chain: given.chain, value: given.text, given: given.place, put_in });
                break;
            }
        }
    }
}

/// Statements on the way of a request whose text is put together at run time, each with its function.
fn candidates(backend: &Backend) -> Vec<(usize, FunctionId)> {
    let accesses = backend.data_accesses.iter().enumerate();
    let mut found: Vec<(usize, FunctionId)> = accesses
        .filter(|(_, access)| access.dynamic && backend.function(access.function).context == Context::Production)
        .map(|(index, access)| (index, FunctionId(access.function.0)))
        .collect();
    if !found.is_empty() {
        let served = backend.served();
        found.retain(|(_, function)| served.contains(super::function::id(*function)));
    }
    found
}

/// Texts that are put into the statement of the call `at`, as far as this function shows.
fn pieces_of(walk: &Walk, at: ExprId) -> Vec<ExprId> {
    let mut pieces = Pieces { walk, found: Vec::new(), seen: FxHashSet::default() };
    for argument in walk.arguments(at) {
        let known = text_of(walk, *argument);
        // Values of parameters may be put together as well: only what begins like a statement is one.
        if known.holes && is_statement(&known.text) {
            pieces.of_text(*argument);
        }
    }
    pieces.found
}

fn is_statement(text: &str) -> bool {
    let word = text.trim_start().split(|one: char| !one.is_ascii_alphabetic()).next().unwrap_or_default();
    STATEMENTS.iter().any(|known| known.eq_ignore_ascii_case(word))
}

const STATEMENTS: &[&str] =
    &["SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "SET", "CREATE", "DROP", "ALTER", "TRUNCATE", "EXPLAIN", "MERGE", "REPLACE", "CALL"];

struct Pieces<'w, 'a> {
    walk: &'w Walk<'a>,
    found: Vec<ExprId>,
    seen: FxHashSet<ExprId>,
}

impl Pieces<'_, '_> {
    /// The parts of a text that are not known before the program runs and are texts themselves: numbers and identifiers of a fixed form
    /// cannot hold SQL.
    fn of_text(&mut self, at: ExprId) {
        let walk = self.walk;
        let at = walk.peeled(at);
        if !self.seen.insert(at) {
            return;
        }
        match walk.kind(at) {
            ExpressionKind::Literal(_) => {}
            ExpressionKind::Binary { operator: Operator::Add, left, right } => {
                self.of_text(*left);
                self.of_text(*right);
            }
            ExpressionKind::Block { tail: Some(tail), .. } => self.of_text(*tail),
            ExpressionKind::If { then, otherwise, .. } => {
                self.of_text(*then);
                otherwise.iter().for_each(|otherwise| self.of_text(*otherwise));
            }
            ExpressionKind::Match { arms, .. } => arms.iter().for_each(|arm| self.of_text(arm.body)),
            ExpressionKind::Macro(call) if call.path.last() == Some("format") => {
                if let MacroArguments::Expressions(arguments) = &call.arguments {
                    arguments.iter().skip(1).for_each(|(_, value)| self.of_text(*value));
                }
            }
            ExpressionKind::MethodCall { receiver, name, .. } if KEEPS.contains(&name.as_str()) && self.begins_here(*receiver) => {
                self.of_text(*receiver);
            }
            ExpressionKind::Call { arguments, .. }
                if arguments.len() == 1 && walk.callee_name(at).is_some_and(|name| WRAPS.contains(&name)) =>
            {
                self.of_text(arguments[0]);
            }
            ExpressionKind::Path(_) if matches!(walk.inputs.definition_at(walk.function, at), Some(Definition::Constant(_))) => {}
            ExpressionKind::Path(_) => match walk.bound_value(at) {
                Some(value) if self.is_built(value) => {
                    self.of_text(value);
                    self.appended_to(at);
                }
                _ => self.leaf(at),
            },
            _ => self.leaf(at),
        }
    }

    /// Whether a value is a text of the program's own, into which others are put.
    fn is_built(&self, value: ExprId) -> bool {
        text_of(self.walk, value).says_something() || self.walk.callee_name(self.walk.peeled(value)).is_some_and(|name| name == "new")
    }

    fn begins_here(&self, receiver: ExprId) -> bool {
        text_of(self.walk, receiver).says_something()
    }

    /// `sql.push_str(&order)`, `write!(sql, ..)`, `sql += &order`.
    fn appended_to(&mut self, local: ExprId) {
        let walk = self.walk;
        let ExpressionKind::Path(path) = walk.kind(local) else { return };
        let Some(name) = path.single() else { return };
        let is_it = |at: ExprId| matches!(walk.kind(walk.peeled(at)), ExpressionKind::Path(path) if path.single() == Some(name));
        let mut parts = Vec::new();
        for expression in &walk.body.expressions {
            match &expression.kind {
                ExpressionKind::MethodCall { receiver, name, arguments, .. } if name == "push_str" && is_it(*receiver) => {
                    parts.extend(arguments.first().copied());
                }
                ExpressionKind::Assign { left, right, .. } if is_it(*left) => parts.push(*right),
                ExpressionKind::Macro(call) if matches!(call.path.last(), Some("write" | "writeln")) => {
                    if let MacroArguments::Expressions(arguments) = &call.arguments
                        && arguments.first().is_some_and(|(_, target)| is_it(*target))
                    {
                        parts.extend(arguments.iter().skip(2).map(|(_, value)| *value));
                    }
                }
                _ => {}
            }
        }
        parts.into_iter().for_each(|part| self.of_text(part));
    }

    fn leaf(&mut self, at: ExprId) {
        if is_text(self.walk.inputs, self.walk.inputs.type_of(self.walk.function, at)) {
            self.found.push(at);
        }
    }
}

const KEEPS: &[&str] = &["to_string", "to_owned", "as_str", "into", "clone", "trim", "as_ref"];
const WRAPS: &[&str] = &["from", "AssertSqlSafe"];

/// What the value goes by in each function on the way: as the handler writes it, and as a parameter of the others, whichever it is.
fn names_on_the_way(inputs: &Inputs, given: &Given, piece: &str) -> Vec<(FunctionId, Vec<String>)> {
    let functions = given.chain.functions.iter().enumerate().map(|(at, id)| {
        let function = FunctionId(id.0);
        let mut names = Vec::new();
        if at == 0 {
            names.push(own_name(&given.text));
        } else {
            let facts = inputs.resolved.functions.get(id.0 as usize).and_then(|function| function.facts.as_ref());
            let parameters = facts.into_iter().flat_map(|facts| &facts.parameters);
            names.extend(parameters.filter_map(|parameter| Some(parameter.name.as_ref()?.to_string())));
        }
        if at + 1 == given.chain.functions.len() {
            names.push(own_name(piece));
        }
        (function, names)
    });
    functions.collect()
}

/// `sort` of `params.sort`, of `sort.clone()` and of `params.sort.as_deref().unwrap_or("id")`.
fn own_name(text: &str) -> String {
    let is_part = |one: char| one.is_alphanumeric() || one == '_';
    let text = text.trim_start_matches(|one: char| !is_part(one));
    let first: &str = text.split(|one: char| !is_part(one)).next().unwrap_or_default();
    let field = text[first.len()..].strip_prefix('.').map(|rest| {
        let name = rest.split(|one: char| !is_part(one)).next().unwrap_or_default();
        (name, rest[name.len()..].starts_with('('))
    });
    match field {
        Some((name, false)) if !name.is_empty() && name != "0" => name.to_string(),
        _ => first.to_string(),
    }
}

/// Whether a function on the way asks nothing about the value: it is compared with nothing, looked up nowhere, and no code that might check,
/// quote or replace something has it. `way`: where it is handed on, and where it is put in.
fn is_taken_as_it_is(inputs: &Inputs, function: FunctionId, name: &str, way: &[Place]) -> bool {
    let Some(walk) = Walk::new(inputs, function) else { return false };
    let names = |at: ExprId| {
        walk.body.inside(at).any(|inside| match walk.kind(inside) {
            ExpressionKind::Path(path) => path.single().is_some_and(|own| own == name),
            ExpressionKind::Field { name: own, .. } => own == name,
            _ => false,
        })
    };
    // Another function of the workspace that is given it may refuse it.
    let is_shown_elsewhere = |at: ExprId| {
        let own = walk.inputs.call_at(function, at).is_some_and(|call| matches!(&call.target, Target::Function(id) if inputs.is_own(*id)));
        let place = walk.place(at);
        let on_the_way = way.iter().any(|one| one.file == place.file && place.span.contains(one.span));
        own && !on_the_way && walk.arguments(at).iter().any(|argument| names(*argument))
    };
    if (0..walk.body.expressions.len() as u32).any(|at| is_shown_elsewhere(ExprId(at))) {
        return false;
    }
    !walk.body.expressions.iter().any(|expression| match &expression.kind {
        ExpressionKind::Binary { operator: Operator::Equality, left, right } => names(*left) || names(*right),
        ExpressionKind::Match { scrutinee, .. } => names(*scrutinee),
        ExpressionKind::Macro(call) if call.path.last() == Some("matches") => match &call.arguments {
            MacroArguments::Expressions(arguments) => arguments.iter().any(|(_, value)| names(*value)),
            _ => true,
        },
        // `if let Some(sort) = params.sort` asks only whether it is there.
        ExpressionKind::If { condition, .. } => !matches!(walk.kind(*condition), ExpressionKind::Let { .. }) && names(*condition),
        ExpressionKind::Block { statements, .. } => statements.iter().any(|statement| match statement {
            // `let Some(column) = COLUMNS.get(&sort) else { return .. }`
            Statement::Let { value: Some(value), otherwise: Some(_), .. } => names(*value),
            _ => false,
        }),
        ExpressionKind::MethodCall { name: method, receiver, arguments, .. } => {
            let asks = ASKS.contains(&method.as_str()) || ASK.iter().any(|word| method.contains(word));
            asks && (names(*receiver) || arguments.iter().any(|argument| names(*argument)))
        }
        _ => false,
    })
}

/// Methods that look at a text, or make another one of it.
const ASKS: &[&str] =
    &["all", "any", "bytes", "chars", "contains", "ends_with", "filter", "find", "get", "matches", "parse", "split", "starts_with"];
/// Words in the names of others that do.
const ASK: &[&str] = &["allow", "check", "escape", "is_", "quote", "replace", "sanitize", "split_", "strip_", "trim_matches", "valid"];

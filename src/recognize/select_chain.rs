//! What a diesel query says, where all of its chain is understood: one table, its conditions, order and limit, as SQL text would give them.

use super::tables::Tables;
use super::walk::Walk;
use crate::facts::{ExprId, ExpressionKind, Literal, Path};
use crate::model::{
    ColumnName, Comparison, Condition, Limit, Operand, Operation, OrderKey, Predicate, RowLock, Rows, Scope, Source, Statement,
};
use crate::resolve::Definition;

/// Of the chain that `run` ends and the path to a table begins. `None` where a join, a local or a method that is not known here is in it.
pub(super) fn statement(walk: &Walk, tables: &Tables, run: ExprId, table: &str) -> Option<Statement> {
    let chain = Chain { walk, tables, table };
    let ExpressionKind::MethodCall { receiver, name, .. } = walk.kind(run) else { return None };
    let mut scope = Scope { sources: vec![chain.source()], outermost: true, ..Scope::default() };
    // diesel adds the limit itself.
    scope.limit = (name == "first").then_some(Limit::One);
    let mut statement = Statement { operation: Operation::Select, parsed: true, rows: Rows::Unbounded, ..Statement::default() };
    let mut at = *receiver;
    for _ in 0..64 {
        at = walk.unchanged_value(at);
        match walk.kind(at) {
            ExpressionKind::MethodCall { receiver, name, arguments, .. } => {
                match name.as_str() {
                    "for_update" => statement.row_lock = Some(RowLock::Waits),
                    name => chain.step(name, arguments, &mut scope)?,
                }
                at = *receiver;
            }
            // `diesel::update(users::table.find(1))`.
            ExpressionKind::Call { arguments, .. } => {
                statement.operation = match walk.callee_name(at)? {
                    "update" => Operation::Update,
                    "delete" => Operation::Delete,
                    _ => return None,
                };
                at = *arguments.first()?;
            }
            ExpressionKind::Path(path) => {
                tables.diesel_table(walk.file(), path).filter(|own| *own == table)?;
                return Some(chain.whole(statement, scope));
            }
            _ => return None,
        }
    }
    None
}

struct Chain<'c, 'a> {
    walk: &'c Walk<'a>,
    tables: &'c Tables,
    table: &'c str,
}

impl Chain<'_, '_> {
    fn whole(&self, mut statement: Statement, mut scope: Scope) -> Statement {
        let writes = statement.operation != Operation::Select;
        let tables = if writes { &mut statement.writes } else { &mut statement.reads };
        tables.insert(self.table.to_string());
        scope.sources[0].written = writes;
        if writes && scope.conditions.is_empty() {
            statement.rewrites.push(self.table.to_string());
        }
        if writes {
            statement.rows = Rows::Unknown;
        }
        statement.scopes.push(scope);
        statement
    }

    fn source(&self) -> Source {
        Source { table: Some(self.table.to_string()), name: self.table.to_string(), ..Source::default() }
    }

    /// One method of the chain; the last one comes first.
    fn step(&self, name: &str, arguments: &[ExprId], scope: &mut Scope) -> Option<()> {
        match (name, arguments) {
            ("into_boxed" | "set" | "returning", _) => {}
            ("offset", [count]) => scope.offset = scope.offset.take().or(Some(self.walk.offset(*count))),
            ("select", [what]) => scope.grouped |= !self.is_plain(*what),
            ("distinct", []) => scope.grouped = true,
            ("count", []) => scope.single_row = true,
            ("find", [key]) => scope.conditions.extend(self.key(*key)?),
            ("filter", [condition]) => scope.conditions.extend(self.conditions(*condition, 16)?),
            ("order" | "order_by" | "then_order_by", [key]) => scope.order = self.order(*key),
            ("limit", [count]) => scope.limit = scope.limit.or(Some(self.limit(*count))),
            _ => return None,
        }
        Some(())
    }

    fn limit(&self, count: ExprId) -> Limit {
        match self.walk.kind(count) {
            ExpressionKind::Literal(Literal::Integer { value: Some(1), .. }) => Limit::One,
            _ => Limit::Some,
        }
    }

    /// Columns as they are; what else is selected may put rows together.
    fn is_plain(&self, what: ExprId) -> bool {
        let is_call = |inside: ExprId| match self.walk.kind(inside) {
            ExpressionKind::Call { .. } => self.walk.callee_name(inside) != Some("as_select"),
            ExpressionKind::Macro(_) => true,
            _ => false,
        };
        !self.walk.body.inside(what).any(is_call)
    }

    /// `find(1)`, `find((1, 2))`: the primary key.
    fn key(&self, given: ExprId) -> Option<Vec<Condition>> {
        let key = &self.tables.declared(self.table)?.key;
        let values = match self.walk.kind(given) {
            ExpressionKind::Tuple(values) => values.as_slice(),
            _ => std::slice::from_ref(&given),
        };
        if values.len() != key.len() || self.names_columns(given) {
            return None;
        }
        let test = |(name, value): (&String, &ExprId)| {
            let column = ColumnName { source: Some(self.table.to_string()), name: name.clone() };
            Condition::Test(self.compared(Operand::Column(column), Comparison::Equal, "=", Some(*value)))
        };
        Some(key.iter().zip(values).map(test).collect())
    }

    /// The leading key alone: it is the one that decides about an index.
    fn order(&self, key: ExprId) -> Vec<OrderKey> {
        let first = match self.walk.kind(key) {
            ExpressionKind::Tuple(keys) => keys.first().copied().unwrap_or(key),
            _ => key,
        };
        let (value, descending) = match self.walk.kind(first) {
            ExpressionKind::MethodCall { receiver, name, .. } if name == "desc" || name == "asc" => (*receiver, name == "desc"),
            _ => (first, false),
        };
        vec![OrderKey { column: self.own_column(value), descending }]
    }

    /// What all has to hold; `None` where a part of it is not understood.
    fn conditions(&self, at: ExprId, depth: usize) -> Option<Vec<Condition>> {
        let ExpressionKind::MethodCall { receiver, name, arguments, .. } = self.walk.kind(at) else { return self.flag(at) };
        let depth = depth.checked_sub(1)?;
        match (name.as_str(), arguments.as_slice()) {
            ("and", [other]) => {
                let mut all = self.conditions(*receiver, depth)?;
                all.extend(self.conditions(*other, depth)?);
                Some(all)
            }
            ("or", [other]) => Some(vec![Condition::Any(vec![self.conditions(*receiver, depth)?, self.conditions(*other, depth)?])]),
            (method, _) => self.predicate(*receiver, method, arguments).map(|test| vec![Condition::Test(test)]),
        }
    }

    /// `filter(users::active)`: no index helps.
    fn flag(&self, at: ExprId) -> Option<Vec<Condition>> {
        let column = self.own_column(at)?;
        Some(vec![Condition::Test(self.compared(Operand::Column(column), Comparison::Other, "", None))])
    }

    fn predicate(&self, subject: ExprId, method: &str, arguments: &[ExprId]) -> Option<Predicate> {
        let (_, comparison, operator) = COMPARISONS.iter().find(|(name, ..)| *name == method)?;
        let subject = self.subject(subject)?;
        // `eq_any(authors)` with `let authors = Author::belonging_to(post).select(..)` is a query in a query, too.
        let given = |argument: &ExprId| self.walk.bound_value(*argument).unwrap_or(*argument);
        if arguments.iter().any(|argument| self.names_columns(given(argument))) {
            return None;
        }
        let comparison = self.walk.searched(method, arguments).unwrap_or(*comparison);
        Some(self.compared(subject, comparison, operator, arguments.first().copied()))
    }

    fn compared(&self, subject: Operand, comparison: Comparison, operator: &str, value: Option<ExprId>) -> Predicate {
        let name = match &subject {
            Operand::Column(column) => &column.name,
            Operand::Computed { text, .. } | Operand::Value { text } => text,
            Operand::Subquery => "",
        };
        let value = value.map_or(String::new(), |value| self.walk.text(value));
        let text = format!("{name} {operator} {value}").trim_end().to_string();
        Predicate { normal: text.to_ascii_lowercase(), text, comparison, subject, other: Operand::Value { text: value } }
    }

    /// A column, or `lower(column)`.
    fn subject(&self, at: ExprId) -> Option<Operand> {
        let ExpressionKind::Call { arguments, .. } = self.walk.kind(at) else { return self.own_column(at).map(Operand::Column) };
        let function = self.walk.callee_name(at).filter(|name| matches!(*name, "lower" | "upper"))?;
        let [inner] = arguments.as_slice() else { return None };
        let column = self.own_column(*inner)?;
        Some(Operand::Computed { text: format!("{function}({})", column.name), columns: vec![column] })
    }

    /// `users::name`, or `name` where the file has the columns of this table under their own names.
    fn own_column(&self, at: ExprId) -> Option<ColumnName> {
        let ExpressionKind::Path(path) = self.walk.kind(at) else { return None };
        let name = match path.single() {
            Some(name) => self.bare_column(at, name)?,
            None => self.column(path).filter(|(table, _)| *table == self.table)?.1,
        };
        let is_declared = self.tables.declared(self.table)?.columns.iter().any(|(own, _)| own == name);
        is_declared.then(|| ColumnName { source: Some(self.table.to_string()), name: name.to_string() })
    }

    fn bare_column<'p>(&self, at: ExprId, name: &'p str) -> Option<&'p str> {
        let is_local = matches!(self.walk.inputs.definition_at(self.walk.function, at), Some(Definition::Local));
        (!is_local && self.tables.has_bare_columns(self.walk.file(), self.table)).then_some(name)
    }

    fn column<'p>(&'p self, path: &'p Path) -> Option<(&'p str, &'p str)> {
        let mut from_the_end = path.segments.iter().rev().map(|segment| segment.name.as_str());
        let column = from_the_end.next()?;
        let module = from_the_end.find(|name| !matches!(*name, "dsl" | "columns"))?;
        Some((self.tables.diesel_module(module)?, column))
    }

    /// Columns or other queries: more than a value.
    fn names_columns(&self, at: ExprId) -> bool {
        (self.walk.body[at].first.0..=at.0).any(|inside| match self.walk.kind(ExprId(inside)) {
            ExpressionKind::Path(_) if self.own_column(ExprId(inside)).is_some() => true,
            ExpressionKind::Path(path) => self.column(path).is_some() || self.tables.diesel_table(self.walk.file(), path).is_some(),
            ExpressionKind::Macro(_) => true,
            _ => false,
        })
    }
}

const COMPARISONS: &[(&str, Comparison, &str)] = &[
    ("eq", Comparison::Equal, "="),
    ("eq_any", Comparison::In, "in"),
    ("gt", Comparison::Range, ">"),
    ("ge", Comparison::Range, ">="),
    ("lt", Comparison::Range, "<"),
    ("le", Comparison::Range, "<="),
    ("between", Comparison::Range, "between"),
    ("like", Comparison::Pattern, "like"),
    ("ilike", Comparison::Anywhere, "ilike"),
    ("ne", Comparison::Other, "<>"),
    ("ne_all", Comparison::Other, "not in"),
    ("is_null", Comparison::IsNull, "is null"),
    ("is_not_null", Comparison::IsNotNull, "is not null"),
];

//! What a query of sea-orm says, where all of its chain is understood: one entity, its conditions, order and limit, as SQL text would give
//! them.

use super::tables::{EntityModel, Tables, module_of};
use super::walk::Walk;
use crate::facts::{ExprId, ExpressionKind};
use crate::model::{
    ColumnName, Comparison, Condition, Limit, Operand, Operation, OrderKey, Predicate, RowLock, Rows, Scope, Source, Statement,
};

/// Of the chain from `root` (`user::Entity::find()`) to `run`. `None` where a join, a local that is given other values, or a method that
/// is not known here is in it.
pub(super) fn statement(walk: &Walk, tables: &Tables, run: ExprId, root: ExprId, table: &str) -> Option<Statement> {
    let model = tables.entity_model(table)?;
    let module = module_of(walk.inputs.sources.path(walk.file()));
    let chain = Chain { walk, tables, table, model, module };
    let ExpressionKind::MethodCall { receiver, name, .. } = walk.kind(run) else { return None };
    let mut statement = chain.begun(root)?;
    let mut scope = statement.scopes.pop()?;
    match name.as_str() {
        "one" | "require_one" => scope.limit = Some(Limit::One),
        "count" | "exists" | "num_items" | "num_pages" | "num_items_and_pages" => scope.single_row = true,
        "all" | "stream" | "fetch_page" | "fetch" | "exec" | "exec_with_returning" => {}
        _ => return None,
    }
    let mut at = *receiver;
    for _ in 0..64 {
        at = walk.peeled(walk.unchanged_value(walk.peeled(at)));
        if at == root {
            if statement.operation != Operation::Select && scope.conditions.is_empty() {
                statement.rewrites.push(table.to_string());
            }
            statement.scopes.push(scope);
            return Some(statement);
        }
        let ExpressionKind::MethodCall { receiver, name, arguments, .. } = walk.kind(at) else { return None };
        match name.as_str() {
            "lock_exclusive" => statement.row_lock = Some(RowLock::Waits),
            name => chain.step(name, arguments, &mut scope)?,
        }
        at = *receiver;
    }
    None
}

struct Chain<'c, 'a> {
    walk: &'c Walk<'a>,
    tables: &'c Tables,
    table: &'c str,
    model: &'c EntityModel,
    /// Of the file, for a `Column` that is declared in it.
    module: String,
}

impl Chain<'_, '_> {
    /// `Entity::find()`, `Entity::find_by_id(7)`, `Entity::delete_many()`.
    fn begun(&self, root: ExprId) -> Option<Statement> {
        let mut scope = Scope { outermost: true, ..Scope::default() };
        let operation = match (self.walk.callee_name(root)?, self.walk.arguments(root)) {
            ("find", []) => Operation::Select,
            ("find_by_id", [key]) => {
                scope.conditions = self.key(*key)?;
                Operation::Select
            }
            ("update_many", []) => Operation::Update,
            ("delete_many", []) => Operation::Delete,
            ("delete_by_id", [key]) => {
                scope.conditions = self.key(*key)?;
                Operation::Delete
            }
            _ => return None,
        };
        let writes = operation != Operation::Select;
        let name = self.table.to_string();
        scope.sources.push(Source { table: Some(name.clone()), name: name.clone(), written: writes, ..Source::default() });
        let rows = if writes { Rows::Unknown } else { Rows::Unbounded };
        let (reads, written) = if writes { (Vec::new(), vec![name]) } else { (vec![name], Vec::new()) };
        Some(Statement {
            operation,
            reads: reads.into_iter().collect(),
            writes: written.into_iter().collect(),
            parsed: true,
            rows,
            scopes: vec![scope],
            ..Statement::default()
        })
    }

    fn key(&self, given: ExprId) -> Option<Vec<Condition>> {
        let values = match self.walk.kind(given) {
            ExpressionKind::Tuple(values) => values.as_slice(),
            _ => std::slice::from_ref(&given),
        };
        if values.len() != self.model.key.len() {
            return None;
        }
        let test = |(name, value): (&String, &ExprId)| self.compared(Operand::Column(self.own(name)), Comparison::Equal, "=", Some(*value));
        Some(self.model.key.iter().zip(values).map(test).collect())
    }

    /// One method of the chain; the last one comes first.
    fn step(&self, name: &str, arguments: &[ExprId], scope: &mut Scope) -> Option<()> {
        match (name, arguments) {
            ("offset", [count]) => scope.offset = scope.offset.take().or(Some(self.walk.offset(*count))),
            ("select_only" | "column" | "columns" | "into_model" | "into_json" | "into_partial_model", _) => {}
            ("into_tuple" | "set" | "col_expr", _) => {}
            ("column_as" | "expr" | "expr_as" | "group_by" | "distinct", _) => scope.grouped = true,
            ("filter", [condition]) => scope.conditions.extend(self.conditions(*condition, 16)?),
            ("order_by", [column, order]) => {
                let descending = matches!(self.walk.kind(*order), ExpressionKind::Path(path) if path.last() == Some("Desc"));
                scope.order = vec![OrderKey { column: self.column(*column), descending }];
            }
            ("order_by_asc" | "order_by_desc", [column]) => {
                scope.order = vec![OrderKey { column: self.column(*column), descending: name == "order_by_desc" }];
            }
            // `limit(None)` takes a limit away.
            ("limit", [count]) if self.is_some_count(*count) => scope.limit = scope.limit.or(Some(Limit::Some)),
            ("paginate" | "cursor_by", _) => scope.limit = scope.limit.or(Some(Limit::Some)),
            _ => return None,
        }
        Some(())
    }

    fn is_some_count(&self, count: ExprId) -> bool {
        !matches!(self.walk.kind(count), ExpressionKind::Path(path) if path.last() == Some("None"))
    }

    /// What all has to hold; `None` where a part of it is not understood.
    fn conditions(&self, at: ExprId, depth: usize) -> Option<Vec<Condition>> {
        let depth = depth.checked_sub(1)?;
        let at = self.walk.peeled(self.walk.unchanged_value(at));
        if self.begins_condition(at).is_some() {
            return Some(Vec::new());
        }
        let ExpressionKind::MethodCall { receiver, name, arguments, .. } = self.walk.kind(at) else { return None };
        match (name.as_str(), arguments.as_slice()) {
            ("add", [_]) => self.added(at, depth),
            ("and", [other]) => {
                let mut all = self.conditions(*receiver, depth)?;
                all.extend(self.conditions(*other, depth)?);
                Some(all)
            }
            ("or", [other]) => Some(vec![Condition::Any(vec![self.conditions(*receiver, depth)?, self.conditions(*other, depth)?])]),
            (method, arguments) => {
                let (_, comparison, operator) = COMPARISONS.iter().find(|(name, ..)| *name == method)?;
                let subject = self.subject(*receiver)?;
                if arguments.iter().any(|argument| self.names_columns(*argument)) {
                    return None;
                }
                let comparison = self.walk.searched(method, arguments).unwrap_or(*comparison);
                Some(vec![self.compared(subject, comparison, operator, arguments.first().copied())])
            }
        }
    }

    /// `Condition::any().add(a).add(b)`.
    fn added(&self, last: ExprId, depth: usize) -> Option<Vec<Condition>> {
        let (mut at, mut parts) = (last, Vec::new());
        for _ in 0..64 {
            at = self.walk.peeled(self.walk.unchanged_value(self.walk.peeled(at)));
            if let Some(any) = self.begins_condition(at) {
                parts.reverse();
                return Some(if any { vec![Condition::Any(parts)] } else { parts.into_iter().flatten().collect() });
            }
            let ExpressionKind::MethodCall { receiver, name, arguments, .. } = self.walk.kind(at) else { return None };
            let [part] = arguments.as_slice() else { return None };
            if name != "add" {
                return None;
            }
            parts.push(self.conditions(*part, depth)?);
            at = *receiver;
        }
        None
    }

    /// Whether any or all of what is added has to hold.
    fn begins_condition(&self, at: ExprId) -> Option<bool> {
        let ExpressionKind::Call { callee, .. } = self.walk.kind(at) else { return None };
        let ExpressionKind::Path(path) = self.walk.kind(*callee) else { return None };
        let names: Vec<&str> = path.segments.iter().map(|segment| segment.name.as_str()).collect();
        match names.as_slice() {
            [.., "Condition" | "Cond", "all"] => Some(false),
            [.., "Condition" | "Cond", "any"] => Some(true),
            _ => None,
        }
    }

    fn own(&self, name: &str) -> ColumnName {
        ColumnName { source: Some(self.table.to_string()), name: name.to_string() }
    }

    /// `Column::Email`, or `Expr::expr(Func::lower(Expr::col(Column::Email)))`.
    fn subject(&self, at: ExprId) -> Option<Operand> {
        if let Some(column) = self.column(at) {
            return Some(Operand::Column(column));
        }
        let (function, inner) = self.built(at)?;
        match function {
            ["Expr", "expr" | "col"] | ["SimpleExpr", "from" | "FunctionCall"] => self.subject(inner),
            ["Func", name @ ("lower" | "upper")] => {
                let Operand::Column(column) = self.subject(inner)? else { return None };
                Some(Operand::Computed { text: format!("{name}({})", column.name), columns: vec![column] })
            }
            _ => None,
        }
    }

    /// The last two names of a function of sea-query, and the only value that it is given: of `(Entity, Column::Email)` the column.
    fn built(&self, at: ExprId) -> Option<([&str; 2], ExprId)> {
        let ExpressionKind::Call { callee, arguments, .. } = self.walk.kind(at) else { return None };
        let ExpressionKind::Path(path) = self.walk.kind(*callee) else { return None };
        let [.., owner, name] = path.segments.as_slice() else { return None };
        let [inner] = arguments.as_slice() else { return None };
        let inner = match self.walk.kind(*inner) {
            ExpressionKind::Tuple(parts) => *parts.last()?,
            _ => *inner,
        };
        Some(([owner.name.as_str(), name.name.as_str()], inner))
    }

    /// Of this very entity.
    fn column(&self, at: ExprId) -> Option<ColumnName> {
        let (table, column) = self.any_column(at)?;
        (table == self.table).then(|| self.own(column))
    }

    fn any_column(&self, at: ExprId) -> Option<(&str, &str)> {
        let ExpressionKind::Path(path) = self.walk.kind(at) else { return None };
        let names: Vec<&str> = path.segments.iter().map(|segment| segment.name.as_str()).collect();
        self.tables.entity_column(&names, self.walk.file(), &self.module)
    }

    /// Columns or other queries: more than a value.
    fn names_columns(&self, at: ExprId) -> bool {
        self.walk.body.inside(at).any(|inside| match self.walk.kind(inside) {
            ExpressionKind::Path(path) => {
                path.segments.iter().any(|segment| matches!(segment.name.as_str(), "Column" | "Entity" | "Expr" | "Query" | "Func"))
                    || self.any_column(inside).is_some()
            }
            _ => false,
        })
    }

    fn compared(&self, subject: Operand, comparison: Comparison, operator: &str, value: Option<ExprId>) -> Condition {
        let name = match &subject {
            Operand::Column(column) => &column.name,
            Operand::Computed { text, .. } | Operand::Value { text } => text,
            Operand::Subquery => "",
        };
        let value = value.map_or(String::new(), |value| self.walk.text(value));
        let text = format!("{name} {operator} {value}").trim_end().to_string();
        let other = Operand::Value { text: value };
        Condition::Test(Predicate { normal: text.to_ascii_lowercase(), text, comparison, subject, other })
    }
}

/// Methods of `sea_orm::ColumnTrait`.
const COMPARISONS: &[(&str, Comparison, &str)] = &[
    ("eq", Comparison::Equal, "="),
    ("is_in", Comparison::In, "in"),
    ("eq_any", Comparison::In, "in"),
    ("gt", Comparison::Range, ">"),
    ("gte", Comparison::Range, ">="),
    ("lt", Comparison::Range, "<"),
    ("lte", Comparison::Range, "<="),
    ("between", Comparison::Range, "between"),
    ("like", Comparison::Pattern, "like"),
    ("starts_with", Comparison::Prefix, "like"),
    ("contains", Comparison::Within, "like"),
    ("ends_with", Comparison::Within, "like"),
    ("ne", Comparison::Other, "<>"),
    ("is_not_in", Comparison::Other, "not in"),
    ("not_like", Comparison::Other, "not like"),
    ("not_between", Comparison::Other, "not between"),
    ("is_null", Comparison::IsNull, "is null"),
    ("is_not_null", Comparison::IsNotNull, "is not null"),
];

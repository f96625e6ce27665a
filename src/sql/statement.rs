//! From one syntax tree to what it says.

use super::condition::conditions;
use super::expression::{self, column, folded, last_name, table_name};
use super::words;
use crate::model::{
    ColumnName, Comparison, Condition, Limit, Offset, Operand, Operation, OrderKey, Predicate, RowLock, Rows, Scope, Source, Statement,
};
use sqlparser::ast::{self, Expr, JoinConstraint, JoinOperator, SetExpr, TableFactor};

pub(super) fn read(parsed: &ast::Statement) -> Statement {
    let mut reader = Reader { statement: Statement { parsed: true, ..Statement::default() }, named: Vec::new(), functions: Vec::new() };
    reader.statement(parsed, true);
    reader.finished()
}

struct Reader {
    statement: Statement,
    /// Parts that `WITH` names, the innermost last.
    named: Vec<(String, std::ops::Range<usize>)>,
    /// Functions called in place of a table or a column.
    functions: Vec<String>,
}

impl Reader {
    fn finished(self) -> Statement {
        let Reader { mut statement, functions, .. } = self;
        let touches_nothing = statement.reads.is_empty() && statement.writes.is_empty();
        let is_about_session = functions.iter().all(|name| words::is_session_function(name));
        statement.control =
            statement.operation == Operation::Control || statement.operation == Operation::Select && touches_nothing && is_about_session;
        if statement.control {
            statement.operation = Operation::Control;
        }
        statement
    }

    fn statement(&mut self, parsed: &ast::Statement, outermost: bool) {
        match parsed {
            ast::Statement::Query(query) => {
                let rows = self.query(query, outermost);
                self.says(Operation::Select, outermost);
                if outermost && self.statement.rows == Rows::Unknown {
                    self.statement.rows = rows;
                }
            }
            ast::Statement::Insert(insert) => self.insert(insert, outermost),
            ast::Statement::Update(update) => self.update(update, outermost),
            ast::Statement::Delete(delete) => self.delete(delete, outermost),
            ast::Statement::Merge(merge) => {
                self.says(Operation::Update, outermost);
                let mut scope = Scope { outermost: false, ..Scope::default() };
                self.source(&merge.table, &mut scope, false, true);
                self.source(&merge.source, &mut scope, false, false);
                scope.conditions.extend(conditions(&merge.on));
                self.statement.scopes.push(scope);
            }
            ast::Statement::Truncate(truncate) => {
                self.says(Operation::Delete, outermost);
                self.statement.writes.extend(truncate.table_names.iter().map(|target| table_name(&target.name)));
            }
            ast::Statement::Copy { source: ast::CopySource::Table { table_name: table, .. }, to, .. } => {
                let name = table_name(table);
                self.says(if *to { Operation::Select } else { Operation::Insert }, outermost);
                if *to {
                    self.statement.reads.insert(name)
                } else {
                    self.statement.writes.insert(name)
                };
            }
            ast::Statement::Explain { statement, .. } => self.statement(statement, outermost),
            other => self.by_words(other),
        }
    }

    /// Statements that define or steer: which of the two, and the tables their words name.
    fn by_words(&mut self, parsed: &ast::Statement) {
        let words = words::read(&parsed.to_string());
        self.statement.operation = if words.operation == Operation::Unknown { Operation::Control } else { words.operation };
        self.statement.reads.extend(words.reads);
        self.statement.writes.extend(words.writes);
    }

    /// Rows that a statement deletes or inserts on the way are what matters about it.
    fn says(&mut self, operation: Operation, outermost: bool) {
        let own = &mut self.statement.operation;
        let inner_write = !outermost && operation != Operation::Select;
        if *own == Operation::Unknown || *own == Operation::Select && inner_write {
            *own = operation;
        }
    }

    fn insert(&mut self, insert: &ast::Insert, outermost: bool) {
        self.says(Operation::Insert, outermost);
        if let ast::TableObject::TableName(name) = &insert.table {
            self.statement.writes.insert(table_name(name));
            self.statement.inserts.push((table_name(name), insert.columns.iter().map(last_name).collect()));
        }
        if let Some(source) = &insert.source {
            self.query(source, false);
        }
        self.expressions(insert.assignments.iter().map(|assignment| &assignment.value));
        if let Some(ast::OnInsert::OnConflict(conflict)) = &insert.on
            && let ast::OnConflictAction::DoUpdate(update) = &conflict.action
        {
            self.expressions(update.assignments.iter().map(|assignment| &assignment.value).chain(&update.selection));
        }
    }

    fn update(&mut self, update: &ast::Update, outermost: bool) {
        self.says(Operation::Update, outermost);
        let mut scope = Scope { outermost, limit: update.limit.as_ref().map(limit_of), ..Scope::default() };
        self.joined(&update.table, &mut scope, true);
        if let Some(ast::UpdateTableFromKind::BeforeSet(from) | ast::UpdateTableFromKind::AfterSet(from)) = &update.from {
            from.iter().for_each(|from| self.joined(from, &mut scope, false));
        }
        self.expressions(update.assignments.iter().map(|assignment| &assignment.value));
        scope.assigned = update.assignments.iter().flat_map(|assignment| assigned(&assignment.target)).collect();
        self.written(scope, &update.selection);
    }

    fn delete(&mut self, delete: &ast::Delete, outermost: bool) {
        self.says(Operation::Delete, outermost);
        let mut scope = Scope { outermost, limit: delete.limit.as_ref().map(limit_of), ..Scope::default() };
        let (ast::FromTable::WithFromKeyword(from) | ast::FromTable::WithoutKeyword(from)) = &delete.from;
        let several = !delete.tables.is_empty();
        from.iter().for_each(|from| self.joined(from, &mut scope, !several));
        for table in &delete.tables {
            let name = last_name(table);
            if let Some(source) = scope.sources.iter_mut().find(|source| source.name == name) {
                source.written = true;
                self.statement.writes.extend(source.table.clone());
            }
        }
        delete.using.iter().flatten().for_each(|using| self.joined(using, &mut scope, false));
        self.written(scope, &delete.selection);
    }

    fn written(&mut self, mut scope: Scope, selection: &Option<Expr>) {
        self.expressions(selection.iter());
        scope.conditions.extend(selection.iter().flat_map(conditions));
        if selection.is_none() && scope.sources.len() == 1 && scope.limit.is_none() {
            self.statement.rewrites.extend(scope.sources[0].table.clone());
        }
        self.statement.scopes.push(scope);
    }

    /// Reads a query; gives how many rows it has by its text alone.
    fn query(&mut self, query: &ast::Query, outermost: bool) -> Rows {
        let before = self.named.len();
        for part in query.with.iter().flat_map(|with| &with.cte_tables) {
            let recursive = query.with.as_ref().is_some_and(|with| with.recursive);
            let first = self.statement.scopes.len();
            if recursive {
                self.named.push((folded(&part.alias.name), first..first));
            }
            self.query(&part.query, false);
            self.named.push((folded(&part.alias.name), first..self.statement.scopes.len()));
        }
        if let Some(lock) = query.locks.first() {
            self.statement.row_lock = Some(if lock.nonblock.is_some() { RowLock::Skips } else { RowLock::Waits });
        }
        let limit = limit(query);
        let window = Window { order: order(query), limit, offset: offset(query) };
        let rows = self.body(&query.body, outermost, &window);
        self.named.truncate(before);
        match limit {
            _ if rows == Rows::One => Rows::One,
            Some(Limit::One) => Rows::One,
            Some(Limit::Some) => Rows::Limited,
            None => rows,
        }
    }

    fn body(&mut self, body: &SetExpr, outermost: bool, window: &Window) -> Rows {
        match body {
            SetExpr::Select(select) => self.select(select, outermost, window),
            SetExpr::Query(query) => self.query(query, outermost),
            SetExpr::SetOperation { left, right, .. } => {
                let whole = Window::default();
                let (left, right) = (self.body(left, outermost, &whole), self.body(right, outermost, &whole));
                match (left, right) {
                    (Rows::Unbounded, _) | (_, Rows::Unbounded) => Rows::Unbounded,
                    (Rows::Unknown, _) | (_, Rows::Unknown) => Rows::Unknown,
                    _ => Rows::Limited,
                }
            }
            SetExpr::Values(values) => {
                self.expressions(values.rows.iter().flat_map(|row| row.content.iter()));
                Rows::Limited
            }
            SetExpr::Insert(inner) | SetExpr::Update(inner) | SetExpr::Delete(inner) | SetExpr::Merge(inner) => {
                self.statement(inner, false);
                Rows::Unknown
            }
            SetExpr::Table(table) => {
                self.statement.reads.extend(table.table_name.clone());
                Rows::Unbounded
            }
        }
    }

    fn select(&mut self, select: &ast::Select, outermost: bool, window: &Window) -> Rows {
        let projected: Vec<&Expr> = select.projection.iter().filter_map(projected).collect();
        let grouped = is_grouped(&select.group_by) || select.having.is_some() || select.distinct.is_some();
        let aggregate = !projected.is_empty() && projected.iter().any(|expr| expression::has_aggregate(expr));
        let single_row = !is_grouped(&select.group_by) && aggregate || select.from.is_empty() && !returns_sets(&projected);
        let Window { order, limit, offset } = window.clone();
        let mut scope = Scope { order, limit, offset, single_row, grouped, outermost, ..Scope::default() };
        select.from.iter().for_each(|from| self.joined(from, &mut scope, false));
        scope.conditions.extend(select.selection.iter().flat_map(conditions));
        scope.projected = projected.iter().flat_map(|expr| expression::columns(expr)).collect();
        self.statement.scopes.push(scope);
        self.expressions(projected.into_iter().chain(&select.selection).chain(&select.having));
        match (single_row, &select.top) {
            (true, _) => Rows::One,
            (false, Some(_)) => Rows::Limited,
            _ if select.from.is_empty() => Rows::Unknown,
            _ => Rows::Unbounded,
        }
    }

    fn joined(&mut self, from: &ast::TableWithJoins, scope: &mut Scope, written: bool) {
        self.source(&from.relation, scope, false, written);
        for join in &from.joins {
            let (constraint, kind) = constraint(&join.join_operator);
            let first = scope.sources.len();
            self.source(&join.relation, scope, kind == Kind::Left, false);
            if kind == Kind::Right {
                scope.sources[..first].iter_mut().for_each(|source| source.optional = true);
            }
            self.join_conditions(constraint, scope, first, kind);
        }
    }

    fn join_conditions(&mut self, constraint: Option<&JoinConstraint>, scope: &mut Scope, first: usize, kind: Kind) {
        match constraint {
            Some(JoinConstraint::On(expr)) => {
                self.expressions(std::iter::once(expr));
                let names: Vec<String> = scope.sources[first..].iter().map(|source| source.name.clone()).collect();
                // What `ON` of an outer join says about the other side alone does not restrict it.
                let counts = |condition: &Condition| kind == Kind::Inner || mentions(condition, &names);
                scope.conditions.extend(conditions(expr).into_iter().filter(counts));
            }
            Some(JoinConstraint::Using(columns)) => {
                let left = scope.sources.first().map(|source| source.name.clone());
                let right = scope.sources.get(first).map(|source| source.name.clone());
                scope.conditions.extend(columns.iter().map(|name| same(last_name(name), left.clone(), right.clone())));
            }
            _ => {}
        }
    }

    fn source(&mut self, factor: &TableFactor, scope: &mut Scope, optional: bool, written: bool) {
        let alias = |alias: &Option<ast::TableAlias>| alias.as_ref().map(|alias| folded(&alias.name));
        let derived = |name: Option<String>| Source { name: name.unwrap_or_default(), optional, ..Source::default() };
        match factor {
            TableFactor::Table { name, alias: own, args, .. } => {
                let table = table_name(name);
                let name = alias(own).unwrap_or_else(|| last_name(name));
                if args.is_some() {
                    self.functions.push(table);
                    return scope.sources.push(derived(Some(name)));
                }
                if let Some((_, inner)) = self.named.iter().rev().find(|(own, _)| *own == table) {
                    return scope.sources.push(Source { inner: Some(inner.clone()), ..derived(Some(name)) });
                }
                let tables = if written { &mut self.statement.writes } else { &mut self.statement.reads };
                tables.insert(table.clone());
                scope.sources.push(Source { table: Some(table), name, optional, written, inner: None });
            }
            TableFactor::Derived { subquery, alias: own, .. } => {
                let first = self.statement.scopes.len();
                self.query(subquery, false);
                scope.sources.push(Source { inner: Some(first..self.statement.scopes.len()), ..derived(alias(own)) });
            }
            TableFactor::NestedJoin { table_with_joins, .. } => self.joined(table_with_joins, scope, written),
            TableFactor::Function { name, alias: own, .. } => {
                self.functions.push(table_name(name));
                scope.sources.push(derived(alias(own)));
            }
            TableFactor::UNNEST { alias: own, array_exprs, .. } => {
                self.expressions(array_exprs.iter());
                scope.sources.push(derived(alias(own)));
            }
            TableFactor::TableFunction { alias: own, .. } => scope.sources.push(derived(alias(own))),
            _ => scope.sources.push(derived(None)),
        }
    }

    /// Queries and functions inside expressions.
    fn expressions<'e>(&mut self, expressions: impl Iterator<Item = &'e Expr>) {
        for expr in expressions {
            let mut queries = Vec::new();
            expression::queries(expr, &mut queries);
            queries.into_iter().for_each(|query| {
                self.query(query, false);
            });
            if let Expr::Function(function) = expr {
                self.functions.push(last_name(&function.name));
            }
        }
    }
}

/// Columns that `SET` gives values.
fn assigned(target: &ast::AssignmentTarget) -> Vec<String> {
    match target {
        ast::AssignmentTarget::ColumnName(name) => vec![last_name(name)],
        ast::AssignmentTarget::Tuple(names) => names.iter().map(last_name).collect(),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Inner,
    Left,
    Right,
}

fn constraint(operator: &JoinOperator) -> (Option<&JoinConstraint>, Kind) {
    use JoinOperator::*;
    match operator {
        Join(one) | Inner(one) | CrossJoin(one) | Semi(one) | LeftSemi(one) | RightSemi(one) | StraightJoin(one) => {
            (Some(one), Kind::Inner)
        }
        Left(one) | LeftOuter(one) | Anti(one) | LeftAnti(one) | RightAnti(one) => (Some(one), Kind::Left),
        Right(one) | RightOuter(one) | FullOuter(one) => (Some(one), Kind::Right),
        AsOf { constraint, .. } => (Some(constraint), Kind::Left),
        _ => (None, Kind::Inner),
    }
}

fn mentions(condition: &Condition, names: &[String]) -> bool {
    let named = |column: &ColumnName| column.source.as_ref().is_none_or(|source| names.contains(source));
    let operand = |operand: &Operand| match operand {
        Operand::Column(column) => named(column),
        Operand::Computed { columns, .. } => columns.iter().any(named),
        _ => false,
    };
    match condition {
        Condition::Test(test) => operand(&test.subject) || operand(&test.other),
        Condition::Any(branches) => branches.iter().flatten().any(|condition| mentions(condition, names)),
        Condition::Optional(columns) => columns.iter().any(named),
    }
}

/// `USING (id)`.
fn same(name: String, left: Option<String>, right: Option<String>) -> Condition {
    let column = |source| Operand::Column(ColumnName { source, name: name.clone() });
    let text = format!("USING ({name})");
    Condition::Test(Predicate {
        subject: column(right),
        comparison: Comparison::Equal,
        other: column(left),
        normal: text.to_lowercase(),
        text,
    })
}

fn projected(item: &ast::SelectItem) -> Option<&Expr> {
    match item {
        ast::SelectItem::UnnamedExpr(expr)
        | ast::SelectItem::ExprWithAlias { expr, .. }
        | ast::SelectItem::ExprWithAliases { expr, .. } => Some(expr),
        _ => None,
    }
}

fn is_grouped(group_by: &ast::GroupByExpr) -> bool {
    match group_by {
        ast::GroupByExpr::All(_) => true,
        ast::GroupByExpr::Expressions(expressions, _) => !expressions.is_empty(),
    }
}

/// `SELECT unnest($1)`: many rows without a `FROM`.
fn returns_sets(projected: &[&Expr]) -> bool {
    projected.iter().any(|expr| match expression::inner(expr) {
        Expr::Function(function) => {
            let name = last_name(&function.name);
            ["unnest", "generate_series", "regexp_split_to_table", "jsonb_array_elements", "json_array_elements"].contains(&name.as_str())
                || !words::is_session_function(&name)
        }
        _ => false,
    })
}

/// Which part of the rows of a query is wanted.
#[derive(Clone, Default)]
struct Window {
    order: Vec<OrderKey>,
    limit: Option<Limit>,
    offset: Option<Offset>,
}

fn offset(query: &ast::Query) -> Option<Offset> {
    let value = match query.limit_clause.as_ref()? {
        ast::LimitClause::LimitOffset { offset, .. } => &offset.as_ref()?.value,
        ast::LimitClause::OffsetCommaLimit { offset, .. } => offset,
    };
    Some(match value {
        Expr::Value(value) if matches!(value.value, ast::Value::Number(..)) => Offset::Fixed,
        given => Offset::Given(given.to_string()),
    })
}

fn limit(query: &ast::Query) -> Option<Limit> {
    let fetch = query.fetch.as_ref().map(|fetch| fetch.quantity.as_ref().map_or(Limit::One, limit_of));
    match &query.limit_clause {
        Some(ast::LimitClause::LimitOffset { limit: Some(limit), .. }) => Some(limit_of(limit)),
        Some(ast::LimitClause::OffsetCommaLimit { limit, .. }) => Some(limit_of(limit)),
        _ => fetch,
    }
}

fn limit_of(limit: &Expr) -> Limit {
    match limit {
        Expr::Value(value) if value.value.to_string() == "1" => Limit::One,
        _ => Limit::Some,
    }
}

fn order(query: &ast::Query) -> Vec<OrderKey> {
    let Some(ast::OrderBy { kind: ast::OrderByKind::Expressions(keys), .. }) = &query.order_by else { return Vec::new() };
    keys.iter()
        .map(|key| OrderKey { column: column(&key.expr), descending: matches!(key.options.sort, Some(ast::OrderBySort::Desc)) })
        .collect()
}

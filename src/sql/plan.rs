//! Which index serves which table of a statement, without asking a database: the leading column of an index has to be compared in a way
//! that the index can answer (<https://www.postgresql.org/docs/current/indexes-multicolumn.html>).

use super::wrapped::{search, wrapped};
use crate::model::{
    ColumnName, Comparison, Condition, Dialect, Index, IndexKey, Limit, Operand, Predicate, Rows, Schema, Scope, ServedTable, Source,
    Statement, Table, Unserved,
};
use std::borrow::Cow;
use std::ops::Range;

#[derive(Debug, Default)]
pub struct Plan {
    pub served: Vec<ServedTable>,
    pub unserved: Vec<Unserved>,
    /// Rows of the statement itself, with the schema's keys.
    pub rows: Rows,
}

/// Judged against each of `schemas` that knows the table: what one of them serves is served.
pub fn plan(statement: &Statement, schemas: &[&Schema]) -> Plan {
    let mut plan = Plan { rows: rows(statement, schemas), ..Plan::default() };
    let narrowed = narrowed(statement);
    for (_, scope) in statement.scopes.iter().enumerate().filter(|(index, _)| !narrowed.contains(index)) {
        for at in 0..scope.sources.len() {
            judge(scope, at, schemas, &mut plan);
        }
    }
    plan.unserved.sort_by(|a, b| a.table.cmp(&b.table));
    plan.unserved.dedup_by(|a, b| a.table == b.table);
    plan
}

/// Queries in `FROM` whose rows an outer query restricts: the database may ask for them by that too, so they cannot be judged alone.
fn narrowed(statement: &Statement) -> Vec<usize> {
    let mut found = Vec::new();
    for scope in &statement.scopes {
        for source in &scope.sources {
            let restricting = || scope.conditions.iter().filter(|condition| may_restrict(condition, &source.name));
            let joined = restricting().all(|condition| matches!(condition, Condition::Test(test) if test.compares_columns()));
            let inner = source.inner.clone().into_iter().flatten();
            // Rows that are put together are put together before they are joined.
            found.extend(inner.filter(|index| restricting().count() > 0 && !(joined && statement.scopes[*index].grouped)));
        }
    }
    found
}

fn may_restrict(condition: &Condition, source: &str) -> bool {
    let of_it = |column: &ColumnName| column.source.as_deref().is_none_or(|own| own == source);
    let names = |operand: &Operand| match operand {
        Operand::Column(column) => of_it(column),
        Operand::Computed { columns, .. } => columns.iter().any(of_it),
        _ => false,
    };
    match condition {
        Condition::Test(test) => names(&test.subject) || names(&test.other),
        Condition::Any(branches) => branches.iter().flatten().any(|condition| may_restrict(condition, source)),
        Condition::Optional(_) => true,
    }
}

fn judge(scope: &Scope, at: usize, schemas: &[&Schema], plan: &mut Plan) {
    let Some(table) = &scope.sources[at].table else { return };
    let mut known: Vec<&Schema> = schemas.iter().filter(|schema| schema.table(table).is_some()).copied().collect();
    // A table of this very name is meant before one of another name space.
    if known.iter().any(|schema| schema.tables.contains_key(table)) {
        known.retain(|schema| schema.tables.contains_key(table));
    }
    let mut unserved = None;
    for schema in &known {
        match verdict(&Resolved::new(scope, schema), at) {
            Verdict::Served(index) => return plan.served.push(ServedTable { table: table.clone(), index }),
            Verdict::Unserved(one) => unserved = Some(*one),
            Verdict::Unasked | Verdict::Unknown => return,
        }
    }
    plan.unserved.extend(unserved);
}

enum Verdict {
    Served(String),
    Unserved(Box<Unserved>),
    /// Nothing is asked of it.
    Unasked,
    Unknown,
}

/// One scope with the tables of one schema.
pub(super) struct Resolved<'a> {
    scope: &'a Scope,
    pub tables: Vec<Option<&'a Table>>,
    /// Those of the scope, and what follows from them.
    pub conditions: Cow<'a, [Condition]>,
    pub dialect: Dialect,
}

/// Where a column comes from.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Origin {
    Source(usize),
    /// An outer query, or nothing that is known: as good as a value.
    Outside,
    /// One of several.
    Open,
}

impl<'a> Resolved<'a> {
    fn new(scope: &'a Scope, schema: &'a Schema) -> Self {
        let table = |source: &Source| source.table.as_ref().and_then(|name| schema.table(name));
        let tables = scope.sources.iter().map(table).collect();
        let mut resolved = Self { scope, tables, conditions: Cow::Borrowed(&scope.conditions), dialect: schema.dialect };
        let implied = resolved.implied();
        if !implied.is_empty() {
            resolved.conditions.to_mut().extend(implied);
        }
        resolved
    }

    /// `a.x = 1` of `a.x = b.y AND b.y = 1`: PostgreSQL asks for both.
    fn implied(&self) -> Vec<Condition> {
        let mut found: Vec<Condition> = Vec::new();
        for _ in 1..self.scope.sources.len() {
            let known = || self.scope.conditions.iter().chain(&found).filter_map(equality);
            let new: Vec<Condition> = known().filter_map(|(one, other)| self.follows(one, other, known())).collect();
            if new.is_empty() {
                break;
            }
            found.extend(new);
        }
        found
    }

    /// What two columns that are equal say of one of them, where `known` says it of the other only.
    fn follows<'k>(&self, one: &Operand, other: &Operand, known: impl Iterator<Item = (&'k Operand, &'k Operand)>) -> Option<Condition> {
        let (Operand::Column(one), Operand::Column(other)) = (one, other) else { return None };
        let (from, to) = (self.place(one)?, self.place(other)?);
        let (mut of_one, mut of_other) = (None, None);
        for (subject, value) in known {
            let (Operand::Column(column), Operand::Value { text }) = (subject, value) else { continue };
            match self.place(column) {
                Some(place) if place == from => of_one = Some(text),
                Some(place) if place == to => of_other = Some(text),
                _ => {}
            }
        }
        let (column, value) = match (of_one, of_other) {
            (Some(value), None) => (other, value),
            (None, Some(value)) => (one, value),
            _ => return None,
        };
        let written = column.source.as_ref().map_or(column.name.clone(), |source| format!("{source}.{}", column.name));
        Some(Condition::Test(Predicate {
            subject: Operand::Column(column.clone()),
            comparison: Comparison::Equal,
            other: Operand::Value { text: value.clone() },
            text: format!("{written} = {value}"),
            normal: format!("{} = {}", column.name, value.to_lowercase()),
        }))
    }

    fn place<'c>(&self, column: &'c ColumnName) -> Option<(usize, &'c str)> {
        match self.origin(column) {
            Origin::Source(at) => Some((at, &column.name)),
            Origin::Outside | Origin::Open => None,
        }
    }

    pub(super) fn origin(&self, column: &ColumnName) -> Origin {
        if let Some(source) = &column.source {
            let named = self.scope.sources.iter().position(|own| own.name == *source);
            return named.map_or(Origin::Outside, Origin::Source);
        }
        let has = |at: &usize| self.tables[*at].is_some_and(|table| table.column(&column.name).is_some());
        let mut having = (0..self.tables.len()).filter(has);
        match (having.next(), having.next()) {
            (Some(only), None) => Origin::Source(only),
            (Some(_), Some(_)) => Origin::Open,
            // SQLite's own key.
            _ if self.tables.len() == 1 && self.tables[0].is_none() => Origin::Source(0),
            _ if self.tables.iter().all(|table| table.is_some_and(|table| table.incomplete.is_none())) => Origin::Outside,
            _ => Origin::Open,
        }
    }

    fn origins(&self, operand: &Operand) -> Vec<Origin> {
        match operand {
            Operand::Column(column) => vec![self.origin(column)],
            Operand::Computed { columns, .. } => columns.iter().map(|column| self.origin(column)).collect(),
            Operand::Value { .. } | Operand::Subquery => Vec::new(),
        }
    }

    fn is_boolean(&self, operand: &Operand) -> bool {
        let Operand::Column(column) = operand else { return false };
        let Some((at, name)) = self.place(column) else { return false };
        self.tables[at].and_then(|table| table.column(name)).is_some_and(|column| column.data_type.starts_with("BOOL"))
    }

    fn mentions(&self, operand: &Operand, at: usize) -> bool {
        self.origins(operand).contains(&Origin::Source(at))
    }

    /// Whether all its columns are of `at`, or of outside.
    fn is_about_only(&self, condition: &Condition, at: usize) -> bool {
        let fine = |operand: &Operand| {
            self.origins(operand).iter().all(|origin| matches!(origin, Origin::Source(one) if *one == at) || *origin == Origin::Outside)
        };
        match condition {
            Condition::Test(test) => fine(&test.subject) && fine(&test.other),
            Condition::Any(branches) => branches.iter().flatten().all(|condition| self.is_about_only(condition, at)),
            Condition::Optional(columns) => {
                columns.iter().all(|column| [Origin::Source(at), Origin::Outside].contains(&self.origin(column)))
            }
        }
    }

    fn asks(&self, condition: &Condition, at: usize) -> bool {
        match condition {
            Condition::Test(test) => self.mentions(&test.subject, at) || self.mentions(&test.other, at),
            Condition::Any(branches) => branches.iter().flatten().any(|condition| self.asks(condition, at)),
            Condition::Optional(columns) => columns.iter().any(|column| self.origin(column) == Origin::Source(at)),
        }
    }

    /// A condition that leaves some rows of `at` out when they are read one after the other.
    fn is_filter(&self, condition: &Condition, at: usize) -> bool {
        let subquery = matches!(condition, Condition::Test(Predicate { other: Operand::Subquery, comparison: Comparison::In, .. }));
        !subquery && self.asks(condition, at) && self.is_about_only(condition, at)
    }
}

fn verdict(resolved: &Resolved, at: usize) -> Verdict {
    let Some(table) = resolved.tables[at] else { return Verdict::Unknown };
    if table.incomplete.is_some() {
        return Verdict::Unknown;
    }
    let conditions = &resolved.conditions;
    if conditions.iter().any(is_never) {
        return Verdict::Unasked;
    }
    if let Some(index) = serving(resolved, at, &leading(table), conditions, &Sides::Own) {
        return Verdict::Served(index.title());
    }
    if let Some(index) = table.indexes.iter().find(|index| holds_only_wanted(resolved, at, index)) {
        return Verdict::Served(index.title());
    }
    let filters: Vec<&Condition> = conditions.iter().filter(|condition| resolved.is_filter(condition, at)).collect();
    match serving(resolved, at, &leading(table), conditions, &Sides::Any) {
        Some(index) if !has_index_of_boolean(resolved, at, table) && is_joined_to(resolved, at, &filters) => {
            return Verdict::Served(index.title());
        }
        _ if filters.is_empty() => return Verdict::Unasked,
        _ => {}
    }
    Verdict::Unserved(Box::new(unserved(resolved, at, table, &filters)))
}

/// `.. WHERE done_at IS NULL`: all of such an index is what the statement asks for.
fn holds_only_wanted(resolved: &Resolved, at: usize, index: &Index) -> bool {
    let few = |wanted: &String| {
        let says = |condition: &&Condition| matches!(condition, Condition::Test(test) if test.normal == *wanted);
        resolved.conditions.iter().filter(says).any(|condition| resolved.is_filter(condition, at) && is_narrow(resolved, condition))
    };
    index.partial.iter().any(few) && is_implied(index, &resolved.conditions)
}

/// Half of the rows are what it leads to, yet that is where PostgreSQL begins a join.
fn has_index_of_boolean(resolved: &Resolved, at: usize, table: &Table) -> bool {
    table.indexes.iter().any(|index| {
        let leads = |test: &Predicate| resolved.is_boolean(&test.subject) && answers(resolved, at, index, 0..1, test);
        resolved.conditions.iter().any(|condition| matches!(condition, Condition::Test(test) if leads(test)))
    })
}

/// `a = NULL`: no row is so, and none is read.
fn is_never(condition: &Condition) -> bool {
    let Condition::Test(Predicate { comparison, other: Operand::Value { text }, .. }) = condition else { return false };
    matches!(comparison, Comparison::Equal | Comparison::Range | Comparison::Other) && text.eq_ignore_ascii_case("null")
}

fn equality(condition: &Condition) -> Option<(&Operand, &Operand)> {
    match condition {
        Condition::Test(Predicate { subject, comparison: Comparison::Equal, other, .. }) => match other {
            Operand::Value { text } if text.is_empty() => None,
            _ => Some((subject, other)),
        },
        _ => None,
    }
}

/// Whether the join is entered elsewhere and comes to `to` by an index: some other source is narrowed by an index or is no table, nothing
/// worth beginning with is asked of `to`, or the join cannot begin there, because there is no index for the way on from there.
fn is_joined_to(resolved: &Resolved, to: usize, filters: &[&Condition]) -> bool {
    if resolved.scope.sources[to].optional || !filters.iter().any(|filter| is_narrow(resolved, filter)) {
        return true;
    }
    let narrowed = |at: usize| match resolved.tables[at] {
        Some(table) => {
            serving(resolved, at, &leading(table), &resolved.conditions, &Sides::Own).is_some_and(|_| asks_narrowly(resolved, at))
        }
        None => true,
    };
    let count = resolved.tables.len();
    let entries: Vec<bool> = (0..count).map(|at| at != to && narrowed(at)).collect();
    let here: Vec<bool> = (0..count).map(|at| at == to).collect();
    reached(resolved, entries)[to] || !reached(resolved, here).into_iter().all(|one| one) || begins_at_parent(resolved, to)
}

fn asks_narrowly(resolved: &Resolved, at: usize) -> bool {
    resolved.conditions.iter().any(|condition| resolved.is_filter(condition, at) && is_narrow(resolved, condition))
}

/// What leaves few rows by PostgreSQL's own defaults: not a range (a third), not `IS NOT NULL` or `<>` (nearly all), not a boolean (half).
/// <https://github.com/postgres/postgres/blob/REL_17_STABLE/src/include/utils/selfuncs.h>
fn is_narrow(resolved: &Resolved, condition: &Condition) -> bool {
    match condition {
        Condition::Test(test) => match test.comparison {
            Comparison::Range | Comparison::IsNotNull | Comparison::Other => false,
            Comparison::Equal => !resolved.is_boolean(&test.subject),
            _ => true,
        },
        Condition::Any(branches) => branches.iter().all(|branch| branch.iter().any(|condition| is_narrow(resolved, condition))),
        Condition::Optional(_) => false,
    }
}

/// Asked as much of a table that holds one row for many of `to`: the join begins with the fewer rows.
fn begins_at_parent(resolved: &Resolved, to: usize) -> bool {
    resolved.conditions.iter().filter_map(equality).any(|(one, other)| {
        [(one, other), (other, one)].into_iter().any(|(child, parent)| {
            let (Operand::Column(child), Operand::Column(parent)) = (child, parent) else { return false };
            let (Some((from, _)), Some((above, key))) = (resolved.place(child), resolved.place(parent)) else { return false };
            from == to && above != to && asks_narrowly(resolved, above) && resolved.tables[above].is_some_and(|table| is_unique(table, key))
        })
    })
}

fn is_unique(table: &Table, column: &str) -> bool {
    table.indexes.iter().any(|index| index.unique && index.partial.is_empty() && index.keys.len() == 1 && index.keys[0].text == column)
}

/// From some sources on, what join conditions and indexes lead to.
fn reached(resolved: &Resolved, mut reached: Vec<bool>) -> Vec<bool> {
    for _ in 0..reached.len() {
        for at in 0..reached.len() {
            if !reached[at]
                && let Some(table) = resolved.tables[at]
            {
                reached[at] = serving(resolved, at, &leading(table), &resolved.conditions, &Sides::From(&reached)).is_some();
            }
        }
    }
    reached
}

/// What the other side of a comparison may be.
pub(super) enum Sides<'s> {
    /// Values, and columns of outer queries.
    Own,
    Any,
    /// Columns of these sources too.
    From(&'s [bool]),
}

impl Sides<'_> {
    fn allow(&self, resolved: &Resolved, operand: &Operand, at: usize) -> bool {
        resolved.origins(operand).iter().all(|origin| match (origin, self) {
            (Origin::Outside, _) => true,
            (Origin::Open, _) => matches!(self, Sides::Any),
            (Origin::Source(other), _) if *other == at => false,
            (Origin::Source(_), Sides::Own) => false,
            (Origin::Source(_), Sides::Any) => true,
            (Origin::Source(other), Sides::From(reached)) => reached[*other],
        })
    }
}

/// An index and how many of its keys are looked at.
pub(super) type Keys<'t> = (&'t Index, usize);

/// Indexes by what leads them: only a comparison of that narrows what is read of a tree. Others find a row by any of their columns.
pub(super) fn leading(table: &Table) -> Vec<Keys<'_>> {
    table.indexes.iter().map(|index| (index, if is_tree(index) || index.method == "hash" { 1 } else { index.keys.len() })).collect()
}

/// `btree`, and what other databases call nothing else.
fn is_tree(index: &Index) -> bool {
    index.method == "btree"
}

/// An index that answers some of `conditions`, all of which hold.
pub(super) fn serving<'t>(
    resolved: &Resolved,
    at: usize,
    indexes: &[Keys<'t>],
    conditions: &[Condition],
    sides: &Sides,
) -> Option<&'t Index> {
    conditions.iter().find_map(|condition| match condition {
        Condition::Test(test) => answering(resolved, at, indexes, test, conditions, sides),
        Condition::Any(branches) => {
            let mut found = branches.iter().map(|branch| serving(resolved, at, indexes, branch, sides));
            let first = found.next()??;
            found.all(|index| index.is_some()).then_some(first)
        }
        Condition::Optional(_) => None,
    })
}

fn answering<'t>(
    resolved: &Resolved,
    at: usize,
    indexes: &[Keys<'t>],
    test: &Predicate,
    all: &[Condition],
    sides: &Sides,
) -> Option<&'t Index> {
    let turned = Predicate { subject: test.other.clone(), other: test.subject.clone(), ..test.clone() };
    let both = [test, &turned];
    // Only comparisons of two sides can be read from either.
    let ways = if matches!(test.comparison, Comparison::Equal | Comparison::Range) { &both[..] } else { &both[..1] };
    let answers = |(index, keys): &&Keys| {
        let by = |test: &&&Predicate| sides.allow(resolved, &test.other, at) && answers(resolved, at, index, 0..*keys, test);
        let Some(test) = ways.iter().find(by) else { return false };
        is_implied(index, all) && (!resolved.is_boolean(&test.subject) || narrows_further(resolved, at, index, all))
    };
    indexes.iter().find(answers).map(|(index, _)| *index)
}

/// Half of the rows have either value of a boolean, so an index helps by what it holds besides: a condition of its own, another column that
/// is compared or sorted by.
fn narrows_further(resolved: &Resolved, at: usize, index: &Index, all: &[Condition]) -> bool {
    let compared = |condition: &Condition| match condition {
        Condition::Test(test) => answers(resolved, at, index, 1..index.keys.len(), test),
        Condition::Any(_) | Condition::Optional(_) => false,
    };
    let sorted = resolved.scope.order.first().and_then(|key| key.column.as_ref());
    let sorts = sorted.is_some_and(|column| index.keys.get(1).is_some_and(|key| key.is_column && key.text == column.name));
    !index.partial.is_empty() || sorts || all.iter().any(compared)
}

/// Whether the comparison can be looked up in the index by one of the `keys`.
fn answers(resolved: &Resolved, at: usize, index: &Index, keys: Range<usize>, test: &Predicate) -> bool {
    let generous = !is_tree(index) && index.method != "hash";
    index.keys.iter().take(keys.end).skip(keys.start).any(|key| {
        let is_it = match &test.subject {
            Operand::Column(column) => {
                key.is_column && key.text.eq_ignore_ascii_case(&column.name) && resolved.origin(column) == Origin::Source(at)
            }
            Operand::Computed { text, columns } => {
                let own = columns.iter().all(|column| resolved.origin(column) == Origin::Source(at));
                own && (key.text == *text
                    || generous && columns.iter().any(|column| column.name == key.text)
                    || is_cast_of(text, &key.text))
            }
            _ => false,
        };
        is_it && (generous || looks_up(index, key.operator_class.as_deref(), test.comparison, resolved.dialect))
    })
}

/// A cast between related types still uses the index; which are related is not known here.
fn is_cast_of(text: &str, column: &str) -> bool {
    text.strip_prefix("cast(").and_then(|rest| rest.strip_suffix(')')) == Some(column)
}

pub(super) fn looks_up(index: &Index, operator_class: Option<&str>, comparison: Comparison, dialect: Dialect) -> bool {
    match comparison {
        Comparison::Equal | Comparison::In => true,
        Comparison::Range | Comparison::IsNull => index.method != "hash",
        // The index's own conditions say as much; over the whole range of values it is no help, though PostgreSQL will use it.
        Comparison::IsNotNull => index.method != "hash",
        // A pattern that is given later may begin with a wildcard: PostgreSQL plans for any.
        Comparison::Pattern if dialect == Dialect::Postgres => operator_class.is_some_and(|class| class.ends_with("pattern_ops")),
        // Which patterns a collation can look up is not known here.
        Comparison::Prefix | Comparison::Pattern => index.method != "hash",
        Comparison::Anywhere | Comparison::Within => operator_class.is_some_and(|class| class.contains("trgm")),
        Comparison::Special | Comparison::Other => false,
    }
}

/// A partial index serves only what asks for no more than it holds.
pub(super) fn is_implied(index: &Index, conditions: &[Condition]) -> bool {
    index.partial.iter().all(|wanted| conditions.iter().any(|condition| implies(condition, wanted)))
}

fn implies(condition: &Condition, wanted: &str) -> bool {
    let Condition::Test(test) = condition else { return false };
    if test.normal == wanted {
        return true;
    }
    let strict = !matches!(test.comparison, Comparison::IsNull);
    let not_null = wanted.strip_suffix(" is not null");
    let names = |operand: &Operand| matches!(operand, Operand::Column(column) if Some(column.name.as_str()) == not_null);
    strict && (names(&test.subject) || names(&test.other))
}

fn unserved(resolved: &Resolved, at: usize, table: &Table, filters: &[&Condition]) -> Unserved {
    let mut compared: Vec<(bool, String)> = Vec::new();
    filters.iter().for_each(|condition| compared_columns(resolved, condition, at, &mut compared));
    compared.sort_by_key(|(equal, _)| !equal);
    let mut columns: Vec<String> = Vec::new();
    for (_, name) in compared {
        if !columns.contains(&name) {
            columns.push(name);
        }
    }
    let compares = |key: &IndexKey| key.is_column && columns.contains(&key.text);
    let leads = table.indexes.iter().filter(|index| index.keys.first().is_some_and(compares));
    let partial = leads.filter(|index| !index.partial.is_empty());
    Unserved {
        table: table.name.clone(),
        behind: behind(resolved, at, table),
        partial: partial.map(|index| (index.title(), index.partial.join(" AND "))).collect(),
        conditions: filters.iter().map(|condition| text_of(condition)).collect(),
        ordered: is_ordered(resolved, at, table),
        selective: filters.iter().any(|condition| is_selective(condition, table)),
        wrapped: wrapped(resolved, at, filters),
        search: search(resolved, at, filters),
        columns,
    }
}

/// Indexes that hold what is compared, but not first: all of the index is read then, or all of the table.
fn behind(resolved: &Resolved, at: usize, table: &Table) -> Vec<String> {
    let whole: Vec<Keys> = table.indexes.iter().map(|index| (index, index.keys.len())).collect();
    // An index for the way of a join that begins here is no index of this.
    let joined = serving(resolved, at, &leading(table), &resolved.conditions, &Sides::Any).is_some();
    let sides = if joined { Sides::Own } else { Sides::Any };
    let of = |indexes: &[Keys]| serving(resolved, at, indexes, &resolved.conditions, &sides).map(Index::title);
    let each: Vec<String> = whole.iter().filter_map(|one| of(std::slice::from_ref(one))).collect();
    if each.is_empty() { of(&whole).into_iter().collect() } else { each }
}

fn compared_columns(resolved: &Resolved, condition: &Condition, at: usize, found: &mut Vec<(bool, String)>) {
    match condition {
        Condition::Test(test) => {
            let equal = matches!(test.comparison, Comparison::Equal | Comparison::In);
            for operand in [&test.subject, &test.other] {
                match operand {
                    Operand::Column(column) if resolved.origin(column) == Origin::Source(at) => found.push((equal, column.name.clone())),
                    Operand::Computed { text, .. } if resolved.mentions(operand, at) => found.push((false, text.clone())),
                    _ => {}
                }
            }
        }
        Condition::Any(branches) => {
            // Only what has no index yet needs one.
            let open = |branch: &&Vec<Condition>| {
                resolved.tables[at].is_none_or(|table| serving(resolved, at, &leading(table), branch, &Sides::Any).is_none())
            };
            let open = branches.iter().filter(open).flatten();
            open.for_each(|condition| compared_columns(resolved, condition, at, found));
        }
        Condition::Optional(columns) => {
            let own = columns.iter().filter(|column| resolved.origin(column) == Origin::Source(at));
            found.extend(own.map(|column| (false, column.name.clone())));
        }
    }
}

fn text_of(condition: &Condition) -> String {
    match condition {
        Condition::Test(test) => test.text.clone(),
        Condition::Any(branches) => {
            let branch = |branch: &Vec<Condition>| branch.iter().map(text_of).collect::<Vec<_>>().join(" AND ");
            branches.iter().map(branch).collect::<Vec<_>>().join(" OR ")
        }
        Condition::Optional(columns) => columns.first().map_or(String::new(), |column| format!("{} or nothing", column.name)),
    }
}

/// An index on the compared column would leave few rows.
fn is_selective(condition: &Condition, table: &Table) -> bool {
    let boolean = |name: &str| table.column(name).is_some_and(|column| column.data_type.starts_with("BOOL"));
    match condition {
        Condition::Test(Predicate { subject: Operand::Column(column), comparison, other, .. }) => {
            let few = matches!(comparison, Comparison::Equal | Comparison::In | Comparison::Range | Comparison::Prefix);
            few && !boolean(&column.name) && !matches!(other, Operand::Subquery)
        }
        Condition::Test(Predicate { subject: Operand::Computed { .. }, comparison, .. }) => *comparison == Comparison::Equal,
        Condition::Test(_) | Condition::Optional(_) => false,
        Condition::Any(branches) => branches.iter().all(|branch| branch.iter().any(|condition| is_selective(condition, table))),
    }
}

/// Read in the order of an index, up to a limit: the rows before that are read are few, or nearly so.
fn is_ordered(resolved: &Resolved, at: usize, table: &Table) -> bool {
    let Some(first) = resolved.scope.order.first().and_then(|key| key.column.as_ref()) else { return false };
    let leads = |index: &Index| index.method == "btree" && index.keys.first().is_some_and(|key| key.is_column && key.text == first.name);
    resolved.scope.limit.is_some() && resolved.origin(first) == Origin::Source(at) && table.indexes.iter().any(leads)
}

/// How many rows the statement has, with the keys of its tables.
fn rows(statement: &Statement, schemas: &[&Schema]) -> Rows {
    if statement.rows != Rows::Unbounded {
        return statement.rows;
    }
    let own: Vec<&Scope> = statement.scopes.iter().filter(|scope| scope.outermost).collect();
    let bounds: Vec<Rows> = own.iter().map(|scope| bound(scope, schemas)).collect();
    let worst = |rows: Rows| bounds.contains(&rows);
    match bounds.as_slice() {
        [] => Rows::Unknown,
        [only] => *only,
        _ if worst(Rows::Unbounded) => Rows::Unbounded,
        _ if worst(Rows::Unknown) => Rows::Unknown,
        _ => Rows::Limited,
    }
}

fn bound(scope: &Scope, schemas: &[&Schema]) -> Rows {
    match scope.limit {
        _ if scope.single_row => return Rows::One,
        Some(Limit::One) => return Rows::One,
        Some(Limit::Some) => return Rows::Limited,
        None => {}
    }
    let compares = |condition: &Condition| matches!(condition, Condition::Test(test) if matches!(test.comparison, Comparison::Equal | Comparison::In) && !test.compares_columns());
    let narrowed = scope.conditions.iter().any(compares);
    let tables: Vec<&str> = scope.sources.iter().filter_map(|source| source.table.as_deref()).collect();
    let only_tables = tables.len() == scope.sources.len();
    if !narrowed {
        return if only_tables && !tables.is_empty() { Rows::Unbounded } else { Rows::Unknown };
    }
    let knows = |schema: &&&Schema| tables.iter().all(|table| schema.table(table).is_some_and(|table| table.incomplete.is_none()));
    let Some(schema) = schemas.iter().find(knows) else { return Rows::Unknown };
    let resolved = Resolved::new(scope, schema);
    match (pinned(&resolved, false), pinned(&resolved, true)) {
        (true, _) => Rows::One,
        (false, true) => Rows::Limited,
        _ if only_tables => Rows::Unbounded,
        _ => Rows::Unknown,
    }
}

/// Whether unique keys leave at most one row of each source (`lists`: at most as many as lists given by the caller are long).
fn pinned(resolved: &Resolved, lists: bool) -> bool {
    let count = resolved.tables.len();
    let mut pinned = vec![false; count];
    for _ in 0..count {
        for at in 0..count {
            let Some(table) = resolved.tables[at] else { continue };
            pinned[at] =
                pinned[at] || table.indexes.iter().filter(|index| index.unique).any(|index| is_pinned(resolved, at, index, &pinned, lists));
        }
    }
    pinned.into_iter().all(|one| one)
}

fn is_pinned(resolved: &Resolved, at: usize, index: &Index, pinned: &[bool], lists: bool) -> bool {
    let conditions = &resolved.scope.conditions;
    let allowed = |comparison| comparison == Comparison::Equal || lists && comparison == Comparison::In;
    let by_test = |key: &str, test: &Predicate| {
        let is_key = |operand: &Operand| match operand {
            Operand::Column(column) => column.name == key && resolved.origin(column) == Origin::Source(at),
            Operand::Computed { text, columns } => {
                text == key && columns.iter().all(|column| resolved.origin(column) == Origin::Source(at))
            }
            _ => false,
        };
        let given = |operand: &Operand| !matches!(operand, Operand::Subquery) && Sides::From(pinned).allow(resolved, operand, at);
        allowed(test.comparison) && (is_key(&test.subject) && given(&test.other) || is_key(&test.other) && given(&test.subject))
    };
    let tested = |key: &str| conditions.iter().any(|condition| matches!(condition, Condition::Test(test) if by_test(key, test)));
    !index.keys.is_empty() && index.keys.iter().all(|key| tested(&key.text)) && is_implied(index, conditions)
}

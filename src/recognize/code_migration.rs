//! Migrations that are code: `up` of each `MigrationTrait`, replayed as the SQL that it would run.

use super::Inputs;
use super::idens::Idens;
use super::table_builder::built;
use super::tables::Tables;
use super::text::{Known, text_of};
use super::walk::Walk;
use crate::facts::{ExprId, ExpressionKind};
use crate::model::Schema;
use crate::resolve::{FunctionId, Target};
use crate::source::Place;
use crate::sql::schema::Replay;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// The schemas that code sets up, one for each folder of migrations.
pub(super) fn schemas(inputs: &Inputs, tables: &Tables) -> Vec<Schema> {
    let by_folder = migrations(inputs);
    if by_folder.is_empty() {
        return Vec::new();
    }
    let idens = Idens::of(inputs, tables);
    let schemas = by_folder.into_iter().map(|(folder, migrations)| {
        let reader = Reader { inputs, idens: &idens };
        let steps: Vec<(String, Vec<Step>)> = migrations.into_par_iter().map(|(path, up)| (path, reader.steps(up, true, DEPTH))).collect();
        replayed(&folder, &steps)
    });
    schemas.filter(|schema| !schema.tables.is_empty()).collect()
}

/// `up` of each migration with its file, by the folder of the files, in the order of their names: that is how they are named.
fn migrations<'a>(inputs: &Inputs<'a>) -> BTreeMap<String, Vec<(String, FunctionId)>> {
    let mut found: BTreeMap<String, Vec<(String, FunctionId)>> = BTreeMap::new();
    for one in &inputs.resolved.impls {
        let is_migration = match &one.trait_ {
            Some(Err(path)) => path.rsplit("::").next() == Some("MigrationTrait"),
            _ => false,
        };
        let up = one.methods.iter().find(|method| inputs.resolved.functions[method.0 as usize].name == "up");
        let Some(up) = up.filter(|_| is_migration) else { continue };
        let function = &inputs.resolved.functions[up.0 as usize];
        if function.test {
            continue;
        }
        let path = inputs.sources.path(function.file).to_string();
        let unit = path.strip_suffix("/mod.rs").unwrap_or(&path);
        let folder = unit.rsplit_once('/').map_or("", |(folder, _)| folder).to_string();
        found.entry(folder).or_default().push((path, *up));
    }
    found.values_mut().for_each(|migrations| migrations.sort());
    found
}

/// How far calls are followed.
const DEPTH: usize = 4;

struct Step {
    sql: String,
    table: Option<String>,
    place: Place,
    /// It is understood, and it runs whatever the circumstances.
    certain: bool,
}

fn replayed(folder: &str, migrations: &[(String, Vec<Step>)]) -> Schema {
    let texts = migrations.iter().flat_map(|(_, steps)| steps).map(|step| step.sql.as_str());
    let mut replay = Replay::new(folder, crate::sql::dialect_of(texts));
    for (path, steps) in migrations {
        for step in steps {
            replay.apply_built(&step.sql, path, step.place);
            if !step.certain {
                replay.doubt(step.table.as_deref(), "a migration in code changes it in a way that was not understood");
            }
        }
    }
    replay.finish()
}

struct Reader<'i, 'a> {
    inputs: &'i Inputs<'a>,
    idens: &'i Idens<'i>,
}

impl Reader<'_, '_> {
    fn steps(&self, function: FunctionId, certain: bool, depth: usize) -> Vec<Step> {
        let Some(walk) = Walk::new(self.inputs, function) else { return Vec::new() };
        let each = (0..walk.body.expressions.len() as u32).map(ExprId);
        each.flat_map(|at| self.step(&walk, at, certain, depth)).collect()
    }

    fn step(&self, walk: &Walk, at: ExprId, certain: bool, depth: usize) -> Vec<Step> {
        let Some(name) = walk.callee_name(at) else { return Vec::new() };
        let arguments = walk.arguments(at);
        let certain = certain && is_certain(walk, at);
        let is_method = matches!(walk.kind(at), ExpressionKind::MethodCall { .. });
        match (name, arguments) {
            (name, [statement]) if is_method && BUILDERS.contains(&name) => {
                let built = built(walk, self.idens, *statement, DEPTH).unwrap_or_default();
                let certain = certain && built.whole;
                vec![Step { sql: built.sql, table: built.table, place: walk.place(at), certain }]
            }
            ("execute_unprepared", [text]) if is_method => self.text(walk, at, text_of(walk, *text), certain),
            ("execute" | "execute_raw", [statement]) if is_method => self.statement(walk, at, *statement, certain),
            _ => self.called(walk, at, certain, depth),
        }
    }

    /// `connection.execute(Statement::from_string(backend, sql))`, `connection.execute(backend.build(&statement))`.
    fn statement(&self, walk: &Walk, at: ExprId, statement: ExprId, certain: bool) -> Vec<Step> {
        let statement = walk.peeled(walk.unchanged_value(statement));
        match (walk.callee_name(statement), walk.arguments(statement)) {
            (Some("from_string" | "from_sql_and_values"), [_, text, ..]) => self.text(walk, at, text_of(walk, *text), certain),
            (Some("build"), [inner]) => {
                let built = built(walk, self.idens, *inner, DEPTH).unwrap_or_default();
                vec![Step { certain: certain && built.whole, sql: built.sql, table: built.table, place: walk.place(at) }]
            }
            _ => vec![Step { sql: String::new(), table: None, place: walk.place(at), certain: false }],
        }
    }

    fn text(&self, walk: &Walk, at: ExprId, known: Known, certain: bool) -> Vec<Step> {
        let certain = certain && !known.holes;
        if known.says_something() && !changes_tables(&known.text) {
            return Vec::new();
        }
        let sql = if known.holes { String::new() } else { known.text };
        vec![Step { sql, table: None, place: walk.place(at), certain }]
    }

    /// What a function of the workspace does, or what it is given to run: `from_sql(manager, include_str!("up.sql"))`.
    fn called(&self, walk: &Walk, at: ExprId, certain: bool, depth: usize) -> Vec<Step> {
        let call = self.inputs.call_at(walk.function, at);
        let Some(Target::Function(function)) = call.map(|call| &call.target) else { return Vec::new() };
        let Some(depth) = depth.checked_sub(1) else { return Vec::new() };
        if self.inputs.resolved.functions[function.0 as usize].body.is_none() {
            return Vec::new();
        }
        let given = walk.arguments(at).iter().map(|argument| text_of(walk, *argument));
        let given = given.filter(|known| !known.holes).find(|known| changes_tables(&known.text));
        match given {
            Some(known) => self.text(walk, at, known, certain),
            None => self.steps(*function, certain, depth),
        }
    }
}

const BUILDERS: &[&str] = &[
    "create_table",
    "alter_table",
    "drop_table",
    "rename_table",
    "create_index",
    "drop_index",
    "create_foreign_key",
    "drop_foreign_key",
    "exec_stmt",
];

fn changes_tables(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    ["CREATE", "ALTER", "DROP", "RENAME"].iter().any(|word| upper.contains(word))
}

/// It runs whenever the function does: no condition or loop is around it, and nothing returns before.
fn is_certain(walk: &Walk, at: ExprId) -> bool {
    let conditional = |outer: ExprId| match walk.kind(outer) {
        ExpressionKind::If { condition, .. } => !walk.body.is_inside(at, *condition),
        ExpressionKind::Match { scrutinee, .. } => !walk.body.is_inside(at, *scrutinee),
        ExpressionKind::For { .. } | ExpressionKind::While { .. } | ExpressionKind::Loop { .. } | ExpressionKind::Closure { .. } => true,
        _ => false,
    };
    let returns = |before: u32| matches!(walk.kind(ExprId(before)), ExpressionKind::Return(_));
    !walk.around(at).any(conditional) && !(0..at.0).any(returns)
}

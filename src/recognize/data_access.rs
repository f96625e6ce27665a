//! Queries: where their text stands, what runs them, and what that says about tables and rows.

use super::Inputs;
use super::connection_type::{family, library as library_of};
use super::tables::{Tables, module_of};
use super::text::{Known, literal_in, read, text_of};
use super::walk::Walk;
use crate::facts::{ExprId, ExpressionKind, MacroArguments, MacroCall};
use crate::knowledge::{self, Does, TypeRole};
use crate::model::{self, Backend, DataAccess, Dialect, Effect, EffectKind, Executor, Operation, Statement};
use crate::resolve::{FunctionId, Target, Ty};
use crate::sql;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

/// For each access that it adds: the expression that names what runs the query.
pub(super) fn add(inputs: &Inputs, tables: &Tables, backend: &mut Backend) -> Vec<Option<ExprId>> {
    let names = Names::of(inputs);
    let functions: Vec<FunctionId> = inputs.own_functions().collect();
    let found: Vec<Vec<Found>> = functions.par_iter().map(|function| accesses_in(inputs, *function, tables, &names)).collect();
    let mut executors = Vec::new();
    for (function, found) in functions.into_iter().zip(found) {
        for Found { effect, access, executor } in found {
            count(backend, &access);
            backend.functions[super::function::id(function).0 as usize].effects.push(effect);
            backend.data_accesses.push(access);
            executors.push(executor);
        }
    }
    executors
}

fn accesses_in(inputs: &Inputs, function: FunctionId, tables: &Tables, names: &Names) -> Vec<Found> {
    let Some(walk) = Walk::new(inputs, function) else { return Vec::new() };
    Finder { walk: &walk, tables, names, uses_sea_orm: depends_on(inputs, function, "sea_orm") }.accesses()
}

fn depends_on(inputs: &Inputs, function: FunctionId, name: &str) -> bool {
    let source = inputs.resolved.crates[inputs.resolved.functions[function.0 as usize].krate.0 as usize].source;
    source.is_some_and(|source| inputs.graph.crates[source].dependencies.iter().any(|dependency| dependency.name == name))
}

fn count(backend: &mut Backend, access: &DataAccess) {
    if access.text.is_some() {
        backend.coverage.queries_literal += 1;
        backend.coverage.queries_unparsed += usize::from(access.statement.as_ref().is_none_or(|statement| !statement.parsed));
    } else if access.dynamic {
        backend.coverage.queries_dynamic += 1;
    } else if access.is_by_orm() {
        backend.coverage.queries_by_orm += 1;
    }
}

/// Methods that run queries, by name: for calls whose receiver's type stayed open but whose text or connection is known.
struct Names(FxHashMap<String, Vec<(String, Does)>>);

impl Names {
    fn of(inputs: &Inputs) -> Self {
        let mut names: FxHashMap<String, Vec<(String, Does)>> = FxHashMap::default();
        for row in inputs.knowledge.crates.iter().flat_map(|block| &block.function) {
            let runs = row.does.iter().find(|does| match does {
                Does::Execute(_) => true,
                Does::Query(query) => query.executes && !query.document,
                _ => false,
            });
            let Some(runs) = runs else { continue };
            for path in &row.paths {
                let name = path.rsplit("::").next().unwrap_or(path);
                names.entry(name.to_string()).or_default().push((family(path), runs.clone()));
            }
        }
        Self(names)
    }

    fn get(&self, name: &str) -> &[(String, Does)] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }
}

/// Where a query begins: the call that holds its text, or the table its DSL starts from.
struct Root {
    at: ExprId,
    library: String,
    what: String,
    query: knowledge::Query,
    known: Option<Known>,
    table: Option<String>,
}

/// A call that runs a query.
struct Run {
    at: ExprId,
    library: String,
    what: String,
    execute: knowledge::Execute,
}

struct Found {
    effect: Effect,
    access: DataAccess,
    executor: Option<ExprId>,
}

struct Finder<'w, 'a> {
    walk: &'w Walk<'a>,
    tables: &'w Tables,
    names: &'w Names,
    uses_sea_orm: bool,
}

impl Finder<'_, '_> {
    fn accesses(&self) -> Vec<Found> {
        let roots = self.roots();
        let runs = self.runs(&roots);
        let mut used: FxHashSet<ExprId> = FxHashSet::default();
        let mut found = Vec::new();
        for run in &runs {
            let root = self.root_of(run, &roots);
            if root.is_some_and(|root| !used.insert(root.at)) {
                // Two ways to run the same statement: one query.
                continue;
            }
            used.extend(
                roots.iter().filter(|root| root.query.sql.is_none() && self.walk.body.is_inside(root.at, run.at)).map(|root| root.at),
            );
            found.push(self.found(root, Some(run), &roots));
        }
        let rest = roots.iter().filter(|root| !used.contains(&root.at));
        // A piece of a DSL that is not run here is run by whom it is given to.
        let told_here = rest.filter(|root| root.query.executes || root.query.sql.is_some() || root.query.document);
        found.extend(told_here.map(|root| self.found(Some(root), None, &roots)));
        found.sort_by_key(|one| one.access.place);
        found
    }

    fn roots(&self) -> Vec<Root> {
        (0..self.walk.body.expressions.len() as u32).map(ExprId).filter_map(|at| self.root(at)).collect()
    }

    fn root(&self, at: ExprId) -> Option<Root> {
        match self.walk.kind(at) {
            ExpressionKind::Macro(call) => self.macro_root(at, call),
            ExpressionKind::Call { callee, .. } => self.call_root(at).or_else(|| self.entity_root(at, *callee)),
            ExpressionKind::MethodCall { .. } => self.call_root(at),
            ExpressionKind::Path(path) => {
                let table = self.tables.diesel_table(self.walk.file(), path)?.to_string();
                let query = knowledge::Query { operation: knowledge::Operation::Select, ..Default::default() };
                Some(Root {
                    at,
                    library: "diesel".into(),
                    what: format!("diesel: `{}`", path.text()),
                    query,
                    known: None,
                    table: Some(table),
                })
            }
            _ => None,
        }
    }

    fn macro_root(&self, at: ExprId, call: &MacroCall) -> Option<Root> {
        let path = self.callee_path(at).unwrap_or_else(|| call.path.text());
        let own = self.walk.does(at);
        let krate = self.walk.inputs.resolved.functions[self.walk.function.0 as usize].krate;
        let does = if own.is_empty() { self.walk.inputs.knowledge.macro_(&path, self.walk.inputs.version_of(krate, &path)) } else { own };
        let query = does.iter().find_map(query)?.clone();
        let text = self.macro_text(call, &query);
        let known = if query.file { text.as_ref().and_then(|file| self.query_file(file)) } else { text };
        Some(Root { at, library: family(&path), what: format!("{path}!"), query, known, table: None })
    }

    fn macro_text(&self, call: &MacroCall, query: &knowledge::Query) -> Option<Known> {
        if let MacroArguments::Expressions(arguments) = &call.arguments
            && let Some((_, text)) = arguments.get(query.sql?)
        {
            return Some(text_of(self.walk, *text));
        }
        let inside = self.walk.inputs.sources.snippet(crate::source::Place::new(self.walk.file(), call.inner));
        literal_in(inside).map(|text| Known { text, holes: false })
    }

    /// `query_file!` counts from the folder of the package's manifest.
    fn query_file(&self, file: &Known) -> Option<Known> {
        let resolved = self.walk.inputs.resolved;
        let krate = resolved.functions[self.walk.function.0 as usize].krate;
        let source = &self.walk.inputs.graph.crates[resolved.crates[krate.0 as usize].source?];
        let manifest = &self.walk.inputs.packages.get(source.package)?.manifest;
        let folder = manifest.rsplit_once('/').map_or("", |(folder, _)| folder);
        read(self.walk.inputs, folder, &file.text).map(|text| Known { text, holes: false })
    }

    fn call_root(&self, at: ExprId) -> Option<Root> {
        let query = self.walk.does(at).iter().find_map(query).cloned().or_else(|| self.query_by_name(at))?;
        let path = self.callee_path(at).filter(|path| !path.is_empty());
        let library = path.as_deref().map(family).or_else(|| self.argument_library(at)).unwrap_or_default();
        let path = path.unwrap_or_else(|| format!("{library}: `{}`", self.walk.callee_name(at).unwrap_or_default()));
        let known = query.sql.and_then(|sql| self.walk.arguments(at).get(sql)).map(|text| self.statement_text(*text));
        // A query handed to a connection that runs it has its text elsewhere.
        if known.is_none() && query.sql.is_some() {
            return None;
        }
        let table = if query.document { self.collection(at) } else { self.named_table(at, &query) };
        Some(Root { at, library, what: path, query, known, table })
    }

    fn statement_text(&self, argument: ExprId) -> Known {
        text_of(self.walk, argument)
    }

    /// `model.insert(db)`: the type of `model` comes from a derive, that of `db` is known.
    fn query_by_name(&self, at: ExprId) -> Option<knowledge::Query> {
        let candidates = self.open_call(at)?;
        let library = self.argument_library(at)?;
        let own = candidates.iter().find(|(own, does)| *own == library && matches!(does, Does::Query(query) if query.sql.is_none()))?;
        query(&own.1).cloned()
    }

    /// What a method of this name might do, where nothing else is known about the call.
    fn open_call(&self, at: ExprId) -> Option<&[(String, Does)]> {
        let ExpressionKind::MethodCall { name, .. } = self.walk.kind(at) else { return None };
        let candidates = Some(self.names.get(name)).filter(|candidates| !candidates.is_empty())?;
        let call = self.walk.inputs.call_at(self.walk.function, at);
        let open = call.is_none_or(|call| matches!(call.target, Target::Unresolved(_) | Target::Value));
        open.then_some(candidates)
    }

    /// The library of the first argument that is a connection, pool or transaction.
    fn argument_library(&self, at: ExprId) -> Option<String> {
        let types = self.walk.arguments(at).iter().map(|argument| self.walk.inputs.type_of(self.walk.function, *argument));
        types.filter_map(|ty| library_of(self.walk.inputs, self.walk.function, ty)).next()
    }

    fn callee_path(&self, at: ExprId) -> Option<String> {
        let call = self.walk.inputs.call_at(self.walk.function, at)?;
        super::knows::external_path(&call.target, self.walk.inputs.resolved).map(str::to_string)
    }

    /// `diesel::insert_into(users::table)`: tables inside the argument.
    fn named_table(&self, at: ExprId, query: &knowledge::Query) -> Option<String> {
        if let Some(argument) = query.table.and_then(|table| self.walk.arguments(at).get(table)) {
            return self.walk.body.inside(*argument).find_map(|inner| match self.walk.kind(inner) {
                ExpressionKind::Path(path) => self.tables.diesel_table(self.walk.file(), path).map(str::to_string),
                _ => None,
            });
        }
        self.entity_of_types(at)
    }

    /// The entity that a sea-orm value works on, by its type arguments.
    fn entity_of_types(&self, at: ExprId) -> Option<String> {
        if let ExpressionKind::Call { callee, .. } = self.walk.kind(at)
            && let ExpressionKind::Path(path) = self.walk.kind(*callee)
            && let Some(entity) = self.entity_path(path)
        {
            return Some(entity);
        }
        let receiver = match self.walk.kind(at) {
            ExpressionKind::MethodCall { receiver, .. } => *receiver,
            _ => at,
        };
        [at, receiver].iter().find_map(|value| self.entity_in_type(self.walk.inputs.type_of(self.walk.function, *value)))
    }

    fn entity_in_type(&self, ty: &Ty) -> Option<String> {
        match ty {
            Ty::Reference(inner) => self.entity_in_type(inner),
            Ty::Adt(id, arguments) => {
                let path = &*self.walk.inputs.resolved.adts[id.0 as usize].path;
                if let Some(module) =
                    path.strip_suffix("::Entity").or_else(|| path.strip_suffix("::ActiveModel")).or_else(|| path.strip_suffix("::Model"))
                {
                    return Some(self.tables.entity_in(module));
                }
                arguments.iter().find_map(|argument| self.entity_in_type(argument))
            }
            _ => None,
        }
    }

    /// `user::Entity::find()`: the entity comes from a derive, so its methods are known by the path as written.
    fn entity_root(&self, at: ExprId, callee: ExprId) -> Option<Root> {
        let ExpressionKind::Path(path) = self.walk.kind(callee) else { return None };
        let method = path.last()?;
        let table = self.entity_path(path)?;
        let known = format!("sea_orm::EntityTrait::{method}");
        let query = self.walk.inputs.knowledge.function(&known, None).iter().find_map(query)?.clone();
        Some(Root { at, library: "sea_orm".into(), what: known, query, known: None, table: Some(table) })
    }

    /// The table of `user::Entity` in `user::Entity::find`.
    fn entity_path(&self, path: &crate::facts::Path) -> Option<String> {
        if !self.uses_sea_orm {
            return None;
        }
        let (_, entity) = path.segments.split_last()?;
        if !self.tables.may_be_entity(entity.last()?.name.as_str(), self.walk.file()) {
            return None;
        }
        let entity: Vec<&str> = entity.iter().map(|segment| segment.name.as_str()).collect();
        let module = module_of(self.walk.inputs.sources.path(self.walk.file()));
        self.tables.entity(&entity, self.walk.file(), &module)
    }

    /// `db.collection::<User>("users").find_one(..)`: the name where it is known.
    fn collection(&self, at: ExprId) -> Option<String> {
        let ExpressionKind::MethodCall { receiver, .. } = self.walk.kind(at) else { return None };
        self.collection_of(*receiver, 6)
    }

    fn collection_of(&self, value: ExprId, depth: usize) -> Option<String> {
        let value = self.walk.same_thing(value);
        if depth == 0 {
            return None;
        }
        match self.walk.kind(value) {
            ExpressionKind::MethodCall { name, arguments, receiver, .. } => {
                if matches!(name.as_str(), "collection" | "collection_with_options" | "col") && !arguments.is_empty() {
                    let known = text_of(self.walk, arguments[0]);
                    return (!known.holes).then_some(known.text);
                }
                self.collection_of(*receiver, depth - 1)
            }
            ExpressionKind::Path(_) => self.collection_of(self.walk.bound_value(value)?, depth - 1),
            _ => None,
        }
    }

    fn runs(&self, roots: &[Root]) -> Vec<Run> {
        (0..self.walk.body.expressions.len() as u32).map(ExprId).filter_map(|at| self.run(at, roots)).collect()
    }

    fn run(&self, at: ExprId, roots: &[Root]) -> Option<Run> {
        if let Some(execute) = self.walk.does(at).iter().find_map(execute) {
            let path = self.callee_path(at).unwrap_or_default();
            return Some(Run { at, library: family(&path), what: path, execute: execute.clone() });
        }
        let candidates = self.open_call(at)?;
        let begun = self.descend(self.receiver(at)?, roots, 12).map(|root| root.library.clone());
        let library = begun.or_else(|| self.argument_library(at))?;
        let (_, does) = candidates.iter().find(|(own, does)| *own == library && matches!(does, Does::Execute(_)))?;
        let what = format!("{library}: `{}`", self.walk.callee_name(at).unwrap_or_default());
        execute(does).map(|execute| Run { at, library, what, execute: execute.clone() })
    }

    fn receiver(&self, at: ExprId) -> Option<ExprId> {
        match self.walk.kind(at) {
            ExpressionKind::MethodCall { receiver, .. } => Some(*receiver),
            _ => None,
        }
    }

    fn root_of<'r>(&self, run: &Run, roots: &'r [Root]) -> Option<&'r Root> {
        let start = match run.execute.statement {
            Some(statement) => *self.walk.arguments(run.at).get(statement)?,
            None => self.receiver(run.at)?,
        };
        self.descend(start, roots, 24)
    }

    /// Down a chain, and through the locals it is built up in, to where the query begins.
    fn descend<'r>(&self, value: ExprId, roots: &'r [Root], depth: usize) -> Option<&'r Root> {
        let value = self.walk.peeled(value);
        if let Some(root) = roots.iter().find(|root| root.at == value) {
            return Some(root);
        }
        if depth == 0 {
            return None;
        }
        match self.walk.kind(value) {
            ExpressionKind::MethodCall { receiver, .. } => self.descend(*receiver, roots, depth - 1),
            ExpressionKind::Path(_) => self.descend(self.walk.bound_value(value)?, roots, depth - 1),
            ExpressionKind::Block { tail: Some(tail), .. } => self.descend(*tail, roots, depth - 1),
            ExpressionKind::If { then, .. } => self.descend(*then, roots, depth - 1),
            ExpressionKind::Match { arms, .. } => self.descend(arms.first()?.body, roots, depth - 1),
            _ => None,
        }
    }

    fn found(&self, root: Option<&Root>, run: Option<&Run>, roots: &[Root]) -> Found {
        let given = run.filter(|_| root.is_none()).and_then(|run| self.given_text(run));
        let text = root.and_then(|root| root.known.as_ref()).or(given.as_ref());
        let library = root.map(|root| root.library.clone()).or(run.map(|run| run.library.clone())).unwrap_or_default();
        let at = match (root, run) {
            // The text is what a reader looks for; a DSL's table alone is not.
            (Some(root), _) if root.query.sql.is_some() || run.is_none() => root.at,
            (_, Some(run)) => run.at,
            (Some(root), None) => root.at,
            (None, None) => unreachable!("found for a root or a run"),
        };
        let assembled = root.is_some_and(|root| root.query.assembled) || text.is_some_and(|text| text.holes);
        let statement = text.filter(|text| text.says_something()).map(|text| match assembled {
            true => sql::read_words(&text.text),
            false => sql::read(&text.text, dialect_of(&library)),
        });
        let mut whole = statement.as_ref().filter(|_| !assembled).cloned();
        if let (Some(whole), Some(text)) = (&mut whole, text) {
            super::skipped::settle_patterns(self.walk, at, &text.text, whole);
        }
        let statement = statement.unwrap_or_default();
        let dsl = self.dsl(root, run, roots);
        let operation = told(&[statement.operation, dsl.operation]);
        let mut access = DataAccess {
            function: super::function::id(self.walk.function),
            place: self.walk.place(at),
            library,
            text: text.filter(|_| !assembled).map(|text| text.text.clone()),
            dynamic: assembled || text.is_none() && dsl.is_text,
            operation,
            reads: statement.reads.iter().chain(&dsl.reads).cloned().collect(),
            writes: statement.writes.iter().chain(&dsl.writes).cloned().collect(),
            rows: dsl.rows,
            control: statement.control,
            spawned: false,
            statement: whole,
            executor: run.map_or(Executor::Unknown, |run| self.executor(run)),
            streamed: run.is_some_and(|run| run.execute.rows == knowledge::Rows::Stream),
            served: Vec::new(),
            unserved: Vec::new(),
        };
        access.rows = rows(&access, &statement, assembled);
        if access.statement.is_none() {
            access.statement = self.chained(root, run);
        }
        tidy(&mut access.reads);
        tidy(&mut access.writes);
        let what = match (root, run) {
            (Some(root), None) => root.what.clone(),
            (Some(root), Some(_)) if root.query.sql.is_some() => root.what.clone(),
            (_, Some(run)) => run.what.clone(),
            (None, None) => String::new(),
        };
        let kind = if root.is_some_and(|root| root.query.document) { EffectKind::Document } else { EffectKind::Sql };
        let marks = self.walk.when(at);
        access.spawned = marks.spawned;
        let effect = Effect { kind, place: access.place, what, once: marks.once, spawned: marks.spawned };
        let executor = run.map_or_else(|| self.handle_among_arguments(at), |run| self.run_on(run));
        Found { effect, access, executor }
    }

    /// What a chain over a `table!` or an entity says, where all of it is understood.
    fn chained(&self, root: Option<&Root>, run: Option<&Run>) -> Option<Statement> {
        let (root, run) = (root?, run?);
        let table = root.table.as_deref()?;
        match root.library.as_str() {
            "diesel" | "diesel_async" => super::select_chain::statement(self.walk, self.tables, run.at, table),
            "sea_orm" => super::entity_chain::statement(self.walk, self.tables, run.at, root.at, table),
            _ => None,
        }
    }

    /// What calls of a DSL say: operation, tables, rows.
    fn dsl(&self, root: Option<&Root>, run: Option<&Run>, roots: &[Root]) -> Dsl {
        let execute = run.map(|run| run.execute.clone()).unwrap_or_default();
        let written = root.map_or(Operation::Unknown, |root| model_operation(root.query.operation));
        let operation = told(&[written, model_operation(execute.operation)]);
        let begun = root.and_then(|root| root.table.clone());
        let inner: Vec<String> = run.map_or_else(Vec::new, |run| self.tables_inside(run.at, roots));
        let entity = || run.and_then(|run| self.entity_of_types(run.at));
        let first = begun.or_else(|| inner.first().cloned()).or_else(entity);
        let writes = matches!(operation, Operation::Insert | Operation::Update | Operation::Delete);
        let mut dsl = Dsl {
            operation,
            is_text: root.is_none_or(|root| root.query.sql.is_some()) && run.is_some_and(|run| run.library == "sqlx"),
            ..Dsl::default()
        };
        dsl.reads = inner.into_iter().filter(|table| !writes || Some(table) != first.as_ref()).collect();
        match first {
            Some(table) if writes => dsl.writes.push(table),
            Some(table) => dsl.reads.push(table),
            None => {}
        }
        let declared =
            if execute.rows == knowledge::Rows::Unknown { root.map_or(execute.rows, |root| root.query.rows) } else { execute.rows };
        dsl.rows = match declared {
            knowledge::Rows::One | knowledge::Rows::Optional | knowledge::Rows::Count => model::Rows::One,
            knowledge::Rows::Limited => model::Rows::Limited,
            knowledge::Rows::All | knowledge::Rows::Stream if run.is_some_and(|run| self.limits(run.at)) => model::Rows::Limited,
            knowledge::Rows::All | knowledge::Rows::Stream if !writes => model::Rows::Unbounded,
            _ => model::Rows::Unknown,
        };
        dsl
    }

    /// The pool, connection or transaction that a query is run on.
    fn run_on(&self, run: &Run) -> Option<ExprId> {
        match run.execute.executor {
            Some(executor) => self.walk.arguments(run.at).get(executor).copied(),
            None => self.receiver(run.at),
        }
    }

    /// `model.insert(db)`.
    fn handle_among_arguments(&self, at: ExprId) -> Option<ExprId> {
        let is_handle =
            |at: &&ExprId| library_of(self.walk.inputs, self.walk.function, self.walk.inputs.type_of(self.walk.function, **at)).is_some();
        self.walk.arguments(at).iter().find(is_handle).copied()
    }

    /// What the query is run on, where its type says so.
    fn executor(&self, run: &Run) -> Executor {
        let Some(at) = self.run_on(run) else { return Executor::Unknown };
        let krate = self.walk.inputs.resolved.functions[self.walk.function.0 as usize].krate;
        // `&pool`, `pool`; a method may give anything, so only the value's own type counts.
        let roles = self.walk.inputs.type_roles(krate, self.walk.inputs.type_of(self.walk.function, self.walk.peeled(at)));
        let is = |role| roles.contains(&role);
        match () {
            () if is(TypeRole::Pool) => Executor::Pool,
            () if is(TypeRole::Transaction) => Executor::Transaction,
            () if is(TypeRole::Connection) || is(TypeRole::PooledConnection) => Executor::Connection,
            () => Executor::Unknown,
        }
    }

    /// `conn.execute("SET ..")`: the statement is the argument itself.
    fn given_text(&self, run: &Run) -> Option<Known> {
        let statement = self.walk.arguments(run.at).get(run.execute.statement?)?;
        Some(text_of(self.walk, *statement)).filter(Known::says_something)
    }

    fn tables_inside(&self, at: ExprId, roots: &[Root]) -> Vec<String> {
        let inside = roots.iter().filter(|root| root.query.sql.is_none() && self.walk.body.is_inside(root.at, at));
        inside.filter_map(|root| root.table.clone()).collect()
    }

    /// `.limit(10)` somewhere in the chain.
    fn limits(&self, run: ExprId) -> bool {
        let mut at = self.receiver(run);
        for _ in 0..64 {
            let Some(value) = at.map(|value| self.walk.peeled(value)) else { return false };
            match self.walk.kind(value) {
                ExpressionKind::MethodCall { receiver, name, .. } => {
                    if matches!(name.as_str(), "limit" | "paginate" | "cursor_by") {
                        return true;
                    }
                    at = Some(*receiver);
                }
                ExpressionKind::Path(_) => at = self.walk.bound_value(value),
                _ => return false,
            }
        }
        false
    }
}

#[derive(Default)]
struct Dsl {
    operation: Operation,
    reads: Vec<String>,
    writes: Vec<String>,
    rows: model::Rows,
    /// The library takes text, so a query without a known one is put together at run time.
    is_text: bool,
}

/// Of drivers that speak to one system only.
fn dialect_of(library: &str) -> Dialect {
    match library {
        "tokio_postgres" | "postgres" | "deadpool_postgres" => Dialect::Postgres,
        "rusqlite" | "tokio_rusqlite" => Dialect::Sqlite,
        "mysql" | "mysql_async" => Dialect::Mysql,
        _ => Dialect::Unknown,
    }
}

fn rows(access: &DataAccess, statement: &Statement, assembled: bool) -> model::Rows {
    match access.rows {
        model::Rows::Unbounded if matches!(statement.rows, model::Rows::One | model::Rows::Limited) => statement.rows,
        // More may be pushed to the text, a LIMIT among it.
        model::Rows::Unbounded if assembled => model::Rows::Unknown,
        rows => rows,
    }
}

fn tidy(tables: &mut Vec<String>) {
    tables.sort();
    tables.dedup();
}

/// The first that says something.
fn told(operations: &[Operation]) -> Operation {
    operations.iter().copied().find(|operation| *operation != Operation::Unknown).unwrap_or_default()
}

fn query(does: &Does) -> Option<&knowledge::Query> {
    match does {
        Does::Query(query) => Some(query),
        _ => None,
    }
}

fn execute(does: &Does) -> Option<&knowledge::Execute> {
    match does {
        Does::Execute(execute) => Some(execute),
        _ => None,
    }
}

fn model_operation(operation: knowledge::Operation) -> Operation {
    match operation {
        knowledge::Operation::Select => Operation::Select,
        knowledge::Operation::Insert => Operation::Insert,
        knowledge::Operation::Update => Operation::Update,
        knowledge::Operation::Delete => Operation::Delete,
        knowledge::Operation::Ddl => Operation::Ddl,
        knowledge::Operation::Control => Operation::Control,
        knowledge::Operation::Unknown => Operation::Unknown,
    }
}

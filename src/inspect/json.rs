//! The document, part by part. Lists are sorted by file and line, and built one element at a time.

use super::{Part, file_counts};
use crate::Analysis;
use crate::model::{
    Context, DataAccess, Function, Index, Middleware, Module, ModuleLayer, PoolLimit, PoolLimits, Resource, Route, Scope, Truth,
};
use crate::report::{CoverageJson, SCHEMA_VERSION};
use crate::resolve::{CallSite, Container, Target};
use crate::source::{Place, Written};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Serialize)]
pub(super) struct Document<'a> {
    schema_version: u32,
    tool_version: &'static str,
    workspace: WorkspaceJson<'a>,
    coverage: CoverageJson<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    routes: Option<Vec<RouteJson<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    functions: Option<Vec<FunctionJson<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    calls: Option<Vec<CallJson<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    queries: Option<Vec<QueryJson<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    schema: Option<SchemaJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resources: Option<Vec<ResourceJson<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    layers: Option<LayersJson<'a>>,
}

#[derive(Serialize)]
struct WorkspaceJson<'a> {
    root: &'a str,
    packages: Vec<PackageJson<'a>>,
}

#[derive(Serialize)]
struct PackageJson<'a> {
    name: &'a str,
    version: &'a str,
    manifest: &'a str,
    deployable: bool,
}

#[derive(Serialize)]
pub(super) struct RouteJson<'a> {
    pub method: &'a str,
    pub path: &'a str,
    protocol: &'static str,
    framework: &'a str,
    package: &'a str,
    pub handler: Option<HandlerJson<'a>>,
    pub file: &'a str,
    pub line: u32,
    pub middleware: Vec<MiddlewareJson<'a>>,
    pub auth: TruthJson<'a>,
    pub rate_limit: TruthJson<'a>,
    timeout: TruthJson<'a>,
    body_limit: TruthJson<'a>,
    cache: TruthJson<'a>,
    reads: &'a [String],
    writes: &'a [String],
}

#[derive(Serialize)]
pub(super) struct HandlerJson<'a> {
    pub path: &'a str,
    file: &'a str,
    line: u32,
}

#[derive(Serialize)]
pub(super) struct MiddlewareJson<'a> {
    pub name: &'a str,
    roles: Vec<&'static str>,
    file: &'a str,
    line: u32,
}

#[derive(Serialize)]
pub(super) struct TruthJson<'a> {
    pub is: &'static str,
    why: &'a str,
}

#[derive(Serialize)]
pub(super) struct FunctionJson<'a> {
    pub path: &'a str,
    pub file: &'a str,
    pub line: u32,
    pub role: &'static str,
    pub effects: BTreeSet<&'static str>,
}

#[derive(Serialize, PartialEq)]
pub(super) struct CallJson<'a> {
    pub file: &'a str,
    pub line: u32,
    pub column: u32,
    pub from: &'a str,
    /// `null`: it could not be resolved.
    pub to: Option<&'a str>,
    to_file: Option<&'a str>,
    to_line: Option<u32>,
    pub may_reach: Vec<&'a str>,
}

#[derive(Serialize)]
pub(super) struct QueryJson<'a> {
    pub file: &'a str,
    pub line: u32,
    pub function: &'a str,
    pub library: &'a str,
    pub text: Option<&'a str>,
    pub operation: &'static str,
    pub reads: &'a [String],
    pub writes: &'a [String],
    pub rows: &'static str,
    /// Tables asked for what no index holds.
    pub unserved: Vec<&'a str>,
    /// Tables asked for what an index holds behind another column, so that all of it is read: `members: members_pkey`.
    pub behind: BTreeMap<&'a str, &'a str>,
    /// Which index serves which table: `users: users_email_key`.
    pub served: BTreeMap<&'a str, &'a str>,
    /// `primary`, `replica`, or `unknown`: also where some ways to it run it on one and some on the other.
    pub pool_role: &'static str,
    /// What gives the connection on each way to it, as written, and its role.
    pools: BTreeMap<&'a str, &'static str>,
    /// It was understood.
    parsed: bool,
    /// For a query of an ORM: what it asks for behind the tables, empty where that is not understood.
    pub orm: Option<String>,
}

#[derive(Serialize)]
struct SchemaJson<'a> {
    tables: Vec<TableJson<'a>>,
}

#[derive(Serialize)]
pub(super) struct TableJson<'a> {
    pub name: &'a str,
    pub columns: Vec<&'a str>,
    pub indexes: Vec<IndexJson<'a>>,
    pub source: &'a str,
    /// Directory of the migrations that make it.
    pub schema: &'a str,
    dialect: &'static str,
    /// `null`: everything about it is known.
    pub incomplete: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct IndexJson<'a> {
    name: Option<&'a str>,
    pub columns: Vec<&'a str>,
    pub unique: bool,
    method: &'a str,
    partial: bool,
}

#[derive(Serialize)]
pub(super) struct ResourceJson<'a> {
    pub kind: &'static str,
    pub library: &'a str,
    #[serde(rename = "type")]
    pub type_path: &'a str,
    pub file: &'a str,
    pub line: u32,
    pub built: &'static str,
    pub settings: &'a BTreeMap<String, String>,
    /// Of a pool: `max`, `min`, `idle_timeout`, `max_lifetime`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub limits: BTreeMap<&'static str, LimitJson<'a>>,
}

#[derive(Serialize)]
pub(super) struct LimitJson<'a> {
    /// `null`: not known.
    pub value: Option<&'a str>,
    /// `code`: set where the pool is built, `library`: its default, `unknown`.
    pub from: &'static str,
    /// Why it is not known.
    why: Option<&'a str>,
}

#[derive(Serialize)]
struct LayersJson<'a> {
    style: &'static str,
    why: &'a str,
    modules: Vec<ModuleJson<'a>>,
    edges: Vec<EdgeJson<'a>>,
}

#[derive(Serialize)]
pub(super) struct ModuleJson<'a> {
    pub path: &'a str,
    pub layer: &'a str,
    pub why: &'a [String],
}

/// All uses of one module by another; the place is that of the first one.
#[derive(Serialize)]
struct EdgeJson<'a> {
    from: &'a str,
    to: &'a str,
    uses: usize,
    file: &'a str,
    line: u32,
}

pub(super) fn document(analysis: &Analysis, part: Option<Part>) -> Document<'_> {
    let wanted = |one| part.is_none_or(|part| part == one);
    Document {
        schema_version: SCHEMA_VERSION,
        tool_version: env!("CARGO_PKG_VERSION"),
        workspace: workspace(analysis),
        coverage: CoverageJson::new(&analysis.backend.coverage, file_counts(&analysis.files)),
        routes: wanted(Part::Routes).then(|| routes(analysis)),
        functions: wanted(Part::Functions).then(|| functions(analysis)),
        calls: wanted(Part::Calls).then(|| calls(analysis)),
        queries: wanted(Part::Queries).then(|| queries(analysis)),
        schema: wanted(Part::Schema).then(|| SchemaJson { tables: tables(analysis) }),
        resources: wanted(Part::Resources).then(|| resources(analysis)),
        layers: wanted(Part::Layers).then(|| layers(analysis)),
    }
}

/// File and line of a place.
fn at(analysis: &Analysis, place: Place) -> (&str, u32) {
    (analysis.sources.path(place.file), analysis.sources.start(place).line)
}

fn workspace(analysis: &Analysis) -> WorkspaceJson<'_> {
    let packages = analysis.backend.packages.iter();
    let packages = packages.map(|package| PackageJson {
        name: &package.name,
        version: &package.version,
        manifest: &package.manifest,
        deployable: package.deployable,
    });
    WorkspaceJson { root: &analysis.workspace.root, packages: packages.collect() }
}

pub(super) fn routes(analysis: &Analysis) -> Vec<RouteJson<'_>> {
    let mut routes: Vec<RouteJson> = analysis.backend.routes.iter().map(|one| route(analysis, one)).collect();
    routes.sort_by_key(|route| (route.path, route.method, route.file, route.line));
    routes
}

fn route<'a>(analysis: &'a Analysis, route: &'a Route) -> RouteJson<'a> {
    let (file, line) = at(analysis, route.place);
    let handler = route.handler.function().map(|id| {
        let function = analysis.backend.function(id);
        let (file, line) = at(analysis, function.place);
        HandlerJson { path: &function.path, file, line }
    });
    RouteJson {
        method: &route.method,
        path: &route.path,
        protocol: route.protocol.name(),
        framework: &route.framework,
        package: analysis.backend.packages.get(route.package.0 as usize).map_or("", |package| &package.name),
        handler,
        file,
        line,
        middleware: route.middleware.iter().map(|one| middleware(analysis, one)).collect(),
        auth: truth(&route.auth),
        rate_limit: truth(&route.rate_limit),
        timeout: truth(&route.timeout),
        body_limit: truth(&route.body_limit),
        cache: truth(&route.cache),
        reads: &route.reads,
        writes: &route.writes,
    }
}

fn middleware<'a>(analysis: &'a Analysis, middleware: &'a Middleware) -> MiddlewareJson<'a> {
    let (file, line) = at(analysis, middleware.place);
    MiddlewareJson { name: &middleware.name, roles: middleware.roles.iter().map(|role| role.name()).collect(), file, line }
}

fn truth(truth: &Truth) -> TruthJson<'_> {
    TruthJson { is: truth.word(), why: truth.why() }
}

pub(super) fn functions(analysis: &Analysis) -> Vec<FunctionJson<'_>> {
    let is_initializer = |index: usize| analysis.resolved.functions.get(index).is_some_and(|one| one.container == Container::Initializer);
    let own = analysis.backend.functions.iter().enumerate();
    let own = own.filter(|(index, function)| function.context != Context::Foreign && !is_initializer(*index));
    let mut functions: Vec<FunctionJson> = own.map(|(_, one)| function(analysis, one)).collect();
    functions.sort_by_key(|function| (function.file, function.line, function.path));
    functions.dedup_by_key(|function| (function.file, function.line, function.path));
    functions
}

fn function<'a>(analysis: &'a Analysis, function: &'a Function) -> FunctionJson<'a> {
    let (file, line) = at(analysis, function.place);
    let effects = function.effects.iter().map(|effect| effect.kind.name()).collect();
    FunctionJson { path: &function.path, file, line, role: function.role.name(), effects }
}

pub(super) fn calls(analysis: &Analysis) -> Vec<CallJson<'_>> {
    let resolved = &analysis.resolved;
    let bodies = resolved.functions.iter().zip(&resolved.bodies);
    let sites = bodies.flat_map(|(function, body)| body.calls.iter().map(move |site| (&*function.path, site)));
    let mut calls: Vec<CallJson> = sites.filter_map(|(from, site)| call(analysis, from, site)).collect();
    calls.sort_by_key(|call| (call.file, call.line, call.column, call.from));
    // A file that is part of several targets is resolved once for each.
    calls.dedup();
    calls
}

fn call<'a>(analysis: &'a Analysis, from: &'a str, site: &'a CallSite) -> Option<CallJson<'a>> {
    // Declarations of foreign crates are resolved like source but are nobody's file.
    let file = analysis.sources.get(site.place.file)?;
    // What a macro of the workspace writes has no name in the file that could be pointed at.
    let start = (site.place.span.start < Written::FIRST).then(|| file.line_column(site.place.span.start))?;
    let functions = &analysis.resolved.functions;
    let (to, definition, may_reach) = match &site.target {
        Target::Function(id) => (Some(&*functions[id.0 as usize].path), Some(*id), Vec::new()),
        Target::Trait { method, may_reach } => {
            let reached = may_reach.iter().map(|id| &*functions[id.0 as usize].path).collect();
            (Some(&*functions[method.0 as usize].path), Some(*method), reached)
        }
        Target::External { path, .. } => (Some(&**path), None, Vec::new()),
        Target::Unresolved(_) => (None, None, Vec::new()),
        Target::Constructor | Target::Value => return None,
    };
    let definition = definition.map(|id| functions[id.0 as usize].place).filter(|place| analysis.sources.get(place.file).is_some());
    let definition = definition.map(|place| at(analysis, place));
    Some(CallJson {
        file: &file.path,
        line: start.line,
        column: start.column,
        from,
        to,
        to_file: definition.map(|(file, _)| file),
        to_line: definition.map(|(_, line)| line),
        may_reach,
    })
}

pub(super) fn queries(analysis: &Analysis) -> Vec<QueryJson<'_>> {
    let mut queries: Vec<QueryJson> = analysis.backend.data_accesses.iter().enumerate().map(|(at, one)| query(analysis, at, one)).collect();
    queries.sort_by_key(|query| (query.file, query.line));
    queries
}

fn query<'a>(analysis: &'a Analysis, index: usize, access: &'a DataAccess) -> QueryJson<'a> {
    let (file, line) = at(analysis, access.place);
    QueryJson {
        file,
        line,
        function: &analysis.backend.function(access.function).path,
        library: &access.library,
        text: access.text.as_deref(),
        operation: access.operation.name(),
        reads: &access.reads,
        writes: &access.writes,
        rows: access.rows.name(),
        unserved: access.unserved.iter().filter(|one| one.behind.is_empty()).map(|one| one.table.as_str()).collect(),
        behind: access.unserved.iter().filter_map(|one| Some((one.table.as_str(), one.behind.first()?.as_str()))).collect(),
        served: access.served.iter().map(|one| (one.table.as_str(), one.index.as_str())).collect(),
        pool_role: analysis.backend.pool_role(index).name(),
        pools: analysis.backend.pool_uses_of(index).iter().map(|one| (one.pool.as_str(), one.role.name())).collect(),
        parsed: access.statement.as_ref().is_some_and(|statement| statement.parsed),
        orm: access.is_by_orm().then(|| by_orm(access)),
    }
}

/// What an ORM will write behind the tables; empty where it is not understood or asks for nothing more.
fn by_orm(access: &DataAccess) -> String {
    let scope = access.statement.as_ref().and_then(|statement| statement.scopes.first());
    scope.map_or(String::new(), Scope::in_words)
}

pub(super) fn tables(analysis: &Analysis) -> Vec<TableJson<'_>> {
    let schemas = analysis.backend.schemas.iter();
    let tables = schemas.flat_map(|schema| schema.tables.values().filter(|table| !table.is_view).map(move |table| (schema, table)));
    tables
        .map(|(schema, table)| TableJson {
            name: &table.name,
            columns: table.columns.iter().map(|column| column.name.as_str()).collect(),
            indexes: table.indexes.iter().map(index).collect(),
            source: &table.source,
            schema: &schema.root,
            dialect: schema.dialect.name(),
            incomplete: table.incomplete.as_deref(),
        })
        .collect()
}

fn index(index: &Index) -> IndexJson<'_> {
    IndexJson {
        name: index.name.as_deref(),
        columns: index.keys.iter().map(|key| key.printed.as_deref().unwrap_or(&key.text)).collect(),
        unique: index.unique,
        method: &index.method,
        partial: !index.partial.is_empty(),
    }
}

pub(super) fn resources(analysis: &Analysis) -> Vec<ResourceJson<'_>> {
    let mut resources: Vec<ResourceJson> = analysis.backend.resources.iter().map(|one| resource(analysis, one)).collect();
    resources.sort_by_key(|resource| (resource.file, resource.line, resource.kind));
    resources
}

fn resource<'a>(analysis: &'a Analysis, resource: &'a Resource) -> ResourceJson<'a> {
    let (file, line) = at(analysis, resource.place);
    ResourceJson {
        kind: resource.kind.name(),
        library: &resource.library,
        type_path: &resource.type_path,
        file,
        line,
        built: resource.built.name(),
        settings: &resource.settings,
        limits: resource.limits.iter().flat_map(PoolLimits::each).map(|(name, one)| (name, limit(one))).collect(),
    }
}

fn limit(limit: &PoolLimit) -> LimitJson<'_> {
    match limit {
        PoolLimit::Set { text, .. } => LimitJson { value: Some(text), from: "code", why: None },
        PoolLimit::Default { text, .. } => LimitJson { value: Some(text), from: "library", why: None },
        PoolLimit::Unknown(why) => LimitJson { value: None, from: "unknown", why: Some(why) },
    }
}

fn layers(analysis: &Analysis) -> LayersJson<'_> {
    let layering = &analysis.backend.layering;
    LayersJson { style: layering.style.name(), why: &layering.why, modules: modules(analysis), edges: edges(analysis) }
}

/// Modules with what was said of them, by path.
pub(super) fn modules<'a>(analysis: &'a Analysis) -> Vec<ModuleJson<'a>> {
    let pairs = analysis.backend.modules.iter().zip(&analysis.backend.layering.modules);
    let json = |(module, layer): (&'a Module, &'a ModuleLayer)| ModuleJson { path: &module.path, layer: &layer.layer, why: &layer.why };
    let mut modules: Vec<ModuleJson> = pairs.map(json).collect();
    modules.sort_by_key(|module| module.path);
    modules.dedup_by_key(|module| module.path);
    modules
}

fn edges(analysis: &Analysis) -> Vec<EdgeJson<'_>> {
    let path = |id: crate::model::ModuleId| analysis.backend.modules[id.0 as usize].path.as_str();
    let mut found: BTreeMap<(&str, &str), EdgeJson> = BTreeMap::new();
    for dependency in analysis.backend.dependencies.iter().filter(|dependency| !dependency.test) {
        let (from, to) = (path(dependency.from), path(dependency.to));
        let (file, line) = at(analysis, dependency.place);
        let edge = found.entry((from, to)).or_insert(EdgeJson { from, to, uses: 0, file, line });
        edge.uses += 1;
        (edge.file, edge.line) = (edge.file, edge.line).min((file, line));
    }
    found.into_values().collect()
}

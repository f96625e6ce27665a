//! Layers: roles of functions and modules, the style of the workspace, and what goes against the order.

use super::declared::{self, Standing};
use super::ids::Ids;
use super::pattern::segments;
use super::{Inputs, cycle, dependency, framework_type, role, rules, style, unmatched, words};
use crate::knowledge::TypeRole;
use crate::model::*;
use crate::resolve::DependencyTarget;
use rustc_hash::FxHashSet;

/// What stands between modules, by the resolved code alone.
#[derive(Default)]
pub(super) struct Between {
    dependencies: Vec<Dependency>,
    external_uses: Vec<ExternalUse>,
    exposures: Vec<FrameworkType>,
}

impl Between {
    pub(super) fn of(inputs: &Inputs) -> Self {
        let ids = Ids::new(inputs);
        let (exposures, (dependencies, external_uses)) =
            rayon::join(|| framework_type::all(inputs, &ids), || dependency::all(inputs, &ids));
        Self { dependencies, external_uses, exposures }
    }

    pub(super) fn put(self, backend: &mut Backend) {
        backend.dependencies = self.dependencies;
        backend.external_uses = self.external_uses;
        backend.exposures = self.exposures;
    }
}

/// Needs functions with their calls and effects, routes, queries and [`Between`].
pub(super) fn add(inputs: &Inputs, backend: &mut Backend) {
    mark_web_adapters(inputs, backend);
    mark_middleware(backend);
    judge(inputs.declared, &external_crates(inputs), &package_edges(inputs), backend);
}

/// Everything that needs no resolved code any more: also for backends drawn by hand.
pub(super) fn judge(declared: &Declared, crates: &[String], packages: &[(PackageId, PackageId, bool)], backend: &mut Backend) {
    let architecture = &declared.architecture;
    let standings = declared::standings(architecture, &backend.modules);
    role::add(backend, &layer_names(architecture, &standings));
    style::add(backend, !architecture.layers.is_empty());
    backend.layering.breaches = if architecture.layers.is_empty() {
        inferred_breaches(backend)
    } else {
        let allowed: FxHashSet<usize> = rules::allowed_dependencies(architecture, backend).into_iter().collect();
        declared::breaches(architecture, &standings, backend, |dependency| allowed.contains(&dependency))
    };
    cycle::add(backend, &standings, architecture, packages);
    rules::add(declared, &standings, backend);
    backend.unmatched.extend(unmatched::find(architecture, crates, backend));
}

fn layer_names(architecture: &ArchitectureConfig, standings: &[Option<Standing>]) -> Vec<Option<String>> {
    let name = |standing: &Standing| standing.layer.map_or_else(|| "shared".to_string(), |layer| architecture.layers[layer].name.clone());
    standings.iter().map(|standing| standing.as_ref().map(name)).collect()
}

/// Code below the web layer that uses it. Other orders differ from house to house (ports stand above or below what implements them), so
/// nothing is inferred about them. The web layer is where handlers are, and not what only has a name like theirs.
fn inferred_breaches(backend: &Backend) -> Vec<Breach> {
    let web = web_modules(backend);
    let is_below = |module: ModuleId| matches!(backend.layering.firm_role_of(module), Role::Service | Role::Repository | Role::Domain);
    let found = backend.dependencies.iter().enumerate().filter(|(_, one)| {
        let production = backend.modules[one.from.0 as usize].context == Context::Production && !one.test;
        let adapter = one.function.is_some_and(|function| backend.function(function).web_adapter);
        production && !adapter && is_below(one.from) && web.contains(&one.to) && !is_within(backend, one.from, one.to)
    });
    let name = |module: ModuleId| backend.layering.role_of(module).name().to_string();
    let breach = |(at, one): (usize, &Dependency)| {
        let (from_layer, to_layer) = (name(one.from), name(one.to));
        Breach { kind: BreachKind::Upward, dependency: at, from_layer, to_layer }
    };
    found.map(breach).collect()
}

/// Controller modules with a handler of their own. One that answers nothing but probes belongs to what it watches: metrics are counted
/// everywhere and served in one place. Where it is kept among handlers all the same, by its name, it is one of them.
fn web_modules(backend: &Backend) -> FxHashSet<ModuleId> {
    let named = |module: ModuleId| {
        let path = segments(&backend.modules[module.0 as usize].path);
        path.iter().skip(1).any(|segment| *segment == "api" || words::of_word(segment) == Some(Role::Controller))
    };
    let served = backend.routes.iter().filter(|route| route.context == Context::Production);
    let handlers = served.filter_map(|route| Some((route.is_probe(), backend.function(route.handler.function()?).module)));
    let modules = handlers.filter(|(probe, module)| !probe || named(*module)).map(|(_, module)| module);
    modules.filter(|module| backend.layering.role_of(*module) == Role::Controller).collect()
}

/// Whether one of the two modules is inside the other: a parent puts together what its children are.
fn is_within(backend: &Backend, one: ModuleId, other: ModuleId) -> bool {
    let path = |module: ModuleId| backend.modules[module.0 as usize].path.as_str();
    let inside = |inner: &str, outer: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with("::"));
    inside(path(one), path(other)) || inside(path(other), path(one))
}

/// Implementations of a web framework's traits stand next to their type, for the orphan rule asks for it.
fn mark_web_adapters(inputs: &Inputs, backend: &mut Backend) {
    for function in &mut backend.functions {
        let Some(path) = &function.trait_path else { continue };
        let known = inputs.knowledge.type_roles(path, None).contains(&TypeRole::WebAdapter);
        function.web_adapter |= known || words::is_web_trait(path);
    }
}

/// Functions that are middleware, that put routers together, and what only they call beside them: the web layer, whatever folder they
/// are kept in.
fn mark_middleware(backend: &mut Backend) {
    let in_a_stack: FxHashSet<&str> = backend.routes.iter().flat_map(|route| &route.middleware).map(|one| one.name.as_str()).collect();
    let stacked = backend.functions.iter().enumerate().filter(|(_, function)| in_a_stack.contains(function.path.as_str()));
    let by_signature = backend.exposures.iter().filter(|one| words::is_web_plumbing(&one.type_path)).map(|one| one.function);
    let mut found: Vec<FunctionId> = stacked.map(|(at, _)| FunctionId(at as u32)).chain(by_signature).collect();
    let callers = backend.callers(|_| true);
    while let Some(id) = found.pop() {
        if std::mem::replace(&mut backend.functions[id.0 as usize].web_adapter, true) {
            continue;
        }
        let beside = |to: &FunctionId| backend.function(*to).module == backend.function(id).module;
        let only_from_adapters =
            |to: &FunctionId| callers.of(to.0).iter().all(|(caller, _)| *caller == *to || backend.function(*caller).web_adapter);
        let helpers: Vec<FunctionId> = backend.function(id).calls.iter().map(|call| call.to).collect();
        found.extend(helpers.into_iter().filter(|to| beside(to) && only_from_adapters(to)));
    }
}

fn external_crates(inputs: &Inputs) -> Vec<String> {
    let dependencies = inputs.graph.crates.iter().flat_map(|krate| &krate.dependencies);
    let mut names: Vec<String> = dependencies
        .filter_map(|dependency| match &dependency.to {
            DependencyTarget::External { package, .. } => Some(package.to_string()),
            DependencyTarget::Workspace(_) => None,
        })
        .collect();
    names.sort();
    names.dedup();
    names
}

fn package_edges(inputs: &Inputs) -> Vec<(PackageId, PackageId, bool)> {
    let crates = &inputs.graph.crates;
    let edges = crates.iter().flat_map(|krate| krate.dependencies.iter().map(move |dependency| (krate.package, dependency)));
    edges
        .filter_map(|(from, dependency)| match dependency.to {
            DependencyTarget::Workspace(to) => Some((PackageId(from as u32), PackageId(crates[to].package as u32), dependency.dev)),
            DependencyTarget::External { .. } => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::drawn::Drawn;
    use crate::model::Context;

    /// A repository that calls a helper beside the handler of this path.
    fn breaches(path: &str) -> usize {
        let mut drawn = Drawn::layered(4);
        let handler = drawn.function("app::observed::answer");
        let helper = drawn.function("app::observed::count");
        let query = drawn.function("app::db::stored");
        drawn.query(query);
        drawn.route("GET", path, handler);
        drawn.call(query, helper);
        drawn.judged().layering.breaches.len()
    }

    #[test]
    fn what_answers_nothing_but_probes_is_no_web_layer() {
        assert_eq!(breaches("/users"), 1);
        assert_eq!(breaches("/metrics"), 0);
    }

    #[test]
    fn what_is_kept_among_handlers_is_one_of_them_even_if_it_answers_probes() {
        let mut drawn = Drawn::layered(4);
        let handler = drawn.function("app::api::metrics::answer");
        let helper = drawn.function("app::api::metrics::count");
        let query = drawn.function("app::db::stored");
        drawn.query(query);
        drawn.route("GET", "/metrics", handler);
        drawn.call(query, helper);
        assert_eq!(drawn.judged().layering.breaches.len(), 1);
    }

    #[test]
    fn middleware_and_what_puts_routers_together_is_of_the_web_wherever_it_is_kept() {
        let backend = crate::testing::inspect(&[(
            "src/main.rs",
            "use axum::{Router, routing::get, extract::Request, middleware::{Next, from_fn}, response::Response};
             mod service {
                 use super::*;
                 pub async fn authenticate(request: Request, next: Next) -> Response { refuse(&request); next.run(request).await }
                 fn refuse(request: &Request) -> Option<Response> { None }
                 pub trait Authorizer { fn new_router(&self) -> Router; }
                 pub struct All;
                 impl Authorizer for All { fn new_router(&self) -> Router { Router::new() } }
                 pub fn render() -> Response { todo!() }
             }
             async fn list() {}
             #[tokio::main]
             async fn main() {
                 let app: Router = Router::new().route(\"/users\", get(list)).layer(from_fn(service::authenticate));
                 axum::serve(tokio::net::TcpListener::bind(\"x\").await.unwrap(), app).await.unwrap();
             }",
        )]);
        let own = backend.functions.iter().filter(|one| one.context != Context::Foreign && one.web_adapter);
        let mut adapters: Vec<&str> = own.map(|one| one.name.as_str()).collect();
        adapters.sort();
        assert_eq!(adapters, ["authenticate", "new_router", "refuse"]);
    }
}

#![doc = include_str!("guidance.md")]

use super::pooling::usual_pool;
use crate::findings::{Finding, Level};
use crate::lints::per_request::shared_state;
use crate::lints::{Lint, LintInfo, Measured, Section, evidence, references};
use crate::model::{Backend, Built, Chain, Context, DataAccess, Evidence, FunctionId, Resource, ResourceKind, Route, Truth};

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "unpooled_databases",
        section: Section::DatabaseOptimization,
        level: Level::Warn,
        summary: "requests reach a database, and there is no pool anywhere",
        help: "build one pool at start-up, share it through the state of the server and take connections from it",
        guidance: include_str!("guidance.md"),
        references: &[references::SQLX_POOL, references::AZURE_IMPROPER_INSTANTIATION, references::TWELVE_FACTOR_BACKING_SERVICES],
        measured: Measured { found: 0, read: 0, right: 0 },
    },
    check,
};

/// One finding per database system: the missing pool is one cause, however many places open connections.
fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    let systems = backend.pools.iter().filter(|(_, pool)| pool.is_no());
    findings.extend(systems.filter_map(|(system, searched)| finding(backend, system, searched)));
}

fn finding(backend: &Backend, system: &str, searched: &Truth) -> Option<Finding> {
    let connections: Vec<&Resource> = backend.resources.iter().filter(|resource| is_unpooled(backend, resource, system)).collect();
    // Where it is known what a connection does wrong, that is the finding; the missing pool is the same cause once more.
    if connections.iter().any(|connection| connection.shared.is_some() || matches!(connection.built, Built::PerRequest { .. })) {
        return None;
    }
    let (connection, ways) = connections.iter().find_map(|connection| {
        let ways = ways_to_queries(backend, connection);
        (!ways.is_empty()).then_some((connection, ways))
    })?;
    let (route, chain, query) = ways.iter().min_by_key(|(_, chain, _)| chain.calls.len())?;
    let builder = backend.function(connection.function);
    let opened = Evidence::at(connection.place, format!("`{}` opens a `{}` connection", builder.name, connection.library));
    let asked = Evidence::at(query.place, format!("`{}` runs a query", backend.function(query.function).name));
    let mut steps = evidence::from_route(backend, route, chain, asked);
    steps.push(opened);
    steps.push(Evidence { place: None, what: searched.why().to_string() });
    Some(Finding {
        place: connection.place,
        message: format!(
            "`{}`{} reaches a `{system}` database, and no pool exists anywhere",
            route.title(),
            evidence::more(ways.len() - 1, "route")
        ),
        evidence: steps,
        help: format!(
            "build one {} at start-up, keep it in {} and take connections from it",
            usual_pool(&connection.library),
            shared_state(&route.framework)
        ),
        item: String::new(),
        identity: format!("{system} without a pool"),
        at_most: None,
    })
}

fn is_unpooled(backend: &Backend, resource: &Resource, system: &str) -> bool {
    resource.kind == ResourceKind::Connection
        && resource.system == system
        && !resource.dedicated
        && !resource.per_request_settings
        && backend.function(resource.function).context == Context::Production
}

/// Routes on whose way a query of the connection's library runs, each with the nearest one. What is opened in a package whose code they
/// never come to is the connection of another program of the workspace.
fn ways_to_queries<'b>(backend: &'b Backend, connection: &Resource) -> Vec<(&'b Route, Chain, &'b DataAccess)> {
    let library = connection.library.as_str();
    let opener = backend.function(connection.function).package;
    let served = backend.routes.iter().filter(|route| route.context == Context::Production && !route.is_probe());
    let way = |route: &'b Route| {
        let reached = backend.reached(route.handler.function()?);
        let comes_there = route.package == opener || reached.functions.iter().any(|id| backend.function(*id).package == opener);
        if !comes_there {
            return None;
        }
        let nearest = |id: &FunctionId| backend.data_access_in(*id).find(|access| access.library == library && !access.control);
        reached.functions.iter().find_map(|id| Some((route, reached.chain_to(*id), nearest(id)?)))
    };
    served.filter_map(way).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::Sketch;

    /// Two routes call a function that asks the database, and of the connection it is not known how often it is opened.
    fn without_a_pool() -> Sketch {
        let mut sketch = Sketch::new();
        let connection = sketch.function("api::db::users");
        sketch.query(connection, &["users"], &[]);
        sketch.backend.data_accesses[0].library = "diesel".into();
        for name in ["list", "create"] {
            let handler = sketch.function(&format!("api::{name}"));
            sketch.call(handler, connection);
            sketch.route(if name == "list" { "GET" } else { "POST" }, "/users", handler);
        }
        sketch.resource(ResourceKind::Connection, "diesel", "postgres", connection).built = Built::Unknown("kept in a thread-local".into());
        sketch.backend.pools.insert("postgres".into(), Truth::No("no pool type of any known library is named in this workspace".into()));
        sketch
    }

    #[test]
    fn one_finding_per_database_names_the_shortest_way() {
        let findings = without_a_pool().check(&LINT);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].message, "`GET /users` (+ 1 more route) reaches a `postgres` database, and no pool exists anywhere");
        assert!(findings[0].help.starts_with("build one `diesel::r2d2::Pool` at start-up"));
    }

    #[test]
    fn a_pool_anywhere_or_none_looked_for_is_silent() {
        let mut sketch = without_a_pool();
        let seen = sketch.yes("`Pool` in `db.rs`");
        for truth in [seen, Truth::Unknown("a macro builds it".into())] {
            sketch.backend.pools.insert("postgres".into(), truth);
            assert!(sketch.check(&LINT).is_empty());
        }
        sketch.backend.pools.clear();
        assert!(sketch.check(&LINT).is_empty());
    }

    #[test]
    fn a_connection_per_request_is_the_other_lints_finding() {
        let mut sketch = without_a_pool();
        let built = Sketch::per_request(crate::model::RouteId(0), &[crate::model::FunctionId(1)], &[], 1);
        sketch.backend.resources[0].built = built;
        assert!(sketch.check(&LINT).is_empty());
    }

    #[test]
    fn a_connection_of_another_program_of_the_workspace_is_silent() {
        let mut sketch = without_a_pool();
        let opener = sketch.function("resolver::open");
        sketch.backend.functions[opener.0 as usize].package = crate::model::PackageId(1);
        sketch.backend.resources[0].function = opener;
        assert!(sketch.check(&LINT).is_empty());
    }

    #[test]
    fn a_connection_that_no_request_reaches_is_silent() {
        let mut sketch = without_a_pool();
        sketch.backend.routes.clear();
        assert!(sketch.check(&LINT).is_empty());
    }
}

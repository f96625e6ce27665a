#![doc = include_str!("guidance.md")]

use super::layers::{self, Repositories, Say};
use crate::findings::{Finding, Level};
use crate::lints::{Lint, LintInfo, Measured, Section, evidence, references};
use crate::model::{Backend, Context, DataAccess, Evidence, Function, FunctionId, Role, Route};

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "sql_in_handlers",
        section: Section::ServerArchitecture,
        level: Level::Warn,
        summary: "a handler runs SQL itself, though this workspace keeps its queries in repositories",
        help: "move the query into the repository of its tables and call that from the handler or a service",
        guidance: include_str!("guidance.md"),
        references: &[references::FOWLER_LAYERS, references::FOWLER_REPOSITORY, references::AWS_BUSINESS_DOMAINS],
        measured: Measured { found: 15, read: 15, right: 15 },
    },
    check,
};

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    let Some(say) = Say::about(backend) else { return };
    for (id, queries) in layers::queries_by_function(backend) {
        // A test that serves a function does not make it a handler.
        let served = backend.routes.iter().filter(|route| route.context == Context::Production);
        let routes: Vec<&Route> = served.filter(|route| route.handler.function() == Some(id)).collect();
        if in_the_web_layer(backend, id, &routes) && !is_probe(backend.function(id), &routes) {
            let repositories = Repositories::near(backend, backend.function(id));
            findings.extend(repositories.map(|repositories| finding(backend, id, &queries, &routes, &repositories, &say)));
        }
    }
}

fn in_the_web_layer(backend: &Backend, id: FunctionId, routes: &[&Route]) -> bool {
    let function = backend.function(id);
    let module = backend.layering.role_of(function.module);
    !routes.is_empty() || module == Role::Controller && matches!(function.role, Role::Controller | Role::Unknown | Role::Repository)
}

/// A health check asks the database by the shortest way on purpose.
fn is_probe(function: &Function, routes: &[&Route]) -> bool {
    const WORDS: &[&str] = &["health", "ready", "readiness", "alive", "liveness", "ping", "heartbeat"];
    let named = function.name.split('_').any(|word| WORDS.contains(&word));
    named || !routes.is_empty() && routes.iter().all(|route| route.is_probe())
}

fn finding(
    backend: &Backend,
    id: FunctionId,
    queries: &[&DataAccess],
    routes: &[&Route],
    repositories: &Repositories,
    say: &Say,
) -> Finding {
    let function = backend.function(id);
    let first = queries[0];
    let what = layers::language(&first.library);
    let mut steps: Vec<Evidence> = routes.first().map_or_else(Vec::new, |route| evidence::entry(backend, route));
    let more = if queries.len() > 1 { format!(", and {} more in it do", queries.len() - 1) } else { String::new() };
    steps.push(Evidence::at(first.place, format!("this runs {what} with {}{more}", first.library)));
    steps.push(repositories.sentence());
    let message = match routes {
        [] => format!("`{}` runs {what} in `{}`, where requests are handled", function.name, layers::module_path(backend, function.module)),
        [route, ..] => format!("handler `{}` of `{}` runs {what} itself", function.name, route.title()),
    };
    let help = repositories.of_tables(function, queries);
    Finding {
        place: first.place,
        message,
        evidence: steps,
        help: help.map_or_else(String::new, |module| format!("move it into `{module}` and call that")),
        item: function.path.clone(),
        identity: format!("{} in {}", first.library, function.path),
        at_most: say.at_most(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::Sketch;
    use crate::model::{ModuleLayer, Style};

    /// A handler that runs a query, beside a repository.
    fn sketch(style: Style) -> Sketch {
        let mut sketch = Sketch::new();
        sketch.module("api::users", Role::Controller);
        let db = sketch.module("api::db", Role::Repository);
        let create = sketch.function_in("api::users::create_user", Role::Controller);
        sketch.query(create, &[], &["users"]);
        sketch.route("POST", "/users", create);
        let find = sketch.function_in("api::db::find_user", Role::Repository);
        sketch.query(find, &["users"], &[]);
        sketch.backend.layering.style = style;
        (sketch.backend.layering.sql_functions, sketch.backend.layering.sql_in_repositories) = (2, 1);
        assert_eq!(sketch.backend.function(find).module, db);
        sketch
    }

    #[test]
    fn a_handler_that_runs_sql_beside_repositories_is_found_with_the_repository_to_move_it_to() {
        let findings = sketch(Style::Layered).check(&LINT);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].message, "handler `create_user` of `POST /users` runs SQL itself");
        assert_eq!(findings[0].help, "move it into `api::db` and call that");
        assert_eq!(findings[0].at_most, None);
    }

    #[test]
    fn a_mixed_workspace_gets_notes_and_a_script_none() {
        assert_eq!(sketch(Style::Mixed).check(&LINT)[0].at_most, Some(Level::Note));
        assert!(sketch(Style::Script).check(&LINT).is_empty());
        assert!(sketch(Style::Unknown).check(&LINT).is_empty());
    }

    #[test]
    fn health_checks_control_statements_and_tools_are_silent() {
        let mut probe = sketch(Style::Layered);
        probe.backend.routes[0].path = "/healthz".into();
        probe.backend.routes[0].method = "GET".into();
        assert!(probe.check(&LINT).is_empty());

        let mut control = sketch(Style::Layered);
        control.backend.data_accesses[0].control = true;
        assert!(control.check(&LINT).is_empty());

        let mut tool = sketch(Style::Layered);
        tool.backend.functions[0].context = Context::Tool;
        assert!(tool.check(&LINT).is_empty());
    }

    #[test]
    fn a_route_of_a_test_makes_no_handler() {
        let mut tested = sketch(Style::Layered);
        tested.backend.routes[0].context = Context::Test;
        let users = tested.backend.functions[0].module;
        tested.backend.layering.modules[users.0 as usize] = ModuleLayer::default();
        assert!(tested.check(&LINT).is_empty());
    }

    #[test]
    fn a_helper_in_a_module_of_handlers_counts_and_one_of_the_same_name_elsewhere_does_not() {
        let mut sketch = sketch(Style::Layered);
        sketch.backend.routes.clear();
        assert_eq!(sketch.messages(&LINT), ["`create_user` runs SQL in `api::users`, where requests are handled"]);
        let users = sketch.backend.functions[0].module;
        sketch.backend.layering.modules[users.0 as usize] = ModuleLayer::default();
        assert!(sketch.check(&LINT).is_empty());
    }
}

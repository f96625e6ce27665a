#![doc = include_str!("guidance.md")]

use super::layers::{self, Repositories, Say};
use crate::findings::{Finding, Level};
use crate::lints::{Lint, LintInfo, Measured, Section, evidence, references};
use crate::model::{Backend, DataAccess, Evidence, FunctionId, ModuleId, Role};
use std::collections::BTreeMap;

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "sql_outside_repositories",
        section: Section::ServerArchitecture,
        level: Level::Note,
        summary: "a module of services or of the domain runs SQL, though this workspace keeps its queries in repositories",
        help: "move the query into the repository of its tables",
        guidance: include_str!("guidance.md"),
        references: &[references::FOWLER_LAYERS, references::FOWLER_REPOSITORY],
        measured: Measured { found: 1, read: 1, right: 1 },
    },
    check,
};

/// A module's functions that run queries, with the first query of each.
type Stray<'b> = BTreeMap<ModuleId, Vec<(FunctionId, Vec<&'b DataAccess>)>>;

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    let Some(say) = Say::about(backend) else { return };
    let mut stray: Stray = BTreeMap::new();
    for (id, queries) in layers::queries_by_function(backend) {
        let module = backend.function(id).module;
        let handles = backend.routes.iter().any(|route| route.handler.function() == Some(id));
        if matches!(backend.layering.firm_role_of(module), Role::Service | Role::Domain) && !handles {
            stray.entry(module).or_default().push((id, queries));
        }
    }
    findings.extend(stray.into_iter().filter_map(|(module, functions)| finding(backend, module, &functions, &say)));
}

const MOST_FUNCTIONS: usize = 4;

fn finding(backend: &Backend, module: ModuleId, functions: &[(FunctionId, Vec<&DataAccess>)], say: &Say) -> Option<Finding> {
    let (first, queries) = &functions[0];
    let function = backend.function(*first);
    let repositories = Repositories::near(backend, function)?;
    let path = layers::module_path(backend, module);
    let what = layers::language(&queries[0].library);
    let names = functions.iter().map(|(id, _)| backend.function(*id).name.as_str());
    let place = |(id, queries): &(FunctionId, Vec<&DataAccess>)| {
        Evidence::at(queries[0].place, format!("`{}` runs {what} here", backend.function(*id).name))
    };
    let mut steps: Vec<Evidence> = functions.iter().take(MOST_FUNCTIONS).map(place).collect();
    steps.push(repositories.sentence());
    let help = repositories.of_tables(function, queries);
    Some(Finding {
        place: queries[0].place,
        message: format!("{} module `{path}` runs {what}, in {}", backend.layering.role_of(module).name(), evidence::list(names, 3)),
        evidence: steps,
        help: help.map_or_else(String::new, |module| format!("move it into `{module}` and call that")),
        item: path.to_string(),
        identity: path.to_string(),
        at_most: say.at_most(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::Sketch;
    use crate::model::Style;

    fn sketch(role: Role) -> Sketch {
        let mut sketch = Sketch::new();
        sketch.module("api::billing", role);
        sketch.module("api::db", Role::Repository);
        for name in ["charge", "refund"] {
            let stray = sketch.function_in(&format!("api::billing::{name}"), Role::Unknown);
            sketch.query(stray, &["invoices"], &[]);
        }
        let find = sketch.function_in("api::db::invoices", Role::Repository);
        sketch.query(find, &["invoices"], &[]);
        sketch.backend.layering.style = Style::Layered;
        sketch
    }

    #[test]
    fn a_service_that_runs_sql_is_one_finding_for_the_module() {
        let findings = sketch(Role::Service).check(&LINT);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].message, "service module `api::billing` runs SQL, in `charge` and `refund`");
        assert_eq!(findings[0].help, "move it into `api::db` and call that");
    }

    #[test]
    fn repositories_jobs_and_modules_of_unknown_role_are_silent() {
        for role in [Role::Repository, Role::Job, Role::Unknown, Role::Shared] {
            assert!(sketch(role).check(&LINT).is_empty(), "{}", role.name());
        }
    }
}

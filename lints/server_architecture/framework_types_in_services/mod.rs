#![doc = include_str!("guidance.md")]

use super::layers::{self, Say};
use crate::findings::{Finding, Level};
use crate::lints::{Lint, LintInfo, Measured, Section, references};
use crate::model::{Backend, Context, Evidence, FrameworkType, Function, PackageId, Role};
use std::collections::BTreeMap;

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "framework_types_in_services",
        section: Section::ServerArchitecture,
        level: Level::Warn,
        summary: "a function below the web layer takes or returns a web framework's type, so nothing but that framework can call it",
        help: "return a plain value or an error of your own, and make the response in the handler",
        guidance: include_str!("guidance.md"),
        references: &[references::HEXAGONAL, references::FOWLER_SERVICE_LAYER],
        measured: Measured { found: 0, read: 0, right: 0 },
    },
    check,
};

/// Where this share of a layer's functions speaks the framework's language, it is a decision and not a slip.
const HABIT: f64 = 0.30;
const FEW: usize = 5;

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    let Some(say) = Say::about(backend) else { return };
    let mut by_layer: BTreeMap<(PackageId, Role), BTreeMap<usize, &FrameworkType>> = BTreeMap::new();
    for exposure in &backend.exposures {
        let function = backend.function(exposure.function);
        let Some(role) = judged_role(backend, function) else { continue };
        let slot = by_layer.entry((function.package, role)).or_default().entry(exposure.function.0 as usize).or_insert(exposure);
        // What a function returns binds its callers more than what it takes.
        if exposure.in_return && !slot.in_return {
            *slot = exposure;
        }
    }
    for ((package, role), exposures) in by_layer {
        let exposures: Vec<&FrameworkType> = exposures.into_values().collect();
        let size = layer_size(backend, package, role);
        if exposures.len() >= FEW && exposures.len() as f64 > HABIT * size as f64 {
            findings.push(habit(backend, package, role, &exposures, size));
        } else {
            findings.extend(exposures.into_iter().map(|exposure| finding(backend, role, exposure, &say)));
        }
    }
}

fn judged_role(backend: &Backend, function: &Function) -> Option<Role> {
    let role = backend.layering.firm_role_of(function.module);
    let below = matches!(role, Role::Service | Role::Repository | Role::Domain);
    let of_the_web = function.web_adapter || matches!(function.role, Role::Controller | Role::Shared);
    (below && !of_the_web && function.context == Context::Production).then_some(role)
}

fn layer_size(backend: &Backend, package: PackageId, role: Role) -> usize {
    backend.functions.iter().filter(|function| function.package == package && judged_role(backend, function) == Some(role)).count()
}

fn finding(backend: &Backend, role: Role, exposure: &FrameworkType, say: &Say) -> Finding {
    let function = backend.function(exposure.function);
    let (verb, level) = if exposure.in_return { ("returns", say.at_most()) } else { ("takes", Some(Level::Note)) };
    let why = format!(
        "`{}` is a {} module: callers that serve no {} request cannot use the function",
        layers::module_path(backend, function.module),
        role.name(),
        framework(exposure)
    );
    Finding {
        place: exposure.place,
        message: format!("{} function `{}` {verb} `{}`", role.name(), function.name, exposure.type_path),
        evidence: vec![Evidence::at(function.place, format!("`{}` is declared here", function.name)), Evidence { place: None, what: why }],
        help: if exposure.in_return {
            String::new()
        } else {
            "take the plain values that it needs of the request, and let the handler get them".into()
        },
        item: function.path.clone(),
        identity: format!("{} {}", function.path, exposure.type_path),
        at_most: level,
    }
}

/// One note for a whole layer.
fn habit(backend: &Backend, package: PackageId, role: Role, exposures: &[&FrameworkType], size: usize) -> Finding {
    let package = &backend.packages[package.0 as usize].name;
    let first = exposures[0];
    let step = |one: &&FrameworkType| Evidence::at(one.place, format!("`{}` in `{}`", one.type_path, backend.function(one.function).name));
    Finding {
        place: first.place,
        message: format!("{} of {size} {} functions of package `{package}` name types of `{}`", exposures.len(), role.name(), framework(first)),
        evidence: exposures.iter().take(3).map(step).collect(),
        help: "as a habit this ties the whole layer to one framework: keep it knowingly and allow the lint for the package, or move one function at a time".into(),
        item: package.clone(),
        identity: format!("{package} {}", role.name()),
        at_most: Some(Level::Note),
    }
}

fn framework(exposure: &FrameworkType) -> &str {
    exposure.type_path.split("::").next().unwrap_or(&exposure.type_path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::Sketch;
    use crate::model::Style;

    fn sketch(names: &[&str], in_return: bool) -> Sketch {
        let mut sketch = Sketch::new();
        sketch.module("api::services", Role::Service);
        for name in names {
            let function = sketch.function_in(&format!("api::services::{name}"), Role::Service);
            let place = sketch.place();
            let type_path = "actix_web::HttpResponse".to_string();
            sketch.backend.exposures.push(FrameworkType { function, place, type_path, in_return });
        }
        sketch.backend.layering.style = Style::Layered;
        sketch
    }

    #[test]
    fn a_service_that_returns_a_response_is_found() {
        let findings = sketch(&["register"], true).check(&LINT);
        assert_eq!(findings[0].message, "service function `register` returns `actix_web::HttpResponse`");
        assert_eq!(findings[0].at_most, None);
    }

    #[test]
    fn what_a_service_takes_is_a_note() {
        let findings = sketch(&["register"], false).check(&LINT);
        assert_eq!(findings[0].message, "service function `register` takes `actix_web::HttpResponse`");
        assert_eq!(findings[0].at_most, Some(Level::Note));
    }

    #[test]
    fn a_whole_layer_that_does_it_is_one_note() {
        let findings = sketch(&["a", "b", "c", "d", "e"], true).check(&LINT);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].message, "5 of 5 service functions of package `api` name types of `actix_web`");
    }

    #[test]
    fn handlers_and_web_adapters_beside_services_are_silent() {
        let mut sketch = sketch(&["register", "from_request"], true);
        sketch.backend.functions[0].role = Role::Controller;
        sketch.backend.functions[1].web_adapter = true;
        assert!(sketch.check(&LINT).is_empty());
    }
}

#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::{Lint, LintInfo, Measured, Section, references};
use crate::model::{Backend, DataAccess, Evidence, Style};

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "layering_not_detected",
        section: Section::ServerArchitecture,
        level: Level::Note,
        summary: "handlers run their own queries as a rule, so the lints about layers stay silent",
        help: "declare layers in `moai-backend.toml` to hold new code to them, or allow this lint: for a small service one layer is a fair choice",
        guidance: include_str!("guidance.md"),
        references: &[references::FOWLER_LAYERS],
        measured: Measured { found: 4, read: 4, right: 4 },
    },
    check,
};

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    if backend.layering.style == Style::Script {
        findings.extend(first_query_of_a_handler(backend).map(|access| finding(backend, access)));
    }
}

/// The workspace has no place of its own; the first such query stands for it.
fn first_query_of_a_handler(backend: &Backend) -> Option<&DataAccess> {
    let handled = |access: &&DataAccess| backend.routes.iter().any(|route| route.handler.function() == Some(access.function));
    let telling = || backend.data_accesses.iter().filter(|access| !access.control);
    telling().filter(handled).min_by_key(|access| access.place).or_else(|| telling().min_by_key(|access| access.place))
}

fn finding(backend: &Backend, access: &DataAccess) -> Finding {
    let layering = &backend.layering;
    let with_queries = (layering.handlers_with_sql * layering.handlers as f64).round() as usize;
    let beside = (layering.sql_beside_handlers * layering.sql_functions as f64).round() as usize;
    Finding {
        place: access.place,
        message: format!(
            "no layers to check: {with_queries} of {} handlers run queries themselves, and {beside} of {} functions with queries stand beside a handler",
            layering.handlers, layering.sql_functions
        ),
        evidence: vec![Evidence::at(access.place, format!("the first of them is in `{}`", backend.function(access.function).path))],
        help: String::new(),
        item: String::new(),
        identity: "workspace".into(),
        at_most: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::Sketch;

    fn sketch(style: Style) -> Sketch {
        let mut sketch = Sketch::new();
        let list = sketch.function("api::list");
        sketch.query(list, &["users"], &[]);
        sketch.route("GET", "/users", list);
        let layering = &mut sketch.backend.layering;
        (layering.style, layering.handlers, layering.sql_functions) = (style, 70, 90);
        (layering.handlers_with_sql, layering.sql_beside_handlers) = (0.7, 0.66);
        sketch
    }

    #[test]
    fn a_script_is_told_once_with_the_figures() {
        assert_eq!(
            sketch(Style::Script).messages(&LINT),
            ["no layers to check: 49 of 70 handlers run queries themselves, and 59 of 90 functions with queries stand beside a handler"]
        );
    }

    #[test]
    fn every_other_style_is_silent() {
        for style in [Style::Layered, Style::Mixed, Style::Declared, Style::Unknown] {
            assert!(sketch(style).check(&LINT).is_empty());
        }
    }
}

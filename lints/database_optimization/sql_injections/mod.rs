#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::{Lint, LintInfo, Measured, Section, evidence, references};
use crate::model::{Backend, Evidence, InjectedText, Route};
use std::collections::BTreeSet;

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "sql_injections",
        section: Section::DatabaseOptimization,
        level: Level::Warn,
        summary: "a text that a request gives becomes part of a statement",
        help: "bind it as a parameter; choose identifiers and directions from a list of your own",
        guidance: include_str!("guidance.md"),
        references: &[references::OWASP_SQL_INJECTION, references::CWE_SQL_INJECTION, references::SQLX_SQL_SAFE],
        measured: Measured { found: 0, read: 0, right: 0 },
    },
    check,
};

/// One finding for each statement.
fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for injected in &backend.injected_texts {
        let handler = injected.chain.functions.first().copied();
        let Some(route) = backend.routes.iter().find(|route| route.handler.function() == handler) else { continue };
        if seen.insert(injected.put_in) {
            findings.push(finding(backend, injected, route));
        }
    }
}

fn finding(backend: &Backend, injected: &InjectedText, route: &Route) -> Finding {
    let InjectedText { access, chain, value, given, put_in } = injected;
    let access = &backend.data_accesses[*access];
    let sink = Evidence::at(*put_in, "it is put into the text of a statement as it came");
    let mut shown = evidence::from_route(backend, route, chain, sink);
    let after_handler = shown.len().min(2);
    shown.insert(after_handler, Evidence::at(*given, format!("the request gives `{value}`, and nothing is seen to check it")));
    Finding {
        place: *put_in,
        message: format!("`{}` puts `{value}` of the request into the text of a statement", route.title()),
        evidence: shown,
        help: "bind a value (`$1` with `.bind(..)`); for a column or a direction, match it against your own list and put the word of the \
               list into the text"
            .into(),
        item: backend.function(access.function).path.clone(),
        identity: value.clone(),
        at_most: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::Sketch;
    use crate::model::Chain;

    fn injected() -> Sketch {
        let mut sketch = Sketch::new();
        let list = sketch.function("api::list");
        sketch.route("GET", "/posts", list);
        sketch.query(list, &["posts"], &[]);
        let (given, put_in) = (sketch.place(), sketch.place());
        let chain = Chain { functions: vec![list], calls: Vec::new() };
        sketch.backend.injected_texts.push(InjectedText { access: 0, chain, value: "params.sort".into(), given, put_in });
        sketch
    }

    #[test]
    fn a_text_of_a_request_in_a_statement_is_found_once() {
        let mut sketch = injected();
        let again = sketch.backend.injected_texts[0].clone();
        sketch.backend.injected_texts.push(again);
        assert_eq!(sketch.messages(&LINT), ["`GET /posts` puts `params.sort` of the request into the text of a statement"]);
    }

    #[test]
    fn what_no_route_begins_is_silent() {
        let mut sketch = injected();
        sketch.backend.routes.clear();
        assert!(sketch.check(&LINT).is_empty());
    }
}

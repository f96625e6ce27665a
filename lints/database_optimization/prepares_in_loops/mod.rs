#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::database_optimization::request_queries::Way;
use crate::lints::{Lint, LintInfo, Measured, Section, evidence, references};
use crate::model::{Backend, Evidence, RepeatedPrepare};
use crate::source::Place;
use std::collections::BTreeMap;

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "prepares_in_loops",
        section: Section::DatabaseOptimization,
        level: Level::Warn,
        summary: "a request prepares the same statement again for each element of a collection",
        help: "prepare it once: before the loop, or with the connection's own cache of statements",
        guidance: include_str!("guidance.md"),
        references: &[references::DEADPOOL_STATEMENT_CACHE, references::POSTGRES_PREPARE, references::RUSQLITE_PREPARE_CACHED],
        measured: Measured { found: 12, read: 12, right: 12 },
    },
    check,
};

/// One finding per loop: one change to the helper, or one statement moved, mends them together.
fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    let mut loops: BTreeMap<Place, Vec<&RepeatedPrepare>> = BTreeMap::new();
    for repeated in &backend.repeated_prepares {
        loops.entry(repeated.loop_place).or_default().push(repeated);
    }
    if loops.is_empty() {
        return;
    }
    let served = backend.served();
    for repeated in loops.values_mut() {
        repeated.sort_by_key(|one| (one.chain.calls.len(), one.inner));
        if let Some(way) = Way::to(backend, &served, repeated[0].function) {
            findings.push(finding(backend, repeated[0], repeated.len() - 1, &way));
        }
    }
}

fn finding(backend: &Backend, repeated: &RepeatedPrepare, others: usize, way: &Way) -> Finding {
    let function = backend.function(repeated.function);
    let prepares = backend.function(repeated.chain.last());
    let more = evidence::more(others, "statement");
    let message = format!(
        "`{}` prepares the same statement again for each element of `{}`{more}, on the way of `{}`",
        function.name,
        repeated.over,
        way.route.title()
    );
    let mut steps = way.evidence(backend, Evidence::at(repeated.loop_place, format!("`{}` loops over `{}`", function.name, repeated.over)));
    steps.extend(backend.evidence_of(&repeated.chain));
    steps.push(Evidence::at(repeated.prepared, format!("`{}` prepares it here", prepares.name)));
    Finding {
        place: repeated.inner,
        message,
        evidence: steps,
        help: match &repeated.cached {
            Some(cached) => format!("`{cached}`, which asks the server once for each connection and keeps the statement"),
            None => "prepare it before the loop and run the statement in it".to_string(),
        },
        item: function.path.clone(),
        identity: repeated.over.clone(),
        at_most: (way.is_seldom() || repeated.in_process).then_some(Level::Note),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::{Sketch, steps};
    use crate::model::Chain;

    /// `list` loops over `orders` and calls `append`, which prepares.
    fn appends() -> Sketch {
        let mut sketch = Sketch::new();
        let (list, append) = (sketch.function("api::list"), sketch.function("api::append"));
        sketch.route("POST", "/orders", list);
        let call = sketch.call(list, append);
        let (loop_place, prepared) = (sketch.place(), sketch.place());
        sketch.backend.repeated_prepares.push(RepeatedPrepare {
            function: list,
            over: "orders".into(),
            loop_place,
            inner: call,
            chain: Chain { functions: vec![list, append], calls: vec![call] },
            prepared,
            cached: Some("prepare_cached".into()),
            in_process: false,
        });
        sketch
    }

    #[test]
    fn the_chain_leads_from_the_loop_to_the_statement() {
        let findings = appends().check(&LINT);
        assert_eq!(
            findings[0].message,
            "`list` prepares the same statement again for each element of `orders`, on the way of `POST /orders`"
        );
        assert_eq!(steps(&findings[0])[2..], ["`list` loops over `orders`", "`list` calls `append`", "`append` prepares it here"]);
        assert!(findings[0].help.starts_with("`prepare_cached`"));
    }

    #[test]
    fn in_the_process_itself_it_is_a_note() {
        let mut sketch = appends();
        sketch.backend.repeated_prepares[0].in_process = true;
        assert_eq!(sketch.check(&LINT)[0].at_most, Some(Level::Note));
    }

    #[test]
    fn two_statements_of_one_loop_are_one_finding() {
        let mut sketch = appends();
        let again = sketch.backend.repeated_prepares[0].clone();
        sketch.backend.repeated_prepares.push(again);
        let messages = sketch.messages(&LINT);
        assert_eq!(messages.len(), 1);
        assert!(messages[0].contains("(+ 1 more statement)"));
    }
}

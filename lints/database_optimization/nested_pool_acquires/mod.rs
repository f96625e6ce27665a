#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::{Lint, LintInfo, Measured, Section, evidence, references};
use crate::model::{Backend, Context, Evidence, FunctionId, NestedAcquire, Route};
use crate::source::Place;
use std::collections::BTreeMap;

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "nested_pool_acquires",
        section: Section::DatabaseOptimization,
        level: Level::Warn,
        summary: "a second connection is taken from a pool while the first is still held",
        help: "pass the connection or transaction that is already there, or give it back first",
        guidance: include_str!("guidance.md"),
        references: &[references::HIKARI_POOL_SIZING, references::DEADPOOL_TIMEOUTS],
        measured: Measured { found: 1, read: 1, right: 1 },
    },
    check,
};

/// One finding per connection held, for each further acquire under it has the same cause.
fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    let mut held: BTreeMap<Place, Vec<&NestedAcquire>> = BTreeMap::new();
    for nested in backend.nested_acquires.iter().filter(|nested| on_the_request_path(backend, nested)) {
        held.entry(nested.outer).or_default().push(nested);
    }
    for nested in held.values_mut() {
        nested.sort_by_key(|nested| (nested.chain.calls.len(), nested.inner));
        findings.push(finding(backend, nested[0], nested.len() - 1));
    }
}

/// At start-up one task runs alone, and two connections are no danger to it.
fn on_the_request_path(backend: &Backend, nested: &NestedAcquire) -> bool {
    let served = nested.route.is_some_and(|route| backend.route(route).context == Context::Production);
    nested.same_pool.is_yes() && served && backend.function(nested.function).context == Context::Production
}

fn finding(backend: &Backend, nested: &NestedAcquire, others: usize) -> Finding {
    let function = backend.function(nested.function);
    let held = if nested.outer_is_transaction { "a transaction" } else { "a connection" };
    let mut steps = Vec::new();
    if let Some(route) = nested.route.map(|id| backend.route(id)) {
        steps.extend(evidence::entry(backend, route));
        steps.extend(way_to(backend, route, nested.function));
    }
    steps.push(Evidence::at(nested.outer, format!("`{}` takes {held} from `{}` and still holds it", function.name, nested.pool)));
    steps.extend(backend.evidence_of(&nested.chain));
    let last = backend.function(nested.chain.last());
    steps.push(Evidence::at(nested.acquire, format!("`{}` takes a second connection from the same pool", last.name)));
    Finding {
        place: nested.inner,
        message: format!(
            "`{}` takes a second connection from `{}` while it holds {held} of it{}: enough requests at once wait for each other for ever",
            function.name,
            nested.pool,
            evidence::more(others, "time")
        ),
        evidence: steps,
        help: help(nested),
        item: function.path.clone(),
        identity: format!("{} held", nested.pool),
        at_most: None,
    }
}

/// The calls between the handler of the route and the function that holds the connection.
fn way_to(backend: &Backend, route: &Route, function: FunctionId) -> Vec<Evidence> {
    let Some(handler) = route.handler.function() else { return Vec::new() };
    let reached = backend.reached(handler);
    if !reached.functions.contains(&function) {
        return Vec::new();
    }
    backend.evidence_of(&reached.chain_to(function))
}

fn help(nested: &NestedAcquire) -> String {
    if nested.outer_is_transaction {
        let outside = "what runs on the second connection is not part of the transaction";
        return format!("run it on the transaction instead of `{}` (for sqlx `&mut *tx`); {outside}", nested.pool);
    }
    "use the connection that is already there, or drop it before the second is taken".into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::{Sketch, steps};
    use crate::model::{Chain, Truth};

    /// `refund` begins a transaction and calls `audit`, which takes a connection of the same pool.
    fn audit_inside_a_refund() -> Sketch {
        let mut sketch = Sketch::new();
        let (refund, audit) = (sketch.function("api::refund"), sketch.function("api::audit"));
        let route = sketch.route("POST", "/refunds", refund);
        let (outer, call, acquire) = (sketch.place(), sketch.call(refund, audit), sketch.place());
        let same_pool = sketch.yes("both are `state.db`");
        sketch.backend.nested_acquires.push(NestedAcquire {
            function: refund,
            outer,
            outer_is_transaction: true,
            inner: call,
            chain: Chain { functions: vec![refund, audit], calls: vec![call] },
            acquire,
            pool: "state.db".into(),
            same_pool,
            route: Some(route),
        });
        sketch
    }

    #[test]
    fn the_chain_leads_from_the_held_connection_to_the_second() {
        let findings = audit_inside_a_refund().check(&LINT);
        assert_eq!(
            steps(&findings[0]),
            [
                "`POST /refunds` is registered here",
                "`refund` handles it",
                "`refund` takes a transaction from `state.db` and still holds it",
                "`refund` calls `audit`",
                "`audit` takes a second connection from the same pool"
            ]
        );
        assert!(findings[0].help.contains("not part of the transaction"));
    }

    #[test]
    fn several_acquires_under_one_connection_are_one_finding() {
        let mut sketch = audit_inside_a_refund();
        let mut second = sketch.backend.nested_acquires[0].clone();
        second.inner = sketch.place();
        sketch.backend.nested_acquires.push(second);
        let messages = sketch.messages(&LINT);
        assert_eq!(messages.len(), 1);
        assert!(messages[0].contains("(+ 1 more time)"), "{messages:?}");
    }

    #[test]
    fn another_pool_or_an_unknown_one_is_silent() {
        for truth in [Truth::No("`state.db` and `state.replica`".into()), Truth::Unknown("a parameter".into())] {
            let mut sketch = audit_inside_a_refund();
            sketch.backend.nested_acquires[0].same_pool = truth;
            assert!(sketch.check(&LINT).is_empty());
        }
    }

    #[test]
    fn start_up_is_silent() {
        let mut sketch = audit_inside_a_refund();
        sketch.backend.nested_acquires[0].route = None;
        assert!(sketch.check(&LINT).is_empty());
    }
}

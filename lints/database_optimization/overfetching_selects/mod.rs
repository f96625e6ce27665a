#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::database_optimization::request_queries::{Way, is_small};
use crate::lints::{Lint, LintInfo, Measured, Section, evidence, references};
use crate::model::{Backend, Evidence, Wanted, WholeResult};

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "overfetching_selects",
        section: Section::DatabaseOptimization,
        level: Level::Allow,
        summary: "a request fetches all rows of a query and uses one of them, their number, or whether there are any",
        help: "ask for what is used: `LIMIT 1`, `COUNT(*)`, `EXISTS`",
        guidance: include_str!("guidance.md"),
        references: &[references::AZURE_EXTRANEOUS_FETCHING],
        measured: Measured { found: 0, read: 0, right: 0 },
    },
    check,
};

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    if backend.whole_results.is_empty() {
        return;
    }
    let served = backend.served();
    for whole in &backend.whole_results {
        let access = &backend.data_accesses[whole.access];
        if access.reads.is_empty() || access.reads.iter().all(|table| is_small(backend, table)) {
            continue;
        }
        if let Some(way) = Way::to(backend, &served, access.function) {
            findings.push(finding(backend, whole, &way));
        }
    }
}

fn finding(backend: &Backend, whole: &WholeResult, way: &Way) -> Finding {
    let access = &backend.data_accesses[whole.access];
    let function = backend.function(access.function);
    let tables = evidence::list(access.reads.iter().map(String::as_str), 2);
    let (uses, help) = match whole.wanted {
        Wanted::One => ("uses one", "add `LIMIT 1` and fetch one row: a driver that fetches one reads no less by itself"),
        Wanted::Count => ("counts them", "let the database count: `SELECT COUNT(*)`"),
        Wanted::Any => ("looks whether there are any", "ask that: `SELECT EXISTS (..)`"),
    };
    let mut steps =
        way.evidence(backend, Evidence::at(access.place, format!("`{}` fetches every row of {tables} that fits", function.name)));
    steps.push(Evidence::at(whole.used, format!("this is all that is done with them: it {uses}")));
    Finding {
        place: access.place,
        message: format!("`{}` fetches rows of {tables} and {uses}, on the way of `{}`", function.name, way.route.title()),
        evidence: steps,
        help: help.to_string(),
        item: function.path.clone(),
        identity: access.reads.join(" "),
        at_most: way.is_seldom().then_some(Level::Note),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::{Sketch, steps};
    use crate::model::Operation;

    /// `list` fetches orders, into which `add` puts rows.
    fn orders(wanted: Wanted) -> Sketch {
        let mut sketch = Sketch::new();
        let (list, add) = (sketch.function("api::list"), sketch.function("api::add"));
        sketch.route("GET", "/orders", list);
        sketch.query(list, &["orders"], &[]);
        sketch.query(add, &[], &["orders"]);
        sketch.backend.data_accesses[1].operation = Operation::Insert;
        let used = sketch.place();
        sketch.backend.whole_results.push(WholeResult { access: 0, used, wanted });
        sketch
    }

    #[test]
    fn what_is_wanted_says_what_to_ask_for() {
        let findings = orders(Wanted::Count).check(&LINT);
        assert_eq!(findings[0].message, "`list` fetches rows of `orders` and counts them, on the way of `GET /orders`");
        assert!(findings[0].help.contains("COUNT(*)"));
        assert_eq!(steps(&findings[0])[3], "this is all that is done with them: it counts them");
        assert!(orders(Wanted::Any).check(&LINT)[0].help.contains("EXISTS"));
        assert!(orders(Wanted::One).check(&LINT)[0].help.contains("LIMIT 1"));
    }

    #[test]
    fn tables_that_stay_small_are_left_alone() {
        let mut sketch = orders(Wanted::One);
        sketch.backend.data_accesses.truncate(1);
        assert!(sketch.check(&LINT).is_empty());
    }
}

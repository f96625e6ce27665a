#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::database_optimization::request_queries::Way;
use crate::lints::{Lint, LintInfo, Measured, Section, evidence, references};
use crate::model::{Backend, Evidence, SeparateWrites};

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "writes_without_transactions",
        section: Section::DatabaseOptimization,
        level: Level::Allow,
        summary: "a request writes to several tables, and nothing takes the first write back when a later one fails",
        help: "begin a transaction before the first write and commit it after the last",
        guidance: include_str!("guidance.md"),
        references: &[references::POSTGRES_TRANSACTIONS, references::SQLX_TRANSACTION],
        measured: Measured { found: 0, read: 0, right: 0 },
    },
    check,
};

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    if backend.separate_writes.is_empty() {
        return;
    }
    let served = backend.served();
    for separate in &backend.separate_writes {
        if let Some(way) = Way::to(backend, &served, separate.function) {
            findings.push(finding(backend, separate, &way));
        }
    }
}

fn finding(backend: &Backend, separate: &SeparateWrites, way: &Way) -> Finding {
    let function = backend.function(separate.function);
    let tables = |access: usize| evidence::list(backend.data_accesses[access].writes.iter().map(String::as_str), 2);
    let (first, others) = separate.writes.split_first().expect("there are two writes at least");
    let later = evidence::list(others.iter().flat_map(|one| &backend.data_accesses[one.access].writes).map(String::as_str), 3);
    let message = format!(
        "what `{}` writes to {} stays when its write to {later} fails, on the way of `{}`",
        function.name,
        tables(first.access),
        way.route.title()
    );
    let own = Evidence::at(first.place, format!("`{}` writes to {}, and that is committed at once", function.name, tables(first.access)));
    let mut steps = way.evidence(backend, own);
    steps.extend(others.iter().map(|one| Evidence::at(one.place, format!("then it writes to {}", tables(one.access)))));
    Finding {
        place: first.place,
        message,
        evidence: steps,
        help: String::new(),
        item: function.path.clone(),
        identity: separate.writes.iter().flat_map(|one| backend.data_accesses[one.access].writes.clone()).collect::<Vec<_>>().join(" "),
        at_most: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::{Sketch, steps};
    use crate::model::{Chain, SeparateWrite};

    #[test]
    fn the_first_write_is_named_with_what_may_fail_after_it() {
        let mut sketch = Sketch::new();
        let register = sketch.function("api::register");
        sketch.route("POST", "/users", register);
        sketch.query(register, &[], &["users"]);
        sketch.query(register, &[], &["profiles"]);
        let write = |access: usize| {
            let place = sketch.backend.data_accesses[access].place;
            SeparateWrite { place, chain: Chain { functions: vec![register], calls: Vec::new() }, access }
        };
        let writes = vec![write(0), write(1)];
        sketch.backend.separate_writes.push(SeparateWrites { function: register, writes });
        let findings = sketch.check(&LINT);
        assert_eq!(
            findings[0].message,
            "what `register` writes to `users` stays when its write to `profiles` fails, on the way of `POST /users`"
        );
        assert_eq!(
            steps(&findings[0])[2..],
            ["`register` writes to `users`, and that is committed at once", "then it writes to `profiles`"]
        );
    }
}

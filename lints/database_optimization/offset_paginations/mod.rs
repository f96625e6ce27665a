#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::database_optimization::request_queries::Growing;
use crate::lints::{Lint, LintInfo, Measured, Section, evidence, references};
use crate::model::{Backend, DataAccess, Evidence, Route, SkippedRows};
use std::collections::BTreeSet;

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "offset_paginations",
        section: Section::DatabaseOptimization,
        level: Level::Note,
        summary: "a request says how many rows of a growing table are read and left out",
        help: "go on after the last key of the page before, or bound the offset",
        guidance: include_str!("guidance.md"),
        references: &[references::POSTGRES_LIMIT, references::NO_OFFSET],
        measured: Measured { found: 2, read: 2, right: 2 },
    },
    check,
};

/// One finding for each query.
fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    if backend.skipped_rows.is_empty() {
        return;
    }
    let growing = Growing::of(backend);
    let mut seen = BTreeSet::new();
    for skipped in &backend.skipped_rows {
        let access = &backend.data_accesses[skipped.access];
        let Some(table) = access.reads.iter().find(|table| growing.contains(backend, table)) else { continue };
        let Some(route) = route_of(backend, skipped) else { continue };
        if seen.insert(access.place) {
            findings.push(finding(backend, access, skipped, route, table));
        }
    }
}

/// The first route whose handler takes the number, those of administrators left out: few people, and seldom.
fn route_of<'b>(backend: &'b Backend, skipped: &SkippedRows) -> Option<&'b Route> {
    let handler = skipped.chain.functions.first().copied();
    backend.routes.iter().find(|route| route.handler.function() == handler && !route.is_administrative() && !route.is_probe())
}

fn finding(backend: &Backend, access: &DataAccess, skipped: &SkippedRows, route: &Route, table: &str) -> Finding {
    let SkippedRows { chain, value, given, .. } = skipped;
    let sink = Evidence::at(access.place, format!("`{table}` is read from its beginning, and as many rows are left out"));
    let mut shown = evidence::from_route(backend, route, chain, sink);
    let after_handler = shown.len().min(2);
    shown.insert(after_handler, Evidence::at(*given, format!("the request gives `{value}`, and nothing bounds it")));
    Finding {
        place: access.place,
        message: format!("`{}` reads and leaves out as many rows of `{table}` as `{value}` says", route.title()),
        evidence: shown,
        help: "page by key: `WHERE id > $1 ORDER BY id LIMIT $2` with the last `id` of the page before; or refuse pages beyond some number"
            .into(),
        item: backend.function(access.function).path.clone(),
        identity: table.to_string(),
        at_most: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::Sketch;
    use crate::model::{Chain, Operation};

    /// `GET /posts` skips as many posts as it is told to, and `POST /posts` inserts one.
    fn posts() -> Sketch {
        let mut sketch = Sketch::new();
        let (list, add) = (sketch.function("api::list"), sketch.function("api::add"));
        sketch.route("GET", "/posts", list);
        sketch.route("POST", "/posts", add);
        sketch.query(list, &["posts"], &[]);
        sketch.query(add, &[], &["posts"]);
        sketch.backend.data_accesses[1].operation = Operation::Insert;
        let given = sketch.place();
        let chain = Chain { functions: vec![list], calls: Vec::new() };
        sketch.backend.skipped_rows.push(SkippedRows { access: 0, chain, value: "page.offset".into(), given });
        sketch
    }

    #[test]
    fn a_request_that_says_how_many_rows_are_skipped_is_found_once() {
        let mut sketch = posts();
        let again = sketch.backend.skipped_rows[0].clone();
        sketch.backend.skipped_rows.push(again);
        assert_eq!(sketch.messages(&LINT), ["`GET /posts` reads and leaves out as many rows of `posts` as `page.offset` says"]);
    }

    #[test]
    fn tables_that_users_do_not_fill_and_routes_of_administrators_are_silent() {
        let mut fixed = posts();
        fixed.backend.routes.pop();
        assert!(fixed.check(&LINT).is_empty());
        let mut of_administrators = posts();
        of_administrators.backend.routes[0].path = "/admin/posts".into();
        assert!(of_administrators.check(&LINT).is_empty());
    }
}

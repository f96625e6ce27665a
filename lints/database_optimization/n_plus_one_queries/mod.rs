#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::database_optimization::request_queries::Way;
use crate::lints::{Lint, LintInfo, Measured, Section, evidence, references};
use crate::model::{Backend, DataAccess, Dialect, Evidence, Operation, RepeatedQuery};
use crate::source::Place;
use std::collections::BTreeMap;

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "n_plus_one_queries",
        section: Section::DatabaseOptimization,
        level: Level::Warn,
        summary: "a request runs one query for each element of a collection",
        help: "ask once for all of them: `= ANY($1)`, `IN`, a join, or one insert of many rows",
        guidance: include_str!("guidance.md"),
        references: &[references::AZURE_CHATTY_IO, references::AWS_QUERY_PERFORMANCE, references::SQLITE_N_PLUS_ONE],
        measured: Measured { found: 232, read: 31, right: 29 },
    },
    check,
};

/// One finding per loop: several queries in one are mended together.
fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    let mut loops: BTreeMap<Place, Vec<&RepeatedQuery>> = BTreeMap::new();
    for repeated in &backend.repeated_queries {
        loops.entry(repeated.loop_place).or_default().push(repeated);
    }
    if loops.is_empty() {
        return;
    }
    let served = backend.served();
    for repeated in loops.values_mut() {
        // Reads first: they are the ones that a single query replaces most easily.
        repeated.sort_by_key(|one| (writes(&backend.data_accesses[one.access]), one.chain.calls.len(), one.inner));
        let first = repeated[0];
        if let Some(way) = Way::to(backend, &served, first.function) {
            findings.push(finding(backend, first, repeated.len() - 1, &way));
        }
    }
}

fn writes(access: &DataAccess) -> bool {
    matches!(access.operation, Operation::Insert | Operation::Update | Operation::Delete)
}

fn finding(backend: &Backend, repeated: &RepeatedQuery, others: usize, way: &Way) -> Finding {
    let access = &backend.data_accesses[repeated.access];
    let function = backend.function(repeated.function);
    let tables: Vec<&str> = access.reads.iter().chain(&access.writes).map(String::as_str).collect();
    let what = if writes(access) { "statement" } else { "query" };
    let on = if tables.is_empty() { String::new() } else { format!(" on {}", evidence::list(tables, 2)) };
    let more = evidence::more(others, "round trip");
    let message = format!(
        "`{}` runs one {what}{on} for each element of `{}`{more}, on the way of `{}`",
        function.name,
        repeated.over,
        way.route.title()
    );
    let mut steps = way.evidence(backend, Evidence::at(repeated.loop_place, format!("`{}` loops over `{}`", function.name, repeated.over)));
    steps.extend(backend.evidence_of(&repeated.chain));
    steps.push(Evidence::at(access.place, format!("each round trip: {}", short(access))));
    Finding {
        place: repeated.inner,
        message,
        evidence: steps,
        help: help(access).to_string(),
        item: function.path.clone(),
        identity: format!("{} {}", repeated.over, access.reads.iter().chain(&access.writes).cloned().collect::<Vec<_>>().join(" ")),
        // What a statement does that nobody can read may be a write.
        at_most: (writes(access) || access.operation == Operation::Unknown || way.is_seldom() || is_local(backend, access))
            .then_some(Level::Note),
    }
}

/// In the process itself, where a query costs no round trip.
fn is_local(backend: &Backend, access: &DataAccess) -> bool {
    let sqlite = backend.schemas.iter().filter(|schema| schema.dialect == Dialect::Sqlite).count();
    access.library == "rusqlite" || sqlite > 0 && sqlite == backend.schemas.len()
}

fn short(access: &DataAccess) -> String {
    match &access.text {
        Some(text) => {
            let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let cut: String = line.chars().take(72).collect();
            if cut.len() < line.len() { format!("`{cut}..`") } else { format!("`{cut}`") }
        }
        None => format!("a query of {}", access.library),
    }
}

fn help(access: &DataAccess) -> &'static str {
    match (access.operation, access.library.as_str()) {
        (Operation::Insert, "diesel" | "diesel_async") => "insert them at once: `insert_into(table).values(&rows)`",
        (Operation::Insert, "sea_orm") => "insert them at once: `Entity::insert_many(rows)`",
        (Operation::Insert, _) => "insert them at once: `INSERT .. SELECT * FROM UNNEST($1, $2)` or `QueryBuilder::push_values`",
        (_, "diesel" | "diesel_async") => "ask for all of them before the loop: `.filter(id.eq_any(&ids))` or `belonging_to(&parents)`",
        (_, "sea_orm") => "ask for all of them before the loop: `.is_in(ids)` or `load_many`",
        (_, "mongodb") => "ask for all of them before the loop: `{ \"$in\": ids }`",
        _ => "ask for all of them before the loop: `WHERE id = ANY($1)`, or a join",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::{Sketch, steps};
    use crate::model::Chain;

    /// `list` loops over `orders` and calls `items`, which runs a query.
    fn items_of_orders() -> Sketch {
        let mut sketch = Sketch::new();
        let (list, items) = (sketch.function("api::list"), sketch.function("api::items"));
        sketch.route("GET", "/orders", list);
        let call = sketch.call(list, items);
        sketch.query(items, &["items"], &[]);
        let (loop_place, inner) = (sketch.place(), sketch.place());
        sketch.backend.repeated_queries.push(RepeatedQuery {
            function: list,
            over: "orders".into(),
            loop_place,
            inner,
            chain: Chain { functions: vec![list, items], calls: vec![call] },
            access: 0,
            concurrent: false,
        });
        sketch
    }

    #[test]
    fn the_chain_leads_from_the_route_through_the_loop_to_the_query() {
        let findings = items_of_orders().check(&LINT);
        assert_eq!(findings[0].message, "`list` runs one query on `items` for each element of `orders`, on the way of `GET /orders`");
        assert_eq!(
            steps(&findings[0]),
            [
                "`GET /orders` is registered here",
                "`list` handles it",
                "`list` loops over `orders`",
                "`list` calls `items`",
                "each round trip: a query of sqlx"
            ]
        );
        assert_eq!(findings[0].at_most, None);
    }

    #[test]
    fn statements_that_write_are_a_note() {
        let mut sketch = items_of_orders();
        sketch.backend.data_accesses[0].operation = Operation::Update;
        assert_eq!(sketch.check(&LINT)[0].at_most, Some(Level::Note));
    }

    #[test]
    fn two_queries_in_one_loop_are_one_finding() {
        let mut sketch = items_of_orders();
        let again = sketch.backend.repeated_queries[0].clone();
        sketch.backend.repeated_queries.push(again);
        assert!(sketch.messages(&LINT)[0].contains("(+ 1 more round trip)"));
    }
}

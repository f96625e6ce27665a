#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::database_optimization::request_queries::{Growing, Way};
use crate::lints::{Lint, LintInfo, Measured, Section, references};
use crate::model::{Backend, Condition, DataAccess, Rows, Scope};
use std::collections::BTreeSet;

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "unbounded_selects",
        section: Section::DatabaseOptimization,
        level: Level::Warn,
        summary: "a request fetches every row of a table that grows",
        help: "ask for a page: `ORDER BY` a key and `LIMIT`, with the last key of the page before",
        guidance: include_str!("guidance.md"),
        references: &[references::AZURE_EXTRANEOUS_FETCHING, references::AWS_QUERY_PERFORMANCE],
        measured: Measured { found: 6, read: 6, right: 6 },
    },
    check,
};

/// One finding for each statement.
fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    let (served, growing) = (backend.served(), Growing::of(backend));
    let mut seen = BTreeSet::new();
    // Of six that queries of sea-orm showed, three were about tables that stay small: what guards their routes is not known yet.
    let is_judged =
        |access: &&DataAccess| access.rows == Rows::Unbounded && !access.spawned && !access.streamed && access.library != "sea_orm";
    for access in backend.data_accesses.iter().filter(is_judged) {
        let Some(tables) = every_row_of(backend, &growing, access) else { continue };
        let Some(way) = Way::to(backend, &served, access.function) else { continue };
        if way.route.is_probe() || is_for_all(backend, &way) || !seen.insert(access.place) {
            continue;
        }
        findings.push(way.about_every_row(backend, access, "fetches", "no `WHERE` and no `LIMIT`", &tables));
    }
}

/// Meant to see everything: a cache that is filled anew, an export, a backup.
fn is_for_all(backend: &Backend, way: &Way) -> bool {
    let functions = way.chain.functions.iter().map(|id| backend.function(*id).name.as_str());
    let words = functions.chain(way.route.path.split('/')).flat_map(|name| name.split(['_', '-']));
    words.into_iter().any(|word| FOR_ALL.contains(&word.to_ascii_lowercase().as_str()))
}

const FOR_ALL: &[&str] =
    &["reload", "refresh", "cache", "warm", "warmup", "export", "backup", "dump", "sync", "reindex", "rebuild", "migrate", "sitemap"];

/// The tables of which every row comes back: nothing restricts them, and one of them grows.
fn every_row_of<'a>(backend: &Backend, growing: &Growing, access: &'a DataAccess) -> Option<Vec<&'a str>> {
    let statement = access.statement.as_ref()?;
    let own: Vec<&Scope> = statement.scopes.iter().filter(|scope| scope.outermost).collect();
    let [scope] = own.as_slice() else { return None };
    let only_joins = |condition: &Condition| matches!(condition, Condition::Test(test) if test.compares_columns());
    let free = !scope.grouped && scope.limit.is_none() && scope.conditions.iter().all(only_joins);
    let tables: Vec<&str> = scope.sources.iter().filter_map(|source| source.table.as_deref()).collect();
    let plain = tables.len() == scope.sources.len() && !tables.is_empty();
    (free && plain && tables.iter().any(|table| growing.contains(backend, table))).then_some(tables)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::Sketch;
    use crate::model::{Operation, Source, Statement};

    /// `GET /users` selects all users, and `POST /users` inserts one.
    fn all_users() -> Sketch {
        let mut sketch = Sketch::new();
        let (list, add) = (sketch.function("api::list"), sketch.function("api::add"));
        sketch.route("GET", "/users", list);
        sketch.route("POST", "/users", add);
        sketch.query(list, &["users"], &[]);
        sketch.query(add, &[], &["users"]);
        let source = Source { table: Some("users".into()), name: "users".into(), ..Source::default() };
        let scope = Scope { sources: vec![source], outermost: true, ..Scope::default() };
        let accesses = &mut sketch.backend.data_accesses;
        accesses[0].rows = Rows::Unbounded;
        accesses[0].statement = Some(Statement { parsed: true, scopes: vec![scope], ..Statement::default() });
        accesses[1].operation = Operation::Insert;
        sketch
    }

    #[test]
    fn a_list_without_an_end_is_found() {
        assert_eq!(all_users().messages(&LINT), ["`list` fetches every row of `users` on each `GET /users`"]);
    }

    #[test]
    fn a_restricted_one_and_a_table_that_only_migrations_fill_are_silent() {
        let mut restricted = all_users();
        let scope = |sketch: &mut Sketch| {
            sketch.backend.data_accesses[0].statement.as_mut().unwrap().scopes[0].conditions.push(Condition::Optional(Vec::new()))
        };
        scope(&mut restricted);
        assert!(restricted.check(&LINT).is_empty());
        let mut fixed = all_users();
        fixed.backend.data_accesses.remove(1);
        assert!(fixed.check(&LINT).is_empty());
    }

    #[test]
    fn a_table_that_start_up_or_administrators_fill_is_silent() {
        let mut start_up = all_users();
        start_up.backend.routes.pop();
        assert!(start_up.check(&LINT).is_empty());
        let mut by_path = all_users();
        by_path.backend.routes[1].path = "/admin/users".into();
        assert!(by_path.check(&LINT).is_empty());
        let mut by_check = all_users();
        let (is_admin, add) = (by_check.function("api::is_admin"), by_check.backend.routes[1].handler.function().unwrap());
        by_check.call(add, is_admin);
        assert!(by_check.check(&LINT).is_empty());
    }
}

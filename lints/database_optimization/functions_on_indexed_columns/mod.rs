#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::database_optimization::request_queries::{Way, create_index, is_small};
use crate::lints::{Lint, LintInfo, Measured, Section, references};
use crate::model::{Backend, DataAccess, Dialect, Evidence, Unserved, Wrapped};
use std::collections::BTreeSet;

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "functions_on_indexed_columns",
        section: Section::DatabaseOptimization,
        level: Level::Warn,
        summary: "a request wraps an indexed column in a function, and its index is not used",
        help: "compare the column itself, or index the expression in a new migration",
        guidance: include_str!("guidance.md"),
        references: &[references::POSTGRES_EXPRESSION_INDEXES, references::SQLITE_EXPRESSION_INDEXES, references::MYSQL_FUNCTIONAL_KEYS],
        measured: Measured { found: 2, read: 2, right: 2 },
    },
    check,
};

/// One finding for each table and expression: the same index would serve them all.
fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    let served = backend.served();
    let mut seen: BTreeSet<(&str, &str)> = BTreeSet::new();
    for access in backend.data_accesses.iter().filter(|access| !access.spawned) {
        let wrapped = access.unserved.iter().filter(|unserved| !unserved.ordered && !is_small(backend, &unserved.table));
        for (unserved, wrapped) in wrapped.filter_map(|unserved| Some((unserved, unserved.wrapped.as_ref()?))) {
            let Some(way) = Way::to(backend, &served, access.function) else { continue };
            if seen.insert((&unserved.table, &wrapped.expression)) {
                findings.push(finding(backend, access, unserved, wrapped, &way));
            }
        }
    }
}

fn finding(backend: &Backend, access: &DataAccess, unserved: &Unserved, wrapped: &Wrapped, way: &Way) -> Finding {
    let Wrapped { expression, column, condition, index, .. } = wrapped;
    let table = &unserved.table;
    let sink = Evidence::at(access.place, format!("`{table}` is asked for `{condition}`; `{index}` has `{column}`"));
    Finding {
        place: access.place,
        message: format!("`{expression}` cannot use the index `{index}`: every row of `{table}` is read on each `{}`", way.route.title()),
        evidence: way.evidence(backend, sink),
        help: help(table, wrapped),
        item: backend.function(access.function).path.clone(),
        identity: format!("{table} {expression}"),
        at_most: way.is_seldom().then_some(Level::Note),
    }
}

fn help(table: &str, wrapped: &Wrapped) -> String {
    let Wrapped { expression, column, data_type, dialect, .. } = wrapped;
    let function = expression.split('(').next().unwrap_or_default();
    // A functional key of MySQL stands in parentheses of its own.
    let key = if *dialect == Dialect::Mysql { format!("({expression})") } else { expression.clone() };
    let index = format!("in a new migration: `{}`", create_index(table, &key));
    match function {
        _ if CASE.contains(&function) && data_type.starts_with("CITEXT") => {
            format!("compare `{column}` itself: `CITEXT` takes no notice of case")
        }
        _ if CASE.contains(&function) => format!("{index}; or keep `{column}` in one case and compare it as it is"),
        // What depends on the time zone of the session can be no index.
        _ if TIME.contains(&function) => format!("ask for a range of the column: `{column} >= $1 AND {column} < $2`"),
        _ => format!("compare `{column}` itself, or {index}"),
    }
}

const CASE: &[&str] = &["lower", "upper", "lcase", "ucase"];
const TIME: &[&str] = &["date", "date_trunc", "datetime", "strftime", "to_char", "year", "unix_timestamp", "from_unixtime", "to_timestamp"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::database_optimization::unindexed_predicates;
    use crate::lints::sketch::Sketch;
    use crate::model::Operation;

    /// `GET /users` asks `users` for `lower(email)`, and `POST /users` inserts into it.
    fn users(expression: &str, data_type: &str) -> Sketch {
        let mut sketch = Sketch::new();
        let (find, add) = (sketch.function("api::find"), sketch.function("api::add"));
        sketch.route("GET", "/users", find);
        sketch.route("POST", "/users", add);
        sketch.query(find, &["users"], &[]);
        sketch.query(add, &[], &["users"]);
        sketch.backend.data_accesses[1].operation = Operation::Insert;
        let wrapped = Wrapped {
            expression: expression.into(),
            column: "email".into(),
            data_type: data_type.into(),
            condition: format!("{expression} = $1"),
            index: "users_email_key".into(),
            dialect: Dialect::Postgres,
        };
        sketch.backend.data_accesses[0].unserved.push(Unserved {
            table: "users".into(),
            columns: vec![expression.into()],
            conditions: vec![wrapped.condition.clone()],
            behind: Vec::new(),
            partial: Vec::new(),
            ordered: false,
            selective: true,
            wrapped: Some(wrapped),
            search: None,
        });
        sketch.backend.schemas.push(Default::default());
        sketch
    }

    #[test]
    fn a_function_around_an_indexed_column_is_found_once_and_by_one_lint() {
        let sketch = users("lower(email)", "TEXT");
        assert_eq!(
            sketch.messages(&LINT),
            ["`lower(email)` cannot use the index `users_email_key`: every row of `users` is read on each `GET /users`"]
        );
        assert!(sketch.check(&unindexed_predicates::LINT).is_empty());
    }

    #[test]
    fn a_table_that_only_migrations_fill_and_what_no_request_reaches_are_silent() {
        let mut fixed = users("lower(email)", "TEXT");
        fixed.backend.data_accesses.remove(1);
        assert!(fixed.check(&LINT).is_empty());
        let mut unreached = users("lower(email)", "TEXT");
        unreached.backend.routes.remove(0);
        assert!(unreached.check(&LINT).is_empty());
    }

    #[test]
    fn help_is_about_the_function_and_the_type() {
        let help = |expression: &str, data_type: &str| users(expression, data_type).check(&LINT)[0].help.clone();
        assert!(
            help("lower(email)", "TEXT").starts_with("in a new migration: `CREATE INDEX users_lower_email_idx ON users (lower(email))`")
        );
        assert!(help("lower(email)", "CITEXT").contains("takes no notice of case"));
        assert!(help("date(email)", "TIMESTAMPTZ").contains("`email >= $1 AND email < $2`"));
        assert!(help("left(email, 3)", "TEXT").starts_with("compare `email` itself"));
    }
}

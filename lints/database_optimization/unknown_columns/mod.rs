#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::{Lint, LintInfo, Measured, Section, references};
use crate::model::{Backend, Evidence, UnknownColumn};

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "unknown_columns",
        section: Section::DatabaseOptimization,
        level: Level::Allow,
        summary: "a query names a column that its table does not have once all migrations have run",
        help: "name the column as the table has it, or add it in a new migration",
        guidance: include_str!("guidance.md"),
        references: &[references::POSTGRES_COLUMNS],
        measured: Measured { found: 0, read: 0, right: 0 },
    },
    check,
};

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    findings.extend(backend.unknown_columns.iter().map(|unknown| finding(backend, unknown)));
}

fn finding(backend: &Backend, unknown: &UnknownColumn) -> Finding {
    let UnknownColumn { access, table, column, source } = unknown;
    let access = &backend.data_accesses[*access];
    let function = backend.function(access.function);
    let mut evidence = vec![Evidence::at(access.place, format!("this statement names `{column}`"))];
    let made = backend.schemas.iter().filter_map(|schema| schema.table(table)).find(|known| known.source == *source);
    if let Some((known, place)) = made.and_then(|known| Some((known, known.place?))) {
        let columns: Vec<&str> = known.columns.iter().map(|column| column.name.as_str()).collect();
        evidence.push(Evidence::at(place, format!("`{table}` has, with all migrations: {}", columns.join(", "))));
    }
    Finding {
        place: access.place,
        message: format!("`{}` asks for `{column}`, which `{table}` does not have", function.name),
        evidence,
        help: String::new(),
        item: function.path.clone(),
        identity: format!("{table} {column}"),
        at_most: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::{Sketch, steps};
    use crate::model::Column;

    #[test]
    fn the_columns_that_the_table_has_are_shown() {
        let mut sketch = Sketch::new();
        let set = sketch.function("api::set_note");
        sketch.query(set, &[], &["orders"]);
        let place = sketch.place();
        let table = sketch.table("orders");
        (table.source, table.place) = ("migrations/1.sql".into(), Some(place));
        table.columns = ["id", "note"].map(|name| Column { name: name.into(), ..Column::default() }).to_vec();
        let unknown = UnknownColumn { access: 0, table: "orders".into(), column: "remark".into(), source: "migrations/1.sql".into() };
        sketch.backend.unknown_columns.push(unknown);
        let findings = sketch.check(&LINT);
        assert_eq!(findings[0].message, "`set_note` asks for `remark`, which `orders` does not have");
        assert_eq!(steps(&findings[0]), ["this statement names `remark`", "`orders` has, with all migrations: id, note"]);
    }
}

//! What new migrations do to tables that are in use: the common ground of the lints about them.

use crate::findings::Finding;
use crate::lints::database_optimization::request_queries::is_small;
use crate::lints::evidence;
use crate::model::{Backend, Dialect, Evidence, Migration, MigrationStep};
use crate::source::FileId;

/// Steps of new migrations for PostgreSQL on tables that were there before and that production code fills.
pub fn steps_on_busy_tables(backend: &Backend) -> impl Iterator<Item = (&Migration, &MigrationStep)> {
    steps(backend)
        .filter(|(migration, step)| migration.dialect == Dialect::Postgres && step.on_old_table && !is_small(backend, &step.table))
}

pub fn steps(backend: &Backend) -> impl Iterator<Item = (&Migration, &MigrationStep)> {
    backend.migrations.iter().flat_map(|migration| migration.steps.iter().map(move |step| (migration, step)))
}

/// A finding at the statement; `identity` tells it from others of the same migration.
pub fn finding(migration: &Migration, step: &MigrationStep, message: String, help: String, identity: &str) -> Finding {
    Finding {
        place: step.place,
        message,
        evidence: Vec::new(),
        help,
        item: String::new(),
        identity: format!("{} {} {identity}", migration.name, step.table),
        at_most: None,
    }
}

/// One finding for each table of a migration, with how many more there are.
pub fn by_table(found: Vec<(&Migration, &MigrationStep, Finding)>, what: &str, findings: &mut Vec<Finding>) {
    let mut kept: Vec<(FileId, &str, Finding, usize)> = Vec::new();
    for (migration, step, finding) in found {
        match kept.iter_mut().find(|(file, table, ..)| *file == migration.file && *table == step.table) {
            Some((_, _, first, more)) => {
                *more += 1;
                first.evidence.push(Evidence::at(finding.place, finding.message));
            }
            None => kept.push((migration.file, &step.table, finding, 0)),
        }
    }
    findings.extend(kept.into_iter().map(|(_, _, finding, more)| {
        let message = format!("{}{}", finding.message, evidence::more(more, what));
        Finding { message, ..finding }
    }));
}

/// Why the statement stands inside a transaction.
pub fn transaction_of(migration: &Migration) -> Option<&Evidence> {
    match &migration.transaction {
        crate::model::Truth::Yes(evidence) => Some(evidence),
        _ => None,
    }
}

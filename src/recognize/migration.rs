//! New migrations: which files are new, and what the tool that applies them does around their statements.

use super::schema::dialect_of_path;
use super::{Inputs, MigrationFiles};
use crate::model::{Dialect, Evidence, Migration, Truth};
use crate::resolve::DependencyTarget;
use crate::source::{FileId, SourceText};
use crate::sql::{self, schema::NewSteps};

/// Whether a file of migrations is not applied everywhere yet: it comes with the change that is checked, or after the version that
/// the configuration names.
pub(super) fn is_new(inputs: &Inputs, path: &str) -> bool {
    let after = inputs.declared.migrations_applied.as_deref();
    (inputs.is_new)(path) || after.is_some_and(|applied| is_after(name_of(path), applied))
}

pub(super) fn recognized(inputs: &Inputs, set: &MigrationFiles<FileId>, file: FileId, new: NewSteps, dialect: Dialect) -> Migration {
    let text = inputs.sources.file(file);
    let dialect = if dialect == Dialect::Postgres && !is_postgres(inputs, set) { Dialect::Unknown } else { dialect };
    let transaction = transaction(inputs, text);
    Migration { file, name: name_of(&text.path).to_string(), dialect, transaction, statements: new.statements, steps: new.steps }
}

/// `2024-01-02-000000_users` of `migrations/2024-01-02-000000_users/up.sql`, `0002_users.sql` of `migrations/0002_users.sql`.
fn name_of(path: &str) -> &str {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    if name == "up.sql" { folder.rsplit('/').next().unwrap_or(folder) } else { name }
}

/// Versions are counted, or times: `0012`, `V12`, `20240102030405`, `2024-01-02-030405`.
fn is_after(name: &str, applied: &str) -> bool {
    let (own, applied) = (version(name), version(applied));
    let is_time = |version: &str| version.len() >= 8;
    match (is_time(&own), is_time(&applied)) {
        (true, true) => {
            let padded = |version: &str| format!("{version:0<20}");
            padded(&own) > padded(&applied)
        }
        // Times come after counts.
        (own_time, other_time) if own_time != other_time => own_time,
        _ => own.parse::<u64>().unwrap_or(0) > applied.parse::<u64>().unwrap_or(0),
    }
}

fn version(name: &str) -> String {
    let name = name.trim_start_matches('V');
    let digits = name.chars().take_while(|c| c.is_ascii_digit() || *c == '-' || *c == '.');
    digits.filter(char::is_ascii_digit).collect()
}

/// Plain SQL reads as PostgreSQL too, so something has to say so.
fn is_postgres(inputs: &Inputs, set: &MigrationFiles<FileId>) -> bool {
    let says = |id: &FileId| sql::is_postgres(&inputs.sources.file(*id).text);
    dialect_of_path(&set.root) == Dialect::Postgres || set.files.iter().any(says)
}

fn transaction(inputs: &Inputs, file: &SourceText) -> Truth {
    let yes = |what: &str| Truth::Yes(Evidence { place: None, what: what.into() });
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    if name == "up.sql" {
        let metadata = file.path.rsplit_once('/').map_or("metadata.toml".into(), |(folder, _)| format!("{folder}/metadata.toml"));
        let metadata = (inputs.read)(&metadata).unwrap_or_default();
        let plain: String =
            metadata.lines().map(|line| line.split('#').next().unwrap_or("").replace(' ', "")).collect::<Vec<_>>().join("\n");
        return match depends_on(inputs, "diesel") || depends_on(inputs, "diesel_migrations") {
            true if plain.contains("run_in_transaction=false") => Truth::No("`run_in_transaction = false` in its `metadata.toml`".into()),
            true => yes("diesel runs each migration in a transaction, unless its `metadata.toml` says `run_in_transaction = false`"),
            false => Truth::Unknown("it is not known what applies it".into()),
        };
    }
    if name.starts_with('V') && name.contains("__") {
        let says_otherwise = ["no-transaction", "no_transaction"].iter().any(|word| file.text.contains(word));
        return match depends_on(inputs, "refinery") && !says_otherwise {
            true => yes("refinery runs each migration in a transaction"),
            false => Truth::Unknown("it is not known what applies it".into()),
        };
    }
    let others = ["refinery", "diesel_migrations", "sea-orm-migration", "tern-core", "tern-migrate", "rusqlite_migration"];
    match depends_on(inputs, "sqlx") && !others.iter().any(|other| depends_on(inputs, other)) {
        true if file.text.starts_with("-- no-transaction") => Truth::No("it begins with `-- no-transaction`".into()),
        true => yes("sqlx runs each migration in a transaction, unless the file begins with `-- no-transaction`"),
        false => Truth::Unknown("it is not known what applies it".into()),
    }
}

fn depends_on(inputs: &Inputs, package: &str) -> bool {
    let dependencies = inputs.graph.crates.iter().flat_map(|krate| &krate.dependencies);
    dependencies
        .into_iter()
        .any(|dependency| matches!(&dependency.to, DependencyTarget::External { package: own, .. } if **own == *package))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_counts_or_as_times() {
        for (name, applied, after) in [
            ("0012_users.sql", "0011", true),
            ("0012_users.sql", "12", false),
            ("V9__users.sql", "V10", false),
            ("20240102030405_users.sql", "20240102", true),
            ("20240102030405_users.sql", "2024-01-03", false),
            ("2024-01-02-030405_users", "20240102030404", true),
            ("2024-01-02-030405_users", "2024-01-02-030405_users", false),
        ] {
            assert_eq!(is_after(name, applied), after, "{name} {applied}");
        }
        assert_eq!(name_of("migrations/2024-01-02-000000_users/up.sql"), "2024-01-02-000000_users");
        assert_eq!(name_of("db/0002_users.sql"), "0002_users.sql");
    }
}

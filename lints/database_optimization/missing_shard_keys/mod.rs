#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::{Lint, LintInfo, Measured, Section, references};
use crate::model::{Backend, Context, DataAccess, Evidence, ShardKey, WithoutKey};

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "missing_shard_keys",
        section: Section::DatabaseOptimization,
        level: Level::Warn,
        summary: "a query on a divided table does not name the key by which it is divided",
        help: "compare the key with a value, or join it with the key of a table that is asked for one",
        guidance: include_str!("guidance.md"),
        references: &[references::AZURE_SHARDING, references::POSTGRES_PARTITION_PRUNING],
        measured: Measured { found: 108, read: 108, right: 107 },
    },
    check,
};

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    if backend.shard_keys.is_empty() {
        return;
    }
    for access in backend.data_accesses.iter().filter(|access| backend.function(access.function).context == Context::Production) {
        let Some(statement) = access.statement.as_ref().filter(|statement| statement.parsed) else { continue };
        let open = |shard: &ShardKey| Some((shard.clone(), statement.without_key(shard, &backend.shard_keys)?));
        if let Some((shard, without)) = backend.shard_keys.iter().find_map(open) {
            findings.push(finding(backend, access, &shard, without));
        }
    }
}

fn finding(backend: &Backend, access: &DataAccess, shard: &ShardKey, without: WithoutKey) -> Finding {
    let function = backend.function(access.function);
    let ShardKey { table, key, place } = shard;
    let message = match without {
        WithoutKey::Everywhere => format!("`{}` asks `{table}` without `{key}`: every shard has to answer", function.name),
        WithoutKey::Inserted => format!("`{}` puts a row into `{table}` without `{key}`: nobody can tell where it belongs", function.name),
    };
    let said = place.map(|place| Evidence::at(place, format!("`{table}` is divided by `{key}`")));
    Finding {
        place: access.place,
        message,
        evidence: said.into_iter().collect(),
        help: String::new(),
        item: function.path.clone(),
        identity: format!("{table} without {key}"),
        at_most: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::Sketch;
    use crate::model::{Scope, Source, Statement};

    /// `list` reads all of `event`, which is divided.
    fn events() -> Sketch {
        let mut sketch = Sketch::new();
        let list = sketch.function("api::list");
        sketch.query(list, &["event"], &[]);
        let source = Source { table: Some("event".into()), name: "event".into(), ..Source::default() };
        let scopes = vec![Scope { sources: vec![source], ..Scope::default() }];
        sketch.backend.data_accesses[0].statement = Some(Statement { parsed: true, scopes, ..Statement::default() });
        let place = Some(sketch.place());
        sketch.backend.shard_keys.push(ShardKey { table: "event".into(), key: "org_id".into(), place });
        sketch
    }

    #[test]
    fn a_query_that_does_not_name_the_key_is_found() {
        assert_eq!(events().messages(&LINT), ["`list` asks `event` without `org_id`: every shard has to answer"]);
    }

    #[test]
    fn a_row_without_its_key_is_found() {
        let mut sketch = events();
        let inserts = vec![("event".to_string(), vec!["id".to_string()])];
        sketch.backend.data_accesses[0].statement = Some(Statement { parsed: true, inserts, ..Statement::default() });
        assert_eq!(sketch.messages(&LINT), ["`list` puts a row into `event` without `org_id`: nobody can tell where it belongs"]);
    }

    #[test]
    fn other_tables_tests_and_what_was_not_understood_are_silent() {
        let mut other = events();
        other.backend.shard_keys[0].table = "events".into();
        let mut unread = events();
        unread.backend.data_accesses[0].statement.as_mut().unwrap().parsed = false;
        let mut test = events();
        test.backend.functions[0].context = Context::Test;
        for sketch in [other, unread, test] {
            assert!(sketch.check(&LINT).is_empty());
        }
    }
}

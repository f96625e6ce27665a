#![doc = include_str!("guidance.md")]

use crate::findings::Finding;
use crate::lints::{Lint, LintInfo, Measured, Section, references};
use crate::model::{Backend, Dialect, Evidence, Index, IndexKey, Table};
use crate::source::Place;

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "redundant_indexes",
        section: Section::DatabaseOptimization,
        level: crate::findings::Level::Warn,
        summary: "an index that another index of the table can stand in for",
        help: "drop it in a new migration: each write to the table pays for it, and no query needs it",
        guidance: include_str!("guidance.md"),
        references: &[references::POSTGRES_MULTICOLUMN, references::POSTGRES_UNIQUE_INDEXES],
        measured: Measured { found: 21, read: 21, right: 21 },
    },
    check,
};

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    for schema in &backend.schemas {
        for table in schema.known_tables() {
            for (at, index) in table.indexes.iter().enumerate() {
                let stands_in = |(other_at, other): &(usize, &Index)| *other_at != at && stands_in(other, *other_at, index, at);
                let other = table.indexes.iter().enumerate().find(stands_in).map(|(_, other)| other);
                if let (Some(other), Some(place)) = (other, index.place) {
                    findings.push(finding(table, index, other, place, schema.dialect));
                }
            }
        }
    }
}

/// Whether `other` answers whatever `index` does. Of two that are alike, the one made first stays.
fn stands_in(other: &Index, other_at: usize, index: &Index, at: usize) -> bool {
    let same_kind = index.method == other.method && index.partial == other.partial && !index.excludes && !other.excludes && !index.primary;
    let leads = index.keys.len() <= other.keys.len() && index.keys.iter().zip(&other.keys).all(|(one, other)| one == other);
    let carried = |name: &String| other.carries.contains(name) || other.keys.iter().any(|key| key.text == *name);
    if index.keys.is_empty() || !same_kind || !leads || !index.carries.iter().all(carried) {
        return false;
    }
    let alike = index.keys.len() == other.keys.len();
    match (index.unique, other.unique) {
        // Uniqueness of fewer columns says more.
        (true, unique) => alike && unique && (other.primary || other_at < at),
        (false, true) => alike || index.method == "btree",
        (false, false) if alike => other_at < at || other.carries.len() > index.carries.len(),
        (false, false) => index.method == "btree",
    }
}

fn finding(table: &Table, index: &Index, other: &Index, place: Place, dialect: Dialect) -> Finding {
    let alike = index.keys.len() == other.keys.len();
    let (name, by) = (index.title(), other.title());
    let columns = |index: &Index| index.keys.iter().map(|key: &IndexKey| key.text.as_str()).collect::<Vec<_>>().join(", ");
    let what = if alike { "says the same as" } else { "is the beginning of" };
    let kind = match (other.primary, other.unique) {
        (true, _) => "the primary key",
        (_, true) => "the unique index",
        _ => "the index",
    };
    let other_place = other.place.map(|place| Evidence::at(place, format!("{kind} of `{}` is on ({})", table.name, columns(other))));
    Finding {
        place,
        message: format!("index `{name}` of `{}` {what} {kind} `{by}`", table.name),
        evidence: other_place.into_iter().collect(),
        help: help(table, index, dialect),
        item: String::new(),
        identity: format!("{} {}", table.name, name),
        at_most: None,
    }
}

fn help(table: &Table, index: &Index, dialect: Dialect) -> String {
    let Some(name) = index.name.as_ref().or(index.given_name.as_ref()) else { return String::new() };
    let statement = match (index.stands_alone, dialect) {
        (true, Dialect::Postgres) => format!("DROP INDEX CONCURRENTLY {name}"),
        (true, Dialect::Mysql) => format!("DROP INDEX {name} ON {}", table.name),
        (true, _) => format!("DROP INDEX {name}"),
        (false, Dialect::Postgres) => format!("ALTER TABLE {} DROP CONSTRAINT {name}", table.name),
        _ => return String::new(),
    };
    format!("in a new migration: `{statement}`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::Sketch;

    fn index(sketch: &mut Sketch, name: &str, columns: &[&str]) -> Index {
        let key = |column: &&str| IndexKey { text: column.to_string(), is_column: true, ..IndexKey::default() };
        let place = Some(sketch.place());
        Index { name: Some(name.into()), keys: columns.iter().map(key).collect(), method: "btree".into(), place, ..Index::default() }
    }

    fn with(change: impl FnOnce(&mut Sketch, &mut Vec<Index>)) -> Vec<String> {
        let mut sketch = Sketch::new();
        let mut indexes = Vec::new();
        change(&mut sketch, &mut indexes);
        sketch.table("members").indexes = indexes;
        sketch.messages(&LINT)
    }

    #[test]
    fn the_beginning_of_a_longer_index_is_found() {
        let messages = with(|sketch, indexes| {
            indexes.push(Index { primary: true, unique: true, ..index(sketch, "members_pkey", &["team", "person"]) });
            indexes.push(index(sketch, "members_team", &["team"]));
            indexes.push(index(sketch, "members_person", &["person"]));
        });
        assert_eq!(messages, ["index `members_team` of `members` is the beginning of the primary key `members_pkey`"]);
    }

    #[test]
    fn of_two_that_are_alike_the_later_one_is_found() {
        let messages = with(|sketch, indexes| {
            indexes.push(index(sketch, "one", &["team"]));
            indexes.push(index(sketch, "two", &["team"]));
        });
        assert_eq!(messages, ["index `two` of `members` says the same as the index `one`"]);
    }

    #[test]
    fn what_is_unique_partial_ordered_otherwise_or_of_another_kind_is_silent() {
        let messages = with(|sketch, indexes| {
            indexes.push(index(sketch, "long", &["team", "person"]));
            indexes.push(Index { unique: true, ..index(sketch, "unique", &["team"]) });
            indexes.push(Index { partial: vec!["active".into()], ..index(sketch, "partial", &["team"]) });
            indexes.push(Index { method: "hash".into(), ..index(sketch, "hash", &["team"]) });
            indexes.push(Index { carries: vec!["name".into()], ..index(sketch, "carries", &["team"]) });
            let mut descending = index(sketch, "descending", &["team"]);
            descending.keys[0].descending = true;
            indexes.push(descending);
        });
        assert!(messages.is_empty(), "{messages:?}");
    }

    #[test]
    fn a_table_that_is_not_wholly_known_is_silent() {
        let mut sketch = Sketch::new();
        let (one, two) = (index(&mut sketch, "one", &["team"]), index(&mut sketch, "two", &["team"]));
        let table = sketch.table("members");
        table.indexes = vec![one, two];
        table.incomplete = Some("a migration of it was not understood".into());
        assert!(sketch.check(&LINT).is_empty());
    }
}

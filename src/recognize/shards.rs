//! Tables whose rows are divided by a key, as the configuration says.

use super::Inputs;
use crate::model::{Backend, ShardKey, UnmatchedPattern};
use crate::source::Span;
use std::collections::BTreeSet;

pub(super) fn add(inputs: &Inputs, backend: &mut Backend) {
    for shards in &inputs.declared.shards {
        for (table, span) in &shards.tables {
            backend.unmatched.extend(unknown_table(backend, table, *span));
            backend.unmatched.extend(unknown_key(backend, table, &shards.key));
            let key = ShardKey { table: table.clone(), key: shards.key.0.clone(), place: inputs.declared.place(*span) };
            backend.shard_keys.push(key);
        }
    }
}

/// Neither a migration nor a query knows it.
fn unknown_table(backend: &Backend, table: &str, span: Span) -> Option<UnmatchedPattern> {
    let made = backend.schemas.iter().flat_map(|schema| schema.tables.keys());
    let asked = backend.data_accesses.iter().flat_map(|access| access.reads.iter().chain(&access.writes));
    let known: BTreeSet<&str> = made.chain(asked).map(|name| name.rsplit('.').next().unwrap_or(name)).collect();
    let near = || crate::words::did_you_mean(table, known.iter().copied()).map_or(String::new(), |name| format!("did you mean `{name}`?"));
    (!known.contains(table)).then(|| UnmatchedPattern {
        span,
        message: format!("`data.shards`: no migration makes `{table}`, and no query names it"),
        help: near(),
    })
}

/// A table of which all columns are known has none of this name.
fn unknown_key(backend: &Backend, table: &str, (key, span): &(String, Span)) -> Option<UnmatchedPattern> {
    let table = backend.schemas.iter().flat_map(|schema| schema.known_tables()).find(|one| one.name == table)?;
    let columns = || table.columns.iter().map(|column| column.name.as_str());
    (!columns().any(|column| column == key)).then(|| UnmatchedPattern {
        span: *span,
        message: format!("`data.shards`: `{}` has no column `{key}`", table.name),
        help: crate::words::did_you_mean(key, columns()).map_or(String::new(), |name| format!("did you mean `{name}`?")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Column, Dialect, Schema, Table, WithoutKey};
    use crate::testing::try_analyse;

    fn without_key(sql: &str) -> Option<WithoutKey> {
        let shard = |table: &str| ShardKey { table: table.into(), key: "org_id".into(), place: None };
        let all = [shard("event"), shard("detail")];
        let statement = crate::sql::read(sql, Dialect::Postgres);
        assert!(statement.parsed, "{sql}");
        statement.without_key(&all[0], &all)
    }

    #[test]
    fn a_statement_that_does_not_name_the_key_asks_everywhere() {
        for sql in [
            "SELECT id FROM event WHERE id = $1",
            "SELECT id FROM event",
            "UPDATE event SET seen = true WHERE id = $1",
            "DELETE FROM event WHERE id = $1 OR org_id = $2",
            "SELECT id FROM event WHERE org_id > $1",
            "SELECT e.id FROM event e JOIN detail d ON d.org_id = e.org_id WHERE e.id = $1",
            "SELECT e.id FROM event e JOIN orgs o ON o.id = e.org_id",
            "SELECT id FROM orgs WHERE org_id = $1 AND EXISTS (SELECT 1 FROM event e WHERE e.kind = 'x')",
        ] {
            assert_eq!(without_key(sql), Some(WithoutKey::Everywhere), "{sql}");
        }
    }

    #[test]
    fn the_key_by_value_by_list_or_by_join_is_enough() {
        for sql in [
            "SELECT id FROM event WHERE org_id = $1 AND id = $2",
            "SELECT id FROM event WHERE $1 = org_id",
            "SELECT id FROM event WHERE org_id IN ($1, $2)",
            "SELECT id FROM event WHERE org_id = ANY($1)",
            "SELECT id FROM event WHERE (org_id, id) = ($1, $2)",
            "SELECT id FROM event WHERE org_id = $1 AND (a = 1 OR b = 2)",
            "SELECT id FROM event WHERE org_id = $1 AND id = 1 OR org_id = $1 AND id = 2",
            "SELECT e.id FROM event e JOIN detail d ON d.org_id = e.org_id WHERE d.org_id = $1",
            "SELECT e.id FROM event e JOIN orgs o ON o.id = e.org_id WHERE o.slug = $1",
            "SELECT id FROM event WHERE org_id = (SELECT id FROM orgs WHERE slug = $1)",
            "SELECT e.id FROM event e JOIN orgs USING (org_id) WHERE slug = $1",
            "SELECT e.id FROM event e JOIN orgs o ON o.id = e.org_id WHERE o.made > $1",
            "SELECT e.id FROM given g JOIN orgs o ON o.name = g.name JOIN event e ON e.org_id = o.id",
            "SELECT o.id FROM orgs o WHERE EXISTS (SELECT 1 FROM event e WHERE e.org_id = o.id)",
            "DELETE FROM event WHERE org_id = $1",
            "SELECT id FROM other WHERE id = $1",
        ] {
            assert_eq!(without_key(sql), None, "{sql}");
        }
    }

    #[test]
    fn a_row_needs_its_key() {
        assert_eq!(without_key("INSERT INTO event (id, kind) VALUES ($1, $2)"), Some(WithoutKey::Inserted));
        assert_eq!(without_key("INSERT INTO public.event (id, org_id) VALUES ($1, $2)"), None);
        assert_eq!(without_key("INSERT INTO event VALUES ($1, $2)"), None);
    }

    fn mistakes(tables: &str) -> Vec<String> {
        let code = "pub async fn all(db: &sqlx::PgPool) { sqlx::query(\"SELECT id FROM event\").fetch_all(db).await.unwrap(); }";
        let declared = format!("[[data.shards]]\ntables = [{tables}]\nkey = \"org_id\"\n");
        let unmatched = try_analyse(&[("src/lib.rs", code), ("moai-backend.toml", &declared)]).expect("a workspace").backend.unmatched;
        unmatched.into_iter().map(|one| format!("{}: {}", one.message, one.help)).collect()
    }

    #[test]
    fn a_table_that_nobody_knows_is_a_mistake() {
        assert_eq!(mistakes("\"event\""), Vec::<String>::new());
        assert_eq!(mistakes("\"evnt\""), ["`data.shards`: no migration makes `evnt`, and no query names it: did you mean `event`?"]);
    }

    #[test]
    fn a_key_that_the_table_does_not_have_is_a_mistake() {
        let mut backend = Backend { schemas: vec![Schema::default()], ..Backend::default() };
        let columns = ["id", "org_id"].map(|name| Column { name: name.into(), ..Column::default() }).to_vec();
        backend.schemas[0].tables.insert("event".into(), Table { name: "event".into(), columns, ..Table::default() });
        let help = |key: &str| unknown_key(&backend, "event", &(key.to_string(), Span::default())).map(|one| one.help);
        assert_eq!((help("org_id"), help("orgid")), (None, Some("did you mean `org_id`?".to_string())));
    }
}

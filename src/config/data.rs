//! `[data]`: which pool of a database is a replica's, and by which keys tables are divided.

use super::table::Table;
use crate::model::{DeclaredPool, DeclaredShards, PoolRole};
use crate::words::suggestion;

/// `[data.pools.NAME]` and `[[data.shards]]`.
pub fn data(table: &mut Table) -> (Vec<DeclaredPool>, Vec<DeclaredShards>) {
    let Some(mut data) = table.table("data") else { return (Vec::new(), Vec::new()) };
    let pools = data.table("pools").map(|pools| pools.all().filter_map(|(name, value)| pool(&pools, name, value)).collect());
    let shards = data.tables("shards").into_iter().filter_map(shards_of).collect();
    data.finish();
    (pools.unwrap_or_default(), shards)
}

/// `tables = ["event"]`, `key = "org_id"`.
fn shards_of(mut table: Table) -> Option<DeclaredShards> {
    let (tables, key) = (table.strings("tables"), table.string("key"));
    if tables.is_empty() {
        table.required("tables", "the tables whose rows are divided by the key");
    }
    if key.is_none() {
        table.required("key", "the column that says on which shard a row is");
    }
    table.finish();
    Some(DeclaredShards { tables, key: key? })
}

fn pool(
    pools: &Table,
    (name, name_span): super::table::At<&str>,
    (value, span): super::table::At<&toml::de::DeValue>,
) -> Option<DeclaredPool> {
    let Some(entries) = value.as_table() else {
        pools.mistake(span, format!("`{name}` has to be a table"), "", "write `role = \"replica\"` below `[data.pools.NAME]`");
        return None;
    };
    let mut pool = pools.inner(format!("`[data.pools.{name}]`"), entries, span);
    let role = pool.string("role");
    let read = role.as_ref().and_then(|(word, _)| PoolRole::DECLARED.into_iter().find(|role| role.name() == word));
    match &role {
        None => pool.required("role", "`replica`: it only reads; `primary`: it takes writes"),
        Some((word, span)) if read.is_none() => {
            let words = PoolRole::DECLARED.map(PoolRole::name);
            pool.mistake(*span, format!("a pool cannot be a `{word}`"), "", suggestion(word, words));
        }
        Some(_) => {}
    }
    pool.finish();
    Some(DeclaredPool { name: name.to_string(), span: name_span, role: read? })
}

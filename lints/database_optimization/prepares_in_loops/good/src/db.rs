use deadpool_postgres::{Pool, Transaction};
use tokio_postgres::types::ToSql;

pub async fn set_addresses(pool: &Pool, id: i64, addresses: Vec<String>) -> anyhow::Result<()> {
    let mut client = pool.get().await?;
    let txn = client.transaction().await?;
    append(&txn, "DELETE FROM addresses WHERE host_id = $1", &[&id]).await?;
    append(&txn, "INSERT INTO addresses (host_id, address) SELECT $1, UNNEST($2::text[])", &[&id, &addresses]).await?;
    txn.commit().await?;
    Ok(())
}

/// The connection keeps what it has prepared once.
async fn append(txn: &Transaction<'_>, sql: &str, values: &[&(dyn ToSql + Sync)]) -> anyhow::Result<u64> {
    let statement = txn.prepare_cached(sql).await?;
    Ok(txn.execute(&statement, values).await?)
}

pub async fn set_names(pool: &Pool, id: i64, names: Vec<String>) -> anyhow::Result<()> {
    let client = pool.get().await?;
    let statement = client.prepare("INSERT INTO names (host_id, name) SELECT $1, UNNEST($2::text[])").await?;
    for batch in names.chunks(1000) {
        client.execute(&statement, &[&id, &batch]).await?;
    }
    Ok(())
}

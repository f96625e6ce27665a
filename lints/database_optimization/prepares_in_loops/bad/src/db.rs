use deadpool_postgres::{Pool, Transaction};
use tokio_postgres::types::ToSql;

pub async fn set_addresses(pool: &Pool, id: i64, addresses: Vec<String>) -> anyhow::Result<()> {
    let mut client = pool.get().await?;
    let txn = client.transaction().await?;
    let insert = "INSERT INTO addresses (host_id, address) VALUES ($1, $2)";
    append(&txn, "DELETE FROM addresses WHERE host_id = $1", &[&id]).await?;
    for address in addresses {
        append(&txn, insert, &[&id, &address]).await?;
    }
    txn.commit().await?;
    Ok(())
}

/// Each call prepares anew, whatever was prepared before.
async fn append(txn: &Transaction<'_>, sql: &str, values: &[&(dyn ToSql + Sync)]) -> anyhow::Result<u64> {
    let statement = txn.prepare(sql).await?;
    Ok(txn.execute(&statement, values).await?)
}

pub async fn set_names(pool: &Pool, id: i64, names: Vec<String>) -> anyhow::Result<()> {
    let client = pool.get().await?;
    for name in &names {
        let statement = client.prepare("INSERT INTO names (host_id, name) VALUES ($1, $2)").await?;
        client.execute(&statement, &[&id, name]).await?;
    }
    Ok(())
}

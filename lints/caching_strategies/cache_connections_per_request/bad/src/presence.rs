use redis::aio::MultiplexedConnection;
use redis::{AsyncCommands, RedisResult};

/// The client opens nothing by itself; this does, each time.
async fn connection(client: &redis::Client) -> RedisResult<MultiplexedConnection> {
    client.get_multiplexed_async_connection().await
}

pub async fn is_online(client: &redis::Client, id: i64) -> RedisResult<bool> {
    connection(client).await?.exists(format!("online:{id}")).await
}

/// Reads and writes the cache server, which does not make it keep the connection.
pub async fn last_seen(client: &redis::Client, id: i64) -> RedisResult<String> {
    let mut redis = connection(client).await?;
    let seen: String = redis.get(format!("seen:{id}")).await?;
    let _: () = redis.set_ex(format!("asked:{id}"), true, 60).await?;
    Ok(seen)
}

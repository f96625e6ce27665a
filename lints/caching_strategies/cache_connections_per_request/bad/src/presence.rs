use redis::aio::MultiplexedConnection;
use redis::{AsyncCommands, RedisResult};

/// The client opens nothing by itself; this does, each time.
async fn connection(client: &redis::Client) -> RedisResult<MultiplexedConnection> {
    client.get_multiplexed_async_connection().await
}

pub async fn is_online(client: &redis::Client, id: i64) -> RedisResult<bool> {
    connection(client).await?.exists(format!("online:{id}")).await
}

pub async fn last_seen(client: &redis::Client, id: i64) -> RedisResult<String> {
    connection(client).await?.get(format!("seen:{id}")).await
}

use redis::aio::ConnectionManager;
use redis::{AsyncCommands, RedisResult};
use std::time::Duration;

pub async fn of_user(mut redis: ConnectionManager, user: i64) -> RedisResult<Vec<String>> {
    redis.keys(format!("session:{user}:*")).await
}

pub async fn forget_prices(mut redis: ConnectionManager) -> RedisResult<()> {
    redis::cmd("FLUSHDB").query_async(&mut redis).await
}

pub async fn count_for_ever(mut redis: ConnectionManager) {
    loop {
        let names: RedisResult<Vec<String>> = redis::cmd("KEYS").arg("session:*").query_async(&mut redis).await;
        println!("{} sessions", names.map_or(0, |names| names.len()));
        tokio::time::sleep(Duration::from_secs(10)).await;
    }
}

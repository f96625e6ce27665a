//! The names of a user's sessions stand in a set.

use redis::aio::ConnectionManager;
use redis::{AsyncCommands, RedisResult};

pub async fn of_user(mut redis: ConnectionManager, user: i64) -> RedisResult<Vec<String>> {
    redis.smembers(format!("sessions:{user}")).await
}

pub async fn forget_all(mut redis: ConnectionManager) -> RedisResult<()> {
    redis::cmd("FLUSHDB").query_async(&mut redis).await
}

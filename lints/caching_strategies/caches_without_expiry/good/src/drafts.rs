//! Drafts live in Redis and nowhere else: they must not expire.

use redis::aio::ConnectionManager;
use redis::{AsyncCommands, RedisResult};

pub async fn save(mut redis: ConnectionManager, id: i64, text: &str) -> RedisResult<()> {
    redis.set(format!("draft:{id}"), text).await
}

pub async fn load(mut redis: ConnectionManager, id: i64) -> RedisResult<Option<String>> {
    redis.get(format!("draft:{id}")).await
}

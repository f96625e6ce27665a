use redis::aio::ConnectionManager;
use redis::{AsyncCommands, RedisResult};

/// Through a function.
pub async fn of_items(redis: ConnectionManager, ids: &[i64]) -> RedisResult<Vec<Option<i64>>> {
    let mut prices = Vec::new();
    for id in ids {
        prices.push(of_item(redis.clone(), *id).await?);
    }
    Ok(prices)
}

async fn of_item(mut redis: ConnectionManager, id: i64) -> RedisResult<Option<i64>> {
    redis.get(format!("price:{id}")).await
}

/// In the loop itself.
pub async fn viewed(mut redis: ConnectionManager, ids: &[i64]) -> RedisResult<()> {
    for id in ids {
        let key = format!("views:{id}");
        let _: i64 = redis.incr(&key, 1).await?;
    }
    Ok(())
}

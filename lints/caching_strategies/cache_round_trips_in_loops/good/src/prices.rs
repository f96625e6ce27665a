use redis::aio::ConnectionManager;
use redis::{AsyncCommands, RedisResult};

const CURRENCIES: [&str; 2] = ["eur", "usd"];

/// One command for all.
pub async fn of_items(mut redis: ConnectionManager, ids: &[i64]) -> RedisResult<Vec<Option<i64>>> {
    let keys: Vec<String> = ids.iter().map(|id| format!("price:{id}")).collect();
    for currency in CURRENCIES {
        let _: Option<f64> = redis.get(format!("rate:{currency}")).await?;
    }
    let mut prices = Vec::new();
    for some in keys.chunks(100) {
        let found: Vec<Option<i64>> = redis.mget(some).await?;
        prices.extend(found);
    }
    Ok(prices)
}

/// Two of them, written out.
pub async fn swapped(mut redis: ConnectionManager, one: i64, other: i64) -> RedisResult<()> {
    let both = vec![one, other];
    for id in both {
        let _: i64 = redis.incr(format!("swaps:{id}"), 1).await?;
    }
    Ok(())
}

/// One pipeline.
pub async fn viewed(mut redis: ConnectionManager, ids: &[i64]) -> RedisResult<()> {
    let mut pipeline = redis::pipe();
    for id in ids {
        pipeline.incr(format!("views:{id}"), 1).ignore();
    }
    pipeline.query_async(&mut redis).await
}

//! Which caches are known: one line of each library, and what is seen in it.

use crate::model::{CacheOperationKind, ResourceKind};
use crate::testing::inspect;

/// `read write remove` of what a function does to a cache it is given, or the calls of another one.
fn seen(given: &str, body: &str) -> String {
    let text = format!("#![allow(unused)]\nuse std::sync::Arc;\npub async fn touch(cache: {given}, key: String) {{ {body} }}");
    let backend = inspect(&[("src/lib.rs", &text)]);
    let operations = backend.cache_operations.iter();
    let name = |kind| match kind {
        CacheOperationKind::Read => "read",
        CacheOperationKind::Write => "write",
        CacheOperationKind::Remove => "remove",
        CacheOperationKind::Expire => "expire",
        CacheOperationKind::Walk => "walk",
        CacheOperationKind::Flush => "flush",
    };
    let words: Vec<String> = operations.map(|one| format!("{}{}", name(one.kind), if one.remote { "!" } else { "" })).collect();
    words.join(" ")
}

#[test]
fn each_cache_of_the_process_is_known_by_its_own_words() {
    let cases = [
        (
            "moka::future::Cache<String, u8>",
            "cache.get(&key).await; cache.insert(key, 1).await; cache.invalidate(&key).await;",
            "read write remove",
        ),
        ("&moka::sync::Cache<String, u8>", "cache.get(&key); cache.insert(key, 1); cache.remove(&key);", "read write remove"),
        ("moka::future::Cache<String, u8>", "cache.entry(key).or_insert_with(async { 1 }).await.into_value();", "read write"),
        ("moka::future::Cache<String, u8>", "cache.try_get_with(key, async { Ok::<u8, String>(1) }).await;", "read write"),
        ("mini_moka::sync::Cache<String, u8>", "cache.get(&key); cache.insert(key, 1); cache.invalidate_all();", "read write remove"),
        (
            "Arc<quick_cache::sync::Cache<String, u8>>",
            "cache.get(&key); cache.insert(key, 1); cache.retain(|_, _| true);",
            "read write remove",
        ),
        ("Arc<quick_cache::sync::Cache<String, u8>>", "cache.get_or_insert_async(&key, async { Ok::<u8, u8>(1) }).await;", "read write"),
        (
            "Arc<quick_cache::sync::Cache<String, u8>>",
            "match cache.get_value_or_guard_async(&key).await { Ok(value) => {} Err(guard) => { guard.insert(1); } }",
            "read write",
        ),
        (
            "foyer::Cache<String, u8>",
            "cache.get(&key); cache.insert(key, 1); cache.remove(&key); cache.clear();",
            "read write remove remove",
        ),
        ("foyer::HybridCache<String, u8>", "cache.get(&key).await; cache.get_or_fetch(&key, || async { Ok(1) }).await;", "read read write"),
        ("foyer::HybridCache<String, u8>", "cache.obtain(key).await; cache.fetch(key, || async { Ok(1) }).await;", "read read write"),
        (
            "Arc<std::sync::Mutex<lru::LruCache<String, u8>>>",
            "cache.lock().unwrap().get(&key); cache.lock().unwrap().put(key, 1); cache.lock().unwrap().pop(&key);",
            "read write remove",
        ),
        ("&mut lru::LruCache<String, u8>", "cache.get_or_insert(key, || 1);", "read write"),
        (
            "&mut cached::TimedCache<String, u8>",
            "use cached::Cached; cache.cache_get(&key); cache.cache_set(key, 1); cache.cache_clear(); cache.cache_get_or_set_with(key, || 1);",
            "read write remove read write",
        ),
    ];
    for (given, body, expected) in cases {
        assert_eq!(seen(given, body), expected, "{given}: {body}");
    }
}

#[test]
fn each_cache_server_is_known_by_its_own_words() {
    let redis = "use redis::AsyncCommands; cache.get::<_, String>(&key).await; cache.set_ex::<_, _, ()>(&key, 1, 60).await; cache.del::<_, ()>(&key).await;";
    let fred = "use fred::prelude::*; cache.get::<String, _>(&key).await; cache.set::<(), _, _>(&key, 1, None, None, false).await; cache.del::<(), _>(&key).await;";
    let cases = [
        ("&mut redis::aio::MultiplexedConnection", redis, "read! write! remove!"),
        ("&mut redis::aio::ConnectionManager", redis, "read! write! remove!"),
        ("&mut deadpool_redis::Connection", redis, "read! write! remove!"),
        ("fred::clients::Pool", fred, "read! write! remove!"),
        ("fred::clients::Client", fred, "read! write! remove!"),
        (
            "memcache::Client",
            "cache.get::<String>(&key); cache.set(&key, 1, 60); cache.delete(&key); cache.flush();",
            "read! write! remove! flush!",
        ),
        (
            "&mut async_memcached::Client",
            "cache.get(&key).await; cache.set(&key, 1, None, None).await; cache.delete(&key).await;",
            "read! write! remove!",
        ),
    ];
    for (given, body, expected) in cases {
        assert_eq!(seen(given, body), expected, "{given}: {body}");
    }
}

#[test]
fn each_cache_of_the_process_is_seen_where_it_is_built() {
    let cases = [
        ("moka::future::Cache::<String, u8>::builder().max_capacity(10).time_to_live(d).build()", (true, true)),
        ("moka::sync::Cache::<String, u8>::new(10)", (true, false)),
        ("mini_moka::sync::Cache::<String, u8>::builder().time_to_live(d).build()", (false, true)),
        ("quick_cache::sync::Cache::<String, u8>::new(10)", (true, false)),
        ("foyer::CacheBuilder::<String, u8>::new(10).with_shards(4).build()", (true, false)),
        (
            "foyer::HybridCacheBuilder::<String, u8>::new().with_name(\"a\").memory(10).storage().with_engine_config(d).build().await",
            (true, false),
        ),
        ("lru::LruCache::<String, u8>::unbounded()", (false, false)),
        ("cached::TimedCache::<String, u8>::with_lifespan(60)", (false, true)),
        ("cached::TimedSizedCache::<String, u8>::with_size_and_lifespan(10, 60)", (true, true)),
    ];
    for (expression, expected) in cases {
        let text = format!("pub async fn build(d: std::time::Duration) {{ let cache = {expression}; }}");
        let backend = inspect(&[("src/lib.rs", &text)]);
        let built: Vec<(bool, bool)> = backend
            .resources
            .iter()
            .filter(|one| one.kind == ResourceKind::Cache)
            .map(|one| (one.capacity.is_yes(), one.expiry.is_yes()))
            .collect();
        assert_eq!(built, [expected], "{expression}");
    }
}

const FILL: &str = "
    use redis::AsyncCommands;
    pub async fn popular(redis: &mut redis::aio::MultiplexedConnection, db: &sqlx::PgPool) -> String { BODY }
    async fn load(db: &sqlx::PgPool) -> String { sqlx::query_scalar(\"SELECT title FROM articles\").fetch_one(db).await.unwrap() }
    async fn log(db: &sqlx::PgPool) { sqlx::query(\"UPDATE articles SET reads = 1\").execute(db).await.unwrap(); }
";

/// `single flight` of what fills the cache: `no`, `unknown`; nothing where it is no fill.
fn fills(body: &str) -> Vec<&'static str> {
    let backend = inspect(&[("src/lib.rs", &FILL.replace("BODY", body))]);
    backend.cache_fills.iter().map(|fill| fill.single_flight.word()).collect()
}

#[test]
fn a_value_that_is_read_missed_loaded_and_written_is_a_fill() {
    let read = "let hit: Option<String> = redis.get(\"popular\").await.unwrap();";
    let fill = "let value = load(db).await; let _: () = redis.set_ex(\"popular\", &value, 60).await.unwrap();";
    let shapes = [
        format!("{read} if let Some(hit) = hit {{ return hit; }} {fill} value"),
        format!("{read} match hit {{ Some(hit) => hit, None => {{ {fill} value }} }}"),
        format!("{read} if hit.is_none() {{ {fill} return value; }} hit.unwrap()"),
        format!("if let Ok(hit) = redis.get::<_, String>(\"popular\").await {{ hit }} else {{ {fill} value }}"),
        format!("{read} let parsed = hit.map(|text| text.len()); if let Some(one) = parsed {{ return one.to_string(); }} {fill} value"),
    ];
    for shape in shapes {
        assert_eq!(fills(&shape), ["no"], "{shape}");
    }
}

#[test]
fn what_is_loaded_anyway_written_elsewhere_or_only_changed_is_no_fill() {
    let read = "let hit: Option<String> = redis.get(\"popular\").await.unwrap();";
    let write = "let _: () = redis.set_ex(\"popular\", &value, 60).await.unwrap();";
    let others = [
        // Whether it is there makes no difference.
        format!("{read} let value = load(db).await; {write} value"),
        // Only where it is there.
        format!("{read} if let Some(hit) = hit {{ let value = load(db).await; {write} }} String::new()"),
        // Another key.
        format!(
            "{read} if let Some(hit) = hit {{ return hit; }} let value = load(db).await; let _: () = redis.set_ex(\"other\", &value, 60).await.unwrap(); value"
        ),
        // Nothing is asked.
        format!("{read} if let Some(hit) = hit {{ return hit; }} log(db).await; let value = String::new(); {write} value"),
        // Loaded first, by everybody.
        format!("let value = load(db).await; {read} if let Some(hit) = hit {{ return hit; }} {write} value"),
    ];
    for other in others {
        assert!(fills(&other).is_empty(), "{other}");
    }
}

#[test]
fn a_lock_a_cell_or_a_key_that_is_written_once_may_let_one_go() {
    let read = "let hit: Option<String> = redis.get(\"popular\").await.unwrap(); if let Some(hit) = hit { return hit; }";
    let fill = "let value = load(db).await; let _: () = redis.set_ex(\"popular\", &value, 60).await.unwrap(); value";
    for turn in [
        "let _turn = LOCK.lock().await;",
        "let _: bool = redis.set_nx(\"popular:loading\", 1).await.unwrap();",
        "redis::cmd(\"SET\").arg(\"l\").arg(1).arg(\"NX\").arg(\"EX\").arg(5).query_async::<_, ()>(redis).await.unwrap();",
        "single_flight(db).await;",
        "let _permit = TURNS.acquire().await;",
    ] {
        assert_eq!(fills(&format!("{read} {turn} {fill}")), ["unknown"], "{turn}");
    }
    let called = FILL.replace("BODY", &format!("{read} {fill}"))
        + "pub async fn alone(redis: &mut redis::aio::MultiplexedConnection, db: &sqlx::PgPool) { let _turn = LOCK.lock().await; popular(redis, db).await; }";
    assert!(inspect(&[("src/lib.rs", &called)]).cache_fills[0].single_flight.is_unknown());
}

#[test]
fn a_call_of_the_cache_that_loads_lets_one_go() {
    let text = "
        pub async fn count(counts: moka::future::Cache<String, i64>, key: String, db: &sqlx::PgPool) -> i64 {
            counts.get_with(key, async { sqlx::query_scalar(\"SELECT count(*) FROM articles\").fetch_one(db).await.unwrap() }).await
        }
        pub async fn entry(counts: moka::future::Cache<String, i64>, key: String, db: &sqlx::PgPool) -> i64 {
            counts.entry(key).or_insert_with(async { sqlx::query_scalar(\"SELECT count(*) FROM users\").fetch_one(db).await.unwrap() }).await.into_value()
        }";
    let backend = inspect(&[("src/lib.rs", text)]);
    let seen: Vec<(bool, bool)> = backend.cache_fills.iter().map(|fill| (fill.remote, fill.single_flight.is_yes())).collect();
    assert_eq!(seen, [(false, true), (false, true)]);
    assert!(backend.cache_fills[0].store.starts_with("counts: "), "{}", backend.cache_fills[0].store);
}

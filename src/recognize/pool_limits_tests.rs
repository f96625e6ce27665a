//! What pools of each library are limited to, and who says so.

use crate::model::{PoolLimit, ResourceKind};
use crate::testing::inspect;

/// `max`, `min`, `idle_timeout` and `max_lifetime` of the only pool that this builds: set in the code, or by the library.
fn limits(body: &str) -> String {
    let head = "pub struct Config { pub size: u32, pub pool: deadpool::managed::PoolConfig }\nconst SIZE: u32 = 7;\npub struct Manager;\n";
    let text = format!("{head}pub async fn build(url: &str, config: &Config) {{ {body} }}\n");
    let backend = inspect(&[("src/lib.rs", &text)]);
    let pools: Vec<_> = backend.resources.iter().filter(|one| one.kind == ResourceKind::Pool).collect();
    assert_eq!(pools.len(), 1, "{body}: {:#?}", backend.resources);
    let shown = |limit: &PoolLimit| match limit {
        PoolLimit::Set { text, number: Some(number), .. } if *text == number.to_string() => format!("set {text}"),
        PoolLimit::Set { text, number: Some(number), .. } => format!("set {text} = {number}"),
        PoolLimit::Set { text, .. } => format!("set {text}"),
        PoolLimit::Default { text, .. } => text.clone(),
        PoolLimit::Unknown(_) => "?".into(),
    };
    let limits = pools[0].limits.as_ref().expect("pools have limits");
    limits.each().map(|(_, limit)| shown(limit)).join(", ")
}

#[test]
fn what_nobody_sets_is_as_the_library_has_it() {
    for (body, expected) in [
        ("sqlx::PgPool::connect(url).await.unwrap();", "10, 0, 10 min, 30 min"),
        ("sqlx::postgres::PgPoolOptions::new().connect_lazy(url).unwrap();", "10, 0, 10 min, 30 min"),
        ("sea_orm::Database::connect(url).await.unwrap();", "10, 0, 10 min, 30 min"),
        (
            "r2d2::Pool::new(diesel::r2d2::ConnectionManager::<diesel::PgConnection>::new(url)).unwrap();",
            "10, as many as max, 10 min, 30 min",
        ),
        ("bb8::Pool::builder().build(bb8_postgres::PostgresConnectionManager::new(url)).await.unwrap();", "10, 0, 10 min, 30 min"),
        ("deadpool::managed::Pool::builder(deadpool_postgres::Manager::new(url)).build().unwrap();", "2 per core, 0, none, none"),
        ("deadpool_postgres::Config::new().create_pool(None, tokio_postgres::NoTls).unwrap();", "2 per core, 0, none, none"),
        ("deadpool_redis::Config::from_url(url).create_pool(None).unwrap();", "2 per core, 0, none, none"),
        ("mobc::Pool::builder().build(Manager);", "10, 0, none, none"),
        ("mysql_async::Pool::new(url);", "?, ?, ?, ?"),
        ("mongodb::Client::with_uri_str(url).await.unwrap();", "?, ?, ?, ?"),
    ] {
        assert_eq!(limits(body), expected, "{body}");
    }
}

#[test]
fn what_the_code_sets_is_that() {
    for (body, expected) in [
        (
            "sqlx::postgres::PgPoolOptions::new().max_connections(20).min_connections(2).max_lifetime(None).connect(url).await.unwrap();",
            "set 20, set 2, 10 min, set None",
        ),
        ("sqlx::postgres::PgPoolOptions::new().max_connections(SIZE).connect(url).await.unwrap();", "set SIZE = 7, 0, 10 min, 30 min"),
        (
            "let n = 5; sqlx::postgres::PgPoolOptions::new().max_connections(n as u32).connect(url).await.unwrap();",
            "set n as u32 = 5, 0, 10 min, 30 min",
        ),
        (
            "sqlx::postgres::PgPoolOptions::new().max_connections(config.size).connect(url).await.unwrap();",
            "set config.size, 0, 10 min, 30 min",
        ),
        ("bb8::Pool::builder().max_size(15).min_idle(Some(3)).build(Manager).await.unwrap();", "set 15, set Some(3) = 3, 10 min, 30 min"),
        ("deadpool::managed::Pool::builder(Manager).max_size(16).build().unwrap();", "set 16, 0, none, none"),
        ("mobc::Pool::builder().max_open(9).build(Manager);", "set 9, 0, none, none"),
    ] {
        assert_eq!(limits(body), expected, "{body}");
    }
}

#[test]
fn what_may_be_set_elsewhere_is_not_known() {
    for body in [
        "deadpool::managed::Pool::builder(Manager).config(config.pool).build().unwrap();",
        "let options: sea_orm::ConnectOptions = options_of(config); sea_orm::Database::connect(options).await.unwrap();",
    ] {
        assert_eq!(limits(body), "?, ?, ?, ?", "{body}");
    }
}

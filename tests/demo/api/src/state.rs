//! What all requests share, built once.

use anyhow::Context;
use redis::aio::ConnectionManager;
use std::time::Duration;
use storage::PgPool;

pub struct Config {
    pub address: String,
    pub database_url: String,
    pub redis_url: String,
    pub reporting_url: String,
    pub search_url: String,
    pub webhook_url: String,
}

impl Config {
    pub fn from_environment() -> anyhow::Result<Self> {
        let required = |name: &'static str| std::env::var(name).with_context(|| format!("{name} is not set"));
        Ok(Self {
            address: std::env::var("ADDRESS").unwrap_or_else(|_| "0.0.0.0:3000".to_string()),
            database_url: required("DATABASE_URL")?,
            redis_url: required("REDIS_URL")?,
            reporting_url: required("REPORTING_URL")?,
            search_url: required("SEARCH_URL")?,
            webhook_url: required("WEBHOOK_URL")?,
        })
    }
}

#[derive(Clone)]
pub struct AppState {
    pub db: PgPool,
    pub redis: ConnectionManager,
    pub http: reqwest::Client,
    pub reporting_url: String,
    pub search_url: String,
    pub webhook_url: String,
}

impl AppState {
    pub async fn connect(config: Config) -> anyhow::Result<Self> {
        let db = storage::connect(&config.database_url).await?;
        let redis = ConnectionManager::new(redis::Client::open(config.redis_url)?).await?;
        let http = reqwest::Client::builder().timeout(Duration::from_secs(10)).build()?;
        Ok(Self {
            db,
            redis,
            http,
            reporting_url: config.reporting_url,
            search_url: config.search_url,
            webhook_url: config.webhook_url,
        })
    }
}

//! Tells whoever wants to know.

use anyhow::Context;
use serde_json::json;

pub async fn announce(url: &str, slug: &str) -> anyhow::Result<()> {
    let client = reqwest::Client::new();
    let answer = client.post(url).json(&json!({ "published": slug })).send().await.context("the webhook was not reached")?;
    answer.error_for_status().context("the webhook was refused")?;
    Ok(())
}

pub async fn commented(http: &reqwest::Client, url: &str, slug: &str) -> anyhow::Result<()> {
    let answer = http.post(url).json(&json!({ "commented": slug })).send().await.context("the webhook was not reached")?;
    answer.error_for_status().context("the webhook was refused")?;
    Ok(())
}

use crate::App;

pub async fn name(app: &App, id: i64) -> anyhow::Result<String> {
    let load = async { sqlx::query_scalar("SELECT name FROM users WHERE id = $1").bind(id).fetch_one(&app.db).await };
    app.names.try_get_with(id, load).await.map_err(|error| anyhow::anyhow!(error))
}

pub async fn rename(app: &App, id: i64, name: &str) -> anyhow::Result<()> {
    sqlx::query("UPDATE users SET name = $1 WHERE id = $2").bind(name).bind(id).execute(&app.db).await?;
    app.names.invalidate(&id).await;
    Ok(())
}

/// Nobody changes countries, and nobody removes them.
pub async fn country(app: &App, id: i64) -> anyhow::Result<String> {
    if let Some(name) = app.countries.get(&id).await {
        return Ok(name);
    }
    let name: String = sqlx::query_scalar("SELECT name FROM countries WHERE id = $1").bind(id).fetch_one(&app.db).await?;
    app.countries.insert(id, name.clone()).await;
    Ok(name)
}

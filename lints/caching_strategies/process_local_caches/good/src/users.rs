use crate::App;
use sqlx::postgres::PgListener;

pub async fn name(app: &App, id: i64) -> anyhow::Result<String> {
    let load = async { sqlx::query_scalar("SELECT name FROM users WHERE id = $1").bind(id).fetch_one(&app.db).await };
    app.names.try_get_with(id, load).await.map_err(|error| anyhow::anyhow!(error))
}

pub async fn rename(app: &App, id: i64, name: &str) -> anyhow::Result<()> {
    sqlx::query("UPDATE users SET name = $1 WHERE id = $2").bind(name).bind(id).execute(&app.db).await?;
    sqlx::query("SELECT pg_notify('users_changed', $1)").bind(id.to_string()).execute(&app.db).await?;
    Ok(())
}

/// Each instance hears of changes, its own included.
pub async fn forget_changed(app: App) -> anyhow::Result<()> {
    let mut changes = PgListener::connect_with(&app.db).await?;
    changes.listen("users_changed").await?;
    loop {
        let id = changes.recv().await?.payload().parse()?;
        app.names.invalidate(&id).await;
    }
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

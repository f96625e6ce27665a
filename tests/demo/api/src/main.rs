mod app;
mod auth;
mod error;
mod routes;
mod services;
mod state;

use state::{AppState, Config};
use std::net::SocketAddr;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let config = Config::from_environment()?;
    let address = config.address.clone();
    let state = AppState::connect(config).await?;
    let listener = tokio::net::TcpListener::bind(address).await?;
    axum::serve(listener, app::router(state).into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(async {
            // Without a signal handler the process ends at once, which is what it did before.
            let _ = tokio::signal::ctrl_c().await;
        })
        .await?;
    Ok(())
}

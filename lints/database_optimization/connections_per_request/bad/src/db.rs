use tokio_postgres::{Client, Error, NoTls};

/// Every caller gets a connection of its own.
pub async fn connect() -> Result<Client, Error> {
    let url = std::env::var("DATABASE_URL").unwrap_or_default();
    let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            eprintln!("connection lost: {error}");
        }
    });
    Ok(client)
}

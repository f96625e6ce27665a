use axum::http::StatusCode;
use lettre::message::Message;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

pub async fn invite(address: String) -> StatusCode {
    match send(&address).await {
        Ok(()) => StatusCode::ACCEPTED,
        Err(_) => StatusCode::BAD_GATEWAY,
    }
}

async fn send(address: &str) -> anyhow::Result<()> {
    let message = Message::builder().from("app@example.com".parse()?).to(address.parse()?).subject("hello").body(String::new())?;
    let transport = AsyncSmtpTransport::<Tokio1Executor>::relay("mail.example.com")?.build();
    transport.send(message).await?;
    Ok(())
}

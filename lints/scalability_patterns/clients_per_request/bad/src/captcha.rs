use axum::http::StatusCode;

pub async fn comment(body: String) -> StatusCode {
    match is_human(&body).await {
        Ok(true) => StatusCode::CREATED,
        Ok(false) => StatusCode::FORBIDDEN,
        Err(_) => StatusCode::BAD_GATEWAY,
    }
}

async fn is_human(token: &str) -> reqwest::Result<bool> {
    let client = reqwest::Client::new();
    let answer = client.post("https://captcha.example/verify").body(token.to_string()).send().await?;
    Ok(answer.status().is_success())
}

pub async fn welcome(http: &reqwest::Client, name: &str) -> Result<(), reqwest::Error> {
    http.post("https://mail.example/welcome").body(name.to_string()).send().await?;
    Ok(())
}

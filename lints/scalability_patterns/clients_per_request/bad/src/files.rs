use axum::body::Bytes;
use axum::extract::Path;
use axum::http::StatusCode;

pub async fn download(Path(name): Path<String>) -> Result<Bytes, StatusCode> {
    let config = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
    let client = aws_sdk_s3::Client::new(&config);
    let object = client.get_object().bucket("files").key(name).send().await.map_err(|_| StatusCode::NOT_FOUND)?;
    let data = object.body.collect().await.map_err(|_| StatusCode::BAD_GATEWAY)?;
    Ok(data.into_bytes())
}

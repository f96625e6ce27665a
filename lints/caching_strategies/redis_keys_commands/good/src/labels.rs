//! `keys` of a map, which is no command.

use axum::Json;
use std::collections::HashMap;

pub async fn list() -> Json<Vec<String>> {
    let labels: HashMap<String, u32> = HashMap::from([("new".to_string(), 1), ("old".to_string(), 2)]);
    Json(labels.keys().cloned().collect())
}

use serde::Deserialize;

#[derive(Deserialize)]
pub struct OrderFilter {
    pub user: i64,
}

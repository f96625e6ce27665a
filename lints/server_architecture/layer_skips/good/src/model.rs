use serde::Serialize;

#[derive(Serialize, sqlx::FromRow)]
pub struct Order {
    pub id: i64,
    pub user_id: i64,
    pub state: String,
}

use diesel::PgConnection;
use diesel::r2d2::{ConnectionManager, Pool};

pub type DbPool = Pool<ConnectionManager<PgConnection>>;

diesel::table! {
    notes (id) {
        id -> BigInt,
        text -> Text,
    }
}

pub fn pool(url: &str) -> anyhow::Result<DbPool> {
    Ok(Pool::builder().max_size(20).build(ConnectionManager::<PgConnection>::new(url))?)
}

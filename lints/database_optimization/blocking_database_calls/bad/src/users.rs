use crate::Pool;
use diesel::prelude::*;

diesel::table! {
    users (id) {
        id -> Integer,
        name -> Text,
    }
}

pub fn name(pool: &Pool, id: i32) -> anyhow::Result<String> {
    let mut connection = pool.get()?;
    Ok(users::table.find(id).select(users::name).first(&mut connection)?)
}

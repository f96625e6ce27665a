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

pub fn seed(pool: &Pool) -> anyhow::Result<()> {
    diesel::insert_into(users::table).values(users::name.eq("root")).execute(&mut pool.get()?)?;
    Ok(())
}

pub fn count_for_ever(pool: &Pool) {
    while let Ok(mut connection) = pool.get() {
        let count: Result<i64, _> = users::table.count().get_result(&mut connection);
        println!("{count:?} users");
        std::thread::sleep(std::time::Duration::from_secs(60));
    }
}

use rusqlite::Connection;
use std::cell::RefCell;

thread_local! {
    /// One connection for each worker thread, opened when the thread is first asked.
    static CONNECTION: RefCell<Connection> = RefCell::new(Connection::open("notes.db").expect("the database opens"));
}

pub fn note(id: i64) -> rusqlite::Result<String> {
    CONNECTION.with_borrow(|connection| connection.query_row("SELECT text FROM notes WHERE id = ?1", [id], |row| row.get(0)))
}

pub fn notes() -> rusqlite::Result<Vec<String>> {
    CONNECTION.with_borrow(|connection| {
        let mut statement = connection.prepare("SELECT text FROM notes ORDER BY id LIMIT 100")?;
        statement.query_map([], |row| row.get(0))?.collect()
    })
}

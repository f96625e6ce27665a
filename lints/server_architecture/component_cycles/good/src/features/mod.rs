pub mod orders;
pub mod reports;
pub mod users;

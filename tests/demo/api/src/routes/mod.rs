//! HTTP: requests in, responses out, nothing else.

pub mod articles;
pub mod authors;
pub mod comments;
pub mod health;
pub mod reports;
pub mod search;
pub mod tags;

//! What the backend does, in terms of storage, cache and other systems, without a word about HTTP.

pub mod accounts;
pub mod articles;
pub mod comments;
pub mod reports;
pub mod tags;
pub mod webhooks;

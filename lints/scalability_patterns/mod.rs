#![doc = include_str!("guidance.md")]

pub mod clients_per_request;
pub mod unlimited_credential_routes;
pub mod unlimited_servers;

mod limiting;

//! Architecture page: to be written with the pipeline.

pub mod cli;
pub mod config;
pub mod facts;
pub mod findings;
pub mod knowledge;
#[path = "../lints/mod.rs"]
pub mod lints;
pub mod model;
pub mod recognize;
pub mod report;
pub mod resolve;
pub mod source;
pub mod words;
pub mod workspace;

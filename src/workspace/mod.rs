//! The workspace: packages, targets, versions and the graph of crates. The only room that knows cargo.

mod files;

pub use files::*;

//! One test binary: a file for each subject.

#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "fixtures lie on the disk, and the binary is started")]

mod bad_input;
mod baseline;
mod cache;
mod cli;
mod config;
mod demo;
mod editions;
mod examples;
mod fingerprints;
mod fix;
mod formats;
mod git_histories;
mod git_hooks;
mod git_repository;
mod git_since;
mod git_staged;
mod guidance;
mod hook_managers;
#[cfg(feature = "live")]
mod live;
mod machine_formats;
mod messages;
mod pages_for_others;
mod readme;
mod rooms;
mod rust_analyzer;
mod support;
mod suppressions;
mod vacuous;

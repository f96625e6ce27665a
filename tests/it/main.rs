//! One test binary: a file for each subject.

mod bad_input;
mod cli;
mod config;
mod formats;
mod guidance;
mod messages;
mod support;
mod suppressions;
mod vacuous;

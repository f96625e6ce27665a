//! Where text goes. A reader that went away (`| head`) ends the program's talking, not the program.

use super::terminal::{self, ColorChoice, Environment};
use crate::report::Terminal;
use std::io::{self, Write};

pub struct Output {
    pub stdout: Terminal,
    pub stderr: Terminal,
}

impl Output {
    pub fn new(color: Option<ColorChoice>, environment: &Environment) -> Self {
        Self { stdout: terminal::stdout(color, environment), stderr: terminal::stderr(color, environment) }
    }

    pub fn print(&self, text: &str) {
        let mut out = io::stdout().lock();
        // The only failure that happens here is a closed pipe, and then nobody is listening.
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }

    pub fn error(&self, text: &str) {
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }
}

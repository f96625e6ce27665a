//! `--also "cargo clippy --message-format=json"`: another command's messages in one stream with ours. rust-analyzer runs a single
//! command, and this one stands in for both.

#![expect(clippy::disallowed_types, clippy::disallowed_methods, reason = "`--also` starts the command that the user names")]

use super::Exit;
use super::failure::Failure;
use super::formats::Wanted;
use super::output::Output;
use crate::report::{Page, cargo_finished, cargo_messages};
use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

/// Git sets these for its hooks. A command that inherited them would work on a commit's temporary index.
const OF_GIT: [&str; 5] = ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY"];

/// A command that runs while we work. Its lines are printed as they come.
pub struct Also {
    child: Child,
    /// Gives the command's own closing message, which is held back: more messages follow it.
    lines: Option<JoinHandle<Option<Vec<u8>>>>,
}

impl Also {
    pub fn start(command: &str, formats: &[Wanted]) -> Result<Also, Failure> {
        if !formats.iter().any(|one| one.format.name == "cargo" && one.path.is_none()) {
            let help = "add `--format cargo`: other formats have no place for the messages of another program";
            return Err(Failure::new("`--also` prints cargo's JSON messages", help));
        }
        let words = shlex::split(command).filter(|words| !words.is_empty());
        let words =
            words.ok_or_else(|| Failure::new(format!("`{command}` is no command"), "write it as in a shell: quotes have to be closed"))?;
        let mut process = Command::new(&words[0]);
        process.args(&words[1..]).stdin(Stdio::null()).stdout(Stdio::piped());
        OF_GIT.iter().for_each(|name| {
            process.env_remove(name);
        });
        let mut child = process
            .spawn()
            .map_err(|error| Failure::new(format!("cannot start `{}`: {error}", words[0]), "`--also` takes a command and its arguments"))?;
        let stdout = child.stdout.take().expect("the pipe was asked for");
        let lines = Some(std::thread::spawn(move || pass_on(BufReader::new(stdout))));
        Ok(Also { child, lines })
    }

    /// Prints what we found, waits for the command, and closes the stream. The exit code is ours, or tells that the command failed.
    pub fn finish(mut self, page: &Page, exit: Exit, output: &Output) -> Result<Exit, Failure> {
        output.print(&cargo_messages(page));
        let closing = self.lines.take().and_then(|lines| lines.join().unwrap_or_default());
        let succeeded = self.child.wait().is_ok_and(|status| status.success());
        match closing {
            Some(line) => output.print(&String::from_utf8_lossy(&line)),
            None => output.print(&cargo_finished(succeeded && !page.fails())),
        }
        Ok(if exit == Exit::Clean && !succeeded { Exit::Findings } else { exit })
    }
}

impl Drop for Also {
    /// A run that fails takes its command along; one that ended is not there any more.
    fn drop(&mut self) {
        if self.lines.is_some() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

fn pass_on(mut from: impl BufRead) -> Option<Vec<u8>> {
    let (mut line, mut closing) = (Vec::new(), None);
    while from.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
        match line.starts_with(b"{\"reason\":\"build-finished\"") {
            true => closing = Some(std::mem::take(&mut line)),
            // A reader that went away is told by our own messages; the command may end in peace.
            false => drop(print_line(&line)),
        }
        line.clear();
    }
    closing
}

/// Whole lines only, so that ours and theirs never mix.
fn print_line(line: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(line)?;
    if !line.ends_with(b"\n") {
        out.write_all(b"\n")?;
    }
    out.flush()
}

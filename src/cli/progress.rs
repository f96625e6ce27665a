//! A progress line for runs that last, on a terminal only.

use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const QUIET_AT_FIRST: Duration = Duration::from_millis(500);
const BETWEEN: Duration = Duration::from_millis(120);

/// Shows what is being done until it is dropped.
pub struct Progress {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    done: Condvar,
}

#[derive(Default)]
struct State {
    doing: String,
    finished: bool,
}

impl Progress {
    /// `wanted`: not turned off by a flag. A pipe or file never gets a progress line.
    pub fn start(wanted: bool) -> Self {
        let shared = Arc::new(Shared::default());
        let show = wanted && io::stderr().is_terminal();
        let thread = show.then(|| {
            let shared = shared.clone();
            std::thread::spawn(move || shared.show())
        });
        Self { shared, thread }
    }

    pub fn doing(&self, what: impl Into<String>) {
        if let Ok(mut state) = self.shared.state.lock() {
            state.doing = what.into();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Ok(mut state) = self.shared.state.lock() {
            state.finished = true;
        }
        self.shared.done.notify_all();
        if let Some(thread) = self.thread.take() {
            // It only writes to stderr; if that failed there is nobody to tell.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn show(&self) {
        let start = Instant::now();
        let (mut wait, mut shown) = (QUIET_AT_FIRST, false);
        while let Some(doing) = self.after(wait) {
            let seconds = start.elapsed().as_secs_f32();
            let _ = write!(io::stderr(), "\r\u{1b}[2K{doing} ({seconds:.1} s)").and_then(|()| io::stderr().flush());
            (wait, shown) = (BETWEEN, true);
        }
        if shown {
            let _ = write!(io::stderr(), "\r\u{1b}[2K");
        }
    }

    /// What is being done after `wait`; `None` once it is finished.
    fn after(&self, wait: Duration) -> Option<String> {
        let state = self.state.lock().ok()?;
        let (state, _) = self.done.wait_timeout_while(state, wait, |state| !state.finished).ok()?;
        (!state.finished).then(|| state.doing.clone())
    }
}

//! The real rust-analyzer shows what `check --message-format json` prints. Where it is not installed it is not tried, and said so.

use crate::support::Fixture;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// No dependencies, so that nothing has to be downloaded.
const MANIFEST: &str = "[package]\nname = \"api\"\nversion = \"0.1.0\"\nedition = \"2021\"\n";
const MAIN: &str = "// moai-backend: allow(unbounded_caches) reason = \"é\"\nfn main() {}\n";

struct Editor {
    server: Child,
    input: ChildStdin,
    heard: Receiver<Value>,
}

impl Editor {
    /// `None`: there is no rust-analyzer.
    fn open(fixture: &Fixture) -> Option<Editor> {
        let version = Command::new("rust-analyzer").arg("--version").output().ok().filter(|output| output.status.success());
        if version.is_none() {
            eprintln!("NOT TRIED: there is no `rust-analyzer`, so nothing is known about what it shows");
            return None;
        }
        let mut command = Command::new("rust-analyzer");
        command.current_dir(fixture.path()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut server = command.spawn().expect("rust-analyzer starts");
        let input = server.stdin.take().expect("its input");
        let mut output = BufReader::new(server.stdout.take().expect("its output"));
        let (said, heard) = channel();
        std::thread::spawn(move || {
            while let Some(message) = message(&mut output) {
                if said.send(message).is_err() {
                    return;
                }
            }
        });
        Some(Editor { server, input, heard })
    }

    fn say(&mut self, message: Value) {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).expect("rust-analyzer listens");
        self.input.flush().expect("rust-analyzer listens");
    }

    /// The first message that is wanted; what the server asks is answered with nothing.
    fn wait(&mut self, wanted: impl Fn(&Value) -> bool) -> Option<Value> {
        let end = Instant::now() + Duration::from_secs(120);
        while let Ok(message) = self.heard.recv_timeout(end.saturating_duration_since(Instant::now())) {
            if message["method"].is_string() && !message["id"].is_null() {
                self.say(json!({ "jsonrpc": "2.0", "id": message["id"], "result": null }));
            }
            if wanted(&message) {
                return Some(message);
            }
        }
        None
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        // It may have gone by itself.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn message(output: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim().split_once(": ") {
            Some(("Content-Length", number)) => length = number.parse().ok()?,
            _ if line.trim().is_empty() => break,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    output.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}

#[test]
fn rust_analyzer_shows_a_finding_with_its_code_and_help() {
    let fixture = Fixture::new(&[("Cargo.toml", MANIFEST), ("src/main.rs", MAIN)]);
    let Some(mut editor) = Editor::open(&fixture) else { return };
    let root = fixture.path().canonicalize().expect("the fixture");
    let uri = format!("file://{}", root.display());
    let program = env!("CARGO_BIN_EXE_cargo-moai-backend");
    let options = json!({
        "checkOnSave": true,
        "check": { "overrideCommand": [program, "moai-backend", "check", "--message-format=json"] },
        "cargo": { "buildScripts": { "enable": false }, "sysroot": null },
        "procMacro": { "enable": false },
        "cachePriming": { "enable": false },
    });
    let client = json!({ "textDocument": { "publishDiagnostics": { "relatedInformation": true, "codeDescriptionSupport": true } } });
    editor.say(json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "processId": null, "rootUri": uri, "capabilities": client, "initializationOptions": options,
        "workspaceFolders": [{ "uri": uri, "name": "api" }],
    }}));
    assert!(editor.wait(|message| message["id"] == 1).is_some(), "rust-analyzer does not answer");
    editor.say(json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} }));
    let document = format!("{uri}/src/main.rs");
    let opened = json!({ "uri": document, "languageId": "rust", "version": 1, "text": MAIN });
    editor.say(json!({ "jsonrpc": "2.0", "method": "textDocument/didOpen", "params": { "textDocument": opened } }));
    let is_shown = |message: &Value| {
        message["method"] == "textDocument/publishDiagnostics"
            && message["params"]["diagnostics"].as_array().is_some_and(|shown| shown.iter().any(|one| one["source"] == "moai_backend"))
    };
    let message = editor.wait(is_shown).expect("rust-analyzer shows the finding");
    let shown = message["params"]["diagnostics"].as_array().expect("diagnostics").iter().find(|one| one["source"] == "moai_backend");
    let shown = shown.expect("the finding");
    assert_eq!(message["params"]["uri"], document.as_str());
    assert_eq!(shown["code"], "unused_allows");
    // Lines and columns from 0, columns in UTF-16.
    assert_eq!(shown["range"]["start"], json!({ "line": 0, "character": 23 }), "{shown}");
    assert_eq!(shown["range"]["end"], json!({ "line": 0, "character": 39 }), "{shown}");
    assert!(shown["message"].as_str().is_some_and(|text| text.contains("unbounded_caches")), "{shown}");
}

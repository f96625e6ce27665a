//! Every lint through the real binary: its `bad/` says exactly what `bad.txt` holds, and every lint is silent on every `good/`.
//!
//! `UPDATE_EXAMPLES=1` writes `bad.txt` anew.

use moai_backend::lints::{ALL, LintInfo};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn folder(info: &LintInfo) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("lints").join(info.section.id()).join(info.id)
}

fn check(workspace: &Path, more: &[&str]) -> Output {
    let manifest = workspace.join("Cargo.toml");
    Command::new(env!("CARGO_BIN_EXE_cargo-moai-backend"))
        .args(["check", "--format", "concise", "--manifest-path"])
        .arg(&manifest)
        .args(more)
        .env(super::support::CACHE.0, super::support::CACHE.1)
        .output()
        .expect("the binary that this test was built with can be started")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn every_bad_example_gives_exactly_its_findings() {
    let mut wrong = Vec::new();
    for lint in ALL {
        let folder = folder(&lint.info);
        let output = check(&folder.join("bad"), &[]);
        let (said, expected) = (text(&output.stdout), folder.join("bad.txt"));
        if std::env::var_os("UPDATE_EXAMPLES").is_some() {
            std::fs::write(&expected, &said).expect("bad.txt stands in this repository");
        }
        if !said.contains(&format!("[{}]", lint.info.id)) {
            wrong.push(format!("{}: nothing found\n{said}{}", lint.info.id, text(&output.stderr)));
        } else if said != std::fs::read_to_string(&expected).unwrap_or_default() {
            wrong.push(format!("{}: not what bad.txt holds, but\n{said}", lint.info.id));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// With lints that are off by default as well.
#[test]
fn every_lint_is_silent_on_every_good_example() {
    let mut wrong = Vec::new();
    for lint in ALL {
        let output = check(&folder(&lint.info).join("good"), &["--warn", "all"]);
        if output.status.code() != Some(0) || !output.stdout.is_empty() {
            wrong.push(format!("{}: {}{}", lint.info.id, text(&output.stdout), text(&output.stderr)));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

//! The demo shows what it was built to show: the planted faults of its README, and nothing else above advice.

use std::path::Path;
use std::process::Command;

fn demo() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/demo")
}

/// Lint and place of every row in the table of planted faults: `storage/src/reports.rs`, `pools_per_request`.
fn planted() -> Vec<(String, String)> {
    let readme = std::fs::read_to_string(demo().join("README.md")).expect("the demo has a README");
    let rows = readme.lines().filter(|line| line.starts_with("| ") && line.contains(".rs`"));
    let mut planted: Vec<(String, String)> = rows
        .map(|row| {
            let quoted: Vec<&str> = row.split('`').skip(1).step_by(2).collect();
            let file = quoted.iter().find(|text| text.ends_with(".rs")).expect("a row names a file");
            (file.to_string(), quoted.last().expect("a row ends with its lint").to_string())
        })
        .collect();
    planted.sort();
    planted
}

#[test]
fn check_finds_the_planted_faults_and_nothing_else_above_advice() {
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-moai-backend"))
        .args(["check", "--format", "concise", "--manifest-path"])
        .arg(demo().join("Cargo.toml"))
        .env(super::support::CACHE.0, super::support::CACHE.1)
        .output()
        .expect("the binary that this test was built with can be started");
    let said = String::from_utf8_lossy(&output.stdout);
    let mut found: Vec<(String, String)> = said
        .lines()
        .filter(|line| !line.contains(" note["))
        .map(|line| {
            let file = line.split(':').next().unwrap_or_default();
            let lint = line.split(['[', ']']).nth(1).unwrap_or_default();
            (file.to_string(), lint.to_string())
        })
        .collect();
    found.sort();
    assert_eq!(found, planted(), "\n{said}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(1));
}

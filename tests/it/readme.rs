//! What README shows is what the program prints.

use crate::support::{CACHE, run_in};
use std::path::Path;

#[test]
fn findings_shown_in_readme_are_those_of_the_demo() {
    let said = run(&["--format", "concise"]);
    let shown = block_after("output of the command above");
    assert_eq!(shown.trim(), said.trim(), "README shows other findings than the demo has");
}

#[test]
fn the_drawn_finding_in_readme_is_one_of_the_demo() {
    let shown = block_after("one finding of");
    assert!(shown.lines().count() > 5, "README draws no finding");
    let said = run(&[]);
    assert!(said.contains(shown.trim_end()), "README draws a finding that the demo does not print:\n{said}");
}

fn run(arguments: &[&str]) -> String {
    let check = ["moai-backend", "check", "--manifest-path", "tests/demo/Cargo.toml"];
    let said = run_in(Path::new(env!("CARGO_MANIFEST_DIR")), &[&check, arguments].concat(), &[CACHE]);
    assert_eq!(said.code, 1, "{}", said.all());
    said.stdout
}

/// The first fenced block after the comment that holds `words`.
fn block_after(words: &str) -> String {
    let readme = include_str!("../../README.md");
    let after = readme.split_once(words).expect("README has the comment").1;
    let block = after.split_once("```text\n").expect("a block follows").1;
    block.split_once("```").expect("the block ends").0.to_string()
}

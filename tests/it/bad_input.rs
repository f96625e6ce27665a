//! Input that breaks tools: each a clear message and the documented exit code, never a panic.

use crate::support::{CLEAN, Fixture, Said};

fn clean() -> Fixture {
    let fixture = Fixture::api();
    fixture.write("src/main.rs", CLEAN);
    fixture
}

/// The clean backend with one more module.
fn with_module(text: impl AsRef<[u8]>) -> Fixture {
    let fixture = clean();
    fixture.write("src/main.rs", format!("mod more;\n{CLEAN}"));
    fixture.write("src/more.rs", text);
    fixture
}

fn says(said: &Said, code: i32, word: &str) {
    assert_eq!(said.code, code, "{}", said.all());
    assert!(said.stderr.contains(word) || said.stdout.contains(word), "{word}: {}", said.all());
    assert!(!said.stderr.contains("panicked"), "{}", said.all());
}

#[test]
fn no_manifest() {
    says(&Fixture::new(&[]).check(&[]), 2, "Cargo.toml");
    says(&clean().check(&["--manifest-path", "nowhere/Cargo.toml"]), 2, "nowhere/Cargo.toml");
    says(&clean().check(&["--manifest-path", "src/main.rs"]), 2, "not a manifest");
}

#[test]
fn a_broken_manifest() {
    let fixture = clean();
    fixture.write("Cargo.toml", "[package\nname = 1\n");
    says(&fixture.check(&[]), 2, "Cargo.toml");
}

#[test]
#[cfg(unix)]
fn an_unreadable_file() {
    let fixture = clean();
    fixture.write("src/main.rs", format!("mod gone;\n{CLEAN}"));
    std::os::unix::fs::symlink("nowhere.rs", fixture.path().join("src/gone.rs")).expect("a link");
    says(&fixture.check(&[]), 3, "gone");
}

#[test]
fn a_directory_with_the_name_of_a_file() {
    let fixture = clean();
    fixture.write("src/main.rs", format!("mod folder;\n{CLEAN}"));
    fixture.write("src/folder.rs/readme", "not code");
    says(&fixture.check(&[]), 3, "folder");
}

#[test]
fn text_that_is_not_utf_8() {
    says(&with_module(b"pub fn a() {}\n// \xff\n").check(&[]), 3, "not UTF-8");
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_keep_places_right() {
    let fixture = Fixture::api();
    let plain = fixture.check(&["--format", "concise"]);
    fixture.write("src/main.rs", format!("\u{feff}{}", crate::support::MAIN.replace('\n', "\r\n")));
    let marked = fixture.check(&["--format", "concise"]);
    assert_eq!((marked.code, &marked.stdout), (1, &plain.stdout), "{}", marked.all());
    says(&fixture.check(&[]), 1, "pools_per_request");
}

#[test]
fn ten_thousand_nested_brackets() {
    let nested = format!("pub fn a() -> u32 {{ {}1{} }}\n", "(".repeat(10_000), ")".repeat(10_000));
    says(&with_module(nested).check(&[]), 3, "src/more.rs");
}

#[test]
fn a_file_of_50_megabytes() {
    let line = "// a line that says nothing at all, again and again, to be long\n";
    let text = line.repeat(50 * 1024 * 1024 / line.len() + 1);
    says(&with_module(text).check(&[]), 3, "src/more.rs");
}

#[test]
fn one_very_long_line_is_cut_in_the_drawing() {
    let fixture = Fixture::api();
    let long =
        crate::support::MAIN.replace("let pool = open().await;", &format!("let _ = \"{}\"; let pool = open().await;", "x".repeat(100_000)));
    fixture.write("src/main.rs", long);
    let said = fixture.check(&[]);
    says(&said, 1, "pools_per_request");
    assert!(said.stdout.len() < 50_000, "{}", said.stdout.len());
}

#[test]
fn code_that_does_not_parse_is_read_as_far_as_it_does() {
    let fixture = Fixture::api();
    fixture.write("src/main.rs", format!("{}\nfn broken( -> ) {{}}\n", crate::support::MAIN));
    let said = fixture.check(&["--format", "json"]);
    assert_eq!(said.code, 1, "{}", said.all());
    assert!(!said.json()["problems"].as_array().expect("problems").is_empty(), "{}", said.all());
}

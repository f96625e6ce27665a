//! Remembered results change nothing but the time that a run takes.

use super::support::{Fixture, run_in};
use std::fs;
use std::path::{Path, PathBuf};

const PACKS: [&str; 2] = ["target/moai-backend/base.pack", "target/moai-backend/recent.pack"];

/// A copy of the demo, to be edited.
fn demo() -> Fixture {
    let fixture = Fixture::new(&[]);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/demo");
    for file in files(&root) {
        let path = file.strip_prefix(&root).expect("it lies below").to_str().expect("our own names are UTF-8").to_string();
        fixture.write(&path, fs::read(&file).expect("our own files can be read"));
    }
    fixture
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("our own folders can be read").flatten();
    let (folders, mut found): (Vec<PathBuf>, Vec<PathBuf>) = entries.map(|entry| entry.path()).partition(|path| path.is_dir());
    found.extend(folders.iter().filter(|folder| !folder.ends_with("target")).flat_map(|folder| files(folder)));
    found
}

/// All that a run says: findings with their evidence, and the model.
fn said(fixture: &Fixture, more: &[&str]) -> String {
    let check = fixture.check(&[&["--verbose"], more].concat());
    let inspect = fixture.run(&[&["inspect", "--format", "json"], more].concat());
    format!("{}{}", check.all(), inspect.all())
}

#[track_caller]
fn same_as_without(fixture: &Fixture) -> String {
    let cold = said(fixture, &["--no-cache"]);
    assert_eq!(said(fixture, &[]), cold, "the first run with a cache");
    assert_eq!(said(fixture, &[]), cold, "the second run with a cache");
    cold
}

#[test]
fn a_warm_run_says_what_a_cold_one_says() {
    let demo = demo();
    same_as_without(&demo);
    assert!(demo.path().join(PACKS[0]).is_file(), "something was remembered");
    assert_eq!(demo.read("target/moai-backend/.gitignore"), "*\n");
}

#[test]
fn one_thread_says_what_many_say() {
    let demo = demo();
    let run = |threads| demo.run_with(&["inspect", "--format", "json"], &[("RAYON_NUM_THREADS", threads)]).all();
    let cold = run("4");
    assert_eq!(run("1"), cold);
    assert_eq!(run("3"), cold);
}

/// A file's text before to its text after.
type Edit = &'static dyn Fn(&str) -> String;

#[test]
fn edits_are_seen() {
    let demo = demo();
    let before = same_as_without(&demo);
    let edits: [(&str, Edit); 7] = [
        // Inside of a body only.
        ("api/src/routes/health.rs", &|text| text.replacen("{\n", "{\n    let _changed = 1;\n", 1)),
        ("api/src/services/articles.rs", &|text| text.replace("await?", "await .map(|found| found)?")),
        // What others see.
        ("api/src/services/tags.rs", &|text| format!("{text}\npub fn another(count: u64) -> u64 {{ count }}\n")),
        ("storage/src/search.rs", &|text| text.replacen("pub async fn ", "pub async fn renamed_", 1)),
        ("storage/src/tags.rs", &|text| format!("//! Moved down.\n\n{text}")),
        ("Cargo.toml", &|text| format!("{text}\n# a comment\n")),
        // Broken.
        ("api/src/auth.rs", &|text| format!("{text}\nfn broken( {{\n")),
    ];
    let mut last = before.clone();
    for (path, edit) in edits {
        let old = demo.read(path);
        let new = edit(&old);
        assert_ne!(old, new, "{path} was edited");
        demo.write(path, &new);
        last = same_as_without(&demo);
    }
    assert_ne!(before, last);
}

#[test]
fn what_was_undone_is_as_it_was() {
    let demo = demo();
    let before = same_as_without(&demo);
    let path = "storage/src/tags.rs";
    let old = demo.read(path);
    demo.write(path, old.replacen("pub async fn", "async fn", 1));
    same_as_without(&demo);
    demo.write(path, &old);
    assert_eq!(same_as_without(&demo), before);
}

#[test]
fn a_broken_cache_is_no_cache() {
    let api = Fixture::api();
    let cold = said(&api, &["--no-cache"]);
    assert_eq!(said(&api, &[]), cold);
    let whole = fs::read(api.path().join(PACKS[0])).expect("something was remembered");
    for length in [0, 31, whole.len() / 2, whole.len() - 1] {
        api.write(PACKS[0], &whole[..length]);
        assert_eq!(said(&api, &[]), cold, "cut off after {length}");
    }
    for at in (0..whole.len()).step_by(whole.len() / 5) {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x55;
        api.write(PACKS[0], &flipped);
        assert_eq!(said(&api, &[]), cold, "byte {at} changed");
    }
}

#[test]
fn nothing_is_written_without_a_cache() {
    let api = Fixture::api();
    said(&api, &["--no-cache"]);
    assert!(!api.path().join("target").exists());
}

#[test]
fn the_environment_says_where_the_cache_is() {
    let api = Fixture::api();
    api.run_with(&["check"], &[("CARGO_TARGET_DIR", "built")]);
    assert!(api.path().join("built/moai-backend/base.pack").is_file());
    api.run_with(&["check"], &[("CARGO_TARGET_DIR", "built"), ("MOAI_BACKEND_CACHE_DIR", "kept")]);
    assert!(api.path().join("kept/base.pack").is_file());
    assert!(!api.path().join("target").exists());
}

#[test]
fn a_target_folder_that_cannot_be_written_is_no_trouble() {
    let api = Fixture::api();
    let cold = said(&api, &["--no-cache"]);
    // A file in its place: nobody may write below it, not even root.
    api.write("target", "this is no folder");
    assert_eq!(said(&api, &[]), cold);
    assert_eq!(api.read("target"), "this is no folder");
}

#[test]
fn runs_at_the_same_time_do_not_disturb_each_other() {
    let demo = demo();
    let cold = said(&demo, &["--no-cache"]);
    std::thread::scope(|threads| {
        let runs: Vec<_> = (0..4).map(|_| threads.spawn(|| (said(&demo, &[]), said(&demo, &[])))).collect();
        for run in runs {
            let (first, second) = run.join().expect("a run ends");
            assert_eq!((&first, &second), (&cold, &cold));
        }
    });
    let left = fs::read_dir(demo.path().join("target/moai-backend")).expect("it is there").flatten();
    assert!(left.into_iter().all(|entry| entry.path().extension().is_none_or(|extension| extension != "tmp")));
}

#[test]
fn packages_without_files_of_their_own_are_remembered_too() {
    let fixture = Fixture::new(&[
        ("Cargo.toml", "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n"),
        ("src/main.rs", "mod a;\nmod b;\nfn main() { a::run(); b::run() }\n"),
        // The same text twice: what is found differs by where it stands.
        ("src/a.rs", "pub fn run() { helper() }\nfn helper() {}\n"),
        ("src/b.rs", "pub fn run() { helper() }\nfn helper() {}\n"),
    ]);
    same_as_without(&fixture);
    let said = run_in(fixture.path(), &["inspect", "calls", "--format", "json"], &[]);
    assert!(said.stdout.contains("app::b::helper"), "{}", said.all());
}

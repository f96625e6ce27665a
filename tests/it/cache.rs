//! Remembered results change nothing but the time that a run takes.

use super::git_repository::{CLEAN, LEGACY, MAIN, Repository, bad};
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

/// How a handler, alone in its file, may reach a function of `src/a.rs`: what it is written as, and the function.
const WAYS: [(&str, &str, &str); 6] = [
    ("by_glob", "use super::a::*;\npub async fn run() { plain().done() }\n", "plain"),
    ("by_macro", "call!();\n", "of_macro"),
    ("by_method", "pub async fn run() { super::a::T.get().done() }\n", "get"),
    ("by_name", "pub async fn run() { super::a::plain().done() }\n", "plain"),
    ("by_parts", "join!(parts);\n", "of_parts"),
    ("by_rename", "pub async fn run() { super::a::first().done() }\n", "original"),
];

#[test]
fn functions_that_come_and_go_are_seen_by_those_who_reach_them() {
    follows_what_is_reached(&WAYS);
}

/// Where some macro joins names, whoever calls one is thought to name everything; so they are looked at without such a macro, too.
#[test]
fn functions_that_a_macro_of_another_file_names_are_seen_by_those_who_call_it() {
    follows_what_is_reached(&WAYS[..4]);
}

/// Only `src/a.rs` changes, and with it what the handlers reach.
#[track_caller]
fn follows_what_is_reached(all_ways: &[(&str, &str, &str)]) {
    let joins = all_ways.iter().any(|(.., of)| *of == "of_parts");
    let join = "macro_rules! join { ($x:ident) => { paste::paste! { pub async fn run() { crate::a::[<of_ $x>]().done() } } } }\n";
    let rules = format!(
        "macro_rules! call {{ () => {{ pub async fn run() {{ crate::a::of_macro().done() }} }} }}\n{}",
        if joins { join } else { "" }
    );
    let modules: String = all_ways.iter().map(|(way, ..)| format!("mod {way};\n")).collect();
    let routes: String = all_ways.iter().map(|(way, ..)| format!(".route(\"/{way}\", axum::routing::get({way}::run))")).collect();
    let main = format!(
        "#[macro_use]\nmod m;\nmod a;\nmod b;\n{modules}#[tokio::main]\nasync fn main() {{\n    let app = axum::Router::new(){routes};\n    \
         axum::serve(tokio::net::TcpListener::bind(\"x\").await.unwrap(), app).await.unwrap();\n}}\n"
    );
    let fixture = Fixture::new(&[
        (
            "Cargo.toml",
            "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\naxum = \"0.8\"\ntokio = \"1\"\n",
        ),
        ("src/main.rs", &main),
        ("src/m.rs", &rules),
        (
            "src/a.rs",
            "use super::b::{One, Other};\npub fn plain() -> One { One }\npub fn of_macro() -> One { One }\npub fn of_parts() -> One { One }\n\
             pub fn original() -> One { One }\npub use self::original as first;\npub struct T;\nimpl T { pub fn get(&self) -> One { One } }\n",
        ),
        ("src/b.rs", "pub struct One;\nimpl One { pub fn done(self) {} }\npub struct Other;\nimpl Other { pub fn done(self) {} }\n"),
    ]);
    all_ways.iter().for_each(|(way, text, _)| fixture.write(&format!("src/{way}.rs"), text));
    // The ways that lead to the method of `One`, and those that lead to that of `Other`.
    let reached = || {
        ["src/b.rs:2", "src/b.rs:4"].map(|place| {
            let run = |more: &[&str]| run_in(fixture.path(), &[&["explain", place], more].concat(), &[]).all();
            let cold = run(&["--no-cache"]);
            assert_eq!(run(&[]), cold, "with a cache");
            all_ways.iter().map(|(way, ..)| *way).filter(|way| cold.contains(&format!("/{way} "))).collect::<Vec<_>>()
        })
    };
    let ways = |reaches: &dyn Fn(&str) -> bool| all_ways.iter().filter(|(.., of)| reaches(of)).map(|(way, ..)| *way).collect::<Vec<_>>();
    let (all, none) = (ways(&|_| true), Vec::new());
    let a = fixture.read("src/a.rs");
    assert_eq!(reached(), [all.clone(), none.clone()]);
    // Nobody names it, and everything after it has another number.
    fixture.write("src/a.rs", format!("pub fn unused() {{}}\n{a}"));
    assert_eq!(reached(), [all.clone(), none.clone()]);
    for changed in ["plain", "of_macro", "of_parts", "original", "get"] {
        let (own, others) = (ways(&|of| of == changed), ways(&|of| of != changed));
        let head =
            |returned: &str| a.lines().find(|line| line.contains(&format!("{changed}("))).expect("it is there").replace("One", returned);
        fixture.write("src/a.rs", a.replace(&head("One"), &head("Other")));
        assert_eq!(reached(), [others.clone(), own], "`{changed}` gives something else");
        fixture.write("src/a.rs", a.replace(&format!("fn {changed}("), "fn renamed("));
        assert_eq!(reached(), [others, none.clone()], "`{changed}` is gone");
        fixture.write("src/a.rs", &a);
        assert_eq!(reached(), [all.clone(), none.clone()], "`{changed}` is back");
    }
    fixture.write("src/a.rs", a.replace("pub struct T;", "pub struct T;\npub struct U;").replace("impl T", "impl U"));
    assert_eq!(reached(), [ways(&|of| of != "get"), none]);
}

/// How a handler, alone in its file, may hang on an import of another file without importing it itself: what that file is called and reads,
/// other files, and the handler.
type Detour = (&'static str, (&'static str, &'static str), &'static [(&'static str, &'static str)], &'static str);
const DETOURS: [Detour; 14] = [
    ("path", ("src/a.rs", "use crate::b::Thing;\n"), &[], "super::a::Thing.done()"),
    ("import", ("src/a.rs", "use crate::b::Thing;\n"), &[], "{ use super::a::Thing; Thing.done() }"),
    ("signature", ("src/a.rs", "use crate::b::Thing;\npub fn give() -> Thing { Thing }\n"), &[], "super::a::give().done()"),
    (
        "signature of another",
        ("src/a.rs", "use crate::b::Thing;\n"),
        &[("src/s.rs", "pub fn give() -> super::a::Thing { todo!() }\n")],
        "super::s::give().done()",
    ),
    (
        "import of another",
        ("src/a.rs", "use crate::b::Thing;\n"),
        &[("src/s.rs", "use super::a::Thing;\npub fn give() -> Thing { todo!() }\n")],
        "super::s::give().done()",
    ),
    ("on the way", ("src/a.rs", "use crate::b::inner;\n"), &[("src/s.rs", "pub use super::a::inner::Thing;\n")], "super::s::Thing.done()"),
    (
        "on the way of an import that stands alone",
        ("src/a.rs", "use crate::b::inner;\n"),
        &[("src/s.rs", "use super::a::inner::Thing;\n")],
        "super::s::Thing.done()",
    ),
    (
        "child",
        ("src/a.rs", "use crate::b::Thing;\npub mod child;\n"),
        &[("src/a/child.rs", "pub fn give() -> super::Thing { todo!() }\n")],
        "super::a::child::give().done()",
    ),
    (
        "glob of a child",
        ("src/a.rs", "use crate::b::Thing;\npub mod child;\n"),
        &[("src/a/child.rs", "use super::*;\npub fn give() -> Thing { todo!() }\n")],
        "super::a::child::give().done()",
    ),
    (
        "glob of a grandchild",
        ("src/a/mod.rs", "use crate::b::Thing;\npub mod child;\n"),
        &[("src/a/child.rs", "pub mod deep { use crate::a::*;\npub fn give() -> Thing { todo!() } }\n")],
        "super::a::child::deep::give().done()",
    ),
    (
        "macro",
        ("src/a.rs", "use crate::b::Thing;\nmake!();\n"),
        &[("src/m.rs", "macro_rules! make { () => { pub fn give() -> Thing { Thing } } }\n")],
        "super::a::give().done()",
    ),
    (
        "another name of the module",
        ("src/a.rs", "use crate::b::Thing;\n"),
        &[("src/s.rs", "use super::a as z;\npub fn give() -> z::Thing { todo!() }\n")],
        "super::s::give().done()",
    ),
    (
        "another name of the file",
        ("src/elsewhere/odd.rs", "use crate::b::Thing;\n"),
        &[
            ("src/a.rs", "#[path = \"elsewhere/odd.rs\"]\npub mod even;\n"),
            ("src/s.rs", "pub fn give() -> super::a::even::Thing { todo!() }\n"),
        ],
        "super::s::give().done()",
    ),
    (
        "file in another place",
        ("src/a.rs", "use crate::b::Thing;\n#[path = \"elsewhere/odd.rs\"]\npub mod even;\n"),
        &[("src/elsewhere/odd.rs", "use super::*;\npub fn give() -> Thing { todo!() }\n")],
        "super::a::even::give().done()",
    ),
];

/// Only the file with the import changes.
#[test]
fn imports_that_lead_elsewhere_are_seen_by_those_who_hang_on_them() {
    for (name, (path, with_import), others, handler) in DETOURS {
        let things = "pub struct Thing;\nimpl Thing { pub fn done(self) {} }\npub mod inner { pub use super::Thing; }\n";
        let fixture = of_one_handler(handler);
        ["src/b.rs", "src/c.rs"].iter().for_each(|path| fixture.write(path, things));
        others.iter().for_each(|(path, text)| fixture.write(path, text));
        let reached = || reached_by_handler(&fixture, ["src/b.rs:2", "src/c.rs:2"], name);
        fixture.write(path, with_import);
        assert_eq!(reached(), [true, false], "by {name}");
        fixture.write(path, with_import.replace("::b::", "::c::"));
        assert_eq!(reached(), [false, true], "by {name}, after the change");
    }
}

/// How a handler, alone in its file, may come upon a type of `src/a.rs`: what that file reads before and after, other files, and the handler.
type Encounter = (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str)], &'static str);
const HOLDS: &str = "pub struct Held { pub thing: super::b::One }\n";
const HOLDS_OTHER: &str = "pub struct Held { pub thing: super::b::Other }\n";
const ENCOUNTERS: [Encounter; 19] = [
    ("name", HOLDS, HOLDS_OTHER, &[], "{ let held: super::a::Held = todo!(); held.thing.done() }"),
    ("signature", HOLDS, HOLDS_OTHER, &[("src/s.rs", "pub fn give() -> super::a::Held { todo!() }\n")], "super::s::give().thing.done()"),
    (
        "field of a field",
        HOLDS,
        HOLDS_OTHER,
        &[(
            "src/s.rs",
            "pub struct Outer { pub inner: Inner }\npub enum Odd {}\npub fn give() -> Outer { todo!() }\npub struct Inner(pub super::a::Held);\n",
        )],
        "super::s::give().inner.0.thing.done()",
    ),
    (
        "method",
        HOLDS,
        HOLDS_OTHER,
        &[("src/s.rs", "pub struct Maker;\nimpl Maker { pub fn make(&self) -> super::a::Held { todo!() } }\n")],
        "super::s::Maker.make().thing.done()",
    ),
    (
        "method of a type that is not named",
        HOLDS,
        HOLDS_OTHER,
        &[(
            "src/s.rs",
            "pub struct Maker;\nimpl Maker { pub fn make(&self) -> super::a::Held { todo!() } }\npub fn maker() -> Maker { Maker }\n",
        )],
        "super::s::maker().make().thing.done()",
    ),
    (
        "method of the type",
        "pub struct Held(super::b::One, super::b::Other);\nimpl Held { pub fn thing(&self) -> super::b::One { todo!() } }\n",
        "pub struct Held(super::b::One, super::b::Other);\nimpl Held { pub fn thing(&self) -> super::b::Other { todo!() } }\n",
        &[("src/s.rs", "pub fn give() -> super::a::Held { todo!() }\n")],
        "super::s::give().thing().done()",
    ),
    (
        "field of a static",
        HOLDS,
        HOLDS_OTHER,
        &[("src/s.rs", "pub struct Outer { pub inner: super::a::Held }\npub static OUTER: Outer = todo!();\n")],
        "super::s::OUTER.inner.thing.done()",
    ),
    (
        "alias",
        HOLDS,
        HOLDS_OTHER,
        &[("src/s.rs", "pub type Short = super::a::Held;\npub fn give() -> Short { todo!() }\n")],
        "super::s::give().thing.done()",
    ),
    (
        "other name",
        HOLDS,
        HOLDS_OTHER,
        &[("src/s.rs", "use super::a::Held as Short;\npub fn give() -> Short { todo!() }\n")],
        "super::s::give().thing.done()",
    ),
    (
        "import",
        HOLDS,
        HOLDS_OTHER,
        &[("src/s.rs", "use super::a::Held;\npub fn give() -> Held { todo!() }\n")],
        "super::s::give().thing.done()",
    ),
    ("static", HOLDS, HOLDS_OTHER, &[("src/s.rs", "pub static HELD: super::a::Held = todo!();\n")], "super::s::HELD.thing.done()"),
    (
        "method of a trait",
        HOLDS,
        HOLDS_OTHER,
        &[(
            "src/s.rs",
            "pub trait Give { fn give(&self) -> super::a::Held; }\npub struct Giver;\nimpl Give for Giver { fn give(&self) -> super::a::Held { todo!() } }\n",
        )],
        "{ use super::s::Give; super::s::Giver.give().thing.done() }",
    ),
    (
        "associated type of an impl for another type",
        HOLDS,
        HOLDS_OTHER,
        &[(
            "src/s.rs",
            "pub struct Giver;\nmod inner { impl std::ops::Deref for super::Giver { type Target = crate::a::Held; } }\npub fn give() -> Giver { Giver }\n",
        )],
        "super::s::give().thing.done()",
    ),
    (
        "impl beside it",
        "pub struct Held;\nimpl std::ops::Deref for Held { type Target = super::b::One; }\n",
        "pub struct Held;\nimpl std::ops::Deref for Held { type Target = super::b::Other; }\n",
        &[("src/s.rs", "pub fn give() -> super::a::Held { todo!() }\n")],
        "super::s::give().done()",
    ),
    (
        "derive",
        "#[derive(Deref)]\npub struct Held(super::b::One);\n",
        "#[derive(Deref)]\npub struct Held(super::b::Other);\n",
        &[("src/s.rs", "pub fn give() -> super::a::Held { todo!() }\n")],
        "super::s::give().done()",
    ),
    (
        "variants by glob",
        "pub enum Kind { Held(super::b::One) }\n",
        "pub enum Kind { Held(super::b::Other) }\n",
        &[("src/s.rs", "pub use super::a::Kind::*;\n")],
        "{ let super::s::Held(thing) = todo!(); thing.done() }",
    ),
    (
        "variant by name",
        "pub enum Kind { Held(super::b::One) }\n",
        "pub enum Kind { Held(super::b::Other) }\n",
        &[("src/s.rs", "pub use super::a::Kind::Held;\n")],
        "{ let super::s::Held(thing) = todo!(); thing.done() }",
    ),
    (
        "another impl of a trait of the workspace",
        "pub struct Held;\nimpl super::s::Run for Held { fn run(&self) { super::b::One.done() } }\n",
        "pub struct Held;\nimpl super::s::Run for Held { fn run(&self) { super::b::One.done() } }\n\
         pub struct More;\nimpl super::s::Run for More { fn run(&self) { super::b::Other.done() } }\n",
        &[("src/s.rs", "pub trait Run { fn run(&self); }\npub fn any() -> Box<dyn Run> { todo!() }\n")],
        "super::s::any().run()",
    ),
    (
        "another impl of a trait that a macro declares",
        "pub struct Held;\nimpl super::s::Run for Held { fn run(&self) { super::b::One.done() } }\n",
        "pub struct Held;\nimpl super::s::Run for Held { fn run(&self) { super::b::One.done() } }\n\
         pub struct More;\nimpl super::s::Run for More { fn run(&self) { super::b::Other.done() } }\n",
        &[
            ("src/m.rs", "macro_rules! declare { ($name:ident) => { pub trait $name { fn run(&self); } } }\n"),
            ("src/s.rs", "declare!(Run);\npub fn any() -> Box<dyn Run> { todo!() }\n"),
        ],
        "super::s::any().run()",
    ),
];

/// Only the file with the type changes.
#[test]
fn types_that_change_are_seen_by_those_who_come_upon_them() {
    for (name, before, after, others, handler) in ENCOUNTERS {
        let fixture = of_one_handler(handler);
        fixture.write(
            "src/b.rs",
            "pub struct One;\nimpl One { pub fn done(self) {} }\npub struct Other;\nimpl Other { pub fn done(self) {} }\n",
        );
        others.iter().for_each(|(path, text)| fixture.write(path, text));
        fixture.write("src/a.rs", before);
        assert_eq!(reached_by_handler(&fixture, ["src/b.rs:2", "src/b.rs:4"], name), [true, false], "by {name}");
        fixture.write("src/a.rs", after);
        let stays = after.starts_with(before);
        assert_eq!(reached_by_handler(&fixture, ["src/b.rs:2", "src/b.rs:4"], name), [stays, true], "by {name}, after the change");
    }
}

/// An application of several modules, of which `h` has the handler.
fn of_one_handler(handler: &str) -> Fixture {
    let main = "#[macro_use]\nmod m;\nmod a;\nmod b;\nmod c;\nmod s;\nmod h;\n#[tokio::main]\nasync fn main() {\n    \
                let app = axum::Router::new().route(\"/way\", axum::routing::get(h::run));\n    \
                axum::serve(tokio::net::TcpListener::bind(\"x\").await.unwrap(), app).await.unwrap();\n}\n";
    let manifest = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\naxum = \"0.8\"\ntokio = \"1\"\n";
    let fixture = Fixture::new(&[("Cargo.toml", manifest), ("src/main.rs", main)]);
    ["src/c.rs", "src/m.rs", "src/s.rs"].iter().for_each(|path| fixture.write(path, ""));
    fixture.write("src/h.rs", format!("pub async fn run() {{ {handler} }}\n"));
    fixture
}

/// Whether the functions in these places are, with a cache as without.
#[track_caller]
fn reached_by_handler(fixture: &Fixture, places: [&str; 2], name: &str) -> [bool; 2] {
    places.map(|place| {
        let run = |more: &[&str]| run_in(fixture.path(), &[&["explain", place], more].concat(), &[]).all();
        let cold = run(&["--no-cache"]);
        assert_eq!(run(&[]), cold, "with a cache, by {name}");
        cold.contains("/way ")
    })
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

/// What `check` says and how it ends, twice with what is remembered, which has to be what it says without.
#[track_caller]
fn checked(fixture: &Fixture, arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let check = |more: &[&str]| {
        let said = fixture.run_with(&[&["check", "--format", "json"], arguments, more].concat(), environment);
        format!("{:?}\n{}", said.code, said.all())
    };
    let cold = check(&["--no-cache"]);
    assert_eq!(check(&[]), cold, "the first run with a cache");
    assert_eq!(check(&[]), cold, "the second run with a cache");
    cold
}

/// Nothing is written when a run only says what an earlier one said.
#[test]
fn a_run_over_the_same_input_is_not_worked_out_again() {
    let demo = demo();
    checked(&demo, &[], &[]);
    PACKS.iter().for_each(|pack| {
        let _ = fs::remove_file(demo.path().join(pack));
    });
    checked(&demo, &[], &[]);
    assert!(!demo.path().join(PACKS[0]).exists(), "facts would have been written again");
    let formats = |more: &[&str]| {
        ["human", "concise", "sarif", "gitlab", "cargo"].map(|format| demo.check(&[&["--format", format], more].concat()).all())
    };
    assert_eq!(formats(&[]), formats(&["--no-cache"]));
    assert!(!demo.path().join(PACKS[0]).exists(), "every format is written from the same report");
}

/// What it is, and edits one after the other, each of which changes what is said.
type Input = (&'static str, &'static [(&'static str, Edit)]);

const CONFIG: &str = "moai-backend.toml";

#[test]
fn every_kind_of_input_is_seen_by_a_run_that_remembers() {
    let inputs: [Input; 8] = [
        (
            "source",
            &[
                ("storage/src/tags.rs", &|text| format!("{text}\nfn one(\n")),
                ("storage/src/tags.rs", &|text| text.replace("one(", "one() {}")),
            ],
        ),
        ("the lock file", &[("Cargo.lock", &|_| "version = 4\n[[package]".into()), ("Cargo.lock", &|_| "version = 4\n".into())]),
        ("a manifest", &[("storage/Cargo.toml", &|text| text.replace("\"storage\"", "\"depot\""))]),
        (
            "the configuration",
            &[
                (CONFIG, &|_| "[lints]\nall = \"allow\"\n".into()),
                (CONFIG, &|text| text.replace("allow", "deny")),
                (CONFIG, &|_| "[lint]\n".into()),
            ],
        ),
        (
            "knowledge of the user",
            &[
                (CONFIG, &|_| "knowledge = [\"own.toml\"]\n".into()),
                ("own.toml", &|_| "[[crate]]\nname = \"own\"\ndeclarations = \"pub struct Own;\"\n".into()),
                ("own.toml", &|text| text.replace("declarations", "declaration")),
            ],
        ),
        (
            "migrations",
            &[
                ("migrations/0009_more.sql", &|_| "DROP INDEX articles_published_at;\n".into()),
                ("migrations/0009_more.sql", &|_| "DROP INDEX articles_author_id;\n".into()),
            ],
        ),
        (
            "the manifest of a gateway",
            &[("deploy/ingress.yaml", &|_| "annotations:\n  nginx.ingress.kubernetes.io/limit-rps: \"5\"\n".into())],
        ),
        (
            "a binary that cargo finds",
            &[("api/src/bin/more.rs", &|_| "fn main( {\n".into()), ("api/src/bin/more.rs", &|_| "fn main() {}\n".into())],
        ),
    ];
    for (name, edits) in inputs {
        let demo = demo();
        let mut before = checked(&demo, &[], &[]);
        for (path, edit) in edits {
            demo.write(path, edit(&fs::read_to_string(demo.path().join(path)).unwrap_or_default()));
            let now = checked(&demo, &[], &[]);
            assert_ne!(before, now, "{name}: {path}");
            before = now;
        }
    }
}

#[test]
fn files_that_come_and_go_are_seen() {
    let demo = demo();
    let before = checked(&demo, &[], &[]);
    // `storage::search` is looked for in this place, too.
    let path = "storage/src/search/mod.rs";
    demo.write(path, "pub fn other() {}\n");
    checked(&demo, &[], &[]);
    fs::remove_file(demo.path().join("storage/src/search.rs")).expect("it is there");
    let moved = checked(&demo, &[], &[]);
    assert_ne!(moved, before);
    fs::remove_file(demo.path().join(path)).expect("it was written");
    let gone = checked(&demo, &[], &[]);
    assert!(gone.contains("there is no file for module `search`"), "{gone}");
}

#[test]
fn ways_to_ask_are_not_mixed_up() {
    let demo = demo();
    demo.write("other.toml", "[lints]\nall = \"deny\"\n");
    demo.write("moai-backend-baseline.toml", "version = 1\n");
    let ways: &[&[&str]] = &[
        &[],
        &["-p", "storage"],
        &["--exclude", "storage"],
        &["--config", "other.toml"],
        &["-A", "all"],
        &["-A", "all", "-W", "sql_in_handlers"],
        &["-W", "sql_in_handlers", "-A", "all"],
        &["--preview"],
        &["--no-baseline"],
        &["--manifest-path", "storage/Cargo.toml"],
    ];
    for _ in 0..2 {
        for way in ways {
            checked(&demo, way, &[]);
        }
    }
}

#[test]
fn a_cargo_that_cannot_be_used_is_seen() {
    let demo = demo();
    let usual = checked(&demo, &[], &[]);
    let cargo = demo.path().join("cargo.sh");
    demo.write("cargo.sh", "#!/bin/sh\necho 'error: no toolchain is not installed: toolchain' >&2\nexit 1\n");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).expect("it was written");
        let without = checked(&demo, &[], &[("CARGO", cargo.to_str().expect("UTF-8"))]);
        assert!(without.contains("cargo could not be used"), "{without}");
    }
    assert_eq!(checked(&demo, &[], &[]), usual);
}

#[test]
fn what_whole_runs_came_to_does_not_pile_up() {
    let api = Fixture::api();
    for number in 0..30 {
        api.check(&["-A", "all", "--exclude", &format!("nothing{number}*")]);
        api.check(&["-p", "*", "-D", if number % 2 == 0 { "all" } else { "sql_in_handlers" }]);
    }
    for number in 0..8 {
        let path = "src/main.rs";
        api.write(path, format!("{}// {number}\n", api.read(path)));
        api.check(&[]);
    }
    let folder = api.path().join("target/moai-backend");
    let packs: Vec<PathBuf> =
        files(&folder).into_iter().filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("run-"))).collect();
    assert!((1..=24).contains(&packs.len()), "{packs:?}");
}

/// A hook looks at one tree only where it has seen the other one before.
#[test]
fn what_the_tree_before_had_is_remembered_rightly() {
    let repository = Repository::new(false);
    let same = |more: &[&str]| {
        let staged = |last: &[&str]| {
            let said = repository.run(&[&["check", "--staged", "--format", "json"], more, last].concat());
            (said.code, said.all())
        };
        let cold = staged(&["--no-cache"]);
        assert_eq!(staged(&[]), cold, "the first run with a cache");
        assert_eq!(staged(&[]), cold, "the second run with a cache");
        cold
    };
    assert_eq!(same(&[]).0, 0);
    repository.stage("src/extra.rs", bad());
    let (code, found) = same(&[]);
    assert_eq!(code, 1, "{found}");
    assert_eq!(same(&["-A", "all"]).0, 0);
    repository.git(&["commit", "-q", "--no-verify", "-m", "bad"]);
    assert_eq!(same(&[]).0, 0, "it is there now");
    repository.stage("src/extra.rs", CLEAN);
    assert_eq!(same(&[]).0, 0);
    repository.git(&["commit", "-q", "--no-verify", "-m", "clean"]);
    repository.stage("src/extra.rs", bad());
    assert_eq!(same(&[]), (code, found), "what was there before the last commit is new again");
    repository.stage("moai-backend.toml", "[lints]\nall = \"allow\"\n");
    assert_eq!(same(&[]).0, 0);
    repository.git(&["commit", "-q", "--no-verify", "-m", "allowed"]);
    repository.stage("moai-backend.toml", "[lints]\n");
    same(&[]);
    repository.stage("src/main.rs", MAIN.replace("legacy;", "older;").replace("legacy::", "older::"));
    repository.git(&["mv", "src/legacy.rs", "src/older.rs"]);
    same(&[]);
    repository.stage("src/older.rs", LEGACY.replace("localhost", "elsewhere"));
    same(&[]);
}

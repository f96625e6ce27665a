//! Fingerprints: a finding keeps its own across moves, layout and what others do; one more finding is one more fingerprint.

use crate::support::{Fixture, MAIN, MANIFEST, Said};
use moai_backend::lints::ALL;
use std::collections::BTreeSet;
use std::path::Path;

/// Lint and fingerprint of every finding, suppressed ones as well.
fn fingerprints(said: &Said) -> BTreeSet<(String, String)> {
    let json = said.json();
    let text = |value: &serde_json::Value| value.as_str().expect("text").to_string();
    let findings = json["findings"].as_array().expect("findings");
    let all: BTreeSet<_> = findings.iter().map(|one| (text(&one["lint"]), text(&one["fingerprint"]))).collect();
    assert_eq!(all.len(), findings.len(), "every finding has a fingerprint of its own: {}", said.all());
    all
}

fn of(fixture: &Fixture) -> BTreeSet<(String, String)> {
    let said = fixture.check(&["--format", "json", "-W", "all"]);
    let all = fingerprints(&said);
    assert!(!all.is_empty(), "{}", said.all());
    all
}

fn api(main: &str) -> BTreeSet<(String, String)> {
    of(&Fixture::new(&[("Cargo.toml", MANIFEST), ("src/main.rs", main)]))
}

/// The example that a lint has to find something in, its Rust files changed by `change`.
fn bad(folder: &Path, change: &dyn Fn(&str) -> String) -> Fixture {
    let fixture = Fixture::new(&[]);
    copy(folder, "", &fixture, change);
    fixture
}

fn copy(from: &Path, to: &str, fixture: &Fixture, change: &dyn Fn(&str) -> String) {
    for entry in std::fs::read_dir(from).expect("an example is a folder").flatten() {
        let name = entry.file_name().into_string().expect("our own files have plain names");
        let path = if to.is_empty() { name } else { format!("{to}/{name}") };
        if entry.path().is_dir() {
            copy(&entry.path(), &path, fixture, change);
            continue;
        }
        let text = std::fs::read_to_string(entry.path()).expect("examples are text");
        fixture.write(&path, if path.ends_with(".rs") { change(&text) } else { text });
    }
}

fn for_every_bad_example(change: &dyn Fn(&str) -> String) {
    for lint in ALL {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("lints").join(lint.info.section.id()).join(lint.info.id).join("bad");
        assert_eq!(of(&bad(&folder, change)), of(&bad(&folder, &str::to_string)), "{}", lint.info.id);
    }
}

#[test]
fn lines_above_change_no_lints_fingerprints() {
    for_every_bad_example(&|text| format!("// A word about this file.\n\nfn added_by_somebody() {{}}\n\n{text}"));
}

/// Everything on one line, without comments, as no formatter would leave it.
#[test]
fn layout_changes_no_lints_fingerprints() {
    for_every_bad_example(&|text| text.parse::<proc_macro2::TokenStream>().expect("examples are Rust").to_string());
}

#[test]
fn functions_may_change_places() {
    let open = MAIN.find("async fn open()").expect("the function");
    let moved = format!("{}\n{}", &MAIN[open..], &MAIN[..open]);
    // `use` lines may stand anywhere.
    assert_eq!(api(&moved), api(MAIN));
}

#[test]
fn a_module_may_change_its_file() {
    let users = "use sqlx::PgPool;\npub async fn users() -> String {\n    let pool = PgPool::connect(\"x\").await.unwrap();\n    sqlx::query_scalar(\"select 1\").fetch_one(&pool).await.unwrap()\n}\n";
    let main = |module: &str| {
        format!(
            "{module}\n#[tokio::main]\nasync fn main() {{\n    let app = axum::Router::new().route(\"/users\", axum::routing::get(users::users));\n    axum::serve(tokio::net::TcpListener::bind(\"x\").await.unwrap(), app).await.unwrap();\n}}\n"
        )
    };
    let in_a_file = of(&Fixture::new(&[("Cargo.toml", MANIFEST), ("src/main.rs", &main("mod users;")), ("src/users.rs", users)]));
    let in_a_folder = of(&Fixture::new(&[("Cargo.toml", MANIFEST), ("src/main.rs", &main("mod users;")), ("src/users/mod.rs", users)]));
    let elsewhere = main("#[path = \"handlers.rs\"]\nmod users;");
    let elsewhere = of(&Fixture::new(&[("Cargo.toml", MANIFEST), ("src/main.rs", &elsewhere), ("src/handlers.rs", users)]));
    assert_eq!((&in_a_folder, &elsewhere), (&in_a_file, &in_a_file));
    assert_eq!(api(&main(&format!("mod users {{ {users} }}"))), in_a_file);
}

#[test]
fn other_names_arguments_and_figures_are_nobodys_identity() {
    let before = api(MAIN);
    assert_eq!(api(&MAIN.replace("listener", "socket").replace("0.0.0.0:3000", "127.0.0.1:80")), before);
    assert_eq!(api(&MAIN.replace("postgres://localhost/app", "postgres://elsewhere/app")), before);
    assert_eq!(api(&MAIN.replace("limit 1", "order by id limit 1")), before);
}

#[test]
fn a_second_finding_is_one_more_wherever_it_stands() {
    let before = api(MAIN);
    let second = "async fn another() -> String {\n    let pool = open_another().await;\n    sqlx::query_scalar(\"select 1\").fetch_one(&pool).await.unwrap()\n}\nasync fn open_another() -> PgPool {\n    PgPool::connect(\"x\").await.unwrap()\n}\n";
    let routed = MAIN.replace(".route(\"/users\", get(users))", ".route(\"/users\", get(users)).route(\"/another\", get(another))");
    let first_line = routed.find("#[tokio::main]").expect("the attribute");
    let above = format!("{}{second}{}", &routed[..first_line], &routed[first_line..]);
    for after in [format!("{routed}{second}"), above] {
        let after = api(&after);
        let gone: Vec<_> = before.difference(&after).collect();
        assert!(gone.is_empty(), "{gone:?}");
        let pools = after.difference(&before).filter(|(lint, _)| lint == "pools_per_request").count();
        assert_eq!(pools, 1);
    }
}

#[test]
fn the_same_again_in_one_function_is_exactly_one_more() {
    let cache = "static A: std::sync::LazyLock<()> = todo!();\n";
    let main = |caches: &str| {
        format!(
            "use moka::future::Cache;\nuse axum::extract::State;\nasync fn users(State(cache): State<Cache<String, String>>) -> &'static str {{ cache.insert(String::new(), String::new()).await; \"\" }}\n#[tokio::main]\nasync fn main() {{\n{caches}    let app = axum::Router::new().route(\"/users\", axum::routing::get(users));\n    axum::serve(tokio::net::TcpListener::bind(\"x\").await.unwrap(), app).await.unwrap();\n}}\n{cache}"
        )
    };
    let manifest = format!("{MANIFEST}moka = {{ version = \"0.12\", features = [\"future\"] }}\n");
    let of = |caches: &str| of(&Fixture::new(&[("Cargo.toml", manifest.as_str()), ("src/main.rs", &main(caches))]));
    let line = |name: &str| format!("    let {name}: Cache<String, String> = Cache::builder().build();\n");
    let one = of(&line("one"));
    assert_eq!(one.iter().filter(|(lint, _)| lint == "unbounded_caches").count(), 1, "{one:?}");
    for both in [line("one") + &line("two"), line("two") + &line("one")] {
        let both = of(&both);
        assert!(one.is_subset(&both), "{one:?} {both:?}");
        assert_eq!(both.len(), one.len() + 1);
    }
}

#[test]
fn a_handler_without_a_name_is_the_same_on_another_line() {
    let main = |line: &str| {
        MAIN.replace(
            "get(users)",
            &format!("{line}get(|| async {{ let pool = open().await; sqlx::query_scalar(\"select 1\").fetch_one(&pool).await.unwrap() }})"),
        )
        .replace("#[tokio::main]", &format!("{line}#[tokio::main]"))
    };
    let (before, after) = (api(&main("")), api(&main("\n\n")));
    assert!(before.iter().any(|(lint, _)| lint == "pools_per_request"), "{before:?}");
    assert_eq!(after, before);
}

#[test]
fn comments_of_the_tool_keep_theirs_too() {
    let comment = "// moai-backend: allow(unbounded_caches) reason = \"x\"\nasync fn open()";
    let commented = MAIN.replace("async fn open()", comment);
    let before = api(&commented);
    assert!(before.iter().any(|(lint, _)| lint == "unused_allows"), "{before:?}");
    let more = format!("// moai-backend: allow(unbounded_caches) reason = \"y\"\nasync fn earlier() {{}}\n{commented}");
    let after = api(&more);
    assert!(before.is_subset(&after), "{before:?} {after:?}");
    assert_eq!(after.len(), before.len() + 1);
}

//! `check --since REV`: what a branch adds, whatever else it moves.

use crate::git_repository::{CLEAN, LEGACY, MAIN, Repository, bad};
use crate::support::{MANIFEST, Said};

fn since(repository: &Repository, revision: &str) -> Said {
    let before = repository.state();
    let said = repository.run(&["check", "--format", "json", "--since", revision]);
    assert!(repository.state() == before, "the check changed something");
    said
}

/// Lints and files of what is new on the branch.
fn new(repository: &Repository, revision: &str) -> Vec<String> {
    let said = since(repository, revision);
    let json = said.json();
    let findings = json["findings"].as_array().expect("findings").iter();
    let new: Vec<String> = findings
        .filter(|one| one["level"] != "note")
        .map(|one| format!("{} {}", one["lint"].as_str().unwrap(), one["file"].as_str().unwrap()))
        .collect();
    assert_eq!(said.code, i32::from(!new.is_empty()), "{}", said.all());
    new
}

fn each(test: impl Fn(Repository)) {
    [false, true].into_iter().map(Repository::new).for_each(test);
}

#[test]
fn one_more_finding_is_one_finding() {
    each(|repository| {
        assert!(new(&repository, "HEAD").is_empty());
        repository.write("src/extra.rs", bad());
        assert!(new(&repository, "HEAD").is_empty(), "the working tree is not asked");
        repository.commit_all("bad");
        assert_eq!(new(&repository, "HEAD~1"), ["pools_per_request src/extra.rs"]);
        let all = repository.run(&["check", "--format", "json"]).json();
        let added = since(&repository, "HEAD~1").json();
        let listed = added["findings"].as_array().expect("findings").len() as u64;
        let before = all["findings"].as_array().expect("findings").len() as u64 - listed;
        assert!(before > 0, "something was there before");
        assert_eq!((all["summary"]["left_out"].as_u64(), added["summary"]["left_out"].as_u64()), (Some(0), Some(before)));
        repository.write("src/extra.rs", CLEAN);
        assert_eq!(new(&repository, "HEAD~1"), ["pools_per_request src/extra.rs"]);
    });
}

#[test]
fn what_the_other_branch_did_is_not_asked() {
    each(|repository| {
        repository.git(&["checkout", "-qb", "side"]);
        repository.write("README.md", "Of the side.\n");
        repository.commit_all("side");
        repository.git(&["checkout", "-q", "main"]);
        // Main mends what the side still has.
        repository.write("src/legacy.rs", LEGACY.replace("PgPool::connect", "pool"));
        repository.commit_all("mended");
        repository.git(&["checkout", "-q", "side"]);
        assert!(new(&repository, "main").is_empty());
    });
}

#[test]
fn moving_and_laying_out_code_makes_nothing_new() {
    each(|repository| {
        let spread =
            LEGACY.replace("PgPool::connect(", "PgPool::\n        connect(\n            ").replace("pub async", "// Words.\n\n\npub async");
        repository.write("src/legacy.rs", "pub mod inner;\npub use inner::legacy;\n");
        repository.write("src/legacy/inner.rs", spread);
        repository.commit_all("into a module of its own");
        assert!(new(&repository, "HEAD~1").is_empty());
        repository.write("src/legacy.rs", LEGACY.replace("legacy()", "unrelated()") + LEGACY.split_once("\n\n").unwrap().1);
        repository.git(&["rm", "-q", "src/legacy/inner.rs"]);
        repository.commit_all("and back");
        assert!(new(&repository, "HEAD~1").is_empty());
    });
}

#[test]
fn a_package_may_change_its_name_and_its_folder() {
    each(|repository| {
        repository.git(&["mv", "-k", "src", "moved"]);
        std::fs::create_dir(repository.top.join("server")).unwrap();
        repository.git(&["mv", "moved", "server/src"]);
        repository.write("server/Cargo.toml", MANIFEST.replace("name = \"api\"", "name = \"server\""));
        repository.write("Cargo.toml", "[workspace]\nmembers = [\"server\"]\n");
        repository.commit_all("another name");
        assert!(new(&repository, "HEAD~1").is_empty());
        repository.write("server/src/extra.rs", bad());
        repository.commit_all("bad");
        assert_eq!(new(&repository, "HEAD~2"), ["pools_per_request server/src/extra.rs"]);
    });
}

#[test]
fn a_second_one_beside_a_known_one_is_new_even_if_both_move() {
    each(|repository| {
        let two = format!("{LEGACY}{}", LEGACY.split_once("\n\n").unwrap().1.replace("legacy()", "second()"));
        repository.write("src/renamed.rs", two);
        repository.git(&["rm", "-q", "--cached", "src/legacy.rs"]);
        let main = MAIN.replace("mod legacy;", "mod renamed;").replace("get(legacy::legacy)", "get(renamed::legacy)");
        repository.write("src/main.rs", main.replace(".route(\"/extra\"", ".route(\"/second\", get(renamed::second)).route(\"/extra\""));
        std::fs::remove_file(repository.top.join("src/legacy.rs")).unwrap();
        repository.commit_all("moved, and one more");
        assert_eq!(new(&repository, "HEAD~1"), ["pools_per_request src/renamed.rs"]);
    });
}

#[test]
fn code_elsewhere_may_cause_a_finding() {
    each(|repository| {
        repository.write("src/main.rs", MAIN.replace(".route(\"/legacy\", get(legacy::legacy))", ""));
        repository.commit_all("not served");
        repository.write("src/main.rs", MAIN);
        repository.commit_all("served");
        assert_eq!(new(&repository, "HEAD~1"), ["pools_per_request src/legacy.rs"]);
    });
}

#[test]
fn old_trouble_with_reading_is_left_out_and_new_trouble_is_none() {
    each(|repository| {
        repository.write("src/extra.rs", "pub async fn extra( {\n");
        repository.commit_all("broken");
        assert_eq!(since(&repository, "HEAD~1").code, 3);
        repository.write("README.md", "Other.\n");
        repository.commit_all("words");
        let said = since(&repository, "HEAD~1");
        assert_eq!(said.code, 0, "{}", said.all());
        let json = said.json();
        assert!(json["problems"].as_array().is_some_and(Vec::is_empty) && json["summary"]["left_out_problems"] == 1, "{}", said.all());
    });
}

#[test]
fn problems_of_packages_that_are_not_asked_about_are_counted() {
    let repository = Repository::new(false);
    repository.write("Cargo.toml", format!("{MANIFEST}\n[workspace]\nmembers = [\"other\"]\n"));
    repository.write("other/Cargo.toml", "[package]\nname = \"other\"\nversion = \"0.1.0\"\nedition = \"2021\"\n");
    repository.write("other/src/lib.rs", "pub fn other( {\n");
    let summary = |arguments: &[&str]| repository.run(&[&["check", "--format", "json"], arguments].concat()).json()["summary"].clone();
    assert_eq!(summary(&["--workspace"])["left_out_problems"], 0);
    assert_eq!(summary(&["-p", "api"])["left_out_problems"], 1);
}

#[test]
fn a_shallow_clone_says_how_to_get_the_rest() {
    each(|repository| {
        repository.git(&["checkout", "-qb", "side"]);
        repository.write("src/extra.rs", bad());
        repository.commit_all("bad");
        repository.git(&["checkout", "-q", "main"]);
        repository.commit_all("main goes on");
        let above = repository.top.with_file_name("");
        let url = format!("file://{}", repository.top.display());
        repository.git_in(&above, &["clone", "-q", "--depth=1", "--no-single-branch", "-b", "side", &url, "shallow"]);
        let clone = repository.beside("shallow");
        let said = since(&clone, "origin/main");
        assert_eq!(said.code, 2, "{}", said.all());
        assert!(said.stderr.contains("git fetch --unshallow"), "{}", said.all());
        assert_eq!(since(&clone, "origin/unknown").code, 2);
        clone.git(&["fetch", "-q", "--unshallow"]);
        assert_eq!(new(&clone, "origin/main"), ["pools_per_request src/extra.rs"]);
    });
}

#[test]
fn histories_that_never_met_cannot_be_compared() {
    each(|repository| {
        repository.git(&["checkout", "-q", "--orphan", "alone"]);
        repository.commit_all("alone");
        for revision in ["main", "no-such-branch", "--help"] {
            let said = since(&repository, revision);
            assert_eq!(said.code, 2, "{revision}: {}", said.all());
        }
    });
}

#[test]
fn staged_and_since_compare_the_index_with_the_base() {
    each(|repository| {
        repository.git(&["checkout", "-qb", "side"]);
        repository.write("src/extra.rs", bad());
        repository.commit_all("bad");
        let check = |more: &[&str]| repository.run(&[&["check", "--format", "concise"], more].concat()).code;
        assert_eq!(check(&["--staged"]), 0);
        assert_eq!(check(&["--staged", "--since", "main"]), 1);
        repository.stage("src/extra.rs", CLEAN);
        assert_eq!(check(&["--staged", "--since", "main"]), 0);
        assert_eq!(check(&["--since", "main"]), 1);
    });
}

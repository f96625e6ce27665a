//! `check --since` over histories: it reports what full runs on both trees imply, and nothing that is new vanishes.
//!
//! What they imply: open findings of the tree after it whose fingerprint is not among the open ones of the tree before it. Of those, one that only
//! moved is not new, so each may be excused by one that is gone: same lint, same function, same code.

use crate::git_repository::{CLEAN, LEGACY, MAIN, Repository, bad};
use crate::support::{CACHE, MANIFEST, run_in};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::rc::Rc;

/// One of a report. The code is compared without its layout.
#[derive(Clone)]
struct Finding {
    fingerprint: String,
    file: String,
    subject: (String, String, String),
    open: bool,
}

/// Figures of one comparison.
#[derive(Default)]
struct Row {
    before: usize,
    after: usize,
    implied: usize,
    moved: usize,
    new: usize,
    /// In migrations that the change brings, besides: lints of new migrations have nothing to say where no change is asked about.
    migrations: usize,
}

/// Commits of a repository, and what full runs on their trees found.
struct History {
    repository: Repository,
    /// Working trees, one after the other.
    trees: tempfile::TempDir,
    known: RefCell<BTreeMap<String, Rc<Vec<Finding>>>>,
}

impl History {
    fn new(repository: Repository) -> History {
        let trees = tempfile::TempDir::with_prefix("moai-tree-").expect("a folder for trees");
        History { repository, trees, known: RefCell::default() }
    }

    /// Newest first, along first parents.
    fn commits(&self) -> Vec<String> {
        self.repository.git(&["rev-list", "--first-parent", "HEAD"]).lines().map(str::to_string).collect()
    }

    /// What `check` says of a commit's files, laid out in a folder.
    fn findings(&self, commit: &str) -> Rc<Vec<Finding>> {
        if let Some(known) = self.known.borrow().get(commit) {
            return known.clone();
        }
        let tree = self.trees.path().join("tree");
        self.lay_out(commit, &tree);
        let cache = self.trees.path().join("cache");
        let said = run_in(&tree, &["check", "--format", "json"], &[(CACHE.0, cache.to_str().expect("UTF-8"))]);
        // A commit that does not hold a workspace has nothing to find.
        let findings = if said.code == 2 { Vec::new() } else { read(&said.json(), |file| fs::read_to_string(tree.join(file)).ok()) };
        fs::remove_dir_all(&tree).expect("the tree goes away");
        let findings = Rc::new(findings);
        self.known.borrow_mut().insert(commit.to_string(), findings.clone());
        findings
    }

    /// Objects that a snapshot of the repository left out are left out here as well; code may not be among them.
    fn lay_out(&self, commit: &str, tree: &Path) {
        fs::create_dir(tree).expect("a folder for a tree");
        let git = |arguments: &[&str]| {
            let mut command = Command::new("git");
            command.args(arguments).current_dir(&self.repository.top);
            self.repository.isolate(&mut command).env("GIT_INDEX_FILE", self.trees.path().join("index")).output().expect("git starts")
        };
        assert!(git(&["read-tree", commit]).status.success(), "{commit} is a commit");
        let laid = git(&["checkout-index", "-a", "-f", &format!("--prefix={}/", tree.display())]);
        let trouble = String::from_utf8_lossy(&laid.stderr).into_owned();
        assert!(trouble.lines().all(|line| !line.contains(".rs") && !line.contains(".toml") && !line.contains(".sql")), "{trouble}");
    }

    /// Compares what `--since` says with what full runs imply.
    fn compare(&self, before: &str, after: &str) -> Result<Row, String> {
        self.repository.git(&["update-ref", "--no-deref", "HEAD", after]);
        let untouched = self.repository.git(&["for-each-ref"]);
        let said = self.repository.run(&["check", "--format", "json", "--since", before]);
        assert_eq!(self.repository.git(&["for-each-ref"]), untouched);
        let (old, all) = (self.findings(before), self.findings(after));
        if said.code == 2 {
            return if all.is_empty() { Ok(Row::default()) } else { Err(said.all()) };
        }
        let text = |file: &str| Some(self.repository.git(&["show", &format!("{after}:{file}")]));
        let new: Vec<Finding> = read(&said.json(), text).into_iter().filter(|finding| finding.open).collect();
        let is_implied = |one: &Finding| all.iter().any(|other| other.open && other.fingerprint == one.fingerprint);
        let is_there = |file: &str| {
            let output = self.repository.try_git_in(&self.repository.top, &["cat-file", "-e", &format!("{before}:{file}")]);
            output.status.success()
        };
        let is_of_migration = |one: &Finding| one.file.ends_with(".sql") && !is_there(&one.file) && !is_implied(one);
        let (migrations, new): (Vec<Finding>, Vec<Finding>) = new.into_iter().partition(is_of_migration);
        let row = check(&old, &all, &new).map(|row| Row { migrations: migrations.len(), ..row });
        row.map_err(|wrong| format!("{before}..{after}: {wrong}"))
    }
}

/// Each lint, function and code with the number of findings.
fn subjects<'f>(findings: impl Iterator<Item = &'f Finding>) -> BTreeMap<(String, String, String), usize> {
    let mut counted = BTreeMap::new();
    findings.for_each(|finding| *counted.entry(finding.subject.clone()).or_default() += 1);
    counted
}

fn check(old: &[Finding], all: &[Finding], new: &[Finding]) -> Result<Row, String> {
    let fingerprints = |findings: &[Finding], also_suppressed: bool| -> BTreeSet<String> {
        findings.iter().filter(|one| one.open || also_suppressed).map(|one| one.fingerprint.clone()).collect()
    };
    let (old_open, all_known, old_known) = (fingerprints(old, false), fingerprints(all, true), fingerprints(old, true));
    let implied: Vec<&Finding> = all.iter().filter(|one| one.open && !old_open.contains(&one.fingerprint)).collect();
    let (new_ones, implied_ones) = (fingerprints(new, false), implied.iter().map(|one| one.fingerprint.clone()).collect::<BTreeSet<_>>());
    let invented: Vec<&String> = new_ones.difference(&implied_ones).collect();
    if !invented.is_empty() || new_ones.len() != new.len() {
        return Err(format!("{invented:?} are not new, or one is told twice"));
    }
    let came = subjects(implied.iter().copied().filter(|one| !old_known.contains(&one.fingerprint)));
    let gone = subjects(old.iter().filter(|one| one.open && !all_known.contains(&one.fingerprint)));
    let silent = subjects(implied.iter().copied().filter(|one| !new_ones.contains(&one.fingerprint)));
    for (subject, came) in &came {
        let (silent, gone) = (silent.get(subject).copied().unwrap_or(0), gone.get(subject).copied().unwrap_or(0));
        if silent != gone.min(*came) {
            return Err(format!("{subject:?}: {came} came, {gone} are gone, and {silent} are not told"));
        }
    }
    if let Some(subject) = silent.keys().find(|subject| !came.contains_key(*subject)) {
        return Err(format!("{subject:?} was allowed before, and is not told now that it is open"));
    }
    Ok(Row {
        before: old_open.len(),
        after: all.iter().filter(|one| one.open).count(),
        implied: implied.len(),
        moved: silent.values().sum(),
        new: new.len(),
        migrations: 0,
    })
}

fn read(json: &serde_json::Value, text: impl Fn(&str) -> Option<String>) -> Vec<Finding> {
    let word = |one: &serde_json::Value, name: &str| one[name].as_str().unwrap_or_default().to_string();
    let mut texts: BTreeMap<String, Option<String>> = BTreeMap::new();
    let mut finding = |one: &serde_json::Value| {
        let file = word(one, "file");
        let text = texts.entry(file.clone()).or_insert_with(|| text(&file));
        let number = |name: &str| one[name].as_u64().unwrap_or(0) as usize;
        let code = text
            .as_ref()
            .map_or_else(String::new, |text| snippet(text, (number("line"), number("column")), (number("end_line"), number("end_column"))));
        let name = word(one, "item")
            .rsplit("::")
            .next()
            .unwrap_or_default()
            .trim_end_matches(|c: char| c.is_ascii_digit() || c == '}')
            .to_string();
        Finding { fingerprint: word(one, "fingerprint"), file, subject: (word(one, "lint"), name, code), open: one["suppressed"].is_null() }
    };
    json["findings"].as_array().expect("findings").iter().map(&mut finding).collect()
}

/// Lines and columns from 1. Blanks, comments to the end of a line, and commas at the end are layout.
fn snippet(text: &str, from: (usize, usize), to: (usize, usize)) -> String {
    let lines = text.lines().enumerate().skip(from.0 - 1).take(to.0 + 1 - from.0);
    let part = |(index, line): (usize, &str)| {
        let line: Vec<char> = line.chars().collect();
        let start = if index + 1 == from.0 { from.1 - 1 } else { 0 };
        let end = if index + 1 == to.0 { (to.1 - 1).min(line.len()) } else { line.len() };
        line[start.min(end)..end].iter().collect::<String>().split(" // ").next().unwrap_or_default().to_string()
    };
    lines.map(part).collect::<String>().split_whitespace().collect()
}

/// A year of somebody's work in a few commits.
fn eventful(by_program: bool) -> History {
    let repository = Repository::new(by_program);
    let commit = |changes: &[(&str, Option<String>)]| {
        for (path, text) in changes {
            match text {
                Some(text) => repository.write(path, text),
                None => fs::remove_file(repository.top.join(path)).expect("a file to delete"),
            }
        }
        repository.commit_all("a change");
    };
    let main =
        |more: &str, modules: &str| MAIN.replace(".route(\"/extra\"", &format!("{more}.route(\"/extra\"")).replace("mod extra;", modules);
    let handler = |name: &str| LEGACY.split_once("\n\n").expect("a function").1.replace("legacy()", &format!("{name}()"));
    // A finding comes, is laid out anew, and moves to another file.
    commit(&[("src/extra.rs", Some(bad()))]);
    commit(&[("src/extra.rs", Some(bad().replace("PgPool::connect(", "PgPool::\n        connect(\n            ")))]);
    commit(&[("src/extra.rs", Some("mod inner;\npub use inner::extra;\n".into())), ("src/extra/inner.rs", Some(bad()))]);
    // The file has another name, then the function has.
    commit(&[
        ("src/extra.rs", Some("mod deep;\npub use deep::extra;\n".into())),
        ("src/extra/inner.rs", None),
        ("src/extra/deep.rs", Some(bad())),
    ]);
    commit(&[
        ("src/extra.rs", Some("mod deep;\npub use deep::other as extra;\n".into())),
        ("src/extra/deep.rs", Some(bad().replace("extra()", "other()"))),
    ]);
    // Two more of the same, one of which goes with the next commit, while the other moves.
    commit(&[
        ("src/main.rs", Some(main(".route(\"/b\", get(extra::second)).route(\"/c\", get(extra::third))", "mod extra;"))),
        (
            "src/extra.rs",
            Some(format!("mod deep;\npub use deep::other as extra;\nuse sqlx::PgPool;\n\n{}{}", handler("second"), handler("third"))),
        ),
    ]);
    commit(&[
        ("src/main.rs", Some(main(".route(\"/c\", get(more::third))", "mod extra;\nmod more;"))),
        ("src/extra.rs", Some("mod deep;\npub use deep::other as extra;\n".into())),
        ("src/more.rs", Some(format!("use sqlx::PgPool;\n\n{}", handler("third")))),
    ]);
    // It is allowed, and is not.
    let allowed = handler("third").replace("    let pool", "    // moai-backend: allow(pools_per_request) reason = \"x\"\n    let pool");
    commit(&[("src/more.rs", Some(format!("use sqlx::PgPool;\n\n{allowed}")))]);
    commit(&[("src/more.rs", Some(format!("use sqlx::PgPool;\n\n{}", handler("third"))))]);
    // The package has another name and another folder.
    fs::create_dir(repository.top.join("server")).expect("a folder");
    repository.git(&["mv", "src", "server/src"]);
    commit(&[
        ("server/Cargo.toml", Some(MANIFEST.replace("\"api\"", "\"server\""))),
        ("Cargo.toml", Some("[workspace]\nmembers = [\"server\"]\n".into())),
    ]);
    commit(&[("server/src/extra/deep.rs", None), ("server/src/extra.rs", Some(CLEAN.into()))]);
    commit(&[("README.md", Some("Words.\n".into()))]);
    History::new(repository)
}

/// Pairs of commits that are at most `apart` from each other.
fn every_pair(by_program: bool, apart: usize) {
    let history = eventful(by_program);
    let commits = history.commits();
    assert_eq!(commits.len(), 13);
    let (mut wrong, mut new, mut moved) = (Vec::new(), 0, 0);
    for (index, after) in commits.iter().enumerate() {
        for before in commits[index + 1..].iter().take(apart) {
            match history.compare(before, after) {
                Ok(row) => (new, moved) = (new + row.new, moved + row.moved),
                Err(error) => wrong.push(error),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(new > 4 && moved > 2, "{new} new, {moved} moved: this history proves nothing");
}

#[test]
fn since_is_what_full_runs_imply_between_any_two_commits() {
    every_pair(false, 12);
}

#[test]
fn since_is_what_full_runs_imply_with_the_git_program() {
    every_pair(true, 1);
}

#[test]
fn a_comparison_that_loses_or_invents_something_is_noticed() {
    let finding = |fingerprint: &str, name: &str, open: bool| Finding {
        fingerprint: fingerprint.into(),
        file: "src/main.rs".into(),
        subject: ("lint".into(), name.into(), "code".into()),
        open,
    };
    let (old, all) = ([finding("1", "a", true)], [finding("1", "a", true), finding("2", "b", true)]);
    assert!(check(&old, &all, &all[1..]).is_ok_and(|row| (row.implied, row.moved, row.new) == (1, 0, 1)));
    assert!(check(&old, &all, &[]).is_err(), "lost");
    assert!(check(&old, &all, &all).is_err(), "invented");
    let moved = [finding("3", "a", true)];
    assert!(check(&old, &moved, &[]).is_ok_and(|row| row.moved == 1));
    assert!(check(&old, &moved, &moved).is_err(), "what moved is not new");
    let allowed = [finding("1", "a", false)];
    assert!(check(&allowed, &old, &[]).is_err(), "what is not allowed any more is new");
}

impl History {
    fn fingerprints(&self, commit: &str) -> BTreeSet<String> {
        self.findings(commit).iter().map(|one| one.fingerprint.clone()).collect()
    }

    /// The commit within a span that changes findings, found by halving.
    fn telling(&self, span: &[String]) -> Option<(String, String)> {
        let (mut after, mut before) = (0, span.len() - 1);
        let last = self.fingerprints(&span[before]);
        if self.fingerprints(&span[after]) == last {
            return None;
        }
        while before - after > 1 {
            let middle = (before + after) / 2;
            if self.fingerprints(&span[middle]) == last { before = middle } else { after = middle }
        }
        Some((span[before].clone(), span[after].clone()))
    }
}

/// `MOAI_HISTORIES=repository:repository cargo test --release -- --ignored --nocapture real_commits`, with full clones.
#[test]
#[ignore = "needs repositories with a history: set MOAI_HISTORIES to their paths"]
fn since_is_what_full_runs_imply_on_real_commits() {
    const SPAN: usize = 16;
    let paths = std::env::var("MOAI_HISTORIES").expect("MOAI_HISTORIES names repositories");
    let wanted = std::env::var("MOAI_HISTORY_COMMITS").map_or(15, |text| text.parse().expect("a number"));
    let mut wrong = Vec::new();
    println!(
        "| repository | commits | apart | before | after | implied | moved | new | in new migrations |\n|---|---|---|---|---|---|---|---|---|"
    );
    for path in paths.split(':') {
        let history = History::new(Repository::borrowing(path));
        let name = path.rsplit('/').next().unwrap_or(path);
        let commits = history.commits();
        let mut row = |before: &str, after: &str, apart: usize| match history.compare(before, after) {
            Ok(Row { before: old, after: all, implied, moved, new, migrations }) => {
                println!(
                    "| {name} | {}..{} | {apart} | {old} | {all} | {implied} | {moved} | {new} | {migrations} |",
                    &before[..10],
                    &after[..10]
                );
            }
            Err(error) => {
                println!("WRONG {error}");
                wrong.push(error);
            }
        };
        // Ends of spans belong to both.
        let spans = commits.windows(SPAN + 1).step_by(SPAN);
        for (before, after) in spans.filter_map(|span| history.telling(span)).take(wanted) {
            row(&before, &after, 1);
        }
        for apart in [SPAN, 4 * SPAN, 16 * SPAN, 40 * SPAN] {
            if let Some(before) = commits.get(apart) {
                row(before, &commits[0], apart);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

//! Whole runs over workspaces that are written down in a test.

use crate::analysis::{Analysis, Request, Stop};
use crate::cache::Cache;
use crate::findings::{Ground, Report};
use crate::knowledge::Knowledge;
use crate::model::Backend;
use crate::workspace::{Cargo, LoadRequest, Memory};
use std::collections::BTreeSet;

/// Where fixtures lie, so that paths look like those of a disk.
const ROOT: &str = "/fixture";

/// The model of a workspace given as (path, text). Without a `Cargo.toml` it is one package `app` that depends on every crate that
/// knowledge declares, at no known version; its targets are found as cargo finds them (`src/main.rs`, `src/lib.rs`, ..).
pub fn inspect(fixture: &[(&str, &str)]) -> Backend {
    analyse(fixture).backend
}

/// What the lints report on it, as `lint: message`, in order, without what is suppressed.
pub fn check(fixture: &[(&str, &str)]) -> Vec<String> {
    let report = report(&analyse(fixture));
    report.open().map(|reported| format!("{}: {}", reported.lint.id, reported.finding.message)).collect()
}

pub fn report(analysis: &Analysis) -> Report {
    let ground = Ground { sources: &analysis.sources, files: &analysis.files, problems: &analysis.problems };
    Report::new(&analysis.backend, &ground, &analysis.config.levels)
}

pub fn analyse(fixture: &[(&str, &str)]) -> Analysis {
    try_analyse(fixture).unwrap_or_else(|stop| panic!("the fixture is not a workspace: {stop}"))
}

pub fn try_analyse(fixture: &[(&str, &str)]) -> Result<Analysis, Stop> {
    let load = LoadRequest { manifest: format!("{ROOT}/Cargo.toml"), ..LoadRequest::default() };
    crate::analyse(&Request {
        files: &memory(fixture),
        load,
        cargo: Cargo::later(),
        config: None,
        cache: &Cache::none(),
        progress: &|_| {},
    })
}

pub fn memory(fixture: &[(&str, &str)]) -> Memory {
    let mut files = Memory::default();
    if !fixture.iter().any(|(path, _)| *path == "Cargo.toml") {
        files.add(format!("{ROOT}/Cargo.toml"), manifest_with_every_known_crate());
    }
    for (path, text) in fixture {
        files.add(format!("{ROOT}/{path}"), text);
    }
    files
}

fn manifest_with_every_known_crate() -> String {
    let knowledge = Knowledge::load(&[]).expect("the built-in knowledge is read in its own tests");
    let languages = ["std", "core", "alloc"];
    let names: BTreeSet<&str> = knowledge.crates.iter().map(|block| block.name.as_str()).filter(|name| !languages.contains(name)).collect();
    let dependencies: String = names.into_iter().map(|name| format!("{name} = \"*\"\n")).collect();
    format!("[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\n{dependencies}")
}

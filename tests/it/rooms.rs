//! The walls of the house: which room may name which, and which room may name an outside crate.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A room and the rooms it may name. `words` is everybody's. The edges (`cli`, `analysis`, `lib`, `main`) may name all rooms.
const ROOMS: &[(&str, &[&str])] = &[
    ("source", &[]),
    ("cache", &[]),
    ("facts", &["source"]),
    ("knowledge", &[]),
    ("resolve", &["source", "cache", "facts", "knowledge"]),
    ("model", &["source"]),
    ("sql", &["source", "model"]),
    ("live", &["model", "sql"]),
    ("recognize", &["source", "cache", "facts", "knowledge", "resolve", "model", "sql"]),
    ("findings", &["source", "facts", "model", "lints"]),
    ("lints", &["source", "model", "findings"]),
    ("config", &["source", "model", "findings", "lints", "workspace"]),
    ("workspace", &["source", "cache", "facts", "resolve"]),
    ("git", &["workspace"]),
    ("report", &["source", "findings", "lints"]),
    ("inspect", &["source", "facts", "resolve", "model", "findings", "report", "analysis"]),
];

/// An outside crate and the rooms that may name it.
const OUTSIDE: &[(&str, &[&str])] = &[
    ("syn", &["facts"]),
    ("proc_macro2", &["facts"]),
    ("sqlparser", &["sql"]),
    ("cargo_metadata", &["workspace"]),
    ("clap", &["cli"]),
    // `workspace` and `config` draw their errors with it.
    ("miette", &["report", "config", "workspace", "cli"]),
    ("postcard", &["cache"]),
    ("twox_hash", &["cache"]),
    ("git2", &["git"]),
    ("postgres", &["live"]),
    ("quick_xml", &["report"]),
    ("shlex", &["cli"]),
];

#[test]
fn rooms_name_only_the_rooms_their_doors_lead_to() {
    let mut broken = Vec::new();
    for (room, files) in rooms() {
        let Some((_, may)) = ROOMS.iter().find(|(name, _)| *name == room) else { continue };
        for (file, text) in files {
            for named in named_rooms(&text) {
                if named != room && is_room(&named) && !may.contains(&named.as_str()) {
                    broken.push(format!("{}: room `{room}` names `{named}`", file.display()));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn outside_crates_stay_in_their_room() {
    let mut broken = Vec::new();
    for (room, files) in rooms() {
        for (file, text) in files {
            for (outside, may) in OUTSIDE {
                let names_it = code_lines(&text).any(|line| mentions_path(line, outside));
                if names_it && !may.contains(&room.as_str()) {
                    broken.push(format!("{}: room `{room}` names `{outside}`", file.display()));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_room_of_the_table_exists_and_is_read() {
    let found: BTreeSet<String> = rooms().into_keys().collect();
    for (room, _) in ROOMS {
        assert!(found.contains(*room), "no source found for room `{room}`: the wall test would look at nothing");
    }
}

fn is_room(name: &str) -> bool {
    ROOMS.iter().any(|(room, _)| *room == name) || matches!(name, "cli" | "analysis" | "testing")
}

/// Room -> its files with their text.
fn rooms() -> BTreeMap<String, Vec<(PathBuf, String)>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut rooms: BTreeMap<String, Vec<(PathBuf, String)>> = BTreeMap::new();
    for file in rust_files(&root.join("src")) {
        let inside = file.strip_prefix(root.join("src")).expect("files lie under src");
        let room = inside.components().next().expect("a file has a name").as_os_str().to_string_lossy();
        let room = room.trim_end_matches(".rs").to_string();
        rooms.entry(room).or_default().push((file.clone(), std::fs::read_to_string(&file).expect("our own sources are UTF-8")));
    }
    for file in rust_files(&root.join("lints")) {
        let text = std::fs::read_to_string(&file).expect("our own sources are UTF-8");
        rooms.entry("lints".into()).or_default().push((file, text));
    }
    rooms
}

/// Rust files below `directory`, without the example workspaces of lints.
fn rust_files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).expect("our own folders can be read").flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() && !["bad", "good"].iter().any(|example| name == *example) {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") && !is_tests(&path) {
            files.push(path);
        }
    }
    files
}

/// `tests.rs`, `data_tests.rs`: unit tests run the whole pipeline.
fn is_tests(file: &Path) -> bool {
    file.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with("tests"))
}

/// First segments after `crate::`, also in groups (`use crate::{model, source::Place}`).
fn named_rooms(text: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    let code: String = code_lines(text).collect::<Vec<_>>().join("\n");
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => named.extend(top_level_names(group)),
            None => named.extend(first_name(rest)),
        }
    }
    named
}

fn top_level_names(group: &str) -> Vec<String> {
    let (mut depth, mut names, mut start) = (0, Vec::new(), 0);
    for (at, byte) in group.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => {
                names.extend(first_name(group[start..at].trim_start()));
                return names;
            }
            b'}' => depth -= 1,
            b',' if depth == 0 => {
                names.extend(first_name(group[start..at].trim_start()));
                start = at + 1;
            }
            _ => {}
        }
    }
    names
}

fn first_name(text: &str) -> Option<String> {
    let name: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!name.is_empty()).then_some(name)
}

/// Lines without comments, up to the unit tests at the end of a file.
fn code_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().take_while(|line| line.trim() != "#[cfg(test)]").filter(|line| !line.trim_start().starts_with("//"))
}

fn mentions_path(line: &str, krate: &str) -> bool {
    line.match_indices(krate).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let free = before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != '"' && c != ':' && c != '.');
        let after = &line[at + krate.len()..];
        free && (after.starts_with("::") || (after.starts_with(';') && line.trim_start().starts_with("use ")))
    })
}

//! Which files a file's `mod` lines, `#[path]` attributes and `include!`s mean.

use super::{join, parent};
use crate::facts::{FileFacts, Item, ItemKind};

/// For each module or include of the file at `path`, the files that it may be in, best first.
pub(super) fn wanted(path: &str, facts: &FileFacts) -> Vec<Vec<String>> {
    let directory = parent(path);
    let stem = path.rsplit('/').next().and_then(|name| name.strip_suffix(".rs")).unwrap_or_default();
    let bases = match stem {
        "mod" | "lib" | "main" | "" => vec![directory.to_string()],
        // The root of a target and the file of a `#[path]` keep their modules beside them, others in a folder of their name.
        _ => vec![join(directory, stem), directory.to_string()],
    };
    let mut wanted = Vec::new();
    walk(&facts.items, &bases, &Level { directory, inline: false }, &mut wanted);
    wanted
}

struct Level<'a> {
    /// Of the file.
    directory: &'a str,
    /// Inside an inline module.
    inline: bool,
}

fn walk(items: &[Item], bases: &[String], level: &Level, wanted: &mut Vec<Vec<String>>) {
    for item in items {
        match &item.kind {
            ItemKind::Module { items: Some(inner), path } => {
                let folder = path.as_deref().unwrap_or(&item.name);
                let bases: Vec<String> = bases.iter().map(|base| join(base, folder)).collect();
                walk(inner, &bases, &Level { inline: true, ..*level }, wanted);
            }
            ItemKind::Module { items: None, path: Some(path) } if level.inline => {
                wanted.push(bases.iter().map(|base| join(base, path)).collect());
            }
            ItemKind::Module { items: None, path: Some(path) } => wanted.push(vec![join(level.directory, path)]),
            ItemKind::Module { items: None, path: None } => {
                let files = |base: &String| [join(base, &format!("{}.rs", item.name)), join(base, &format!("{}/mod.rs", item.name))];
                wanted.push(bases.iter().flat_map(files).collect());
            }
            ItemKind::MacroCall { path, text, items } => {
                walk(items, bases, level, wanted);
                if path.last() == Some("include") {
                    wanted.extend(literal(text).map(|file| vec![join(level.directory, file)]));
                }
            }
            _ => {}
        }
    }
}

/// The value of a plain string literal; `None` for `concat!(env!("OUT_DIR"), ..)`, which only a build knows.
fn literal(text: &str) -> Option<&str> {
    let inner = text.trim().trim_end_matches(',').trim_end().strip_prefix('"')?.strip_suffix('"')?;
    (!inner.contains(['"', '\\'])).then_some(inner)
}

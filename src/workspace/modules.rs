//! Which files a file's `mod` lines, `#[path]` attributes and `include!`s mean.

use super::{join, parent};
use crate::facts::{FileFacts, Item, ItemKind};
use crate::source::Span;

/// A module or include that is in another file.
pub(super) struct Wanted {
    /// Files that it may be in, best first.
    pub candidates: Vec<String>,
    /// What is wrong if there is none of them, and where; `None` where that is usual: under a `cfg`.
    pub missed: Option<Missed>,
}

/// A file that the code names and nobody wrote.
pub(super) struct Missed {
    pub span: Span,
    /// The module or the file, by the name that the code gives it.
    pub name: String,
    pub message: String,
    /// Where it was looked for.
    pub candidates: Vec<String>,
}

/// What the file at `path` takes from other files.
pub(super) fn wanted(path: &str, facts: &FileFacts) -> Vec<Wanted> {
    let directory = parent(path);
    let stem = path.rsplit('/').next().and_then(|name| name.strip_suffix(".rs")).unwrap_or_default();
    let bases = match stem {
        "mod" | "lib" | "main" | "" => vec![directory.to_string()],
        // The root of a target and the file of a `#[path]` keep their modules beside them, others in a folder of their name.
        _ => vec![join(directory, stem), directory.to_string()],
    };
    let mut wanted = Vec::new();
    walk(&facts.items, &bases, &Level { directory, inline: false, conditional: false }, &mut wanted);
    wanted
}

struct Level<'a> {
    /// Of the file.
    directory: &'a str,
    /// Inside an inline module.
    inline: bool,
    /// Inside a module under a `cfg`.
    conditional: bool,
}

fn walk(items: &[Item], bases: &[String], level: &Level, wanted: &mut Vec<Wanted>) {
    for item in items {
        let conditional =
            level.conditional || item.attributes.iter().any(|attribute| attribute.conditional || attribute.path.last() == Some("cfg"));
        let missed = || {
            let message = format!("there is no file for module `{}`", item.name);
            (!conditional).then(|| Missed { span: item.name_span, name: item.name.to_string(), message, candidates: Vec::new() })
        };
        match &item.kind {
            ItemKind::Module { items: Some(inner), path } => {
                let folder = path.as_deref().unwrap_or(&item.name);
                let bases: Vec<String> = bases.iter().map(|base| join(base, folder)).collect();
                walk(inner, &bases, &Level { inline: true, conditional, ..*level }, wanted);
            }
            ItemKind::Module { items: None, path: Some(path) } if level.inline => {
                wanted.push(Wanted { candidates: bases.iter().map(|base| join(base, path)).collect(), missed: missed() });
            }
            ItemKind::Module { items: None, path: Some(path) } => {
                wanted.push(Wanted { candidates: vec![join(level.directory, path)], missed: missed() });
            }
            ItemKind::Module { items: None, path: None } => {
                let files = |base: &String| [join(base, &format!("{}.rs", item.name)), join(base, &format!("{}/mod.rs", item.name))];
                wanted.push(Wanted { candidates: bases.iter().flat_map(files).collect(), missed: missed() });
            }
            ItemKind::MacroCall { path, text, items, .. } => {
                // What a macro makes of its modules is not known, so none of them is missed.
                walk(items, bases, &Level { conditional: true, ..*level }, wanted);
                if path.last() == Some("include") {
                    let missed = |file: &str| {
                        let message = format!("there is no file `{file}` to include");
                        (!conditional).then(|| Missed { span: item.span, name: file.to_string(), message, candidates: Vec::new() })
                    };
                    wanted.extend(literal(text).map(|file| Wanted { candidates: vec![join(level.directory, file)], missed: missed(file) }));
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

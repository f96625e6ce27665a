//! What could be a name in some text.

/// Names that begin otherwise are those of types and constants; the few functions that are called so are never outlined by themselves.
pub(super) fn starts_function(first: char) -> bool {
    first == '_' || first.is_ascii_lowercase()
}

/// Names of types begin so; the few types that are called otherwise are never outlined by themselves.
pub(super) fn starts_type(first: char) -> bool {
    first.is_ascii_uppercase()
}

/// Of the traits that a macro declares; `None` for a name that comes from elsewhere.
pub(super) fn traits_in(text: &str) -> impl Iterator<Item = Option<&str>> {
    let is_part = |char: char| char == '_' || char.is_alphanumeric();
    let parts = text.match_indices("trait").filter(move |(at, word)| {
        let (before, after) = (&text[..*at], &text[at + word.len()..]);
        !before.ends_with(is_part) && !after.starts_with(is_part)
    });
    parts.map(move |(at, word)| {
        let after = text[at + word.len()..].trim_start();
        let name = after.split(|char| !is_part(char)).next().unwrap_or_default();
        Some(name).filter(|name| !name.is_empty())
    })
}

/// Words in the manner of identifiers, in comments and literals too.
pub(super) fn of_text(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |byte: u8| byte == b'_' || byte.is_ascii_alphanumeric() || !byte.is_ascii();
    let words = text.as_bytes().split(move |byte| !is_part(*byte));
    words
        .filter_map(|word| std::str::from_utf8(word).ok())
        .filter(|word| !word.is_empty() && !word.starts_with(|c: char| c.is_ascii_digit()))
}

/// `paste!` and its kind make identifiers out of parts.
pub(super) fn joins_identifiers(text: &str) -> bool {
    ["[<", "[ <", "concat_idents"].iter().any(|sign| text.contains(sign))
}

/// `use $path as name`.
pub(super) fn renames_arguments(text: &str) -> bool {
    let mut imports = text.split("use ").skip(1).filter_map(|rest| rest.split(';').next());
    imports.any(|import| import.contains('$') && import.contains(" as ") && !import.ends_with(" as _"))
}

/// What the module of a file would be called without `#[path]`.
pub(super) fn of_file(path: &str) -> Option<&str> {
    let mut parts = path.rsplit('/');
    let last = parts.next()?;
    let stem = last.strip_suffix(".rs").unwrap_or(last);
    if stem == "mod" { parts.next() } else { Some(stem) }
}

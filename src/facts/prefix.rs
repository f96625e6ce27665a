//! What may stand before a file's first token and is no Rust: byte order mark, `#!` line, cargo-script manifest.

const BYTE_ORDER_MARK: char = '\u{feff}';

pub(super) fn length(text: &str) -> usize {
    let mark = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len_utf8() } else { 0 };
    let shebang = mark + shebang_length(&text[mark..]);
    shebang + manifest_length(&text[shebang..])
}

/// `#![..]` is an attribute.
fn shebang_length(text: &str) -> usize {
    match text.strip_prefix("#!") {
        Some(rest) if !rest.trim_start().starts_with('[') => text.find('\n').unwrap_or(text.len()),
        _ => 0,
    }
}

/// From a line of three or more dashes to the next such line.
fn manifest_length(text: &str) -> usize {
    let blank = text.len() - text.trim_start().len();
    let fence: String = text[blank..].chars().take_while(|c| *c == '-').collect();
    if fence.len() < 3 {
        return 0;
    }
    let mut end = blank;
    for (index, line) in text[blank..].split_inclusive('\n').enumerate() {
        end += line.len();
        if index > 0 && line.trim_end() == fence {
            return end;
        }
    }
    0
}

//! Strings as far as they are known, and route paths made of them.

use std::rc::Rc;

/// Parts in order. Neighbouring literals are one part.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Text {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Literal(String),
    /// What it is, in the words of the code.
    Unknown(Rc<str>),
}

impl Text {
    pub fn literal(text: &str) -> Text {
        let mut made = Text::default();
        made.push_literal(text);
        made
    }

    pub fn unknown(what: &str) -> Text {
        Text { parts: vec![Part::Unknown(what.into())] }
    }

    pub fn push_literal(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        match self.parts.last_mut() {
            Some(Part::Literal(last)) => last.push_str(text),
            _ => self.parts.push(Part::Literal(text.to_string())),
        }
    }

    pub fn push(&mut self, other: &Text) {
        for part in &other.parts {
            match part {
                Part::Literal(text) => self.push_literal(text),
                Part::Unknown(_) => self.parts.push(part.clone()),
            }
        }
    }

    pub fn is_known(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, Part::Literal(_)))
    }

    /// The whole text where all of it is known.
    pub fn known(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// As a prefix of `path`, by the framework's rules.
    pub fn join(&self, path: &Text, framework: &str) -> Text {
        let mut joined = self.clone();
        let trailing_slash = match joined.parts.last_mut() {
            Some(Part::Literal(last)) if last.ends_with('/') => {
                last.pop();
                true
            }
            _ => false,
        };
        joined.parts.retain(|part| !matches!(part, Part::Literal(text) if text.is_empty()));
        match path.known() {
            // Nesting a root route answers the prefix itself, but not in actix, which adds no more than a slash that is missing in front.
            Some("" | "/") if framework != "actix-web" => {}
            Some("") if !trailing_slash || !self.parts.is_empty() => {}
            Some(text) if !text.starts_with('/') && (!text.is_empty() || trailing_slash) => {
                joined.push_literal("/");
                joined.push_literal(text);
            }
            _ => joined.push(path),
        }
        joined
    }

    /// As a route's path: parameters as `{name}`, unknown parts as `{?what}`.
    pub fn path(&self, framework: &str) -> String {
        let mut path = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(text) => path.push_str(text),
                Part::Unknown(what) => {
                    path.push_str("{?");
                    path.extend(what.chars().filter(|one| !matches!(one, '/' | '{' | '}' | '<' | '>' | '?')));
                    path.push('}');
                }
            }
        }
        normal(&path, framework)
    }
}

fn normal(path: &str, framework: &str) -> String {
    let path = if framework == "rocket" { without_query(path) } else { path };
    let segments: Vec<String> = segments(path).into_iter().map(|one| segment(one, framework)).collect();
    let joined = segments.join("/");
    let rooted = if joined.starts_with('/') || joined.starts_with("{?") { joined } else { format!("/{joined}") };
    rooted.replace("//", "/")
}

/// Rocket writes query parameters into the path; the `?` of an unknown part is none.
fn without_query(path: &str) -> &str {
    let query = path.char_indices().find(|(at, one)| *one == '?' && !path[..*at].ends_with('{'));
    query.map_or(path, |(at, _)| &path[..at])
}

/// Segments between slashes; slashes inside braces (regular expressions) do not count.
fn segments(path: &str) -> Vec<&str> {
    let (mut found, mut start, mut depth) = (Vec::new(), 0, 0usize);
    for (at, one) in path.char_indices() {
        match one {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            '/' if depth == 0 => {
                found.push(&path[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(&path[start..]);
    found
}

fn segment(text: &str, framework: &str) -> String {
    match framework {
        "rocket" => text.replace("..>", "}").replace('<', "{").replace('>', "}"),
        "actix-web" => braces(text),
        _ => match text.strip_prefix([':', '*']) {
            Some(name) if !name.is_empty() => format!("{{{name}}}"),
            _ => text.replace("{*", "{"),
        },
    }
}

/// `{id:\d+}` and `{tail}*` without what they match.
fn braces(text: &str) -> String {
    let (mut plain, mut depth, mut skip) = (String::new(), 0usize, false);
    for one in text.chars() {
        match one {
            '{' => {
                depth += 1;
                if depth == 1 {
                    plain.push(one);
                }
            }
            '}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    skip = false;
                    plain.push(one);
                }
            }
            ':' if depth == 1 => skip = true,
            '*' if depth == 0 && plain.ends_with('}') => {}
            _ if skip || depth > 1 => {}
            _ => plain.push(one),
        }
    }
    plain
}

//! Patterns of the configuration against paths: `my_app::features::{feature}::**`. Knows text only.

use crate::model::Pattern;

/// What `{name}` stands for, in the order of first mention.
pub(super) type Captures = Vec<(String, String)>;

/// A pattern, read once and matched often.
pub(super) struct Matcher {
    segments: Vec<Segment>,
}

enum Segment {
    /// `**`.
    Deep,
    /// A segment with `*` in it, or none.
    Glob(String),
    /// `{name}`.
    Take(String),
    /// `{!name}`.
    Other(String),
}

impl Matcher {
    pub(super) fn new(pattern: &Pattern) -> Self {
        Self { segments: pattern.segments().map(Segment::read).collect() }
    }

    /// Whether the pattern matches `path` or something that `path` lies in.
    pub(super) fn covers(&self, path: &[&str], known: &Captures) -> Option<Captures> {
        run(&self.segments, path, known, true)
    }

    /// Whether the pattern matches `path` itself.
    pub(super) fn is(&self, path: &[&str], known: &Captures) -> Option<Captures> {
        run(&self.segments, path, known, false)
    }

    /// How exactly the pattern speaks: the more segments it names, the closer it is.
    pub(super) fn closeness(&self) -> usize {
        self.segments.iter().filter(|segment| !matches!(segment, Segment::Deep)).count()
    }
}

impl Segment {
    fn read(text: &str) -> Self {
        let inner = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
        match (text, inner) {
            ("**", _) => Segment::Deep,
            (_, Some(name)) => match name.strip_prefix('!') {
                Some(name) => Segment::Other(name.to_string()),
                None => Segment::Take(name.to_string()),
            },
            _ => Segment::Glob(text.replace('-', "_")),
        }
    }
}

fn run(pattern: &[Segment], path: &[&str], known: &Captures, prefix: bool) -> Option<Captures> {
    let Some((first, rest)) = pattern.split_first() else {
        return (prefix || path.is_empty()).then(|| known.clone());
    };
    if let Segment::Deep = first {
        return (0..=path.len()).find_map(|skipped| run(rest, &path[skipped..], known, prefix));
    }
    let (segment, path) = path.split_first()?;
    let bound = |name: &str| known.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    match first {
        Segment::Glob(glob) if !glob_matches(glob, segment) => None,
        Segment::Take(name) if bound(name).is_some_and(|value| value != *segment) => None,
        Segment::Other(name) if bound(name).is_some_and(|value| value == *segment) => None,
        Segment::Take(name) if bound(name).is_none() => {
            let mut known = known.clone();
            known.push((name.clone(), segment.to_string()));
            run(rest, path, &known, prefix)
        }
        _ => run(rest, path, known, prefix),
    }
}

/// `*` stands for any part of `text`.
pub(super) fn glob_matches(glob: &str, text: &str) -> bool {
    let Some((before, after)) = glob.split_once('*') else { return glob == text };
    let Some(text) = text.strip_prefix(before) else { return false };
    (0..=text.len()).filter(|at| text.is_char_boundary(*at)).any(|at| glob_matches(after, &text[at..]))
}

/// Segments of a path; `<Type as Trait>` is one of them.
pub(super) fn segments(path: &str) -> Vec<&str> {
    let (mut found, mut depth, mut start) = (Vec::new(), 0usize, 0);
    let bytes = path.as_bytes();
    for at in 0..bytes.len() {
        match bytes[at] {
            b'<' => depth += 1,
            b'>' => depth = depth.saturating_sub(1),
            b':' if depth == 0 && at >= start && bytes.get(at + 1) == Some(&b':') => {
                found.push(&path[start..at]);
                start = at + 2;
            }
            _ => {}
        }
    }
    found.push(&path[start.min(path.len())..]);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    fn matcher(text: &str) -> Matcher {
        Matcher::new(&Pattern { text: text.into(), span: Span::default() })
    }

    fn covers(pattern: &str, path: &str) -> bool {
        matcher(pattern).covers(&segments(path), &Vec::new()).is_some()
    }

    #[test]
    fn a_pattern_covers_a_module_and_what_is_in_it() {
        assert!(covers("app::db", "app::db"));
        assert!(covers("app::db", "app::db::users"));
        assert!(!covers("app::db", "app::dbx"));
        assert!(!covers("app::db::users", "app::db"));
    }

    #[test]
    fn an_empty_segment_is_one_too() {
        assert_eq!(segments("app::::db"), ["app", "", "db"]);
        assert_eq!(segments(":::"), ["", ":"]);
    }

    #[test]
    fn two_stars_stand_for_no_segment_too() {
        assert!(covers("**::controllers::**", "app::controllers"));
        assert!(covers("**::controllers::**", "app::v1::controllers::users"));
        assert!(covers("**::controllers", "controllers"));
    }

    #[test]
    fn one_star_stands_for_a_part_of_one_segment() {
        assert!(covers("app::*_handlers", "app::user_handlers"));
        assert!(!covers("app::*_handlers", "app::v1::user_handlers"));
        assert!(covers("my-app::db", "my_app::db"));
    }

    #[test]
    fn a_capture_means_the_same_segment_again_and_its_negation_any_other() {
        let from = matcher("app::features::{f}::**");
        let captures = from.covers(&segments("app::features::orders::api"), &Vec::new()).expect("it matches");
        assert_eq!(captures, [("f".to_string(), "orders".to_string())]);
        let other = matcher("app::features::{!f}::**");
        assert!(other.covers(&segments("app::features::users::db"), &captures).is_some());
        assert!(other.covers(&segments("app::features::orders::db"), &captures).is_none());
    }

    #[test]
    fn a_whole_match_does_not_stop_early() {
        assert!(matcher("app::features::*").is(&segments("app::features::orders"), &Vec::new()).is_some());
        assert!(matcher("app::features::*").is(&segments("app::features::orders::api"), &Vec::new()).is_none());
    }

    #[test]
    fn an_impl_of_a_trait_is_one_segment() {
        assert_eq!(segments("app::<A as b::C>::run"), ["app", "<A as b::C>", "run"]);
    }
}

//! The common shape of evidence: a route where it is registered, its handler, each hop, and the thing itself.

use crate::model::{Backend, Chain, Evidence, Route};

/// `POST /login` > `login` > `authenticate` > the sink, each with its place.
pub fn from_route(backend: &Backend, route: &Route, chain: &Chain, sink: Evidence) -> Vec<Evidence> {
    let mut evidence = entry(backend, route);
    let first = chain.functions.first().filter(|first| Some(**first) != route.handler.function());
    if let Some(middleware) = first.map(|id| backend.function(*id)) {
        evidence.truncate(1);
        evidence.push(Evidence::at(middleware.place, format!("`{}` runs around it, as middleware", middleware.name)));
    }
    evidence.extend(backend.evidence_of(chain));
    evidence.push(sink);
    evidence
}

/// The route where it is registered, and its handler.
pub fn entry(backend: &Backend, route: &Route) -> Vec<Evidence> {
    let registered = Evidence::at(route.place, format!("`{}` is registered here", route.title()));
    let handler = route.handler.function().map(|id| backend.function(id));
    let handled = handler.map(|function| Evidence::at(function.place, format!("`{}` handles it", function.name)));
    std::iter::once(registered).chain(handled).collect()
}

/// ` (+ 2 more routes)`, or nothing.
pub fn more(count: usize, what: &str) -> String {
    match count {
        0 => String::new(),
        1 => format!(" (+ 1 more {what})"),
        _ => format!(" (+ {count} more {what}s)"),
    }
}

/// `a`, `b` and `c` in backticks; at most `most` of them, then how many more.
pub fn list<'a>(names: impl IntoIterator<Item = &'a str>, most: usize) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    if names.len() > most {
        return format!("{} and {} more", names[..most].join(", "), names.len() - most);
    }
    match names.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_reads_like_a_sentence() {
        assert_eq!(list(["a"], 3), "`a`");
        assert_eq!(list(["a", "b", "c"], 3), "`a`, `b` and `c`");
        assert_eq!(list(["a", "b", "c", "d"], 2), "`a`, `b` and 2 more");
    }

    #[test]
    fn more_is_silent_about_nothing() {
        assert_eq!(more(0, "route"), "");
        assert_eq!(more(1, "route"), " (+ 1 more route)");
        assert_eq!(more(3, "route"), " (+ 3 more routes)");
    }
}

#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::{Lint, LintInfo, Measured, Section, evidence, references};
use crate::model::{
    Backend, CacheOperation, CacheOperationKind, CacheWrite, Chain, Context, DataAccess, Evidence, FunctionId, Operation, Route, RouteId,
};
use std::collections::{BTreeMap, BTreeSet};

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "missing_cache_invalidations",
        section: Section::CachingStrategies,
        level: Level::Warn,
        summary: "rows that a cache keeps are changed, and the cache is not told",
        help: "remove the entry where the rows are changed, after the commit",
        guidance: include_str!("guidance.md"),
        references: &[references::AZURE_CACHE_ASIDE, references::AWS_BUILDERS_CACHING, references::AWS_CACHING],
        measured: Measured { found: 0, read: 0, right: 0 },
    },
    check,
};

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for entry in entries(backend) {
        for change in backend.data_accesses.iter().filter(|access| changes(&entry, access)) {
            let Some((route, chain)) = untold(backend, &entry, change.function) else { continue };
            if seen.insert((change.function, entry.write.key.as_str())) {
                findings.push(finding(backend, &entry, change, backend.route(route), &chain));
            }
        }
    }
}

/// An entry with rows of known tables that somebody means to keep true: it never expires, or it is removed somewhere.
struct Entry<'b> {
    write: &'b CacheWrite,
    /// The queries whose rows it holds.
    reads: Vec<&'b DataAccess>,
    removed: Vec<&'b CacheOperation>,
}

fn entries(backend: &Backend) -> Vec<Entry<'_>> {
    let kept = backend.cache_writes.iter().filter(|write| backend.function(write.function).context == Context::Production);
    let mut entries: BTreeMap<&str, Entry> = BTreeMap::new();
    for write in kept.filter(|write| write.cache_aside.is_yes() && names_something(&write.key)) {
        let removed: Vec<&CacheOperation> = backend.cache_operations.iter().filter(|one| removes(one, &write.key)).collect();
        let reads = rows_of(backend, write);
        // With an expiry and without any removal, staleness is bounded and chosen.
        if !reads.is_empty() && (write.expiry.is_no() || !removed.is_empty() && write.expiry.is_yes()) {
            entries.entry(&write.key).or_insert(Entry { write, reads, removed });
        }
    }
    entries.into_values().collect()
}

fn names_something(key: &str) -> bool {
    key.split(|c: char| !c.is_alphabetic()).any(|word| word.len() > 2)
}

fn removes(one: &CacheOperation, key: &str) -> bool {
    let told = one.key == key || !names_something(&one.key);
    one.remote
        && match one.kind {
            CacheOperationKind::Flush => true,
            CacheOperationKind::Remove => told,
            _ => false,
        }
}

/// What the function that writes the entry reads, itself or by the functions that it calls.
fn rows_of<'b>(backend: &'b Backend, write: &CacheWrite) -> Vec<&'b DataAccess> {
    let callees = backend.function(write.function).calls.iter().filter(|call| !call.spawned).map(|call| call.to);
    let near: BTreeSet<FunctionId> = std::iter::once(write.function).chain(callees).collect();
    let selects = backend.data_accesses.iter().filter(|access| near.contains(&access.function) && access.operation == Operation::Select);
    selects.filter(|access| !access.reads.is_empty() && access.text.is_some()).collect()
}

/// Whether it removes rows of the entry, or changes a column that the entry holds.
fn changes(entry: &Entry, access: &DataAccess) -> bool {
    let reads = || entry.reads.iter().filter(|read| read.reads.iter().any(|table| access.writes.contains(table)));
    match access.operation {
        Operation::Delete => reads().next().is_some(),
        Operation::Update => access.text.as_deref().is_some_and(|text| reads().any(|read| holds_one_of(read, &assigned(text)))),
        _ => false,
    }
}

fn holds_one_of(read: &DataAccess, columns: &[String]) -> bool {
    let text = read.text.as_deref().unwrap_or_default().to_ascii_lowercase();
    let selected = text.split(" from ").next().unwrap_or_default();
    selected.contains('*')
        || selected.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| columns.iter().any(|column| column == word))
}

/// `title` and `text` of `UPDATE articles SET title = $1, text = $2 WHERE ..`.
fn assigned(text: &str) -> Vec<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_lowercase();
    let Some((_, after)) = text.split_once(" set ") else { return Vec::new() };
    let list = [" where ", " returning ", " from "].iter().filter_map(|end| after.find(end)).min().map_or(after, |end| &after[..end]);
    list.split(',').filter_map(|one| one.split_once('=')).map(|(column, _)| column.trim().trim_matches('"').to_string()).collect()
}

/// A route that changes the rows and on whose way nothing removes or rewrites the entry, nor hands the news on.
fn untold(backend: &Backend, entry: &Entry, function: FunctionId) -> Option<(RouteId, Chain)> {
    if backend.function(function).context != Context::Production || told_elsewhere(backend, entry) {
        return None;
    }
    let routes = backend.routes_to(function);
    let told = |handler: FunctionId| {
        let reached: BTreeSet<FunctionId> = backend.reached_if(handler, |_| true).functions.into_iter().collect();
        let rewritten = backend.cache_operations.iter().filter(|one| one.kind == CacheOperationKind::Write && one.key == entry.write.key);
        entry.removed.iter().copied().chain(rewritten).any(|one| reached.contains(&one.function))
    };
    let handlers: BTreeSet<FunctionId> = routes.iter().filter_map(|(_, chain)| chain.functions.first().copied()).collect();
    // Where one way tells the cache, what the others do may be told by what was not seen.
    if handlers.into_iter().any(told) { None } else { routes.into_iter().next() }
}

/// A removal that no route runs: a listener or job may be told of every change.
fn told_elsewhere(backend: &Backend, entry: &Entry) -> bool {
    let served = entry.removed.iter().filter(|one| backend.function(one.function).context == Context::Production);
    served.filter(|one| one.spawned || backend.routes_to(one.function).is_empty()).count() > 0
}

fn finding(backend: &Backend, entry: &Entry, change: &DataAccess, route: &Route, chain: &Chain) -> Finding {
    let (function, write) = (backend.function(change.function), entry.write);
    let read = entry.reads.iter().find(|read| read.reads.iter().any(|table| change.writes.contains(table))).unwrap_or(&entry.reads[0]);
    let table = read.reads.iter().find(|table| change.writes.contains(table)).map_or("", String::as_str);
    let keeper = &backend.function(write.function).name;
    let mut steps =
        evidence::from_route(backend, route, chain, Evidence::at(change.place, format!("`{}` changes `{table}` here", function.name)));
    steps.push(Evidence::at(read.place, format!("rows of `{table}` are read here")));
    steps.push(Evidence::at(write.place, format!("`{keeper}` keeps them as `{}`", write.key)));
    steps.extend(entry.removed.first().map(|one| Evidence::at(one.place, "elsewhere the entry is removed")));
    let until = if write.expiry.is_no() { "it never expires" } else { "it stays until it expires" };
    Finding {
        place: change.place,
        message: format!(
            "`{}` changes `{table}`, and nothing on the way of `{}` removes its `{}` entry `{}`: {until}",
            function.name,
            route.title(),
            write.library,
            write.key
        ),
        evidence: steps,
        help: format!("after the change, remove `{}`", write.key),
        item: function.path.clone(),
        identity: format!("{table} {}", write.key),
        at_most: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::Sketch;
    use crate::model::Truth;

    /// `show` keeps articles; `rename` changes them.
    fn articles(expiry: Truth) -> (Sketch, FunctionId, FunctionId) {
        let mut sketch = Sketch::new();
        let (show, rename) = (sketch.function("api::show"), sketch.function("api::rename"));
        sketch.route("GET", "/articles/{id}", show);
        sketch.route("PUT", "/articles/{id}", rename);
        sketch.query(show, &["articles"], &[]);
        sketch.query(rename, &[], &["articles"]);
        sketch.backend.data_accesses[0].text = Some("SELECT id, title FROM articles WHERE id = $1".into());
        sketch.backend.data_accesses[1].text = Some("UPDATE articles SET title = $1 WHERE id = $2".into());
        let (place, cache_aside) = (sketch.place(), sketch.yes("the database is asked on a miss"));
        let (library, key) = ("redis".to_string(), "article:{}".to_string());
        sketch.backend.cache_writes.push(CacheWrite { function: show, place, library, key, expiry, cache_aside, read_by: Some(show) });
        (sketch, show, rename)
    }

    fn removed_by(sketch: &mut Sketch, function: FunctionId) {
        let place = sketch.place();
        sketch.backend.cache_operations.push(CacheOperation {
            function,
            place,
            library: "redis".into(),
            command: "del".into(),
            kind: CacheOperationKind::Remove,
            key: "article:{}".into(),
            store: String::new(),
            remote: true,
            spawned: false,
            pipelined: false,
        });
    }

    fn never() -> Truth {
        Truth::No("the command takes no expiry".into())
    }

    #[test]
    fn a_change_that_leaves_the_entry_is_found() {
        let (sketch, ..) = articles(never());
        assert_eq!(
            sketch.messages(&LINT),
            [
                "`rename` changes `articles`, and nothing on the way of `PUT /articles/{id}` removes its `redis` entry `article:{}`: it never expires"
            ]
        );
    }

    #[test]
    fn a_removal_on_the_way_is_enough() {
        let (mut sketch, _, rename) = articles(never());
        let forget = sketch.function("api::cache::forget");
        sketch.call(rename, forget);
        removed_by(&mut sketch, forget);
        assert!(sketch.check(&LINT).is_empty());
    }

    #[test]
    fn with_an_expiry_it_counts_where_others_remove_the_entry() {
        let (mut sketch, ..) = articles(Truth::default());
        let expiry = sketch.yes("expires after `60`");
        sketch.backend.cache_writes[0].expiry = expiry;
        assert!(sketch.check(&LINT).is_empty());
        let delete = sketch.function("api::delete");
        sketch.route("DELETE", "/articles/{id}", delete);
        removed_by(&mut sketch, delete);
        assert!(sketch.messages(&LINT)[0].ends_with("it stays until it expires"));
    }

    #[test]
    fn columns_that_the_entry_does_not_hold_are_silent() {
        let (mut sketch, ..) = articles(never());
        sketch.backend.data_accesses[1].text = Some("UPDATE articles SET views = views + 1 WHERE id = $1".into());
        assert!(sketch.check(&LINT).is_empty());
    }

    #[test]
    fn a_listener_that_removes_the_entry_may_be_told() {
        let (mut sketch, ..) = articles(never());
        let listen = sketch.function("api::listen");
        removed_by(&mut sketch, listen);
        assert!(sketch.check(&LINT).is_empty());
    }
}

#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::{Lint, LintInfo, Measured, Section, evidence, references};
use crate::model::{Backend, Context, EffectKind, Evidence, Function, FunctionId, Resource, ResourceKind, Truth};

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "unbounded_caches",
        section: Section::CachingStrategies,
        level: Level::Warn,
        summary: "a cache in this process has neither a capacity nor an expiry",
        help: "give the cache a capacity, and a time to live where its data can change",
        guidance: include_str!("guidance.md"),
        references: &[references::CWE_770, references::MOKA_CAPACITY, references::AWS_CACHING, references::TWELVE_FACTOR_PROCESSES],
        measured: Measured { found: 0, read: 0, right: 0 },
    },
    check,
};

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    findings.extend(backend.resources.iter().filter_map(|resource| finding(backend, resource)));
}

fn finding(backend: &Backend, cache: &Resource) -> Option<Finding> {
    // Either bound is enough to keep it from growing for ever.
    let (Truth::No(capacity), Truth::No(expiry)) = (&cache.capacity, &cache.expiry) else { return None };
    let builder = backend.function(cache.function);
    if cache.kind != ResourceKind::Cache || builder.context != Context::Production || !grows_with_requests(backend, cache) {
        return None;
    }
    let sink = Evidence::at(cache.place, format!("`{}` builds the cache: {capacity}, {expiry}", builder.name));
    let steps = match backend.routes_to(cache.function).first() {
        Some((route, chain)) => evidence::from_route(backend, backend.route(*route), chain, sink),
        None => vec![sink],
    };
    Some(Finding {
        place: cache.place,
        message: format!(
            "this `{}` cache has neither a capacity nor an expiry: it grows with every new key until memory runs out",
            cache.library
        ),
        evidence: steps,
        help: advice(&cache.library).to_string(),
        item: builder.path.clone(),
        identity: String::new(),
        at_most: None,
    })
}

/// Whether a request puts something into a cache of this library: a table of what is running now grows and shrinks with that.
fn grows_with_requests(backend: &Backend, cache: &Resource) -> bool {
    let package = backend.function(cache.function).package;
    let prefix = format!("{}::", cache.library);
    // An attribute makes the function itself put its answers in.
    let fills = |function: &Function| {
        function.package == package
            && function.effects.iter().any(|effect| effect.kind == EffectKind::CacheWrite && effect.what.starts_with(&prefix))
    };
    let functions = backend.functions.iter().enumerate().filter(|(_, function)| fills(function));
    let mut writers = functions.map(|(at, _)| FunctionId(at as u32)).chain([cache.function]);
    writers.any(|writer| !backend.routes_to(writer).is_empty())
}

fn advice(library: &str) -> &'static str {
    const ADVICE: &[(&str, &str)] = &[
        ("moka", "add `.max_capacity(10_000)` to its builder, and `.time_to_live(..)` where the data can change"),
        ("cached", "give the attribute a size and a time (`size`/`time`, from version 2 on `max_size`/`ttl`)"),
        ("lru", "build it with `LruCache::new(capacity)` instead of `unbounded()`"),
        ("quick_cache", "build it with `Cache::new(capacity)`"),
    ];
    ADVICE.iter().find(|(name, _)| *name == library).map_or("", |(_, advice)| advice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::Sketch;

    fn cache(capacity: Truth, expiry: Truth) -> Sketch {
        let mut sketch = Sketch::new();
        let main = sketch.function("api::AppState::new");
        let show = sketch.function("api::show");
        sketch.route("GET", "/articles/{slug}", show);
        sketch.effect(show, EffectKind::CacheWrite, "moka::future::Cache::insert");
        let cache = sketch.resource(ResourceKind::Cache, "moka", "memory", main);
        (cache.capacity, cache.expiry) = (capacity, expiry);
        sketch
    }

    fn no(what: &str) -> Truth {
        Truth::No(what.into())
    }

    #[test]
    fn a_cache_that_no_request_fills_is_silent() {
        let mut sketch = cache(no("no `max_capacity`"), no("no `time_to_live`"));
        sketch.backend.routes.clear();
        assert!(sketch.check(&LINT).is_empty());
    }

    #[test]
    fn neither_bound_is_found() {
        let findings = cache(no("no `max_capacity`"), no("no `time_to_live`")).check(&LINT);
        assert!(findings[0].message.starts_with("this `moka` cache has neither a capacity nor an expiry"));
        assert_eq!(findings[0].evidence[0].what, "`new` builds the cache: no `max_capacity`, no `time_to_live`");
    }

    #[test]
    fn one_bound_is_enough() {
        let yes = Sketch::new().yes("set here");
        assert!(cache(yes.clone(), no("no `time_to_live`")).check(&LINT).is_empty());
        assert!(cache(no("no `max_capacity`"), yes).check(&LINT).is_empty());
    }

    #[test]
    fn what_cannot_be_told_is_silent() {
        assert!(cache(no("no `max_capacity`"), Truth::Unknown("an `Expiry` of its own".into())).check(&LINT).is_empty());
    }
}

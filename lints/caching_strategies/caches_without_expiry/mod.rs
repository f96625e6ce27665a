#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::{Lint, LintInfo, Measured, Section, evidence, references};
use crate::model::{Backend, CacheWrite, Context, Evidence, Truth};
use std::collections::BTreeSet;

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "caches_without_expiry",
        section: Section::CachingStrategies,
        level: Level::Warn,
        summary: "a cache entry is written that never expires",
        help: "write cache entries with a time to live, even a long one",
        guidance: include_str!("guidance.md"),
        references: &[references::AWS_CACHING, references::AWS_BUILDERS_CACHING, references::AZURE_CACHE_ASIDE, references::REDIS_EXPIRE],
        measured: Measured { found: 0, read: 0, right: 0 },
    },
    check,
};

/// One finding per key of a function: the same entry written in two branches is one entry.
fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    let entries = backend.cache_writes.iter().filter(|write| backend.function(write.function).context == Context::Production);
    for write in entries {
        // Data that lives in the store and nowhere else has no business expiring.
        let (Truth::No(searched), Truth::Yes(source)) = (&write.expiry, &write.cache_aside) else { continue };
        // What only start-up reads back is a store of the last state, not a cache of answers.
        if write.read_by.is_none_or(|reader| backend.routes_to(reader).is_empty()) {
            continue;
        }
        if seen.insert((write.function, &write.key)) {
            findings.push(finding(backend, write, searched, source));
        }
    }
}

fn finding(backend: &Backend, write: &CacheWrite, searched: &str, source: &Evidence) -> Finding {
    let function = backend.function(write.function);
    let entry = if write.key.is_empty() { "entry".to_string() } else { format!("entry `{}`", write.key) };
    let sink = Evidence::at(write.place, format!("`{}` writes the entry: {searched}", function.name));
    let mut steps = match backend.routes_to(write.function).first() {
        Some((route, chain)) => evidence::from_route(backend, backend.route(*route), chain, sink),
        None => vec![sink],
    };
    steps.push(source.clone());
    Finding {
        place: write.place,
        message: format!("`{}` {entry} is written without an expiry: it stays, and stays stale, until somebody deletes it", write.library),
        evidence: steps,
        help: advice(&write.library).to_string(),
        item: function.path.clone(),
        identity: format!("{} {}", write.library, write.key),
        at_most: None,
    }
}

fn advice(library: &str) -> &'static str {
    const ADVICE: &[(&str, &str)] = &[
        ("redis", "write it with `set_ex(key, value, seconds)`, or `set_options` with `SetExpiry::EX`"),
        ("fred", "pass `Some(Expiration::EX(seconds))` instead of `None`"),
        ("memcache", "pass a number of seconds instead of 0"),
        ("deadpool_redis", "write it with `set_ex(key, value, seconds)`"),
        ("bb8_redis", "write it with `set_ex(key, value, seconds)`"),
    ];
    ADVICE.iter().find(|(name, _)| *name == library).map_or("", |(_, advice)| advice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::{Sketch, steps};

    fn written_without_expiry() -> Sketch {
        let mut sketch = Sketch::new();
        let function = sketch.function("api::article_by_slug");
        sketch.route("GET", "/articles/{slug}", function);
        let place = sketch.place();
        let cache_aside = sketch.yes("on a miss `article_by_slug` asks the database");
        sketch.backend.cache_writes.push(CacheWrite {
            function,
            place,
            library: "redis".into(),
            key: "article:{}".into(),
            expiry: Truth::No("`set` without an expiry, and no `expire` of this key".into()),
            cache_aside,
            read_by: Some(function),
        });
        sketch
    }

    #[test]
    fn a_cache_entry_without_an_expiry_is_found() {
        let findings = written_without_expiry().check(&LINT);
        assert!(findings[0].message.starts_with("`redis` entry `article:{}` is written without an expiry"));
        assert_eq!(
            steps(&findings[0])[2..],
            [
                "`article_by_slug` writes the entry: `set` without an expiry, and no `expire` of this key",
                "on a miss `article_by_slug` asks the database"
            ]
        );
    }

    #[test]
    fn primary_data_and_what_cannot_be_told_are_silent() {
        for truth in [Truth::No("the key is read nowhere else".into()), Truth::Unknown("the key is computed".into())] {
            let mut sketch = written_without_expiry();
            sketch.backend.cache_writes[0].cache_aside = truth;
            assert!(sketch.check(&LINT).is_empty());
        }
    }

    #[test]
    fn an_expiry_that_is_set_or_computed_is_silent() {
        let mut sketch = written_without_expiry();
        sketch.backend.cache_writes[0].expiry = Truth::Unknown("the options are a parameter".into());
        assert!(sketch.check(&LINT).is_empty());
        sketch.backend.cache_writes[0].expiry = sketch.yes("60 seconds");
        assert!(sketch.check(&LINT).is_empty());
    }

    #[test]
    fn what_no_request_reads_back_is_a_store_and_silent() {
        let mut sketch = written_without_expiry();
        sketch.backend.cache_writes[0].read_by = Some(sketch.function("api::hydrate"));
        assert!(sketch.check(&LINT).is_empty());
    }

    #[test]
    fn one_key_of_one_function_is_one_finding() {
        let mut sketch = written_without_expiry();
        let mut again = sketch.backend.cache_writes[0].clone();
        again.place = sketch.place();
        sketch.backend.cache_writes.push(again);
        assert_eq!(sketch.check(&LINT).len(), 1);
    }
}

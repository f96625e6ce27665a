#![doc = include_str!("guidance.md")]

use crate::findings::{Finding, Level};
use crate::lints::{Lint, LintInfo, Measured, Section, references};
use crate::model::{Backend, EarlyRemoval, Evidence};

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "invalidations_before_commit",
        section: Section::CachingStrategies,
        level: Level::Allow,
        summary: "a cache entry is removed while the transaction that changes its rows is still open",
        help: "remove the entry after the commit",
        guidance: include_str!("guidance.md"),
        references: &[references::AZURE_CACHE_ASIDE, references::AWS_BUILDERS_CACHING],
        measured: Measured { found: 0, read: 0, right: 0 },
    },
    check,
};

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    findings.extend(backend.early_removals.iter().map(|removal| finding(backend, removal)));
}

fn finding(backend: &Backend, removal: &EarlyRemoval) -> Finding {
    let function = backend.function(removal.function);
    let operation = &backend.cache_operations[removal.operation];
    let entry = if operation.key.is_empty() { "a cache entry".to_string() } else { format!("the cache entry `{}`", operation.key) };
    let mut steps = vec![
        Evidence::at(removal.begun, format!("`{}` begins a transaction", function.name)),
        Evidence::at(removal.change, "rows are changed in it"),
    ];
    steps.extend(backend.evidence_of(&removal.chain));
    steps.push(Evidence::at(operation.place, format!("`{}` removes the entry", operation.command)));
    Finding {
        place: removal.inner,
        message: format!(
            "`{}` removes {entry} before it commits: whoever asks in between puts the rows of before back into the cache",
            function.name
        ),
        evidence: steps,
        help: String::new(),
        item: function.path.clone(),
        identity: operation.key.clone(),
        at_most: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::{Sketch, steps};
    use crate::model::{CacheOperation, CacheOperationKind, Chain};

    #[test]
    fn an_entry_that_is_removed_too_early_is_found() {
        let mut sketch = Sketch::new();
        let rename = sketch.function("api::rename");
        let (begun, change, inner) = (sketch.place(), sketch.place(), sketch.place());
        sketch.backend.cache_operations.push(CacheOperation {
            function: rename,
            place: inner,
            library: "redis".into(),
            command: "del".into(),
            kind: CacheOperationKind::Remove,
            key: "user:{}".into(),
            store: String::new(),
            remote: true,
            spawned: false,
            pipelined: false,
        });
        let chain = Chain { functions: vec![rename], calls: Vec::new() };
        sketch.backend.early_removals.push(EarlyRemoval { function: rename, begun, change, inner, chain, operation: 0 });
        let findings = sketch.check(&LINT);
        assert_eq!(
            findings[0].message,
            "`rename` removes the cache entry `user:{}` before it commits: whoever asks in between puts the rows of before back into the cache"
        );
        assert_eq!(steps(&findings[0]), ["`rename` begins a transaction", "rows are changed in it", "`del` removes the entry"]);
    }
}

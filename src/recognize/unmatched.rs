//! Patterns of the configuration that stand for nothing: a rule that cannot fail is no rule.

use super::pattern::{Captures, Matcher, segments};
use super::selector::crate_matches;
use crate::model::*;
use rustc_hash::FxHashSet;

/// Every pattern without a match, in the order of the configuration. `crates`: packages that the workspace depends on.
pub(super) fn find(architecture: &ArchitectureConfig, crates: &[String], backend: &Backend) -> Vec<UnmatchedPattern> {
    let code = Code::new(crates, backend);
    let mut found = Vec::new();
    found.extend(architecture.containers.iter().filter_map(|pattern| code.container(pattern)));
    for layer in architecture.layers.iter().filter(|layer| !layer.optional) {
        found.extend(layer.modules.iter().filter_map(|pattern| code.layer(architecture, layer, pattern)));
    }
    found.extend(architecture.shared.iter().filter_map(|pattern| code.module(pattern, "`shared`")));
    for rule in &architecture.rules {
        found.extend(selectors(rule).flat_map(|selector| &selector.criteria).filter_map(|criterion| code.criterion(rule, criterion)));
        found.extend(rule.from.iter().filter_map(|selector| code.role(rule, selector)));
    }
    found
}

fn selectors(rule: &Rule) -> impl Iterator<Item = &Selector> {
    let excepted = rule.except.iter().flat_map(|exception| match exception {
        Exception::Either(selector) => vec![selector],
        Exception::Edge { from, to } => from.iter().chain(to).collect(),
    });
    rule.from.iter().chain(&rule.to).chain(excepted)
}

struct Code<'b> {
    backend: &'b Backend,
    crates: &'b [String],
    modules: Vec<Vec<&'b str>>,
    outside: Vec<Vec<&'b str>>,
}

impl<'b> Code<'b> {
    fn new(crates: &'b [String], backend: &'b Backend) -> Self {
        let outside: FxHashSet<&str> = backend.external_uses.iter().map(|one| one.item.as_str()).collect();
        Self {
            backend,
            crates,
            modules: backend.modules.iter().map(|module| segments(&module.path)).collect(),
            outside: outside.into_iter().map(segments).collect(),
        }
    }

    fn criterion(&self, rule: &Rule, criterion: &Criterion) -> Option<UnmatchedPattern> {
        let owner = format!("rule `{}`", rule.name);
        match criterion {
            Criterion::Module(pattern) => self.module(pattern, &owner),
            Criterion::Function(pattern) => self.function(pattern, &owner),
            Criterion::Crate(pattern) => self.krate(pattern, &owner),
            Criterion::Layer(..) | Criterion::Role(..) | Criterion::Effect(..) => None,
        }
    }

    fn module(&self, pattern: &Pattern, owner: &str) -> Option<UnmatchedPattern> {
        let matcher = Matcher::new(pattern);
        let hit = self.modules.iter().chain(&self.outside).any(|path| matcher.covers(path, &Captures::new()).is_some());
        (!hit).then(|| UnmatchedPattern {
            span: pattern.span,
            message: format!("{owner}: no module matches `{}`", pattern.text),
            help: self.nearest(&pattern.text, self.backend.modules.iter().map(|module| module.path.as_str())),
        })
    }

    fn container(&self, pattern: &Pattern) -> Option<UnmatchedPattern> {
        let matcher = Matcher::new(pattern);
        let hit = self.modules.iter().any(|path| matcher.is(path, &Captures::new()).is_some());
        (!hit).then(|| UnmatchedPattern {
            span: pattern.span,
            message: format!("`containers`: no module matches `{}`", pattern.text),
            help: self.nearest(&pattern.text, self.backend.modules.iter().map(|module| module.path.as_str())),
        })
    }

    fn layer(&self, architecture: &ArchitectureConfig, layer: &LayerConfig, pattern: &Pattern) -> Option<UnmatchedPattern> {
        let owner = format!("layer `{}`", layer.name);
        if architecture.containers.is_empty() {
            return self.module(pattern, &owner);
        }
        let containers: Vec<Matcher> = architecture.containers.iter().map(Matcher::new).collect();
        let matcher = Matcher::new(pattern);
        let below = |path: &[&str]| {
            (1..=path.len()).any(|length| {
                containers.iter().any(|one| one.is(&path[..length], &Captures::new()).is_some())
                    && matcher.covers(&path[length..], &Captures::new()).is_some()
            })
        };
        let hit = self.modules.iter().any(|path| below(path));
        (!hit).then(|| UnmatchedPattern {
            span: pattern.span,
            message: format!("{owner}: no container has a module that matches `{}`", pattern.text),
            help: "patterns of layers are relative to each container".into(),
        })
    }

    fn function(&self, pattern: &Pattern, owner: &str) -> Option<UnmatchedPattern> {
        let matcher = Matcher::new(pattern);
        let hit = self.backend.functions.iter().any(|function| matcher.is(&segments(&function.path), &Captures::new()).is_some());
        (!hit).then(|| UnmatchedPattern {
            span: pattern.span,
            message: format!("{owner}: no function matches `{}`", pattern.text),
            help: self.nearest(&pattern.text, self.backend.functions.iter().map(|function| function.path.as_str())),
        })
    }

    fn krate(&self, pattern: &Pattern, owner: &str) -> Option<UnmatchedPattern> {
        let own = self.backend.packages.iter().map(|package| package.name.as_str());
        let roots = self.modules.iter().chain(&self.outside).map(|path| path[0]);
        let hit = own.clone().chain(self.crates.iter().map(String::as_str)).chain(roots).any(|name| crate_matches(&pattern.text, name));
        (!hit).then(|| UnmatchedPattern {
            span: pattern.span,
            message: format!("{owner}: no package of the workspace and none it depends on matches `{}`", pattern.text),
            help: self.nearest(&pattern.text, own.chain(self.crates.iter().map(String::as_str))),
        })
    }

    /// A rule from a role that nothing has cannot fail either.
    fn role(&self, rule: &Rule, selector: &Selector) -> Option<UnmatchedPattern> {
        let Criterion::Role(role, span) = selector.criteria.iter().find(|one| matches!(one, Criterion::Role(..)))? else { return None };
        let layering = &self.backend.layering;
        let hit =
            self.backend.functions.iter().any(|function| function.role == *role) || layering.modules.iter().any(|one| one.role == *role);
        (!hit).then(|| UnmatchedPattern {
            span: *span,
            message: format!("rule `{}`: nothing has the role `{}`", rule.name, role.name()),
            help: "`inspect layers` shows each module's role and why".into(),
        })
    }

    fn nearest<'n>(&self, wanted: &str, names: impl Iterator<Item = &'n str>) -> String {
        let near = crate::words::did_you_mean(wanted.trim_end_matches("::**"), names);
        near.map_or(String::new(), |name| format!("did you mean `{name}`?"))
    }
}

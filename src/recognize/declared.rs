//! Layers as the configuration declares them: which module is in which, and which dependencies go against their order.

use super::pattern::{Captures, Matcher, segments};
use crate::model::*;

/// Where a module stands in the declared order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    /// Index into `ArchitectureConfig::layers`; `None`: shared.
    pub layer: Option<usize>,
    /// The container's path, when the stack is repeated.
    pub container: Option<String>,
    pub why: String,
}

/// For each module, its declared layer; `None` where no pattern speaks of it.
pub(super) fn standings(architecture: &ArchitectureConfig, modules: &[Module]) -> Vec<Option<Standing>> {
    let reader = Reader::new(architecture);
    modules.iter().map(|module| reader.standing(&module.path)).collect()
}

struct Reader<'d> {
    containers: Vec<Matcher>,
    layers: Vec<(usize, &'d Pattern, Matcher)>,
    shared: Vec<(&'d Pattern, Matcher)>,
    names: Vec<&'d str>,
}

impl<'d> Reader<'d> {
    fn new(architecture: &'d ArchitectureConfig) -> Self {
        let layers = architecture.layers.iter().enumerate();
        Self {
            containers: architecture.containers.iter().map(Matcher::new).collect(),
            layers: layers.flat_map(|(at, layer)| layer.modules.iter().map(move |one| (at, one, Matcher::new(one)))).collect(),
            shared: architecture.shared.iter().map(|pattern| (pattern, Matcher::new(pattern))).collect(),
            names: architecture.layers.iter().map(|layer| layer.name.as_str()).collect(),
        }
    }

    /// The closest pattern wins; between equals a layer before `shared`, and the first before the second.
    fn standing(&self, path: &str) -> Option<Standing> {
        let path = segments(path);
        let (container, below) = self.container(&path)?;
        let layer =
            first_closest(self.layers.iter().filter(|(.., matcher)| matcher.covers(below, &Captures::new()).is_some()), |one| &one.2);
        let shared =
            first_closest(self.shared.iter().filter(|(_, matcher)| matcher.covers(&path, &Captures::new()).is_some()), |one| &one.1);
        let depth = container.as_ref().map_or(0, |container| segments(container).len());
        match (layer, shared) {
            (Some((at, pattern, matcher)), shared) if shared.is_none_or(|(_, other)| matcher.closeness() + depth >= other.closeness()) => {
                let why = format!("layer `{}` declares `{}`", self.names[*at], pattern.text);
                Some(Standing { layer: Some(*at), container, why })
            }
            (_, Some((pattern, _))) => {
                Some(Standing { layer: None, container: None, why: format!("`shared` declares `{}`", pattern.text) })
            }
            _ => None,
        }
    }

    /// The innermost container that `path` lies in and what is below it. Without declared containers everything is in one.
    fn container<'p>(&self, path: &'p [&'p str]) -> Option<(Option<String>, &'p [&'p str])> {
        if self.containers.is_empty() {
            return Some((None, path));
        }
        let inside = |length: &usize| self.containers.iter().any(|one| one.is(&path[..*length], &Captures::new()).is_some());
        match (1..=path.len()).rev().find(inside) {
            Some(length) => Some((Some(path[..length].join("::")), &path[length..])),
            None => Some((None, &[])),
        }
    }
}

fn first_closest<'r, T>(found: impl Iterator<Item = &'r T>, matcher: impl Fn(&T) -> &Matcher) -> Option<&'r T> {
    found.reduce(|best, one| if matcher(one).closeness() > matcher(best).closeness() { one } else { best })
}

/// Dependencies against the declared order, test code and `allow`ed ones (`is_allowed`, by index) left out.
pub(super) fn breaches(
    architecture: &ArchitectureConfig,
    standings: &[Option<Standing>],
    backend: &Backend,
    is_allowed: impl Fn(usize) -> bool,
) -> Vec<Breach> {
    let judged = backend.dependencies.iter().enumerate().filter(|(_, one)| !one.test && super::selector::is_production(backend, one.from));
    let found = judged.filter_map(|(at, dependency)| {
        let (from, to) = (standings[dependency.from.0 as usize].as_ref()?, standings[dependency.to.0 as usize].as_ref()?);
        // What one container uses of another is not a matter of layers.
        if from.container != to.container {
            return None;
        }
        let (from, to) = (from.layer?, to.layer?);
        let kind = against(architecture, from, to)?;
        let name = |layer: usize| architecture.layers[layer].name.clone();
        Some(Breach { kind, dependency: at, from_layer: name(from), to_layer: name(to) })
    });
    found.filter(|breach| !is_allowed(breach.dependency)).collect()
}

fn against(architecture: &ArchitectureConfig, from: usize, to: usize) -> Option<BreachKind> {
    let (upper, lower) = (&architecture.layers[from], &architecture.layers[to]);
    if from == to {
        return None;
    }
    if upper.level > lower.level {
        return Some(BreachKind::Upward);
    }
    if upper.level == lower.level {
        return (upper.siblings == Siblings::Independent || lower.siblings == Siblings::Independent).then_some(BreachKind::Sibling);
    }
    let between = |layer: &&LayerConfig| layer.closed && upper.level < layer.level && layer.level < lower.level;
    architecture.layers.iter().find(between).map(|layer| BreachKind::Skips { closed: layer.name.clone() })
}

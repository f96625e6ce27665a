//! What a rule's selectors select: uses of one thing by another, and their two ends.

use super::pattern::{Captures, Matcher, glob_matches, segments};
use crate::model::*;
use crate::source::Place;

/// One thing uses another: an import, a path, a call, an effect.
pub(super) struct Use<'b> {
    pub from: End<'b>,
    pub to: End<'b>,
    pub place: Place,
}

/// Where a use begins, or what it means.
#[derive(Clone)]
pub(super) struct End<'b> {
    pub module: Option<ModuleId>,
    pub function: Option<FunctionId>,
    pub effect: Option<EffectKind>,
    /// Of the module, the item or the effect's call, for messages and patterns.
    pub path: &'b str,
}

impl<'b> End<'b> {
    pub(super) fn module(backend: &'b Backend, module: ModuleId, function: Option<FunctionId>) -> Self {
        End { module: Some(module), function, effect: None, path: &backend.modules[module.0 as usize].path }
    }

    pub(super) fn function(backend: &'b Backend, function: FunctionId) -> Self {
        let known = backend.function(function);
        End { module: Some(known.module), function: Some(function), effect: None, path: &known.path }
    }

    /// The role of the function, or of the module where the function's is not known.
    fn role(&self, backend: &Backend) -> Role {
        let own = self.function.map_or(Role::Unknown, |function| backend.function(function).role);
        match (own, self.module) {
            (Role::Unknown, Some(module)) => backend.layering.role_of(module),
            _ => own,
        }
    }

    fn module_path(&self, backend: &'b Backend) -> &'b str {
        self.module.map_or(self.path, |module| &backend.modules[module.0 as usize].path)
    }
}

/// Uses in production code; what tests do is their own affair.
pub(super) fn uses(backend: &Backend) -> Vec<Use<'_>> {
    let between =
        backend.dependencies.iter().filter(|dependency| !dependency.test && is_production(backend, dependency.from)).map(|one| Use {
            from: End::module(backend, one.from, one.function),
            to: End { module: Some(one.to), function: one.to_function, effect: None, path: &one.item },
            place: one.place,
        });
    let outside = backend.external_uses.iter().filter(|one| !one.test && is_production(backend, one.from)).map(|one| Use {
        from: End::module(backend, one.from, one.function),
        to: End { module: None, function: None, effect: None, path: &one.item },
        place: one.place,
    });
    between.chain(outside).chain(effects_and_calls(backend)).collect()
}

fn effects_and_calls(backend: &Backend) -> impl Iterator<Item = Use<'_>> {
    let functions = (0..backend.functions.len() as u32).map(FunctionId);
    functions.filter(|id| backend.function(*id).context == Context::Production).flat_map(move |id| {
        let function = backend.function(id);
        let effects = function.effects.iter().map(move |effect| Use {
            from: End::function(backend, id),
            to: End { module: None, function: None, effect: Some(effect.kind), path: &effect.what },
            place: effect.place,
        });
        // Calls into other modules are dependencies already.
        let calls = function.calls.iter().filter(move |call| backend.function(call.to).module == function.module);
        effects.chain(calls.map(move |call| Use {
            from: End::function(backend, id),
            to: End::function(backend, call.to),
            place: call.place,
        }))
    })
}

pub(super) fn is_production(backend: &Backend, module: ModuleId) -> bool {
    !matches!(backend.modules[module.0 as usize].context, Context::Test | Context::Example)
}

/// A selector with its patterns read.
pub(super) struct Reading<'d> {
    criteria: Vec<(&'d Criterion, Option<Matcher>)>,
}

impl<'d> Reading<'d> {
    pub(super) fn new(selector: &'d Selector) -> Self {
        let matcher = |criterion: &Criterion| match criterion {
            Criterion::Module(pattern) | Criterion::Function(pattern) => Some(Matcher::new(pattern)),
            _ => None,
        };
        Self { criteria: selector.criteria.iter().map(|criterion| (criterion, matcher(criterion))).collect() }
    }

    /// Whether it speaks of functions rather than of modules.
    pub(super) fn is_about_functions(&self) -> bool {
        self.criteria.iter().any(|(one, _)| matches!(one, Criterion::Function(_) | Criterion::Role(..) | Criterion::Effect(..)))
    }

    /// As [`Reading::matches`], for what is used: an effect alone means the effect itself, not every function that has it.
    pub(super) fn is_used(&self, backend: &Backend, end: &End, known: &Captures) -> Option<Captures> {
        let only_effects = self.criteria.iter().all(|(one, _)| matches!(one, Criterion::Effect(..)));
        if only_effects && end.effect.is_none() { None } else { self.matches(backend, end, known) }
    }

    pub(super) fn matches(&self, backend: &Backend, end: &End, known: &Captures) -> Option<Captures> {
        self.criteria.iter().try_fold(known.clone(), |known, (criterion, matcher)| holds(criterion, matcher.as_ref(), backend, end, known))
    }
}

fn holds(criterion: &Criterion, matcher: Option<&Matcher>, backend: &Backend, end: &End, known: Captures) -> Option<Captures> {
    let yes = match criterion {
        Criterion::Module(_) if end.effect.is_some() => false,
        Criterion::Module(_) => return matcher?.covers(&segments(end.module_path(backend)), &known),
        Criterion::Function(_) => return matcher?.is(&segments(&backend.function(end.function?).path), &known),
        Criterion::Layer(name, _) => end.module.and_then(|module| backend.layering.of(module)).is_some_and(|layer| layer.layer == *name),
        Criterion::Crate(pattern) => is_of_crate(pattern, backend, end),
        Criterion::Role(role, _) => end.module.is_some() && end.role(backend) == *role,
        Criterion::Effect(effect, _) => match end.effect {
            Some(kind) => kind == *effect,
            None => end.function.is_some_and(|function| backend.function(function).effects.iter().any(|one| one.kind == *effect)),
        },
    };
    yes.then_some(known)
}

fn is_of_crate(pattern: &Pattern, backend: &Backend, end: &End) -> bool {
    match end.module {
        Some(module) => {
            let module = &backend.modules[module.0 as usize];
            let package = &backend.packages[module.package.0 as usize].name;
            crate_matches(&pattern.text, package) || crate_matches(&pattern.text, segments(&module.path)[0])
        }
        None => end.effect.is_none() && crate_matches(&pattern.text, segments(end.path)[0]),
    }
}

pub(super) fn crate_matches(pattern: &str, name: &str) -> bool {
    glob_matches(&pattern.replace('-', "_"), &name.replace('-', "_"))
}

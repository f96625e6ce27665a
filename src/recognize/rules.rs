//! The user's own rules: which uses break them, and which of their patterns stand for nothing.

use super::declared::Standing;
use super::pattern::Captures;
use super::selector::{End, Reading, Use, is_production, uses};
use crate::model::*;
use std::collections::BTreeMap;

/// Evaluates every declared rule, the exhaustiveness and the independence of layers.
pub(super) fn add(declared: &Declared, standings: &[Option<Standing>], backend: &mut Backend) {
    let architecture = &declared.architecture;
    if architecture.is_empty() {
        return;
    }
    let uses = uses(backend);
    let rules: Vec<ReadRule> = architecture.rules.iter().map(ReadRule::new).collect();
    let allows: Vec<&ReadRule> = rules.iter().filter(|rule| rule.rule.kind == RuleKind::Allow).collect();
    let mut outcomes: Vec<RuleOutcome> = rules.iter().filter_map(|rule| rule.outcome(declared, backend, &uses, &allows)).collect();
    outcomes.extend(siblings(declared, backend));
    outcomes.extend(exhaustive(declared, standings, backend));
    backend.rules = outcomes;
}

/// Indices of the dependencies that an `allow` rule permits.
pub(super) fn allowed_dependencies(architecture: &ArchitectureConfig, backend: &Backend) -> Vec<usize> {
    let allows: Vec<ReadRule> = architecture.rules.iter().filter(|rule| rule.kind == RuleKind::Allow).map(ReadRule::new).collect();
    let allowed = |dependency: &Dependency| {
        let one = Use {
            from: End::module(backend, dependency.from, dependency.function),
            to: End { module: Some(dependency.to), function: dependency.to_function, effect: None, path: &dependency.item },
            place: dependency.place,
        };
        allows.iter().any(|rule| rule.selects(backend, &one))
    };
    (0..backend.dependencies.len()).filter(|at| allowed(&backend.dependencies[*at])).collect()
}

struct ReadRule<'d> {
    rule: &'d Rule,
    from: Vec<Reading<'d>>,
    to: Vec<Reading<'d>>,
    except: Vec<ReadException<'d>>,
}

enum ReadException<'d> {
    Either(Reading<'d>),
    Edge(Option<Reading<'d>>, Option<Reading<'d>>),
}

impl<'d> ReadRule<'d> {
    fn new(rule: &'d Rule) -> Self {
        let exception = |exception: &'d Exception| match exception {
            Exception::Either(selector) => ReadException::Either(Reading::new(selector)),
            Exception::Edge { from, to } => ReadException::Edge(from.as_ref().map(Reading::new), to.as_ref().map(Reading::new)),
        };
        Self {
            rule,
            from: rule.from.iter().map(Reading::new).collect(),
            to: rule.to.iter().map(Reading::new).collect(),
            except: rule.except.iter().map(exception).collect(),
        }
    }

    fn outcome(&self, declared: &Declared, backend: &Backend, uses: &[Use], allows: &[&ReadRule]) -> Option<RuleOutcome> {
        let violations = match self.rule.kind {
            RuleKind::Allow => return None,
            RuleKind::Required => self.unmet(backend, uses),
            RuleKind::Deny => {
                let broken = |one: &&Use| self.selects(backend, one) && !allows.iter().any(|allow| allow.selects(backend, one));
                self.violations(backend, uses.iter().filter(broken))
            }
            RuleKind::Only => self.violations(backend, uses.iter().filter(|one| self.intrudes(backend, one))),
        };
        Some(RuleOutcome {
            name: self.rule.name.clone(),
            because: self.rule.because.clone(),
            declared_at: declared.place(self.rule.span),
            violations,
        })
    }

    /// Whether the rule speaks of this use.
    fn selects(&self, backend: &Backend, one: &Use) -> bool {
        let none = Captures::new();
        let froms = self.from.iter().filter_map(|from| from.matches(backend, &one.from, &none));
        let hit = froms.into_iter().any(|captures| any(&self.to, backend, &one.to, &captures));
        hit && !self.is_excepted(backend, one)
    }

    /// Whether somebody else than `from` uses what `to` selects. What `to` selects may use itself.
    fn intrudes(&self, backend: &Backend, one: &Use) -> bool {
        let none = Captures::new();
        let targets: Vec<Captures> = self.to.iter().filter_map(|to| to.is_used(backend, &one.to, &none)).collect();
        let invited = |captures: &Captures| self.from.iter().chain(&self.to).any(|end| end.matches(backend, &one.from, captures).is_some());
        !targets.is_empty() && !targets.iter().any(invited) && !self.is_excepted(backend, one)
    }

    fn is_excepted(&self, backend: &Backend, one: &Use) -> bool {
        let none = Captures::new();
        let hit = |reading: &Reading, end: &End| reading.matches(backend, end, &none).is_some();
        self.except.iter().any(|exception| match exception {
            ReadException::Either(reading) => hit(reading, &one.from) || hit(reading, &one.to),
            ReadException::Edge(from, to) => {
                from.as_ref().is_none_or(|from| hit(from, &one.from)) && to.as_ref().is_none_or(|to| hit(to, &one.to))
            }
        })
    }

    /// One violation for each pair of ends, however often the one names the other.
    fn violations<'u>(&self, backend: &Backend, broken: impl Iterator<Item = &'u Use<'u>>) -> Vec<RuleViolation> {
        let mut pairs: BTreeMap<(String, String), Vec<&Use>> = BTreeMap::new();
        for one in broken {
            pairs.entry((from_name(backend, one), to_name(backend, one))).or_default().push(one);
        }
        pairs.into_iter().map(|((from, to), uses)| self.violation(backend, &from, &to, uses)).collect()
    }

    fn violation(&self, backend: &Backend, from: &str, to: &str, mut uses: Vec<&Use>) -> RuleViolation {
        uses.sort_by_key(|one| one.place);
        uses.dedup_by_key(|one| one.place);
        let first = uses[0];
        let verb = if self.rule.kind == RuleKind::Only { "is not among those who may use" } else { "must not use" };
        let what = described(first, backend);
        let more = uses.iter().skip(1).take(4).map(|one| Evidence::at(one.place, format!("and here: {}", described(one, backend))));
        RuleViolation {
            place: first.place,
            message: format!("`{from}` {verb} {what}: rule `{}`", self.rule.name),
            evidence: more.collect(),
            identity: format!("{} {from} {to}", self.rule.name),
        }
    }

    /// Subjects of a `required` rule that neither use nor reach what they have to.
    fn unmet(&self, backend: &Backend, uses: &[Use]) -> Vec<RuleViolation> {
        if self.from.iter().any(Reading::is_about_functions) {
            return self.unmet_functions(backend, uses);
        }
        let modules = (0..backend.modules.len() as u32).map(ModuleId).filter(|module| is_production(backend, *module));
        let none = Captures::new();
        modules
            .filter_map(|module| {
                let end = End::module(backend, module, None);
                let captures = self.from.iter().find_map(|from| from.matches(backend, &end, &none))?;
                let subject = Use { from: end.clone(), to: end.clone(), place: backend.modules[module.0 as usize].place };
                let met = uses.iter().any(|one| one.from.module == Some(module) && any(&self.to, backend, &one.to, &captures));
                (!met && !self.is_excepted(backend, &subject)).then(|| self.unmet_one(end.path, "module", subject.place))
            })
            .collect()
    }

    fn unmet_functions(&self, backend: &Backend, uses: &[Use]) -> Vec<RuleViolation> {
        let mut by_function: rustc_hash::FxHashMap<FunctionId, Vec<&Use>> = Default::default();
        for (function, one) in uses.iter().filter_map(|one| Some((one.from.function?, one))) {
            by_function.entry(function).or_default().push(one);
        }
        let functions = (0..backend.functions.len() as u32).map(FunctionId);
        let production = functions.filter(|id| backend.function(*id).context == Context::Production);
        let none = Captures::new();
        production
            .filter_map(|id| {
                let end = End::function(backend, id);
                let captures = self.from.iter().find_map(|from| from.matches(backend, &end, &none))?;
                let subject = Use { from: end.clone(), to: end.clone(), place: backend.function(id).place };
                let uses_it = |function: FunctionId| {
                    by_function.get(&function).is_some_and(|uses| uses.iter().any(|one| any(&self.to, backend, &one.to, &captures)))
                };
                let reaches_it =
                    |chain: Chain| uses_it(chain.last()) || any(&self.to, backend, &End::function(backend, chain.last()), &captures);
                let met = uses_it(id) || backend.reach(id).into_iter().skip(1).any(reaches_it);
                (!met && !self.is_excepted(backend, &subject)).then(|| self.unmet_one(end.path, "function", subject.place))
            })
            .collect()
    }

    fn unmet_one(&self, subject: &str, noun: &str, place: crate::source::Place) -> RuleViolation {
        RuleViolation {
            place,
            message: format!("{noun} `{subject}` does not use what rule `{}` requires", self.rule.name),
            evidence: Vec::new(),
            identity: format!("{} {subject}", self.rule.name),
        }
    }
}

fn any(readings: &[Reading], backend: &Backend, end: &End, captures: &Captures) -> bool {
    readings.iter().any(|reading| reading.is_used(backend, end, captures).is_some())
}

/// Functions answer for their effects, modules for their imports.
fn from_name(backend: &Backend, one: &Use) -> String {
    match (one.from.function, one.from.module) {
        (Some(function), _) if one.to.effect.is_some() => backend.function(function).path.clone(),
        (_, Some(module)) => backend.modules[module.0 as usize].path.clone(),
        _ => one.from.path.to_string(),
    }
}

fn to_name(backend: &Backend, one: &Use) -> String {
    match (one.to.effect, one.to.module) {
        (Some(effect), _) => effect.name().to_string(),
        (_, Some(module)) => backend.modules[module.0 as usize].path.clone(),
        _ => super::pattern::segments(one.to.path)[0].to_string(),
    }
}

fn described(one: &Use, _backend: &Backend) -> String {
    match one.to.effect {
        Some(effect) => format!("{} (`{}`)", effect.name(), one.to.path),
        None => format!("`{}`", one.to.path),
    }
}

/// Layers of one level that must not know each other.
fn siblings(declared: &Declared, backend: &Backend) -> Option<RuleOutcome> {
    let found = backend.layering.breaches.iter().filter(|breach| breach.kind == BreachKind::Sibling);
    let mut pairs: BTreeMap<(&str, &str), Vec<(&Breach, &Dependency)>> = BTreeMap::new();
    for breach in found {
        let dependency = &backend.dependencies[breach.dependency];
        let path = |module: ModuleId| backend.modules[module.0 as usize].path.as_str();
        pairs.entry((path(dependency.from), path(dependency.to))).or_default().push((breach, dependency));
    }
    let violations = pairs.into_iter().map(|((from, to), found)| RuleViolation {
        place: found[0].1.place,
        message: format!(
            "`{from}` uses `{}`: layers `{}` and `{}` stand beside each other and are independent",
            found[0].1.item, found[0].0.from_layer, found[0].0.to_layer
        ),
        evidence: found.iter().skip(1).take(4).map(|(_, one)| Evidence::at(one.place, format!("and here: `{}`", one.item))).collect(),
        identity: format!("independent layers {from} {to}"),
    });
    let violations: Vec<RuleViolation> = violations.collect();
    let span = declared.architecture.layers.first()?.span;
    (!violations.is_empty()).then(|| RuleOutcome {
        name: "independent layers".into(),
        because: None,
        declared_at: declared.place(span),
        violations,
    })
}

/// Modules of selected packages in no layer, where every module has to be in one. A parent stands for what is in it.
fn exhaustive(declared: &Declared, standings: &[Option<Standing>], backend: &Backend) -> Option<RuleOutcome> {
    let architecture = &declared.architecture;
    let span = architecture.layers.first()?.span;
    if !architecture.exhaustive {
        return None;
    }
    let is_open = |module: ModuleId| {
        let known = &backend.modules[module.0 as usize];
        standings[module.0 as usize].is_none()
            && known.context == Context::Production
            && backend.packages[known.package.0 as usize].selected
    };
    let parent_is_open = |module: ModuleId| backend.modules[module.0 as usize].parent.is_some_and(is_open);
    let open = (0..backend.modules.len() as u32).map(ModuleId).filter(|module| is_open(*module) && !parent_is_open(*module));
    let violations: Vec<RuleViolation> = open
        .map(|module| {
            let module = &backend.modules[module.0 as usize];
            RuleViolation {
                place: module.place,
                message: format!("module `{}` is in no layer, and the layers are declared exhaustive", module.path),
                evidence: Vec::new(),
                identity: format!("exhaustive layers {}", module.path),
            }
        })
        .collect();
    Some(RuleOutcome { name: "exhaustive layers".into(), because: None, declared_at: declared.place(span), violations })
}

#[cfg(test)]
mod tests {
    use super::super::drawn::{Drawn, module, pattern, violations};
    use super::*;
    use crate::source::Span;

    #[test]
    fn a_deny_rule_names_both_ends_and_itself() {
        let mut drawn = Drawn::default();
        drawn.uses("app::controllers::users", "app::repositories::find");
        drawn.uses("app::services", "app::repositories::find");
        drawn.rule("no_jump", RuleKind::Deny, vec![module("app::controllers")], vec![module("app::repositories")]);
        let backend = drawn.judged();
        assert_eq!(violations(&backend), ["`app::controllers::users` must not use `app::repositories::find`: rule `no_jump`"]);
    }

    #[test]
    fn features_are_independent_in_one_line() {
        let mut drawn = Drawn::default();
        drawn.uses("app::features::orders::api", "app::features::orders::db::load");
        drawn.uses("app::features::orders::api", "app::features::users::db::load");
        drawn.rule("features", RuleKind::Deny, vec![module("app::features::{f}::**")], vec![module("app::features::{!f}::**")]);
        assert_eq!(
            violations(&drawn.judged()),
            ["`app::features::orders::api` must not use `app::features::users::db::load`: rule `features`"]
        );
    }

    #[test]
    fn an_exception_and_an_allow_rule_both_let_a_use_through() {
        let draw = || {
            let mut drawn = Drawn::default();
            drawn.uses("app::a", "app::b::one");
            drawn.uses("app::c", "app::b::one");
            drawn
        };
        let mut drawn = draw();
        let except = Exception::Edge { from: Some(Selector { criteria: vec![module("app::c")], span: Span::default() }), to: None };
        drawn.rule("no_b", RuleKind::Deny, vec![module("app::*")], vec![module("app::b")]).except = vec![except];
        assert_eq!(violations(&drawn.judged()).len(), 1);

        let mut drawn = draw();
        drawn.rule("no_b", RuleKind::Deny, vec![module("app::*")], vec![module("app::b")]);
        drawn.rule("but_a", RuleKind::Allow, vec![module("app::a")], vec![module("app::b")]);
        assert_eq!(violations(&drawn.judged()), ["`app::c` must not use `app::b::one`: rule `no_b`"]);
    }

    #[test]
    fn only_keeps_everybody_else_out_of_a_crate() {
        let mut drawn = Drawn::default();
        drawn.uses_crate("app::mail", "reqwest::Client");
        drawn.uses_crate("app::handlers", "reqwest::get");
        drawn.rule("one_client", RuleKind::Only, vec![module("app::mail")], vec![Criterion::Crate(pattern("reqwest"))]);
        assert_eq!(violations(&drawn.judged()), ["`app::handlers` is not among those who may use `reqwest::get`: rule `one_client`"]);
    }

    #[test]
    fn controllers_must_not_send_requests_themselves_but_may_reach_what_does() {
        let mut drawn = Drawn::layered(2);
        let (send, own) = (drawn.function("app::mail::send"), drawn.function("app::handlers::post_9"));
        drawn.effect(send, EffectKind::Http, "reqwest::RequestBuilder::send");
        drawn.effect(own, EffectKind::Http, "reqwest::RequestBuilder::send");
        drawn.route("POST", "/9", own);
        drawn.call(FunctionId(0), send);
        let from = vec![Criterion::Role(Role::Controller, Span::default())];
        drawn.rule("quiet", RuleKind::Deny, from, vec![Criterion::Effect(EffectKind::Http, Span::default())]);
        assert_eq!(
            violations(&drawn.judged()),
            ["`app::handlers::post_9` must not use http (`reqwest::RequestBuilder::send`): rule `quiet`"]
        );
    }

    #[test]
    fn a_required_use_may_be_reached_through_calls() {
        let mut drawn = Drawn::layered(2);
        let check = drawn.function("app::auth::check");
        drawn.call(FunctionId(1), check);
        let from = vec![Criterion::Role(Role::Controller, Span::default())];
        drawn.rule("checked", RuleKind::Required, from, vec![Criterion::Function(pattern("app::auth::check"))]);
        assert_eq!(violations(&drawn.judged()), ["function `app::handlers::get_1` does not use what rule `checked` requires"]);
    }

    #[test]
    fn a_pattern_that_stands_for_nothing_is_told_with_the_nearest_name() {
        let mut drawn = Drawn::layered(1);
        drawn.rule("typo", RuleKind::Deny, vec![module("app::handler::**")], vec![Criterion::Crate(pattern("openssl"))]);
        let backend = drawn.judged();
        let told: Vec<(&str, &str)> = backend.unmatched.iter().map(|one| (one.message.as_str(), one.help.as_str())).collect();
        assert_eq!(told[0], ("rule `typo`: no module matches `app::handler::**`", "did you mean `app::handlers`?"));
        assert_eq!(told[1].0, "rule `typo`: no package of the workspace and none it depends on matches `openssl`");
    }

    #[test]
    fn declared_layers_are_judged_exactly() {
        let mut drawn = Drawn::default();
        drawn.layer("controllers", 0, &["app::controllers"]);
        drawn.layer("services", 1, &["app::services"]).closed = true;
        drawn.layer("repositories", 2, &["app::repositories"]);
        drawn.uses("app::controllers", "app::services::run");
        drawn.uses("app::controllers", "app::repositories::find");
        drawn.uses("app::repositories", "app::services::run");
        let backend = drawn.judged();
        let kinds: Vec<&BreachKind> = backend.layering.breaches.iter().map(|breach| &breach.kind).collect();
        assert_eq!(kinds, [&BreachKind::Skips { closed: "services".into() }, &BreachKind::Upward]);
        assert_eq!(backend.layering.style, Style::Declared);
        assert!(backend.unmatched.is_empty());
    }

    #[test]
    fn independent_siblings_must_not_know_each_other_and_free_ones_may() {
        for (siblings, expected) in [(Siblings::Independent, 1), (Siblings::Free, 0)] {
            let mut drawn = Drawn::default();
            drawn.layer("http", 0, &["app::http"]).siblings = siblings;
            drawn.layer("grpc", 0, &["app::grpc"]).siblings = siblings;
            drawn.uses("app::http", "app::grpc::call");
            assert_eq!(violations(&drawn.judged()).len(), expected);
        }
    }

    #[test]
    fn every_container_has_its_own_stack() {
        let mut drawn = Drawn::default();
        drawn.declared.architecture.containers = vec![pattern("app::features::*")];
        drawn.layer("api", 0, &["api"]);
        drawn.layer("db", 1, &["db"]);
        drawn.uses("app::features::orders::db", "app::features::orders::api::Order");
        drawn.uses("app::features::orders::db", "app::features::users::api::User");
        drawn.uses("app::features::users::api", "app::features::users::db::load");
        let backend = drawn.judged();
        let items: Vec<&str> =
            backend.layering.breaches.iter().map(|breach| backend.dependencies[breach.dependency].item.as_str()).collect();
        assert_eq!(items, ["app::features::orders::api::Order"]);
    }

    #[test]
    fn an_exhaustive_stack_names_the_topmost_module_that_is_in_no_layer() {
        let mut drawn = Drawn::default();
        drawn.declared.architecture.exhaustive = true;
        drawn.declared.architecture.shared = vec![pattern("app::error")];
        drawn.layer("api", 0, &["app::api"]);
        for path in ["app::api::users", "app::error", "app::stray::deep"] {
            drawn.module(path);
        }
        assert_eq!(violations(&drawn.judged()), ["module `app` is in no layer, and the layers are declared exhaustive"]);
    }
}

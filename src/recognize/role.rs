//! Roles: what functions and modules are for, by signals with points. The winner needs a lead of two; otherwise the role is unknown,
//! and nothing is asked of unknown code.

use super::pattern::segments;
use super::words;
use crate::model::*;
use crate::source::Place;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

const LEAD: i32 = 2;
const HANDLES: i32 = 10;
const RUNS_QUERIES: i32 = 6;
const SENDS: i32 = 5;
const BETWEEN: i32 = 4;
const NAMED: i32 = 3;
/// Jobs run queries of their own, and stay jobs.
const NAMED_A_JOB: i32 = 8;
const NAMED_BY_CRATE: i32 = 2;
const IMPORTS: i32 = 2;
/// Somebody wrote it down.
const DECLARED: i32 = 20;

/// Gives every function its role and every module its layer. `declared`: by module, the name of its declared layer.
pub(super) fn add(backend: &mut Backend, declared: &[Option<String>]) {
    let signals = Signals::of(backend);
    let tilts: Vec<Score> = (0..backend.modules.len())
        .into_par_iter()
        .map(|at| tilt(backend, &signals, ModuleId(at as u32), declared[at].as_deref()))
        .collect();
    let ids: Vec<FunctionId> = ids(backend).collect();
    let mut scores: Vec<Score> = ids.par_iter().map(|id| own_score(backend, &signals, *id)).collect();
    let mut roles: Vec<Role> = ids.par_iter().map(|id| role(backend, &scores, &tilts, *id)).collect();
    for _ in 0..ROUNDS {
        if !find_services(backend, &signals, &mut scores, &mut roles, &tilts) {
            break;
        }
    }
    backend.layering.modules = module_layers(backend, &scores, tilts.clone(), declared);
    let judged = |id: FunctionId| {
        let score = (backend.function(id).context != Context::Foreign).then(|| with_tilt(backend, &scores, &tilts, id))?;
        Some((score.winner(), score.strongest_first()))
    };
    let judged: Vec<Option<(Role, Vec<RoleSign>)>> = ids.par_iter().map(|id| judged(*id)).collect();
    for (function, judged) in backend.functions.iter_mut().zip(judged) {
        if let Some(judged) = judged {
            (function.role, function.role_why) = judged;
        }
    }
}

/// Services that call services that call services: deeper than this nobody looks.
const ROUNDS: usize = 4;

fn ids(backend: &Backend) -> impl Iterator<Item = FunctionId> + use<> {
    (0..backend.functions.len() as u32).map(FunctionId)
}

/// Points by role, with the signs that gave them.
#[derive(Clone, Default)]
struct Score {
    signs: Vec<RoleSign>,
}

impl Score {
    fn add(&mut self, role: Role, points: i32, sign: impl Into<Arc<str>>) {
        self.signs.push(RoleSign { role, points, sign: sign.into() });
    }

    fn of(&self, role: Role) -> i32 {
        self.signs.iter().filter(|sign| sign.role == role).map(|sign| sign.points).sum()
    }

    fn winner(&self) -> Role {
        winner_of(|role| self.of(role))
    }

    fn strongest_first(mut self) -> Vec<RoleSign> {
        self.signs.sort_by_key(|sign| std::cmp::Reverse(sign.points));
        self.signs
    }
}

fn winner_of(points: impl Fn(Role) -> i32) -> Role {
    let mut ranked = Role::ALL.map(|role| (points(role), role));
    ranked.sort_by_key(|(points, _)| std::cmp::Reverse(*points));
    if ranked[0].0 >= ranked[1].0 + LEAD { ranked[0].1 } else { Role::Unknown }
}

/// What the backend shows of its functions, gathered once.
struct Signals {
    /// A route for each handler.
    handlers: FxHashMap<FunctionId, String>,
    /// Functions that run queries, with the library.
    queries: FxHashMap<FunctionId, String>,
    /// Impl blocks and traits (by path) with a function that runs queries.
    query_groups: FxHashSet<String>,
    /// By module, what its foreign imports say.
    imports: FxHashMap<(ModuleId, Role), String>,
    /// Modules in files with a handler.
    callers: Callers<(FunctionId, Place)>,
}

impl Signals {
    fn of(backend: &Backend) -> Self {
        let served = backend.routes.iter().filter(|route| route.context == Context::Production);
        let handlers = served.filter_map(|route| Some((route.handler.function()?, route.title()))).collect();
        let telling = backend.data_accesses.iter().filter(|access| !access.control);
        let queries: FxHashMap<FunctionId, String> = telling.map(|access| (access.function, access.library.clone())).collect();
        let grouped = queries.keys().map(|id| backend.function(*id));
        let query_groups = grouped.flat_map(|function| [group(&function.path).map(str::to_string), function.trait_path.clone()]).flatten();
        let imports = backend.external_uses.iter().filter(|one| !one.test);
        let imports = imports.filter_map(|one| Some(((one.from, words::of_external(&one.item)?), one.item.clone())));
        Self { handlers, query_groups: query_groups.collect(), imports: imports.collect(), queries, callers: backend.callers(|_| true) }
    }
}

/// The type or trait that a method belongs to: `app::Users` of `app::Users::find`. Free functions have none.
fn group(path: &str) -> Option<&str> {
    let parts = segments(path);
    let owner = parts.len().checked_sub(2).map(|at| parts[at])?;
    let is_type = owner.starts_with('<') || owner.starts_with(char::is_uppercase);
    is_type.then(|| &path[..path.len() - parts[parts.len() - 1].len() - 2])
}

/// What the module's name, its crate's name and its imports say of everything in it.
fn tilt(backend: &Backend, signals: &Signals, module: ModuleId, declared: Option<&str>) -> Score {
    let mut score = Score::default();
    let path = segments(&backend.modules[module.0 as usize].path);
    let (krate, inner) = path.split_first().map_or(("", &path[..0]), |(krate, inner)| (*krate, inner));
    match (words::of_module(inner), words::of_crate(krate)) {
        (Some((Role::Job, word)), _) => score.add(Role::Job, NAMED_A_JOB, format!("in `{word}`")),
        (Some((role, word)), _) => score.add(role, NAMED, format!("in `{word}`")),
        (None, Some((role, word))) => score.add(role, NAMED_BY_CRATE, format!("crate `{krate}` has `{word}` in its name")),
        (None, None) => {}
    }
    for role in [Role::Controller, Role::Repository] {
        if let Some(item) = signals.imports.get(&(module, role)) {
            score.add(role, IMPORTS, format!("its module names `{item}`"));
        }
    }
    if let Some((role, layer)) = declared.and_then(|layer| Some((words::of_word(layer)?, layer))) {
        score.add(role, DECLARED, format!("declared to be in layer `{layer}`"));
    }
    score
}

/// What the function itself shows.
fn own_score(backend: &Backend, signals: &Signals, id: FunctionId) -> Score {
    let mut score = Score::default();
    let function = backend.function(id);
    if function.context == Context::Foreign {
        return score;
    }
    if let Some(route) = signals.handlers.get(&id) {
        score.add(Role::Controller, HANDLES, format!("handles {route}"));
    }
    if function.trait_path.as_deref().is_some_and(words::is_job_trait) {
        score.add(Role::Job, HANDLES, format!("implements `{}`", function.trait_path.as_deref().unwrap_or_default()));
    }
    if function.name == "main" || function.effects.iter().any(|effect| effect.kind == EffectKind::Serves) {
        score.add(Role::Shared, HANDLES, "starts the program");
    }
    if let Some(library) = signals.queries.get(&id) {
        score.add(Role::Repository, RUNS_QUERIES, format!("runs {library} queries itself"));
    } else if is_port(signals, function) {
        score.add(Role::Repository, RUNS_QUERIES, "a method beside it, of the same trait, runs queries");
    }
    if let Some(effect) = function.effects.iter().find(|effect| is_outbound(effect.kind)) {
        score.add(Role::Infra, SENDS, format!("talks to another system: `{}`", effect.what));
    }
    if let Some((role, suffix)) = owner_name(&function.path).and_then(words::of_type) {
        score.add(role, NAMED, format!("its type is called `..{suffix}`"));
    }
    score
}

/// Whether it belongs to a trait, or to an impl of one, of which another method runs queries.
fn is_port(signals: &Signals, function: &Function) -> bool {
    let group = || Some(function.path.as_str()).filter(|path| path.contains('>')).and_then(group).filter(|group| group.ends_with('>'));
    let implements = || group().is_some_and(|group| signals.query_groups.contains(group));
    function.trait_path.as_deref().is_some_and(|path| signals.query_groups.contains(path)) || implements()
}

fn is_outbound(kind: EffectKind) -> bool {
    matches!(kind, EffectKind::Http | EffectKind::Grpc | EffectKind::Smtp | EffectKind::ObjectStore | EffectKind::Queue)
}

/// `Users` of `app::Users::find` and of `app::<Users as Repository>::find`.
fn owner_name(path: &str) -> Option<&str> {
    let owner = segments(group(path)?).pop()?;
    let name = owner.trim_start_matches('<').split(" as ").next().unwrap_or(owner);
    let name = name.split('<').next().unwrap_or(name);
    name.rsplit("::").next()
}

fn with_tilt(backend: &Backend, scores: &[Score], tilts: &[Score], id: FunctionId) -> Score {
    let mut score = scores[id.0 as usize].clone();
    score.signs.extend(tilts[backend.function(id).module.0 as usize].signs.iter().cloned());
    score
}

/// The role by the function's own signals and its module's. Nobody asks what foreign functions are for.
fn role(backend: &Backend, scores: &[Score], tilts: &[Score], id: FunctionId) -> Role {
    let function = backend.function(id);
    if function.context == Context::Foreign {
        return Role::Unknown;
    }
    let (own, tilt) = (&scores[id.0 as usize], &tilts[function.module.0 as usize]);
    winner_of(|role| own.of(role) + tilt.of(role))
}

/// A function that the web layer calls across files and that calls what keeps or fetches data is a service. Says whether it found any.
fn find_services(backend: &Backend, signals: &Signals, scores: &mut [Score], roles: &mut [Role], tilts: &[Score]) -> bool {
    let file = |id: FunctionId| backend.modules[backend.function(id).module.0 as usize].file;
    let above = |id: FunctionId| matches!(roles[id.0 as usize], Role::Controller | Role::Service | Role::Job);
    let below = |id: FunctionId| matches!(roles[id.0 as usize], Role::Repository | Role::Infra | Role::Service);
    let is_between = |id: &FunctionId| {
        let callers = signals.callers.of(id.0);
        let function = backend.function(*id);
        let fresh = scores[id.0 as usize].of(Role::Service) < BETWEEN && !signals.handlers.contains_key(id);
        fresh
            && callers.iter().any(|(caller, _)| above(*caller) && file(*caller) != file(*id))
            && function.calls.iter().any(|call| below(call.to) && file(call.to) != file(*id))
    };
    let found: Vec<FunctionId> = ids(backend).filter(is_between).collect();
    for id in &found {
        scores[id.0 as usize].add(Role::Service, BETWEEN, "stands between handlers and what keeps or fetches data");
        roles[id.0 as usize] = role(backend, scores, tilts, *id);
    }
    !found.is_empty()
}

/// A module is what most of its telling functions are, unless its name says otherwise.
fn module_layers(backend: &Backend, scores: &[Score], tilts: Vec<Score>, declared: &[Option<String>]) -> Vec<ModuleLayer> {
    let mut telling: FxHashMap<ModuleId, Vec<&Score>> = FxHashMap::default();
    for (function, score) in backend.functions.iter().zip(scores) {
        // What implements a framework's trait stands beside its type; other adapters tell what their module is for.
        let beside_its_type = function.web_adapter && function.trait_path.is_some();
        if function.context == Context::Production && !beside_its_type && !score.signs.is_empty() {
            telling.entry(function.module).or_default().push(score);
        }
    }
    let starting = starting_modules(backend);
    let layer = |(at, mut score): (usize, Score)| {
        let module = ModuleId(at as u32);
        let functions = telling.get(&module).map_or(&[][..], Vec::as_slice);
        let is_named_service = score.of(Role::Service) > 0 || functions.iter().any(|one| one.of(Role::Service) > BETWEEN);
        // Neither is enough alone: code of the API runs queries, too, and what is named `storage` may keep files.
        let runs_queries = functions.iter().any(|one| one.of(Role::Repository) >= RUNS_QUERIES);
        let is_named_repository = declared[at].is_some() || (score.of(Role::Repository) > IMPORTS && runs_queries);
        Role::ALL.iter().for_each(|role| add_share(&mut score, *role, functions));
        if is_composition_root(backend, module) || starting.contains(&module) {
            score.add(Role::Shared, HANDLES, "puts the application together");
        }
        let role = score.winner();
        let one_sided = match role {
            Role::Service => !is_named_service,
            Role::Repository => !is_named_repository,
            _ => false,
        };
        let name = declared[at].clone().unwrap_or_else(|| role.name().to_string());
        ModuleLayer { layer: name, role, one_sided, why: score.strongest_first().iter().map(RoleSign::to_string).collect() }
    };
    tilts.into_iter().enumerate().map(layer).collect()
}

/// What the telling functions of a module say of it, on average.
fn add_share(score: &mut Score, role: Role, functions: &[&Score]) {
    let sum: i32 = functions.iter().map(|one| one.of(role).min(HANDLES)).sum();
    let count = functions.len();
    let points = (sum + count as i32 / 2) / count.max(1) as i32;
    if points > 0 {
        let showing = functions.iter().filter(|one| one.of(role) > 0).count();
        let noun = if count == 1 { "function shows" } else { "functions show" };
        score.add(role, points, format!("{showing} of {count} {noun} it"));
    }
}

/// Modules that stand between `main` and a server, in whatever folder: their code calls what starts one, or `main` and what is beside it
/// call them and no request comes there.
fn starting_modules(backend: &Backend) -> FxHashSet<ModuleId> {
    let handlers: Vec<FunctionId> = backend.routes.iter().filter_map(|route| route.handler.function()).collect();
    let handling: FxHashSet<ModuleId> = handlers.iter().map(|handler| backend.function(*handler).module).collect();
    let serves = |id: FunctionId| backend.function(id).effects.iter().any(|effect| effect.kind == EffectKind::Serves);
    let starts = |function: &&Function| {
        function.context == Context::Production && function.calls.iter().any(|call| call.kind == CallKind::Direct && serves(call.to))
    };
    let mut starting: FxHashSet<ModuleId> = backend.functions.iter().filter(starts).map(|function| function.module).collect();
    if !handlers.is_empty() {
        let asked: FxHashSet<ModuleId> = reached_from(backend, handlers).iter().map(|id| backend.function(*id).module).collect();
        let mains = backend.functions.iter().filter(|function| function.name == "main" && function.context == Context::Production);
        let called =
            mains.flat_map(|main| &main.calls).filter(|call| call.kind == CallKind::Direct).map(|call| backend.function(call.to).module);
        starting.extend(called.filter(|module| !asked.contains(module)));
    }
    starting.retain(|module| !handling.contains(module));
    starting
}

fn reached_from(backend: &Backend, mut waiting: Vec<FunctionId>) -> FxHashSet<FunctionId> {
    let mut reached: FxHashSet<FunctionId> = waiting.iter().copied().collect();
    while let Some(function) = waiting.pop() {
        let onward = backend.function(function).calls.iter().map(|call| call.to);
        waiting.extend(onward.filter(|to| reached.insert(*to)));
    }
    reached
}

/// The root of a crate and files such as `app.rs` at its top, where they start a server.
fn is_composition_root(backend: &Backend, module: ModuleId) -> bool {
    let known = &backend.modules[module.0 as usize];
    let path = segments(&known.path);
    let at_the_top = known.parent.is_none() || path.len() == 2 && words::is_composition_root(path[1]);
    at_the_top
        && backend
            .functions
            .iter()
            .any(|function| function.module == module && function.effects.iter().any(|effect| effect.kind == EffectKind::Serves))
}

#[cfg(test)]
mod tests {
    use super::super::drawn::Drawn;
    use super::*;

    fn role(backend: &Backend, path: &str) -> Role {
        backend.functions.iter().find(|function| function.path == path).expect("it was drawn").role
    }

    #[test]
    fn behaviour_outweighs_names() {
        let mut drawn = Drawn::default();
        let handler = drawn.function("app::db::list");
        drawn.route("GET", "/users", handler);
        let query = drawn.function("app::util::find");
        drawn.query(query);
        let backend = drawn.judged();
        assert_eq!(role(&backend, "app::db::list"), Role::Controller);
        assert_eq!(role(&backend, "app::util::find"), Role::Repository);
        assert_eq!(backend.functions[0].role_why[0].to_string(), "controller +10: handles GET /users");
    }

    #[test]
    fn what_main_calls_and_no_request_reaches_puts_the_application_together() {
        let judged = |asked: bool| {
            let mut drawn = Drawn::default();
            let (main, start) = (drawn.function("app::main"), drawn.function("app::service::start"));
            drawn.call(main, start);
            let handler = drawn.function("app::api::list");
            drawn.route("GET", "/users", handler);
            if asked {
                drawn.call(handler, start);
            }
            let backend = drawn.judged();
            backend.layering.role_of(backend.function(start).module)
        };
        assert_eq!(judged(false), Role::Shared);
        assert_eq!(judged(true), Role::Service);
    }

    #[test]
    fn what_stands_between_handlers_and_queries_is_a_service() {
        let mut drawn = Drawn::default();
        let (handler, middle, find) =
            (drawn.function("app::api::list"), drawn.function("app::accounts::list"), drawn.function("app::pg::find"));
        drawn.route("GET", "/users", handler);
        drawn.query(find);
        drawn.call(handler, middle);
        drawn.call(middle, find);
        let backend = drawn.judged();
        assert_eq!(role(&backend, "app::accounts::list"), Role::Service);
        assert_eq!(backend.layering.role_of(backend.functions[1].module), Role::Service);
    }

    #[test]
    fn a_trait_whose_implementation_runs_queries_is_a_port_and_its_other_methods_are_repositories_too() {
        let mut drawn = Drawn::default();
        let find = drawn.function("app::x::<PgUsers as app::y::Users>::find");
        drawn.function("app::x::<PgUsers as app::y::Users>::name");
        drawn.query(find);
        let backend = drawn.judged();
        assert_eq!(role(&backend, "app::x::<PgUsers as app::y::Users>::name"), Role::Repository);
    }

    #[test]
    fn a_lead_of_one_point_is_no_role() {
        let mut drawn = Drawn::default();
        drawn.function("app::services::UserRepository::find");
        assert_eq!(role(&drawn.judged(), "app::services::UserRepository::find"), Role::Unknown);
    }

    #[test]
    fn a_module_of_services_with_one_query_stays_a_service() {
        let mut drawn = Drawn::layered(4);
        for at in 0..4 {
            let middle = drawn.function(&format!("app::services::run_{at}"));
            drawn.call(FunctionId(at * 2), middle);
            drawn.call(middle, FunctionId(at * 2 + 1));
        }
        let stray = drawn.function("app::services::stray");
        drawn.query(stray);
        let backend = drawn.judged();
        let services = backend.functions[stray.0 as usize].module;
        assert_eq!(backend.layering.role_of(services), Role::Service);
    }

    #[test]
    fn a_handler_called_in_many_words_is_one_in_its_module() {
        let backend = Drawn::layered(2).judged();
        let module = |path: &str| backend.modules.iter().position(|module| module.path == path).expect("it was drawn");
        assert_eq!(backend.layering.modules[module("app::handlers")].role, Role::Controller);
        assert_eq!(backend.layering.modules[module("app::db")].role, Role::Repository);
    }
}

//! What is known about each route: who asks, and what limits, bounds and caches it.

use super::behaviour::{self, Behaviours};
use super::{credential, signature};
use crate::facts::ExprId;
use crate::knowledge::TypeRole;
use crate::model::{Backend, Chain, EffectKind, Evidence, Handler, Middleware, MiddlewareRole, Route, Truth};
use crate::recognize::{Inputs, function};
use crate::resolve::{FunctionId, Ty};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::OnceLock;

/// Needs routes, and the effects of all functions.
pub fn add(inputs: &Inputs, backend: &mut Backend) {
    let behaviours = Behaviours::new(inputs);
    let credentials = Credentials::new(inputs);
    let served: FxHashSet<crate::model::FunctionId> = backend.routes.iter().filter_map(|route| route.handler.function()).collect();
    let seen = |id| (id, Seen::new(inputs, backend, &behaviours, &credentials, id));
    let handlers: FxHashMap<crate::model::FunctionId, Seen> = served.into_par_iter().map(seen).collect();
    let mut routes = std::mem::take(&mut backend.routes);
    for route in &mut routes {
        let seen = route.handler.function().and_then(|id| handlers.get(&id));
        let doubts = doubts(backend, route);
        route.rate_limit = rate_limit(route, seen, &doubts);
        route.auth = auth(route, seen, &doubts);
        route.identity = identity(route, seen, &doubts);
        route.timeout = by_stack(route, &[MiddlewareRole::Timeout], &doubts, "timeout");
        route.body_limit = body_limit(route, &doubts);
        route.cache = cache(route, seen, &doubts);
    }
    backend.routes = routes;
    count(backend);
}

type Fact = fn(&Route) -> &Truth;

fn count(backend: &mut Backend) {
    let facts: [(&'static str, Fact); 6] = [
        ("auth", |route| &route.auth),
        ("rate_limit", |route| &route.rate_limit),
        ("timeout", |route| &route.timeout),
        ("body_limit", |route| &route.body_limit),
        ("cache", |route| &route.cache),
        ("identity", |route| &route.identity),
    ];
    for (name, fact) in facts {
        let unknown = backend.routes.iter().filter(|route| fact(route).is_unknown()).count();
        if unknown > 0 {
            *backend.coverage.unknown.entry(name.into()).or_default() += unknown;
        }
    }
}

/// Where functions read a credential, looked up once each: many handlers reach the same ones.
struct Credentials(Vec<OnceLock<Option<ExprId>>>);

impl Credentials {
    fn new(inputs: &Inputs) -> Self {
        Self(inputs.resolved.functions.iter().map(|_| OnceLock::new()).collect())
    }

    fn read_in(&self, inputs: &Inputs, function: FunctionId) -> Option<ExprId> {
        *self.0[function.0 as usize].get_or_init(|| credential::reads(inputs, function))
    }
}

/// What a handler and its guards do.
#[derive(Default)]
struct Seen {
    limits: Option<Evidence>,
    caches: Option<Evidence>,
    /// A guard that turns strangers away.
    guard: Option<Evidence>,
    /// Something that says who asks, without turning anybody away.
    identity: Option<Evidence>,
    /// The handler (or what it calls at once) reads a credential and turns away.
    checks: Option<Evidence>,
    functions: usize,
    guards: usize,
}

impl Seen {
    fn new(
        inputs: &Inputs,
        backend: &Backend,
        behaviours: &Behaviours,
        credentials: &Credentials,
        handler: crate::model::FunctionId,
    ) -> Seen {
        let mut seen = Seen::default();
        let reached = backend.reach(handler);
        seen.functions = reached.len();
        for chain in &reached {
            seen.look_at(inputs, backend, credentials, chain);
        }
        seen.look_at_guards(inputs, backend, behaviours, handler);
        seen
    }

    fn look_at(&mut self, inputs: &Inputs, backend: &Backend, credentials: &Credentials, chain: &Chain) {
        let last = backend.function(chain.last());
        for effect in last.effects.iter().filter(|effect| !effect.spawned) {
            let slot = match effect.kind {
                EffectKind::LimitsRate | EffectKind::AnswersTooManyRequests => &mut self.limits,
                EffectKind::SetsCacheHeader | EffectKind::CacheRead => &mut self.caches,
                _ => continue,
            };
            slot.get_or_insert_with(|| Evidence::at(effect.place, format!("`{}`: {}", last.name, effect.what)));
        }
        let own = FunctionId(chain.last().0);
        if (own.0 as usize) >= inputs.resolved.functions.len() || !inputs.is_own(own) || chain.functions.len() > 6 {
            return;
        }
        if let Some(at) = credentials.read_in(inputs, own) {
            let evidence = Evidence::at(inputs.place_of(own, at), format!("`{}` reads a credential of the request", last.name));
            if chain.functions.len() <= 3 && (credential::rejects(inputs, own) || credential::fails(inputs, own)) {
                self.checks.get_or_insert(evidence.clone());
            }
            self.identity.get_or_insert(evidence);
        }
    }

    /// Guards and extractors: what their code reaches is done before the handler runs.
    fn look_at_guards(&mut self, inputs: &Inputs, backend: &Backend, behaviours: &Behaviours, handler: crate::model::FunctionId) {
        let own = FunctionId(handler.0);
        if (own.0 as usize) >= inputs.resolved.functions.len() {
            return;
        }
        let krate = inputs.resolved.functions[own.0 as usize].krate;
        for ty in signature::parameters(inputs, own) {
            self.look_at_type(inputs, backend, behaviours, krate, ty, own, true, 0);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one type of one signature")]
    fn look_at_type(
        &mut self,
        inputs: &Inputs,
        backend: &Backend,
        behaviours: &Behaviours,
        krate: crate::resolve::CrateId,
        ty: &Ty,
        handler: FunctionId,
        required: bool,
        depth: usize,
    ) {
        if depth > 4 {
            return;
        }
        let place = backend.function(function::id(handler)).place;
        let roles = inputs.type_roles(krate, ty);
        let path = inputs.type_path(ty).unwrap_or_default().to_string();
        if roles.contains(&TypeRole::Limiter) {
            self.limits.get_or_insert_with(|| Evidence::at(place, format!("guard `{path}`")));
        }
        if roles.contains(&TypeRole::Identity) {
            self.identity.get_or_insert_with(|| Evidence::at(place, format!("extractor `{path}`")));
        }
        match ty {
            Ty::Reference(inner) => self.look_at_type(inputs, backend, behaviours, krate, inner, handler, required, depth + 1),
            Ty::Adt(adt, arguments) => {
                let optional = path.ends_with("option::Option") || path.ends_with("result::Result");
                let required = required && !optional && !holds_an_option(inputs, *adt);
                for argument in arguments.iter() {
                    self.look_at_type(inputs, backend, behaviours, krate, argument, handler, required, depth + 1);
                }
                let entries = behaviours.entries_of(*adt, 1);
                if !entries.is_empty() {
                    self.guards += 1;
                }
                for entry in entries {
                    self.look_at_guard(inputs, backend, entry, required, &path);
                }
            }
            Ty::External(_, arguments) | Ty::Tuple(arguments) => {
                for argument in arguments.iter() {
                    self.look_at_type(inputs, backend, behaviours, krate, argument, handler, required, depth + 1);
                }
            }
            _ => {}
        }
    }

    fn look_at_guard(&mut self, inputs: &Inputs, backend: &Backend, entry: FunctionId, required: bool, path: &str) {
        let guard = backend.function(function::id(entry)).place;
        let functions = behaviour::reached(backend, function::id(entry));
        let name = path.rsplit("::").next().unwrap_or(path);
        for id in &functions {
            let one = backend.function(*id);
            for effect in one.effects.iter().filter(|effect| !effect.spawned) {
                if matches!(effect.kind, EffectKind::LimitsRate | EffectKind::AnswersTooManyRequests) {
                    self.limits.get_or_insert_with(|| Evidence::at(effect.place, format!("guard `{name}`: {}", effect.what)));
                }
            }
        }
        let own = functions
            .iter()
            .map(|id| FunctionId(id.0))
            .filter(|id| (id.0 as usize) < inputs.resolved.functions.len() && inputs.is_own(*id));
        let own: Vec<FunctionId> = own.collect();
        let reads = own.iter().any(|id| credential::reads(inputs, *id).is_some() || reads_by_extractor(inputs, *id));
        let checks =
            functions.iter().any(|id| backend.function(*id).effects.iter().any(|effect| effect.kind == EffectKind::ChecksCredential));
        if !reads && !checks {
            return;
        }
        let turns_away = own.iter().any(|id| credential::rejects(inputs, *id)) || credential::fails(inputs, entry);
        if required && turns_away {
            self.guard.get_or_insert_with(|| Evidence::at(guard, format!("guard `{name}`")));
        }
        self.identity.get_or_insert_with(|| Evidence::at(guard, format!("extractor `{name}`")));
    }
}

/// `struct MaybeUser(Option<User>)`: asks, but lets everybody in.
fn holds_an_option(inputs: &Inputs, adt: crate::resolve::AdtId) -> bool {
    match inputs.resolved.adts[adt.0 as usize].variants.as_slice() {
        [only] => matches!(only.types.as_slice(), [ty] if inputs.type_path(ty).is_some_and(|path| path.ends_with("option::Option"))),
        _ => false,
    }
}

/// A guard made of another: `TypedHeader::<Authorization<Bearer>>::from_request_parts(..)`, `parts.extract::<BearerAuth>()`.
fn reads_by_extractor(inputs: &Inputs, function: FunctionId) -> bool {
    let Some(body) = inputs.body(function) else { return false };
    let krate = inputs.resolved.functions[function.0 as usize].krate;
    (0..body.expressions.len() as u32).any(|at| {
        let ty = inputs.type_of(function, crate::facts::ExprId(at));
        names_identity(inputs, krate, ty, 0)
    })
}

fn names_identity(inputs: &Inputs, krate: crate::resolve::CrateId, ty: &Ty, depth: usize) -> bool {
    if depth > 4 {
        return false;
    }
    if inputs.type_roles(krate, ty).contains(&TypeRole::Identity) {
        return true;
    }
    match ty {
        Ty::Reference(inner) => names_identity(inputs, krate, inner, depth + 1),
        Ty::Adt(_, arguments) | Ty::External(_, arguments) | Ty::Tuple(arguments) => {
            arguments.iter().any(|argument| names_identity(inputs, krate, argument, depth + 1))
        }
        _ => false,
    }
}

/// Why claims of absence are off for this route.
fn doubts(backend: &Backend, route: &Route) -> Option<String> {
    if let Some(opaque) = route.middleware.iter().find(|one| one.opaque) {
        return Some(format!("middleware `{}` is not known", opaque.name));
    }
    if let Handler::Unknown(why) = &route.handler {
        return Some(why.clone());
    }
    // What merely may add further routes leaves this one as it is; what may wrap it does not.
    let server = &backend.servers[route.server.0 as usize];
    server
        .unknown
        .iter()
        .find(|evidence| evidence.what.contains("around") || evidence.what.contains("middleware"))
        .map(|evidence| evidence.what.clone())
}

fn with_role<'r>(route: &'r Route, roles: &[MiddlewareRole]) -> Option<&'r Middleware> {
    let mut found = route.middleware.iter().filter(|one| one.roles.iter().any(|role| roles.contains(role)));
    let first = found.next();
    first.filter(|one| !one.may).or_else(|| found.find(|one| !one.may)).or(first)
}

fn by_stack(route: &Route, roles: &[MiddlewareRole], doubts: &Option<String>, what: &str) -> Truth {
    match (with_role(route, roles), doubts) {
        (Some(one), _) if !one.may => Truth::Yes(Evidence::at(one.place, format!("middleware `{}`", one.name))),
        (Some(one), _) => Truth::Unknown(format!("middleware `{}` is applied under a condition", one.name)),
        (None, Some(doubt)) => Truth::Unknown(doubt.clone()),
        (None, None) => Truth::No(format!("no {what} among {} middleware", route.middleware.len())),
    }
}

fn or_seen(truth: Truth, evidence: Option<&Evidence>) -> Truth {
    match (truth, evidence) {
        (Truth::Yes(known), _) => Truth::Yes(known),
        (_, Some(evidence)) => Truth::Yes(evidence.clone()),
        (other, None) => other,
    }
}

fn rate_limit(route: &Route, seen: Option<&Seen>, doubts: &Option<String>) -> Truth {
    let stack = by_stack(route, &[MiddlewareRole::RateLimit], doubts, "rate limit");
    match or_seen(stack, seen.and_then(|seen| seen.limits.as_ref())) {
        Truth::No(_) => {
            let (functions, guards) = seen.map_or((0, 0), |seen| (seen.functions, seen.guards));
            let stack = route.middleware.len();
            Truth::No(format!("none among {stack} middleware, {guards} guards and {functions} functions that the handler reaches"))
        }
        other => other,
    }
}

fn auth(route: &Route, seen: Option<&Seen>, doubts: &Option<String>) -> Truth {
    let stack = by_stack(route, &[MiddlewareRole::Auth], doubts, "authentication");
    or_seen(stack, seen.and_then(|seen| seen.guard.as_ref().or(seen.checks.as_ref())))
}

fn identity(route: &Route, seen: Option<&Seen>, doubts: &Option<String>) -> Truth {
    let stack = by_stack(route, &[MiddlewareRole::Auth], doubts, "credential or session");
    let evidence = seen.and_then(|seen| seen.guard.as_ref().or(seen.identity.as_ref()).or(seen.checks.as_ref()));
    match (or_seen(stack, evidence), with_role(route, &[MiddlewareRole::Session, MiddlewareRole::Identity])) {
        (Truth::No(_), Some(session)) => Truth::Unknown(format!("`{}` may tell who asks", session.name)),
        (truth, _) => truth,
    }
}

fn body_limit(route: &Route, doubts: &Option<String>) -> Truth {
    let explicit = by_stack(route, &[MiddlewareRole::BodyLimit], doubts, "body limit");
    if explicit.is_yes() {
        return explicit;
    }
    if with_role(route, &[MiddlewareRole::BodyLimitOff]).is_some() {
        return Truth::No("the framework's own limit is switched off".to_string());
    }
    match route.framework.as_str() {
        "axum" => Truth::Yes(Evidence { place: None, what: "axum's own limit of 2 MiB for buffered bodies".into() }),
        "actix-web" => Truth::Yes(Evidence { place: None, what: "actix-web's own limits for extracted bodies".into() }),
        "rocket" => Truth::Yes(Evidence { place: None, what: "Rocket's own data limits".into() }),
        _ => explicit,
    }
}

fn cache(route: &Route, seen: Option<&Seen>, doubts: &Option<String>) -> Truth {
    let stack = by_stack(route, &[MiddlewareRole::CacheControl, MiddlewareRole::ResponseCache], doubts, "cache");
    or_seen(stack, seen.and_then(|seen| seen.caches.as_ref()))
}

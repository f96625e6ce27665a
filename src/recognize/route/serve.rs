//! From evaluated routers to the model's servers and routes.

use super::behaviour::Behaviours;
use super::evaluate::{Evaluator, Held, Served};
use super::signature;
use super::value::{HandlerValue, Layer, RouteEntry, Router};
use crate::knowledge::LayerRole;
use crate::model::{
    Backend, Context, Effect, EffectKind, Evidence, Handler, Middleware, MiddlewareRole, PackageId, Protocol, Route, Server, ServerId,
    Truth,
};
use crate::recognize::{Inputs, function};
use crate::resolve::FunctionId;
use crate::source::Place;
use rustc_hash::FxHashSet;

/// Where and how often a route is registered: two servers with the same keys are one table served twice.
type Key = (Place, String, String);

pub(super) struct Tables<'a, 'b> {
    inputs: &'a Inputs<'a>,
    backend: &'b mut Backend,
    behaviours: Behaviours<'a>,
    taken: FxHashSet<Key>,
    /// The same without paths: a router inside a served one has other paths there.
    places: FxHashSet<(Place, String)>,
}

pub(super) fn add(inputs: &Inputs, backend: &mut Backend, evaluator: Evaluator) {
    let mut tables =
        Tables { inputs, backend, behaviours: Behaviours::new(inputs), taken: FxHashSet::default(), places: FxHashSet::default() };
    for served in &evaluator.served {
        tables.serves(served);
    }
    for served in &evaluator.served {
        tables.server(&served.framework, served.function, Some(served.place), &served.router, None);
    }
    for held in detached(&evaluator) {
        let doubt = doubt_about(&evaluator, held);
        tables.server(&held.router.framework, held.function, None, &held.router, doubt);
    }
    tables.count();
    if evaluator.ran_out() {
        backend.coverage.notes.push("there is too much code that composes routers: some routes are missing".to_string());
    }
}

/// Routers that nobody was seen to serve: the largest views first, and of those the ones with most around their routes and nothing
/// left to come.
fn detached<'e>(evaluator: &'e Evaluator) -> Vec<&'e Held> {
    let mut seen: Vec<&Held> = evaluator.seen.iter().collect();
    seen.sort_by_cached_key(|held| {
        let layers: usize = held.router.finished().iter().map(|route| route.stack.len()).sum();
        (std::cmp::Reverse((held.router.routes.len(), layers, held.kept)), held.function.0)
    });
    seen
}

/// Why more middleware may stand around a router than was seen.
fn doubt_about(evaluator: &Evaluator, held: &Held) -> Option<Evidence> {
    if let Some(given) = evaluator.given.get(&held.function) {
        return Some(given.clone());
    }
    let what = "nothing was seen to serve this router: middleware around it is not known".to_string();
    (!held.kept).then_some(Evidence { place: None, what })
}

impl Tables<'_, '_> {
    fn serves(&mut self, served: &Served) {
        let effects = &mut self.backend.functions[served.function.0 as usize].effects;
        let effect = Effect { kind: EffectKind::Serves, place: served.place, what: served.framework.clone(), once: false, spawned: false };
        if !effects.iter().any(|known| known.kind == effect.kind && known.place == effect.place) {
            effects.push(effect);
            effects.sort_by_key(|effect| effect.place);
        }
    }

    fn server(&mut self, framework: &str, by: FunctionId, place: Option<Place>, router: &Router, doubt: Option<Evidence>) {
        let from_test = self.context(by) == Context::Test;
        let mut routes = router.finished();
        // A test that serves the real router says nothing new about it.
        routes.retain(|route| !from_test || self.context(route.function) == Context::Test);
        let keys: Vec<Key> = routes.iter().map(key).collect();
        let fresh = keys.iter().any(|key| !self.taken.contains(key));
        if routes.is_empty() && (router.unknown.is_empty() || place.is_none()) || !routes.is_empty() && !fresh {
            return;
        }
        if place.is_none() {
            routes.retain(|route| !self.places.contains(&(route.place, route.method.to_string())));
            if routes.is_empty() {
                return;
            }
        }
        self.taken.extend(keys);
        self.places.extend(routes.iter().map(|route| (route.place, route.method.to_string())));
        let id = ServerId(self.backend.servers.len() as u32);
        let krate = self.inputs.resolved.functions[by.0 as usize].krate;
        let mut unknown = router.unknown.clone();
        unknown.extend(doubt);
        self.backend.servers.push(Server {
            name: self.inputs.resolved.crates[krate.0 as usize].name.to_string(),
            framework: framework.to_string(),
            package: self.package(by),
            place,
            context: self.context(by),
            unknown,
        });
        routes.into_iter().for_each(|route| self.route(id, route));
    }

    fn context(&self, id: FunctionId) -> Context {
        self.backend.function(function::id(id)).context
    }

    fn package(&self, id: FunctionId) -> PackageId {
        self.backend.function(function::id(id)).package
    }

    fn route(&mut self, server: ServerId, entry: RouteEntry) {
        let middleware = entry.stack.iter().rev().cloned().map(|layer| self.middleware(layer)).collect();
        let (handler, roles) = self.handler(&entry.handler);
        let protocol = self.protocol(&entry.handler);
        let mut route = Route {
            method: entry.method.to_string(),
            path: entry.path.path(&entry.framework),
            path_known: entry.path.is_known(),
            protocol,
            framework: entry.framework.to_string(),
            package: self.package(entry.function),
            server,
            handler,
            place: entry.place,
            middleware,
            conditional: entry.conditional.as_deref().map(str::to_string),
            context: self.context(entry.function),
            auth: Truth::default(),
            rate_limit: Truth::default(),
            timeout: Truth::default(),
            body_limit: Truth::default(),
            cache: Truth::default(),
            identity: Truth::default(),
            takes_body: Truth::default(),
            takes_secret: Truth::default(),
            reads: Vec::new(),
            writes: Vec::new(),
        };
        if roles.contains(&LayerRole::StaticFiles) {
            // Files are no work for the backend's own code, and say so in the stack.
            let roles = vec![MiddlewareRole::StaticFiles];
            route.middleware.push(Middleware { name: "static files".into(), roles, place: entry.place, may: false, opaque: false });
        }
        self.backend.routes.push(route);
    }

    fn handler(&mut self, value: &HandlerValue) -> (Handler, Vec<LayerRole>) {
        match value {
            HandlerValue::Function(id) => (Handler::Function(function::id(*id)), Vec::new()),
            HandlerValue::Closure(parent, closure) => {
                (Handler::Function(function::closure_function(self.inputs, self.backend, *parent, *closure)), Vec::new())
            }
            HandlerValue::Service(name, roles) => (Handler::Service(name.clone()), roles.clone()),
            HandlerValue::Unknown(why) => (Handler::Unknown(why.clone()), Vec::new()),
        }
    }

    fn protocol(&self, handler: &HandlerValue) -> Protocol {
        let HandlerValue::Function(id) = handler else { return Protocol::Http };
        for ty in signature::parameters(self.inputs, *id) {
            let Some(path) = self.inputs.type_path(ty) else { continue };
            if path.starts_with("async_graphql") || path.starts_with("juniper") {
                return Protocol::Graphql;
            }
            if path.ends_with("::WebSocketUpgrade") || path.starts_with("rocket_ws::") || path.starts_with("ws::WebSocket") {
                return Protocol::Websocket;
            }
        }
        Protocol::Http
    }

    fn middleware(&mut self, mut layer: Layer) -> Middleware {
        if layer.behaviour.is_some() {
            self.behaviours.settle(self.backend, &mut layer);
        }
        Middleware {
            name: layer.name.to_string(),
            roles: layer.roles.iter().map(|role| model_role(*role)).collect(),
            place: layer.place,
            may: layer.may,
            opaque: layer.opaque,
        }
    }

    fn count(&mut self) {
        for route in &self.backend.routes {
            match route.handler {
                Handler::Unknown(_) => self.backend.coverage.handlers_unresolved += 1,
                _ => self.backend.coverage.handlers_resolved += 1,
            }
        }
    }
}

fn key(route: &RouteEntry) -> Key {
    (route.place, route.method.to_string(), route.path.path(&route.framework))
}

pub(super) fn model_role(role: LayerRole) -> MiddlewareRole {
    match role {
        LayerRole::Auth => MiddlewareRole::Auth,
        LayerRole::RateLimit => MiddlewareRole::RateLimit,
        LayerRole::ConcurrencyLimit => MiddlewareRole::ConcurrencyLimit,
        LayerRole::LoadShed => MiddlewareRole::LoadShed,
        LayerRole::Timeout => MiddlewareRole::Timeout,
        LayerRole::BodyLimit => MiddlewareRole::BodyLimit,
        LayerRole::BodyLimitOff => MiddlewareRole::BodyLimitOff,
        LayerRole::Cors => MiddlewareRole::Cors,
        LayerRole::Csrf => MiddlewareRole::Csrf,
        LayerRole::Compression => MiddlewareRole::Compression,
        LayerRole::Trace => MiddlewareRole::Trace,
        LayerRole::CatchPanic => MiddlewareRole::CatchPanic,
        LayerRole::SetHeader => MiddlewareRole::SetHeader,
        LayerRole::CacheControl => MiddlewareRole::CacheControl,
        LayerRole::ResponseCache => MiddlewareRole::ResponseCache,
        LayerRole::Session => MiddlewareRole::Session,
        LayerRole::Identity => MiddlewareRole::Identity,
        LayerRole::Extension => MiddlewareRole::Extension,
        LayerRole::StaticFiles => MiddlewareRole::StaticFiles,
        LayerRole::RequestId => MiddlewareRole::RequestId,
        LayerRole::ErrorHandling => MiddlewareRole::ErrorHandling,
        LayerRole::Other => MiddlewareRole::Other,
    }
}

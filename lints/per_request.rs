//! Things that are built anew for every request: the common ground of the lints about pools, connections and clients.

use super::evidence;
use crate::findings::{Finding, Level};
use crate::model::{Backend, Built, Chain, Context, Evidence, Function, FunctionId, Resource, ResourceKind, Route};
use std::collections::BTreeSet;

/// A resource and the request that builds it.
pub struct PerRequest<'b> {
    pub resource: &'b Resource,
    pub route: &'b Route,
    pub chain: &'b Chain,
    pub other_routes: usize,
    /// The function that builds it.
    pub builder: &'b Function,
}

/// Resources of these kinds that are built on every request to some route: one per function and library, for the first one is the
/// root cause of the others (a branch per TLS mode, a retry).
pub fn per_request<'b>(backend: &'b Backend, kinds: &[ResourceKind]) -> Vec<PerRequest<'b>> {
    let mut seen: BTreeSet<(FunctionId, &str, ResourceKind)> = BTreeSet::new();
    let built = backend.resources.iter().filter(|resource| kinds.contains(&resource.kind));
    built
        .filter_map(|resource| of(backend, resource))
        .filter(|built| seen.insert((built.resource.function, &built.resource.library, built.resource.kind)))
        .collect()
}

fn of<'b>(backend: &'b Backend, resource: &'b Resource) -> Option<PerRequest<'b>> {
    let Built::PerRequest { route, chain, other_routes } = &resource.built else { return None };
    let (route, builder) = (backend.route(*route), backend.function(resource.function));
    // What must not come from a pool, and what differs from request to request (a tenant's own server), cannot simply be kept.
    let needed = resource.dedicated || resource.per_request_settings;
    let served = builder.context == Context::Production && route.context == Context::Production;
    // A probe that asks the database by the longest way is on purpose.
    let only_a_probe = route.is_probe() && *other_routes == 0;
    (served && !needed && !only_a_probe).then_some(PerRequest { resource, route, chain, other_routes: *other_routes, builder })
}

impl PerRequest<'_> {
    /// `POST /login` (+ 2 more routes).
    pub fn routes(&self) -> String {
        format!("`{}`{}", self.route.title(), evidence::more(self.other_routes, "route"))
    }

    pub fn finding(&self, backend: &Backend, message: String, sink: &str, help: String) -> Finding {
        let sink = Evidence::at(self.resource.place, sink);
        Finding {
            place: self.resource.place,
            message,
            evidence: evidence::from_route(backend, self.route, self.chain, sink),
            help,
            item: self.builder.path.clone(),
            identity: format!("{} {}", self.resource.library, self.resource.kind.name()),
            // Administrators ask seldom.
            at_most: (self.route.is_administrative() && self.other_routes == 0).then_some(Level::Note),
        }
    }

    /// Where this framework keeps what all requests share.
    pub fn state(&self) -> &'static str {
        shared_state(&self.route.framework)
    }
}

/// One of the same kind and library that production code builds at start-up to keep, and that can be used where this one is: not
/// one of a static initializer or a blocking one, which nobody else can take.
pub fn shared_by_others<'b>(backend: &'b Backend, built: &PerRequest) -> Option<&'b Resource> {
    let is_blocking = |resource: &Resource| resource.type_path.contains("blocking");
    backend.resources.iter().find(|other| {
        let function = backend.function(other.function);
        other.kind == built.resource.kind
            && other.library == built.resource.library
            && matches!(other.built, Built::Startup)
            && other.stored
            && is_blocking(other) == is_blocking(built.resource)
            && function.context == Context::Production
            && (function.package == built.builder.package || built.route.package == function.package)
    })
}

/// Where a framework keeps what all requests share, in its own words.
pub fn shared_state(framework: &str) -> &'static str {
    const WORDS: &[(&str, &str)] = &[
        ("axum", "the router's state (`State<..>`)"),
        ("actix", "`web::Data`"),
        ("rocket", "managed state (`.manage(..)`)"),
        ("tonic", "a field of the service"),
        ("warp", "a filter that clones it"),
    ];
    WORDS.iter().find(|(name, _)| framework.starts_with(name)).map_or("the state that all handlers share", |(_, words)| words)
}

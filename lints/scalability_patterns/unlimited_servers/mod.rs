#![doc = include_str!("guidance.md")]

use super::limiting;
use crate::findings::{Finding, Level};
use crate::lints::{Lint, LintInfo, Measured, Section, evidence, references};
use crate::model::{Backend, Context, EffectKind, Evidence, MiddlewareRole, Route, Server, ServerId};

pub static LINT: Lint = Lint {
    info: LintInfo {
        id: "unlimited_servers",
        section: Section::ScalabilityPatterns,
        level: Level::Note,
        summary: "nothing on this server is rate limited",
        help: "limit requests by client, first on routes that write, send or compute; a limiter in front of the server answers this too",
        guidance: include_str!("guidance.md"),
        references: &[references::AWS_THROTTLE, references::OWASP_RESOURCES, references::RFC_6585],
        measured: Measured { found: 45, read: 39, right: 38 },
    },
    check,
};

/// How many routes one finding names.
const MOST: usize = 5;

fn check(backend: &Backend, findings: &mut Vec<Finding>) {
    if !backend.limits_elsewhere.is_empty() {
        return;
    }
    for (at, server) in backend.servers.iter().enumerate() {
        let routes: Vec<&Route> = backend.routes.iter().filter(|route| route.server == ServerId(at as u32)).collect();
        findings.extend(finding(backend, server, &routes));
    }
}

fn finding(backend: &Backend, server: &Server, routes: &[&Route]) -> Option<Finding> {
    // A router that nobody was seen to serve may be wrapped by whoever does.
    let place = server.place.filter(|_| server.context == Context::Production && server.unknown.is_empty())?;
    if routes.iter().any(|route| !is_unlimited(route)) {
        return None;
    }
    let asked = routes.iter().filter(|route| !route.is_probe());
    let mut costly: Vec<(&Route, String)> = asked.filter_map(|route| Some((*route, cost(backend, route)?))).collect();
    // What costs more than a write comes first; the order of registration otherwise.
    costly.sort_by_key(|(_, cost)| cost == WRITES);
    if costly.is_empty() {
        return None;
    }
    let steps = costly.iter().take(MOST).map(|(route, cost)| Evidence::at(route.place, format!("`{}` {cost}", route.title())));
    Some(Finding {
        place,
        message: format!(
            "no route of `{}` is rate limited; {} of its {} write or are expensive, such as {}",
            server.name,
            costly.len(),
            routes.len(),
            evidence::list(examples(&costly), 3)
        ),
        evidence: steps.collect(),
        help: format!("add {} around the router; {}", limiting::advice(&server.framework), limiting::ELSEWHERE),
        item: server.name.clone(),
        identity: "no limit".into(),
        at_most: None,
    })
}

/// Three paths, each once: a path may answer to several verbs.
fn examples<'r>(costly: &[(&'r Route, String)]) -> Vec<&'r str> {
    let mut paths: Vec<&str> = Vec::new();
    for (route, _) in costly {
        if paths.len() < 3 && !paths.contains(&route.path.as_str()) {
            paths.push(&route.path);
        }
    }
    paths
}

/// Known to have no limit of any kind: a bound on requests at once is one as well.
fn is_unlimited(route: &Route) -> bool {
    let bounded = [MiddlewareRole::RateLimit, MiddlewareRole::ConcurrencyLimit, MiddlewareRole::LoadShed];
    route.rate_limit.is_no() && !route.middleware.iter().any(|middleware| middleware.roles.iter().any(|role| bounded.contains(role)))
}

const WRITES: &str = "writes";

/// What a request costs beyond reading, in words; the dearest only.
fn cost(backend: &Backend, route: &Route) -> Option<String> {
    const COSTS: &[(EffectKind, &str)] = &[
        (EffectKind::ChecksCredential, "checks a credential"),
        (EffectKind::Smtp, "sends mail"),
        (EffectKind::ObjectStore, "uses an object store"),
        (EffectKind::Queue, "publishes to a queue"),
        (EffectKind::Http, "calls another service"),
        (EffectKind::Grpc, "calls another service"),
    ];
    let reached = route.handler.function().map(|handler| backend.reached(handler).functions).unwrap_or_default();
    let has = |kind| reached.iter().any(|id| backend.function(*id).effects.iter().any(|effect| effect.kind == kind));
    let dearest = COSTS.iter().find(|(kind, _)| has(*kind)).map(|(_, words)| *words);
    let writes = route.changes_something().then_some(WRITES);
    dearest.or(writes).map(String::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lints::sketch::{Sketch, steps};
    use crate::model::{GatewayLimit, Middleware, Truth};

    fn unlimited() -> Sketch {
        let mut sketch = Sketch::new();
        let (list, create, invite) = (sketch.function("api::list"), sketch.function("api::create"), sketch.function("api::invite"));
        sketch.effect(invite, EffectKind::Smtp, "lettre::AsyncTransport::send");
        sketch.route("GET", "/posts", list);
        sketch.route("POST", "/posts", create);
        sketch.route("POST", "/invitations", invite);
        sketch
    }

    #[test]
    fn one_finding_per_server_names_the_dearest_routes_first() {
        let findings = unlimited().check(&LINT);
        assert_eq!(findings.len(), 1);
        assert_eq!(
            findings[0].message,
            "no route of `api` is rate limited; 2 of its 3 write or are expensive, such as `/invitations` and `/posts`"
        );
        assert_eq!(steps(&findings[0]), ["`POST /invitations` sends mail", "`POST /posts` writes"]);
    }

    #[test]
    fn one_limit_or_one_doubt_is_silent() {
        for truth in [Sketch::new().yes("a governor"), Truth::Unknown("a layer of its own".into())] {
            let mut sketch = unlimited();
            sketch.backend.routes[0].rate_limit = truth;
            assert!(sketch.check(&LINT).is_empty());
        }
        let mut sketch = unlimited();
        sketch.backend.servers[0].unknown.push(Evidence { place: None, what: "a router from a plugin".into() });
        assert!(sketch.check(&LINT).is_empty());
    }

    #[test]
    fn a_gateway_answers_it() {
        let mut sketch = unlimited();
        let evidence = Evidence { place: None, what: "`ratelimit = \"gateway\"`".into() };
        sketch.backend.limits_elsewhere.push(GatewayLimit { evidence });
        assert!(sketch.check(&LINT).is_empty());
    }

    #[test]
    fn a_bound_on_requests_at_once_answers_it() {
        let mut sketch = unlimited();
        let place = sketch.place();
        let roles = vec![MiddlewareRole::ConcurrencyLimit];
        let layer = Middleware { name: "tower::limit::ConcurrencyLimitLayer".into(), roles, place, may: false, opaque: false };
        sketch.backend.routes[0].middleware.push(layer);
        assert!(sketch.check(&LINT).is_empty());
    }

    #[test]
    fn a_server_that_only_reads_and_one_that_nobody_serves_are_silent() {
        let mut reads = unlimited();
        reads.backend.routes.truncate(1);
        assert!(reads.check(&LINT).is_empty());
        let mut detached = unlimited();
        detached.backend.servers[0].place = None;
        assert!(detached.check(&LINT).is_empty());
    }
}

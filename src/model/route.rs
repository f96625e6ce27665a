//! Routes and the servers they belong to.

use super::{Evidence, FunctionId, Middleware, PackageId, Truth};
use crate::source::Place;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RouteId(pub u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ServerId(pub u32);

/// Routes that are served together: one table of one listener.
#[derive(Clone, Debug)]
pub struct Server {
    /// Binary or crate it was found in, for messages: `api`.
    pub name: String,
    pub framework: String,
    pub package: PackageId,
    /// Where it is served; `None`: a router that nobody was seen to serve ("detached").
    pub place: Option<Place>,
    pub context: super::Context,
    /// Parts of the router that could not be evaluated, in words; non-empty turns claims of absence off.
    pub unknown: Vec<Evidence>,
}

#[derive(Clone, Debug)]
pub struct Route {
    /// `GET`, `ANY`.
    pub method: String,
    /// Parameters as `{name}`; a part that could not be evaluated is `{?what}`.
    pub path: String,
    pub path_known: bool,
    pub protocol: Protocol,
    pub framework: String,
    pub package: PackageId,
    pub server: ServerId,
    pub handler: Handler,
    /// Where it is registered (for attribute routes the attribute).
    pub place: Place,
    /// Outermost first.
    pub middleware: Vec<Middleware>,
    /// Registered only under a condition (`if`, `cfg`).
    pub conditional: Option<String>,
    pub context: super::Context,
    pub auth: Truth,
    pub rate_limit: Truth,
    pub timeout: Truth,
    pub body_limit: Truth,
    pub cache: Truth,
    /// Whether the request says who is asking: credential extractors, sessions, auth middleware.
    pub identity: Truth,
    /// Whether the handler reads the request's body: `No` only where no parameter of it can.
    pub takes_body: Truth,
    /// Whether what the body is read into has a field for something that can be guessed: a password, a code, a token.
    pub takes_secret: Truth,
    /// Tables and collections that the handler and what it reaches read and write, sorted.
    pub reads: Vec<String>,
    pub writes: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    Http,
    Grpc,
    Graphql,
    Websocket,
}

impl Protocol {
    pub fn name(self) -> &'static str {
        match self {
            Protocol::Http => "http",
            Protocol::Grpc => "grpc",
            Protocol::Graphql => "graphql",
            Protocol::Websocket => "websocket",
        }
    }
}

#[derive(Clone, Debug)]
pub enum Handler {
    Function(FunctionId),
    /// A service value, such as a directory of files: nothing of ours handles the request.
    Service(String),
    Unknown(String),
}

impl Handler {
    pub fn function(&self) -> Option<FunctionId> {
        match self {
            Handler::Function(id) => Some(*id),
            _ => None,
        }
    }
}

impl Route {
    /// `POST /login`.
    pub fn title(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Whether the verb says that it changes nothing.
    pub fn is_safe_method(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS" | "TRACE")
    }

    /// A health check or metrics endpoint by its path: asked by the platform, not by users.
    pub fn is_probe(&self) -> bool {
        let mut segments = self.path.split('/').filter(|segment| !segment.is_empty());
        self.is_safe_method() && segments.any(|segment| PROBES.contains(&segment.trim_start_matches('_').to_ascii_lowercase().as_str()))
    }

    /// For the people who run the service, by its path.
    pub fn is_administrative(&self) -> bool {
        self.path.split('/').any(|segment| matches!(segment.to_ascii_lowercase().as_str(), "admin" | "_admin" | "internal" | "debug"))
    }

    /// Whether the verb, or what its handler does to data, says that it changes something. `ANY` alone says nothing.
    pub fn changes_something(&self) -> bool {
        !self.writes.is_empty() || matches!(self.method.as_str(), "POST" | "PUT" | "PATCH" | "DELETE")
    }
}

const PROBES: &[&str] = &[
    "alive",
    "health",
    "health-check",
    "health_check",
    "healthcheck",
    "healthz",
    "heartbeat",
    "live",
    "liveness",
    "livez",
    "metrics",
    "ping",
    "ready",
    "readiness",
    "readyz",
    "startup",
    "startupz",
    "status",
    "up",
];

impl super::Backend {
    pub fn route(&self, id: RouteId) -> &Route {
        &self.routes[id.0 as usize]
    }

    pub fn server(&self, id: ServerId) -> &Server {
        &self.servers[id.0 as usize]
    }
}

/// A limiter outside the code: a gateway manifest or the configuration's word.
#[derive(Clone, Debug)]
pub struct GatewayLimit {
    pub evidence: Evidence,
}

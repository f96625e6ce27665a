//! Vocabulary for routers: which call builds, changes or serves one.

use serde::Deserialize;

/// The effect of a call on a router value. Argument positions are 0-based and do not count the receiver.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Routing {
    /// A new, empty router, app, scope or resource; `prefix` argument where it has one.
    New {
        framework: String,
        #[serde(default)]
        prefix: Option<usize>,
    },
    /// A value that answers some verbs: `get(handler)`, `web::post()`.
    Endpoint {
        verb: Verb,
        #[serde(default)]
        handler: Option<usize>,
        #[serde(default)]
        service: bool,
    },
    /// On an endpoint: sets its handler and keeps its verbs (`.to(h)`).
    Handler { handler: usize },
    /// On a router: adds `handler` (an endpoint, or with `verb` a bare handler) at `path`.
    Route {
        #[serde(default)]
        path: Option<usize>,
        handler: usize,
        #[serde(default)]
        verb: Option<Verb>,
        #[serde(default)]
        service: bool,
    },
    /// On a router: adds routes given by an attribute on each function named in the argument (`routes!(..)`, `.service(fn_item)`).
    RoutesOf { argument: usize },
    /// Adds the routes of `router` under `path`.
    Nest { path: usize, router: usize },
    /// Adds the routes of `router` (a router, scope, resource, endpoint, function item, tuple or list of them).
    Merge { router: usize },
    /// Puts `layer` around routes.
    Layer {
        layer: usize,
        covers: Covers,
        #[serde(default)]
        skips_fallback: bool,
    },
    /// Calls `callback(&mut config)` and adds what it registers.
    Configure { callback: usize },
    /// Adds a list of routes under `path` (rocket).
    Mount { path: usize, routes: usize },
    /// A request guard makes the match conditional; it does not change the routes.
    Guard,
    /// Nothing that changes routes: state, data, fallback, names.
    Identity,
    /// Gives `(router, something)`.
    Split,
    /// A stack of middleware, outermost first.
    Stack,
    /// On a stack: adds argument `layer`, or the layer the method itself stands for (`roles`).
    Push {
        #[serde(default)]
        layer: Option<usize>,
        #[serde(default)]
        roles: Vec<LayerRole>,
    },
    /// A middleware value with these roles. `callee`: its behaviour is that of this function or closure argument.
    Middleware {
        #[serde(default)]
        roles: Vec<LayerRole>,
        #[serde(default)]
        callee: Option<usize>,
        #[serde(default)]
        may: bool,
        #[serde(default)]
        inner: Option<usize>,
    },
    /// Starts serving the router in the argument (`None`: the receiver).
    Serve {
        framework: String,
        #[serde(default)]
        router: Option<usize>,
        #[serde(default)]
        factory: bool,
    },
    /// A list of function items with route attributes: `routes![a, b]`.
    List,
    /// An attribute that makes its function a handler. `verb`, or the first argument's / `method` key's.
    Attribute {
        framework: String,
        #[serde(default)]
        verb: Option<Verb>,
        #[serde(default)]
        path: Option<usize>,
        #[serde(default)]
        path_key: Option<String>,
    },
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// From the function's name: `get`, `post_with`, `get_service`.
    Name,
    Any,
    Argument(usize),
    Is(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Covers {
    /// Only the routes the router has now (axum).
    Existing,
    /// All routes, wherever they are added (actix, rocket).
    All,
    /// Only the value it is called on (an endpoint, a handler).
    Inner,
}

/// What a middleware does for the routes under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LayerRole {
    Auth,
    RateLimit,
    ConcurrencyLimit,
    LoadShed,
    Timeout,
    BodyLimit,
    BodyLimitOff,
    Cors,
    Csrf,
    Compression,
    Trace,
    CatchPanic,
    SetHeader,
    CacheControl,
    ResponseCache,
    Session,
    Identity,
    Extension,
    StaticFiles,
    RequestId,
    ErrorHandling,
    /// Known, and does none of the above.
    Other,
}

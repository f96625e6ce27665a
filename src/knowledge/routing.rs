//! Vocabulary for routers: which call builds, changes or serves one.

use serde::Deserialize;

/// The effect of a call on a router value. Argument positions are 0-based and do not count the receiver.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Routing {
    /// A new, empty router, app, scope or resource; `prefix` argument where it has one.
    New {
        framework: String,
        /// Canonical type, where it is not the row's path without its last segment. Methods are looked up on it.
        #[serde(default)]
        is: Option<String>,
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
    /// On an endpoint: sets its handler and keeps its verbs (`.to(h)`), or with `verb` adds one (`.post(h)`).
    Handler {
        handler: usize,
        #[serde(default)]
        verb: Option<Verb>,
        #[serde(default)]
        service: bool,
    },
    /// On an endpoint: sets its verb (`Route::new().method(Method::GET)`).
    Method { verb: Verb },
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
    /// On a router: adds a handler whose path is an attribute of the type of its first parameter (axum-extra's `TypedPath`).
    TypedRoute { handler: usize, verb: Verb },
    /// On a router: adds routes given by an attribute on each function named in the argument (`routes!(..)`).
    RoutesOf { argument: usize },
    /// Adds the routes of `router` (or the service, or the list of routes) under `path`.
    Nest { path: usize, router: usize },
    /// Adds the routes of `router` (a router, scope, resource, endpoint, function item, tuple or list of them).
    Merge { router: usize },
    /// Answers what no route matches.
    Fallback {
        handler: usize,
        #[serde(default)]
        service: bool,
    },
    /// Puts `layer` around routes.
    Layer {
        layer: usize,
        covers: Covers,
        #[serde(default)]
        skips_fallback: bool,
    },
    /// Calls `callback(&mut config)` and adds what it registers.
    Configure { callback: usize },
    /// On a scope: puts its routes under one more prefix.
    Prefix { path: usize },
    /// A request guard makes the match conditional; it does not change the routes.
    Guard,
    /// Nothing that changes routes: state, data, names.
    Identity,
    /// Gives `(router, something)`.
    Split,
    /// A function around a finished router, such as `NormalizePath::trim_trailing_slash(app)`.
    Wrap {
        router: usize,
        #[serde(default)]
        roles: Vec<LayerRole>,
    },
    /// On a middleware: `layer.layer(router)`.
    Apply { router: usize },
    /// A stack of middleware, outermost first.
    Stack,
    /// On a stack: adds argument `layer`, or the layer the method itself stands for (`roles`).
    Push {
        #[serde(default)]
        layer: Option<usize>,
        #[serde(default)]
        roles: Vec<LayerRole>,
        /// Behaves as the function or closure in this argument.
        #[serde(default)]
        callee: Option<usize>,
        #[serde(default)]
        may: bool,
        /// Argument with a header's name.
        #[serde(default)]
        header: Option<usize>,
    },
    /// A middleware value with these roles. `callee`: its behaviour is that of this function or closure argument.
    Middleware {
        #[serde(default)]
        roles: Vec<LayerRole>,
        #[serde(default)]
        callee: Option<usize>,
        /// Its behaviour is that of the extractor named in the turbofish.
        #[serde(default)]
        extractor: bool,
        /// Applied under a condition.
        #[serde(default)]
        may: bool,
        /// Argument with the middleware it stands for (`option_layer`, `Condition::new`).
        #[serde(default)]
        inner: Option<usize>,
        /// Argument with a header's name: `cache-control` makes it a cache layer.
        #[serde(default)]
        header: Option<usize>,
    },
    /// On a middleware that starts as nothing and gets its roles from what is set on it: `DefaultHeaders::new().add((CACHE_CONTROL, ..))`.
    Sets { header: usize },
    /// A service value that answers everything below a path by itself: `Files::new("/static", dir)`.
    Service {
        #[serde(default)]
        prefix: Option<usize>,
        #[serde(default)]
        roles: Vec<LayerRole>,
    },
    /// Starts serving the router in the argument (`None`: the receiver).
    Serve {
        framework: String,
        #[serde(default)]
        router: Option<usize>,
        /// The argument is a closure that makes the router.
        #[serde(default)]
        factory: bool,
    },
    /// A list of function items with route attributes: `routes![a, b]`. `documented`: it gives `(list, specification)`.
    List {
        framework: String,
        #[serde(default)]
        documented: bool,
    },
    /// A macro that mounts lists of routes on the variable `router`: below `prefix`, from argument `pairs` on, a path and then its routes (or
    /// `(routes, specification)`), again and again.
    MountPairs { router: usize, prefix: usize, pairs: usize },
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
    /// From the function's name: `get`, `post_with`, `get_service`, `typed_get`.
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

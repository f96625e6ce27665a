//! Middleware in a route's stack.

use crate::source::Place;

#[derive(Clone, Debug)]
pub struct Middleware {
    /// `tower_http::timeout::TimeoutLayer`, or the function of the workspace.
    pub name: String,
    pub roles: Vec<MiddlewareRole>,
    pub place: Place,
    /// Applied only under a condition.
    pub may: bool,
    /// What it does could not be told: claims of absence are off for the routes under it.
    pub opaque: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MiddlewareRole {
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
    Other,
}

impl MiddlewareRole {
    pub fn name(self) -> &'static str {
        match self {
            MiddlewareRole::Auth => "auth",
            MiddlewareRole::RateLimit => "rate_limit",
            MiddlewareRole::ConcurrencyLimit => "concurrency_limit",
            MiddlewareRole::LoadShed => "load_shed",
            MiddlewareRole::Timeout => "timeout",
            MiddlewareRole::BodyLimit => "body_limit",
            MiddlewareRole::BodyLimitOff => "body_limit_off",
            MiddlewareRole::Cors => "cors",
            MiddlewareRole::Csrf => "csrf",
            MiddlewareRole::Compression => "compression",
            MiddlewareRole::Trace => "trace",
            MiddlewareRole::CatchPanic => "catch_panic",
            MiddlewareRole::SetHeader => "set_header",
            MiddlewareRole::CacheControl => "cache_control",
            MiddlewareRole::ResponseCache => "response_cache",
            MiddlewareRole::Session => "session",
            MiddlewareRole::Identity => "identity",
            MiddlewareRole::Extension => "extension",
            MiddlewareRole::StaticFiles => "static_files",
            MiddlewareRole::RequestId => "request_id",
            MiddlewareRole::ErrorHandling => "error_handling",
            MiddlewareRole::Other => "other",
        }
    }
}

impl Middleware {
    pub fn short_name(&self) -> &str {
        short_name(&self.name)
    }
}

/// `TraceLayer` of `tower_http::trace::TraceLayer::new_for_http`; `require_user` of a function.
pub fn short_name(path: &str) -> &str {
    let is_type = |segment: &&str| segment.starts_with(char::is_uppercase);
    path.rsplit("::").take(2).find(is_type).or(path.rsplit("::").next()).unwrap_or(path)
}

//! What the lints about rate limits say alike: the usual limiter of a framework, and the stack as it is.

use crate::model::{Evidence, Middleware, Route};

/// What to add, in the framework's own words.
pub fn advice(framework: &str) -> &'static str {
    const LIMITERS: &[(&str, &str)] = &[
        ("axum", "`tower_governor::GovernorLayer`"),
        ("actix", "`actix_governor::Governor`"),
        ("rocket", "a request guard (`rocket-governor`)"),
        ("tonic", "a tower layer (`tower_governor`, `tower::limit`)"),
    ];
    LIMITERS.iter().find(|(name, _)| framework.starts_with(name)).map_or("a limiter keyed by client and account", |(_, limiter)| limiter)
}

/// The middleware that a request meets, outermost first, as one step of evidence.
pub fn stack(route: &Route) -> Evidence {
    let names: Vec<&str> = route.middleware.iter().map(Middleware::short_name).collect();
    let what = match names.as_slice() {
        [] => "its stack holds no middleware".to_string(),
        names => format!("its stack limits nothing: {}", names.join(" > ")),
    };
    Evidence::at(route.place, what)
}

pub const ELSEWHERE: &str = "if a gateway limits it, say so with `ratelimit = \"gateway\"` in `moai-backend.toml`";

//! Five attempts a minute for each account.

use governor::clock::DefaultClock;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use std::num::NonZeroU32;
use std::sync::LazyLock;

static ATTEMPTS: LazyLock<RateLimiter<String, DashMapStateStore<String>, DefaultClock>> =
    LazyLock::new(|| RateLimiter::keyed(Quota::per_minute(NonZeroU32::new(5).expect("five is not zero"))));

pub fn check(account: &str) -> Result<(), ()> {
    ATTEMPTS.check_key(&account.to_string()).map_err(|_| ())
}

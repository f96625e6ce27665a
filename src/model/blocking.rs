//! Code that waits where nobody may wait.

use super::{Chain, FunctionId, RouteId};
use crate::source::Place;

/// A function of async code that waits for a database or cache server in a thread of the async runtime.
#[derive(Clone, Debug)]
pub struct BlockingCall {
    /// The function whose code is async.
    pub function: FunctionId,
    /// In it: the call that waits, or the one that leads there.
    pub place: Place,
    /// From `function`, through functions that are not async, to the one that waits.
    pub chain: Chain,
    /// Where the last function of the chain waits.
    pub waits: Place,
    /// `diesel::query_dsl::RunQueryDsl::load`.
    pub what: String,
    /// Of the connection or pool: `diesel`, `r2d2`, `redis`.
    pub library: String,
    /// Further places of `function` that wait or lead there.
    pub others: usize,
    /// A route that runs it, the nearest one, and how many more do.
    pub route: Option<RouteId>,
    pub other_routes: usize,
}

//! What runs on the way of a request.

use super::{Backend, Call, CallKind, Chain, Context, FunctionId, MAX_IMPLEMENTATIONS, RouteId};
use crate::source::Place;
use rustc_hash::FxHashMap;

/// Functions that a request to production code runs in its own time, each with the shortest way from a route.
pub struct Served {
    came_by: FxHashMap<FunctionId, Came>,
}

#[derive(Clone, Copy)]
enum Came {
    /// It handles this route.
    Handles(RouteId),
    CalledBy(FunctionId, Place),
}

impl Served {
    pub fn contains(&self, function: FunctionId) -> bool {
        self.came_by.contains_key(&function)
    }

    /// The nearest route, and the chain from its handler to `function`.
    pub fn way_to(&self, function: FunctionId) -> Option<(RouteId, Chain)> {
        let (mut functions, mut calls, mut at) = (vec![function], Vec::new(), function);
        loop {
            match *self.came_by.get(&at)? {
                Came::Handles(route) => {
                    functions.reverse();
                    calls.reverse();
                    return Some((route, Chain { functions, calls }));
                }
                Came::CalledBy(caller, place) => {
                    functions.push(caller);
                    calls.push(place);
                    at = caller;
                }
            }
        }
    }
}

impl Backend {
    /// Everything that handlers of production code reach in a request's own time. Routes that only probes and administrators ask count
    /// where no other does.
    pub fn served(&self) -> Served {
        let mut served = Served { came_by: FxHashMap::default() };
        let often = |route: &&RouteId| !self.route(**route).is_probe() && !self.route(**route).is_administrative();
        let routes: Vec<RouteId> =
            (0..self.routes.len() as u32).map(RouteId).filter(|id| self.route(*id).context == Context::Production).collect();
        let (first, then): (Vec<&RouteId>, Vec<&RouteId>) = routes.iter().partition(often);
        for group in [first, then] {
            self.spread(&group, &mut served);
        }
        served
    }

    /// What requests run in their own time that are not for administrators alone: neither by the route's path nor by what its handler
    /// calls (`is_admin(&user)?`).
    pub fn served_to_users(&self) -> Served {
        let mut served = Served { came_by: FxHashMap::default() };
        let production = |id: &RouteId| self.route(*id).context == Context::Production && !self.route(*id).is_administrative();
        let routes: Vec<RouteId> = (0..self.routes.len() as u32).map(RouteId).filter(production).collect();
        let open: Vec<&RouteId> = routes.iter().filter(|id| !self.asks_for_an_administrator(**id)).collect();
        self.spread(&open, &mut served);
        served
    }

    fn asks_for_an_administrator(&self, route: RouteId) -> bool {
        let says_so = |function: FunctionId| self.function(function).name.split('_').any(|word| word.eq_ignore_ascii_case("admin"));
        let handler = self.route(route).handler.function();
        handler.is_some_and(|handler| says_so(handler) || self.function(handler).calls.iter().any(|call| says_so(call.to)))
    }

    fn spread(&self, routes: &[&RouteId], served: &mut Served) {
        let mut queue = std::collections::VecDeque::new();
        for route in routes {
            let Some(handler) = self.route(**route).handler.function() else { continue };
            if !served.contains(handler) {
                served.came_by.insert(handler, Came::Handles(**route));
                queue.push_back(handler);
            }
        }
        while let Some(id) = queue.pop_front() {
            for call in self.function(id).calls.iter().filter(|call| is_in_its_own_time(call)) {
                if !served.contains(call.to) {
                    served.came_by.insert(call.to, Came::CalledBy(id, call.place));
                    queue.push_back(call.to);
                }
            }
        }
    }
}

fn is_in_its_own_time(call: &Call) -> bool {
    !call.once && !call.spawned && !matches!(call.kind, CallKind::MayReach { of } if of > MAX_IMPLEMENTATIONS)
}

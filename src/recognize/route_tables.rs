//! Which tables each route reads and writes, through everything that its handler reaches.

use crate::model::{Backend, DataAccess, FunctionId};
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// Needs routes and queries.
pub fn add(backend: &mut Backend) {
    let mut queries: FxHashMap<FunctionId, Vec<&DataAccess>> = FxHashMap::default();
    for access in backend.data_accesses.iter().filter(|access| !access.control) {
        queries.entry(access.function).or_default().push(access);
    }
    let mut handlers: FxHashMap<FunctionId, Tables> = FxHashMap::default();
    for handler in backend.routes.iter().filter_map(|route| route.handler.function()) {
        handlers.entry(handler).or_insert_with(|| tables_of(backend, handler, &queries));
    }
    for route in &mut backend.routes {
        if let Some(tables) = route.handler.function().and_then(|handler| handlers.get(&handler)) {
            route.reads = tables.reads.iter().cloned().collect();
            route.writes = tables.writes.iter().cloned().collect();
        }
    }
}

#[derive(Default)]
struct Tables {
    reads: BTreeSet<String>,
    writes: BTreeSet<String>,
}

fn tables_of(backend: &Backend, handler: FunctionId, queries: &FxHashMap<FunctionId, Vec<&DataAccess>>) -> Tables {
    let mut tables = Tables::default();
    for access in backend.reached(handler).functions.iter().filter_map(|id| queries.get(id)).flatten() {
        tables.reads.extend(access.reads.iter().cloned());
        tables.writes.extend(access.writes.iter().cloned());
    }
    tables
}

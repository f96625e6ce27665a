//! Finds each thing of [`crate::model`] in resolved code, with [`crate::knowledge`] and the configuration's word. File names as in `model/`.

mod blocking;
mod cache;
mod cache_fills;
#[cfg(test)]
mod cache_tests;
mod cached_functions;
mod code_migration;
mod connection_type;
mod context;
mod cycle;
mod data_access;
#[cfg(test)]
mod data_tests;
mod database_connections;
mod declared;
mod dependency;
#[cfg(test)]
mod drawn;
mod entity_chain;
mod failure;
mod flow;
mod framework_type;
mod function;
mod given;
#[cfg(test)]
mod given_tests;
mod held;
mod held_removals;
mod idens;
mod ids;
mod injected;
#[cfg(test)]
mod injected_tests;
mod instances;
mod kept;
#[cfg(test)]
mod kept_tests;
mod knows;
mod layer;
mod lifetime;
mod limits_elsewhere;
mod migration;
mod nested;
mod origin;
mod outbound;
mod outbound_http;
mod pattern;
mod per_worker;
mod pool_limits;
#[cfg(test)]
mod pool_limits_tests;
mod pool_roles;
#[cfg(test)]
mod pool_roles_tests;
mod pool_words;
mod pools;
mod prepared;
#[cfg(test)]
mod prepared_tests;
mod repeated;
mod resource;
mod role;
mod round_trips;
mod route;
mod route_bodies;
mod route_tables;
mod rules;
mod schema;
mod select_chain;
mod selector;
mod separate_writes;
#[cfg(test)]
mod separate_writes_tests;
mod session_state;
mod settings;
mod shards;
mod sharing;
mod skipped;
mod stale_reads;
mod style;
mod table_builder;
mod tables;
#[cfg(test)]
mod ten_spellings_tests;
mod text;
mod uncommitted;
mod unknown_names;
#[cfg(test)]
mod unknown_names_tests;
mod unmatched;
mod walk;
mod whole_results;
#[cfg(test)]
mod whole_results_tests;
mod words;

pub use knows::{Inputs, KnownCalls};
pub use schema::{MigrationFiles, migration_files};

use crate::model::Backend;

/// The order is the order of need: routes need functions, route facts need effects, layers need routes.
pub fn recognize(inputs: &Inputs) -> Backend {
    let (evaluated, mut backend, between) = evaluated_and_drawn(inputs);
    route::add(inputs, evaluated, &mut backend);
    route_tables::add(&mut backend);
    route_bodies::add(inputs, &mut backend);
    context::settle(inputs, &mut backend);
    route::add_exposure(inputs, &mut backend);
    lifetime::add(inputs, &mut backend);
    add_side_by_side(inputs, &mut backend);
    session_state::add(&mut backend);
    round_trips::add(inputs, &mut backend);
    held_removals::add(inputs, &mut backend);
    cache_fills::add(inputs, &mut backend);
    instances::add(inputs, &mut backend);
    database_connections::add(inputs, &mut backend);
    per_worker::add(inputs, &mut backend);
    pools::add(inputs, &mut backend);
    backend.unmatched.extend(pool_roles::unmatched(inputs));
    shards::add(inputs, &mut backend);
    limits_elsewhere::add(inputs, &mut backend);
    skipped::add(inputs, &mut backend);
    injected::add(inputs, &mut backend);
    backend.uncommitted_transactions = uncommitted::all(inputs, &backend);
    between.put(&mut backend);
    layer::add(inputs, &mut backend);
    backend
}

/// What needs nothing but resolved code, side by side. Routers are evaluated here, one step after the other, and their values stay on this thread.
fn evaluated_and_drawn<'a>(inputs: &'a Inputs<'a>) -> (route::Evaluated<'a>, Backend, layer::Between) {
    let (mut backend, mut between) = (Backend::default(), layer::Between::default());
    let evaluated = rayon::in_place_scope(|scope| {
        scope.spawn(|_| backend = before_routes(inputs));
        scope.spawn(|_| between = layer::Between::of(inputs));
        route::evaluated(inputs)
    });
    (evaluated, backend, between)
}

/// Functions, their effects, and the schema.
fn before_routes(inputs: &Inputs) -> Backend {
    let mut backend = Backend { packages: inputs.packages.clone(), ..Backend::default() };
    let tables = tables::Tables::of(inputs);
    let code = || {
        function::add(inputs, &mut backend);
        data_access::add(inputs, &tables, &mut backend)
    };
    let (replayed, executors) = rayon::join(|| schema::replay(inputs), code);
    pool_roles::add(inputs, &executors, &mut backend);
    backend.stale_reads = stale_reads::all(inputs, &backend);
    schema::add(inputs, &tables, replayed, &mut backend);
    schema::plan_queries(inputs, &mut backend);
    resource::add(inputs, &mut backend);
    outbound::add(inputs, &mut backend);
    cache::add(inputs, &mut backend);
    outbound_http::add(inputs, &mut backend);
    backend
}

/// What needs the same and nothing of each other.
fn add_side_by_side(inputs: &Inputs, backend: &mut Backend) {
    let seen = &*backend;
    let ((nested, blocking), ((repeated, prepared, separate, whole), held)) = rayon::join(
        || rayon::join(|| nested::all(inputs, seen), || blocking::all(inputs, seen)),
        || {
            rayon::join(
                || {
                    (
                        repeated::all(inputs, seen),
                        prepared::all(inputs, seen),
                        separate_writes::all(inputs, seen),
                        whole_results::all(inputs, seen),
                    )
                },
                || held::all(inputs, seen),
            )
        },
    );
    backend.nested_acquires = nested;
    backend.blocking_calls = blocking;
    backend.repeated_queries = repeated;
    backend.repeated_prepares = prepared;
    backend.separate_writes = separate;
    backend.whole_results = whole;
    backend.unknown_columns = unknown_names::all(inputs, backend);
    backend.held_transactions = held;
}
